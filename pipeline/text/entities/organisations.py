"""Organisations by the form of their names: "General Directorate of Intelligence", "Afghan Defense Ministry", "Bank of Tripoli".

A head word (Ministry, Agency, University, …) with the capitalised words before it, and after "of", "for" and "on". The pattern
has no nested repetition over the same words, so the time is linear.
"""

import re

Span = tuple[int, int]

_CAP = r"(?:[A-Z][\w’&-]{0,40}(?:\.[A-Z]\.?){0,5}|U\.S\.|U\.N\.|U\.K\.|al-[A-Z]\w+|\d+(?:st|nd|rd|th))"
_HEAD = (
    r"(?:Ministry|Ministries|Department|Directorate|Agency|Bureau|Council|Committee|Commission|Commissariat|Secretariat|Court|Tribunal|Army|Navy|Air\sForce|Police|Forces?|Armed\sForces|Coast\sGuard|National\sGuard|"
    r"Guards?|Brigades?|Battalions?|Regiment|Division|Corps|Command|Fleet|Squadron|Wing|Unit|University|College|School|Academy|Institute|Institution|Bank|Fund|Party|Union|Organi[sz]ation|Association|Federation|Confederation|"
    r"Foundation|Company|Corporation|Corp|Inc|Ltd|LLC|GmbH|PLC|Network|Front|Movement|Authority|Administration|Parliament|Senate|Congress|Assembly|Knesset|Service|Services|Coalition|Alliance|League|Mission|Observatory|Society|"
    r"Club|Times|Post|News|Tribune|Herald|Journal|Chronicle|Observer|Gazette|Television|Radio|Broadcasting|Hospital|Group|Center|Centre|Office|Embassy|Consulate|Cabinet|Board|Initiative|Programme|Program|Project|Trust|Chamber|Labs?|"
    r"Crescent|Cross|Watch|Airlines|Airways|Industries|Technologies|Systems|Software|Security|Intelligence|Directorate\sGeneral|Task\sForce|Government|Response\sTeam|Staff|Enforcement|Electronics|Motors?|Telecom|Pharmaceuticals|Holdings|Aerospace|Railways)"
)
_OFFICE = (
    r"(?:Ministry|Ministries|Department|Directorate(?:\sGeneral)?|Agency|Bureau|Council|Committee|Commission|Court|Tribunal|Office|Institute|Institution|Center|Centre|Organi[sz]ation|Association|Foundation|Fund|Observatory|"
    r"Secretariat|Authority|Administration|Board|Initiative|Programme|Program|Task\sForce|Society|Academy|School|Federation|Coalition|Alliance|Embassy|Consulate|Chamber|Mission|Front|Movement)"
)
"""Heads that are for or on something; the others are at most of something."""
_UNIT = r"(?:Brigades?|Battalions?|Regiment|Division|Corps|Squadron|Wing|Battery|Company|Fleet|Infantry|Marines|Army)"
_SUBJECT = (
    r"(?:Agricultur(?:e|al)|Budget|Children|Civil|Commerce|Communications?|Constitutional|Corruption|Crimes?|Culture|Customs|Defen[cs]e|Drugs?|Economic|Education|Electoral|Employment|Energy|Environment|Exchange|"
    r"Family|Finance|Financial|Fisheries|Food|Forestry|Gas|Health|Housing|Immigration|Industry|Information|Investment|Justice|Labou?r|Land|Legal|Livestock|Mines|Mineral|Monetary|Oil|Parks|Peace|Petroleum|Planning|"
    r"Ports|Power|Prices|Public|Racial|Railways|Reconciliation|Revenue|Roads|Safety|Science|Securities|Social|Sports?|Technology|Telecommunications?|Tourism|Trade|Transport|Truth|Urban|Water|Wildlife|Women|Works|Youth)"
)
"""What offices are for: with "and" it begins the name of one ("Economic and Financial Crimes Commission")."""
_TAIL = rf"(?:the\s)?(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|\w+day)\b){_CAP}(?:\s{_CAP}){{0,4}}"
_AIM = rf"for\s(?:the\s)?(?:Democracy|Freedom|Justice|Peace|Change|Progress|Reform|Unity|Human\sRights|Development|National|Women|Children|Liberation|Defen[cs]e)(?:\s(?:of\s(?:the\s)?)?{_CAP}){{0,3}}"
_LIST = rf"(?:(?:,\s{_CAP}(?:\s{_CAP})?){{1,3}},?\sand\s{_CAP}(?:\s{_CAP})?|\s(?:and|&)\s{_CAP}(?:\s{_CAP})?)?"
_PATTERN = re.compile(
    rf"(?<![\w’'-])(?:\d{{1,3}}(?:st|nd|rd|th)?\s(?:{_CAP}\s){{0,4}}{_UNIT}\b|"
    rf"(?:{_CAP}\s){{0,2}}(?:{_SUBJECT}(?:,\s{_SUBJECT}){{0,2}},?\s(?:and|&)\s(?={_SUBJECT}\s))?(?:{_CAP}\s(?:(?:of|for|&)\s)?){{0,5}}(?:{_OFFICE}\b(?:\s(?:of|for|on)\s{_TAIL}{_LIST}){{0,2}}|{_HEAD}\b(?:\s(?:of\s{_TAIL}|{_AIM}))?))"
)
_BARE_HEAD = re.compile(rf"{_HEAD}\Z")
_LEAD = re.compile(
    r"(?:The|This|That|These|A|An|In|On|At|But|And|If|As|For|From|By|With|When|While|After|Before|Since|His|Her|Its|Their|Our|Former|Most|Some|All|Other|Both|Under|Last|Islamist|One|Two|No|Also|"
    r"Spokesman|Spokeswoman|Spokesperson|President|Chief|General|Gen\.|Col\.|Lt\.|Maj\.|Brig\.|Capt\.|Director|Minister|Secretary|Commander|Deputy|Senior|Meanwhile|However|Earlier)\s(?=\S)"
)
_BASED = re.compile(r"(?:[A-Z][\w.’'-]{0,40}\s){0,3}[A-Z][\w.’']*-(?:based|led|backed|run|owned|registered)\s")
_KEEP_GENERAL = re.compile(
    r"General\s(?:Directorate|Staff|Intelligence|Security|Assembly|Secretariat|Authority|Council|Command|Department|Administration|Service|Motors|Electric|Office|Union)"
)
NAME_CHARS_MAX = 120


def find_organisations(text: str) -> list[Span]:
    """Spans of names that have an organisation's form."""
    spans: list[Span] = []
    for match in _PATTERN.finditer(text):
        start, end = match.span()
        while (lead := _LEAD.match(text, start, end)) and not _KEEP_GENERAL.match(text, start):
            start = lead.end()
        if based := _BASED.match(text, start, end):
            start = based.end()
        name = text[start:end]
        if "\n" in name:
            continue
        if " " in name and not _BARE_HEAD.fullmatch(name) and len(name) <= NAME_CHARS_MAX:
            spans.append((start, end))
    return spans
