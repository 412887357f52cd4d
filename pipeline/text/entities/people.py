"""People's names: cut out of titles and roles, found by the words around them, and followed by surname.

A title or a role is no part of a name ("spokesman Kahlil Hamraz" is Kahlil Hamraz). A surname alone stands for the one person of
that name whom the article names in full, and then it is never a place ("West said").
"""

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]

NAME_WORDS_MAX = 6

_PARTICLE = r"(?:al|el|bin|bint|ibn|abu|abd|ul|ur|de|da|dos|do|di|du|del|della|van|von|der|den|ter|la|le|ben|ould|st)"
_NAME_WORD = r"(?:[A-ZÀ-ÖØ-Þ](?:\.(?:[A-Z]\.){0,2}|[\w’'-]{0,40}[^\W_])?|(?:al|el|ad|as|ash|ul|ur|an|ar|at)-[A-Z][\w’'-]{0,40}\w)"
_FULL_NAME = rf"{_NAME_WORD}(?:\s(?:{_PARTICLE}\s){{0,2}}{_NAME_WORD}){{1,4}}"

TITLES = (
    "CEO|CFO|COO|CTO|MP|MEP|MPs|President|Vice President|Prime Minister|Deputy Prime Minister|Premier|Chancellor|King|Queen|Prince|Princess|Crown Prince|Emir|Sheikh|Sheik|Shaikh|Sultan|Ayatollah|Grand Ayatollah|Imam|Mullah|"
    "Maulana|Mawlawi|Maulvi|Mawlvi|Mufti|Grand Mufti|Pope|Cardinal|Bishop|Archbishop|Reverend|Rev|Father|Rabbi|Pastor|Senator|Sen|Congressman|Congresswoman|Representative|Rep|Governor|Gov|Mayor|Minister|Ambassador|Envoy|"
    "Special Envoy|Secretary|Secretary of State|Defense Secretary|Secretary of Defense|Secretary-General|Secretary General|Foreign Minister|Defense Minister|Defence Minister|Interior Minister|Justice Minister|Finance Minister|Health Minister|Information Minister|"
    "Foreign Secretary|Home Secretary|Attorney General|Director|Director-General|Chief|Police Chief|Commissioner|Superintendent|Inspector|Judge|Justice|Chief Justice|Prosecutor|General|Gen|Lieutenant General|"
    "Lt Gen|Lieutenant|Lt|Lieutenant Colonel|Lt Col|Colonel|Col|Major General|Maj Gen|Major|Maj|Brigadier General|Brig Gen|Brigadier|Brig|Captain|Capt|Sergeant|Sgt|Staff Sgt|Master Sgt|Corporal|Cpl|Private|Pvt|Spc|Specialist|"
    "Admiral|Adm|Rear Adm|Vice Adm|Commander|Cmdr|Cdr|Field Marshal|Air Marshal|Air Chief Marshal|Marshal|Petty Officer|Officer|Constable|Detective|Agent|Mr|Mrs|Ms|Miss|Dr|Doctor|Prof|Professor|Sir|Lord|Lady|Baroness|Dame|Madam|"
    "Chairman|Chairwoman|Speaker|Deputy|Acting|Former|Late|Hajji|Haji|Hafiz|Qari|Ustad|Comandante|Commandant|Pilot|Journalist|Analyst|Spokesman|Spokeswoman|Spokesperson|Lawyer|Coach|Special Representative|US|Special Adviser|Adviser|Advisor|Assistant Secretary|Under Secretary"
)
_ROLES = (
    "president|vice president|prime minister|premier|chancellor|minister|spokesman|spokeswoman|spokesperson|leader|commander|chief|head|director|governor|mayor|ambassador|envoy|secretary|"
    "general|colonel|captain|lawyer|attorney|analyst|expert|researcher|journalist|reporter|activist|professor|official|officer|lawmaker|senator|deputy|adviser|advisor|representative|founder|chairman|chairwoman|"
    "prosecutor|judge|resident|witness|farmer|teacher|student|driver|doctor|cleric|imam|warlord|jihadist|militant|terrorist|rebel|fighter|suspect|gunman|shooter|attacker|bomber|mastermind|emir|financier|propagandist|"
    "brother|sister|son|daughter|wife|husband|father|mother|cousin|uncle|nephew|strongman|dictator|king|prince|sheikh|author|editor|historian|co-founder|coordinator|economist|citizen|national|correspondent|photographer"
)
_SPEECH = "said|says|told|added|stated|warned|tweeted|wrote|announced|confirmed|denied|claimed|insisted|explained|argued|noted|recalled|acknowledged|declared|testified|asked|admitted|vowed|urged|accused|condemned|described|pledged"

_AFTER_TITLE = re.compile(
    rf"\b(?P<title>{TITLES})\.?\s(?P<name>{_NAME_WORD}(?:\s(?:{_PARTICLE}\s){{0,2}}{_NAME_WORD}){{0,4}})"
)
_AFTER_ROLE = re.compile(rf"\b(?:{_ROLES})s?,?\s(?P<name>{_FULL_NAME})")
_SPEAKER = re.compile(
    rf"(?P<name>{_FULL_NAME})(?:,[^,.\n]{{3,80}},)?\s(?:also\s|has\s|had\s)?(?:{_SPEECH})\b|\b(?:{_SPEECH})\s(?P<name2>{_FULL_NAME})(?=[,.])"
)
_STRONG_TITLE = re.compile(
    r"President|Vice President|(?:Deputy )?Prime Minister|Premier|Chancellor|King|Queen|Prince|Princess|Crown Prince|Sheikh|Sheik|Shaikh|Ayatollah|Grand Ayatollah|Imam|Mullah|Maulana|Mawlawi|Maulvi|Mawlvi|Mufti|Pope|Cardinal|"
    r"Bishop|Archbishop|Rabbi|Senator|Sen|Congressman|Congresswoman|Rep|Gov|Ambassador|(?:Foreign|Defen[cs]e|Interior|Justice|Finance|Health) Minister|(?:Foreign|Home) Secretary|Gen|Lt Gen|Lt|Lt Col|Colonel|Col|Maj Gen|Maj|Brig Gen|"
    r"Brig|Captain|Capt|Sergeant|Sgt|Staff Sgt|Cpl|Pvt|Admiral|Adm|Lieutenant|Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Lady|Baroness|Dame|Hajji|Haji|Qari|Ustad|Comandante|Emir|Constable|Inspector"
)
"""Titles that a single name may follow."""
_APPOSITION = re.compile(
    rf"(?P<name>{_FULL_NAME}),\s(?:(?:the|a|an|its|their|his|her|who\sis|who\swas)\s)?(?:(?:[a-z][\w-]{{0,40}}|[A-Z][\w’'.-]{{0,40}})\s){{0,3}}(?:{_ROLES}|{TITLES})\b"
)
_INNER_TITLE = re.compile(
    r"\s(?:CEO|CFO|COO|CTO|MP|MEP|[Cc]hairman|[Cc]hairwoman|[Cc]hairperson|[Pp]resident|[Pp]rime [Mm]inister|[Mm]inister|[Gg]overnor|[Ss]enator|[Aa]mbassador|[Ss]ecretary-[Gg]eneral|"
    r"[Ss]ecretary|[Dd]irector|[Ss]pokes(?:man|woman|person)|[Cc]oach|[Cc]aptain|[Cc]ommander|[Ll]eader|[Ff]ounder|[Ee]ditor)\s(?=[^\W\d_])"
)
"""Between whom somebody works for and the name: "Safaricom CEO Peter Ndegwa"."""
_LEAD = re.compile(
    rf"(?:(?:The|the|A|an?|His|Her|Their|Our|U\.S\.|US|UK|U\.N\.|UN|EU|{TITLES}|{_ROLES})\.?,?\s)+", re.ASCII
)
_NOT_A_NAME = re.compile(
    r"\b(?:The|This|That|These|Those|But|And|If|When|While|After|Before|In|On|At|It|He|She|They|We|I|You|As|For|With|From|Since|However|Meanwhile|Earlier|Later|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|"
    r"January|February|March|April|June|July|August|September|October|November|December|Ministry|Department|Agency|University|Party|Army|Police|Council|Court|Government|Forces|Force|State|States|"
    r"Republic|Union|Group|Bank|Center|Centre|Institute|Company|Corp|Inc|Ltd|News|Times|Post|Chronicle|Journal|Gazette|Tribune|Herald|Observer|Guardian|Telegraph|Mail|Daily|Globe|Press|Media|Reuters|Network|Observatory|Associated|Organi[sz]ation|Interest|Relations|Affairs|Museum|School|Board|Services|Authority|Secretary|Congress|Senate|Parliament|Assembly|Hospital|Ministry|Radio|Television|TV|Street|Road|Airport|Hospital|Province|District|City|County|Islamic|National|United|International|Central|"
    r"Security|Defense|Defence|Intelligence|Foreign|Federal|Act|Committee|Commission|Association|Foundation|Office|Bureau|Command|Front|Movement|Nations|Human|Rights|Watch|Red|Cross|Crescent|Amnesty|New|"
    r"Northern|Southern|Eastern|Western|Middle|Association|Federation|Agreement|Treaty|Operation|World|Research|Team|Threat|Labs?|Microsoft|Google|Windows|Twitter|Facebook|Security|Ransomware)\b"
)
_TITLE_ALONE = re.compile(
    rf"(?:(?:Navy|Army|Air Force|Marine)\s)?(?:{TITLES})\.?(?:\s(?:{TITLES})\.?)*(?:\s(?:of|for)\b.*)?\Z"
)
_NOT_FIRST = re.compile(r"(?:North|South|East|West|White|House|Wall|Long|Old|Great|High|Grand|Big|Hot)\b")
_NO_PEOPLE = frozenset({"God", "Allah", "Jesus", "Christ", "Prophet", "Satan", "Lord", "Santa Claus"})
_SUFFIX = re.compile(r"(?:[’']s|[’'])\Z|,?\s(?:Jr|Sr|II|III)\.?\Z")


def trim_person(text: str, start: int, end: int) -> Span | None:
    """The name within a span that a model calls a person: no title, role, possessive, quotation mark or second line; None when nothing stays."""
    newline = text.find("\n", start, end)
    if newline > start:
        end = newline
    for title in _INNER_TITLE.finditer(text, start, end):
        start = title.end()
    while (lead := _LEAD.match(text, start, end)) and lead.end() < end:
        start = lead.end()
    while start < end and not (text[start].isalnum()):
        start += 1
    while end > start and (possessive := re.search(r"[’']s?\Z", text[start:end])):
        end = start + possessive.start()
    while (
        end > start and text[end - 1] in " ,;:.”\"’')]—–-" and not re.search(r"\b(?:Jr|Sr|[A-Z])\.\Z", text[start:end])
    ):
        end -= 1
    name = text[start:end]
    if _TITLE_ALONE.match(name) or name in _NO_PEOPLE:
        return None
    if (
        not name
        or not any(char.isupper() or not char.isascii() for char in name)
        or any(char.isdigit() for char in name)
    ):
        return None
    return start, end


def find_people(text: str) -> list[Span]:
    """Names of people by the words around them: after a title or a role, and before or after a word of speech."""
    spans: set[Span] = set()
    for pattern in (_AFTER_TITLE, _AFTER_ROLE, _SPEAKER, _APPOSITION):
        for match in pattern.finditer(text):
            group = "name" if match["name"] else "name2"
            span = trim_person(text, *match.span(group))
            if span is None or not _is_name(name := text[slice(*span)]) or "  " in name:
                continue
            if pattern is _AFTER_TITLE and " " not in name and not _STRONG_TITLE.fullmatch(match["title"]):
                continue  # "General Meeting", "Private Property"
            if name.endswith(("Jr", "Sr")) and text[span[1] : span[1] + 1] == ".":
                span = span[0], span[1] + 1
            spans.add(span)
    return sorted(spans)


def find_bylined(text: str, bylines: Iterable[Span]) -> Iterator[Span]:
    """The names within by-lines."""
    pattern = re.compile(_FULL_NAME)
    for start, end in bylines:
        lead = re.compile(r"(?:By|BY|by|Written by|Author:|Reporting by|Reported by|Editing by|Story by)[\s:]+").match(
            text, start, end
        )
        for match in pattern.finditer(text, lead.end() if lead else start, end):
            if _is_name(match.group()):
                yield match.span()


def _is_name(name: str) -> bool:
    """No word in it that names do not have; "West" and the like only at its end; not a title alone."""
    return not _TITLE_ALONE.match(name) and not _NOT_A_NAME.search(name) and not _NOT_FIRST.match(name)


def surname(name: str) -> str:
    """The part of a full name that news repeats alone.

    The last word, with its particle in "bin Laden"; in East Asian names the first ("Xi" of Xi Jinping, "Kim" of Kim Jong Un).
    """
    words = _SUFFIX.sub("", name).split()
    if len(words) >= 3 and words[-2].casefold() in _PARTICLES:
        return " ".join(words[-2:])
    first = words[0]
    if first in _FIRST_SURNAMES or (first in _MAYBE_FIRST_SURNAMES and (len(words) == 3 or "-" in words[-1])):
        return first
    return words[-1]


_PARTICLES = frozenset("bin ibn van von de der del da di du la le al el ben ould".split())
_FIRST_SURNAMES = frozenset(  # Chinese ones that are no given names or words of English
    "Xi Li Wang Zhang Liu Chen Zhao Huang Zhou Wu Xu Hu Zhu Gao Guo Luo Liang Zheng Xie Feng Xiao Cheng Cao Deng Shen Zeng Peng Jiang Cai Jia Wei Xue Xia Zhong".split()
)
_MAYBE_FIRST_SURNAMES = frozenset(  # surnames only in names of three words or with a hyphen
    "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Moon Han Ma Yang Sun Lin He Song Tang Yu Dong Yuan Fu Lu Su Ye Yan Pan Du Dai Tian Ren Fan Fang Shi Yao Tan Nguyen Tran Pham".split()
)
