"""Names that give away by their form what they name: armed groups that no list has yet, ships, buildings and landforms.

A group is new in the news before it is in any knowledge base. Transliterated heads ("Katibat", "Lashkar", "Saraya") and the English
forms of such names ("… Liberation Front", "… Martyrs' Brigade") say what it is.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int]

_CAP = r"(?:[A-ZÀ-ÖØ-Þ][\w’'‘ʿ-]{0,40}\w|[A-Z])"
_PART = rf"(?:{_CAP}|(?:al|ul|ud|ut|us|as|ash|ad|an|ar|at|el|e|i|wal|wa|fi|bin|ibn|li|bil)[\s-]{_CAP})"
_TRANSLITERATED = re.compile(
    r"\b(?:Jai?sh|Jaysh|Jeish|Lashkar|Harakat|Haraka|Harkat|Katibat|Katiba|Khatiba|Kataib|Kata[’']ib|Liwa[’']?|Saraya|Jund|Jabhat|Jabha|Hizb|Hezb|Asa[’']?ib|Jama[’']?at|Jamaah|Jemaah|Tehri?k|Tehreek|Wilayat?|Faylaq|Failaq|"
    rf"Firqat|Tanzim|Ansar|Sipah|Tariq|Ittehad|Hay[’']?at|Hurras|Ahrar|Majlis Shura)(?:[-\s](?:e|i|ul|al|ud|ut|us|as|ash|ad|an|el)(?=[-\s]))?[-\s]{_PART}(?:[\s-]{_PART}){{0,3}}"
)
_ENGLISH = re.compile(
    rf"(?<![\w’'-])(?:{_CAP}(?:[’']s?)?\s){{1,4}}(?:(?:National|Popular|People[’']?s|Islamic|Armed|Democratic|Revolutionary|Patriotic|United)\s){{0,4}}"
    r"(?:(?:Liberation|Resistance|Salvation|Independence|Freedom|Self-Defen[cs]e|Protection)\s(?:Front|Army|Forces?|Movement|Fighters|Brigades?|Units?|Group|Organi[sz]ation|Council)|Martyrs[’']?\s(?:Brigades?|Battalions?)|Mujahideen|Mujahidin)\b"
)
_SHIP = re.compile(
    rf"\b(?:USS|USNS|USCGC|HMS|RFA|HMAS|HMCS|HMNZS|INS|PNS|BNS|FS|ITS|ESPS|TCG|ROKS|JS|KRI|BRP|HDMS|HNLMS|HSwMS|FGS|ARA|MV|M/V|MT|M/T|RV)\s{_CAP}(?:\s(?:[A-Z]\.(?=\s[A-Z])|{_CAP}|[IVX]+|\d{{1,3}})){{0,3}}"
)
_FACILITY = re.compile(
    rf"(?<![\w’'-])(?:{_CAP}\s){{0,3}}(?:Museum|Church|Cathedral|Basilica|Library|Shrine|Temple|Mosque|Palace)\sof\s(?:the\s)?{_CAP}(?:\s(?:and\s)?{_CAP}){{0,4}}|"
    rf"(?<![\w’'-])(?:{_CAP}\s){{1,4}}(?:International\s)?(?:Airport|Air\sBase|Airbase|Airfield|Naval\sBase|Military\sBase|Base|Mosque|Church|Cathedral|Basilica|Temple|Synagogue|Shrine|Monastery|Dam|Barrage|Bridge|Stadium|Arena|"
    r"Square|Street|Avenue|Boulevard|Road|Highway|Prison|Jail|Palace|Tower|Towers|Hotel|Market|Mall|Refinery|Oil\s[Ff]ield|(?:Nuclear\s)?Power\s(?:Plant|Station)|Border\sCrossing|Crossing|Barracks|Refugee\sCamp|"
    r"Camp|Station|Port|Harbou?r|Checkpoint|Canal|Tunnel|Castle|Citadel|Fort|Cemetery|Museum|Theat(?:re|er)|Library)\b(?!\s[A-Z])"
)
_LANDFORM = re.compile(
    rf"(?<![\w’'-])(?:{_CAP}\s){{1,3}}(?:River|Valley|Mountains?|Hills|Desert|Sea|Ocean|Strait|Peninsula|Islands?|Province|Governorate|District|County|Oblast|Krai|Prefecture|Lake|Bay|Forest|Basin|Delta|Shoal|Reef|Atoll|Archipelago|Glacier|Volcano|Highlands|Plateau|Pass|Corridor|Coast)\b(?!\s[A-Z])|"
    rf"\b(?:Mount|Mt\.|Lake|Cape|Gulf\sof|Strait\sof|Straits\sof|Bay\sof|Isle\sof|Sea\sof|Horn\sof|Port\sof|Province\sof)\s(?:the\s)?{_CAP}(?:\s{_CAP})?"
)
_NO_TIME = r"(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|\w+day)\b)"
_SETTLEMENT = re.compile(
    rf"\b(?:towns?|city|cities|villages?|districts?|suburbs?|neighbou?rhoods?|governorate|municipality|county|islands?|hamlet|subdistrict|province|enclave|outskirts)\sof\s(?P<name>{_NO_TIME}{_PART}(?:\s{_NO_TIME}{_PART}){{0,2}})|"
    rf"\b(?:in|near|at|from|across|outside|around|of)\s(?:the\s)?(?:(?:northern|southern|eastern|western|central|remote|rural|restive|nearby)\s)?(?P<before>{_NO_TIME}{_PART}(?:\s{_PART})?)\s(?:district|province|village|town|county|governorate|municipality|subdistrict|neighbou?rhood|prefecture|oblast|commune|township)\b"
)
_LEAD = re.compile(
    r"(?:The|A|An|In|On|By|And|But|With|From|For|After|Before|While|When|That|Both|Two|Three|Other|Some)\s"
)


def find_armed_groups(text: str) -> list[Span]:
    """Spans of names that have an armed group's form."""
    return sorted([*(match.span() for match in _TRANSLITERATED.finditer(text)), *_without_lead(text, _ENGLISH)])


def find_ships(text: str) -> list[Span]:
    """Spans of ships by the prefix of their names: "USS Hopper", "MV Galaxy Leader"."""
    return [match.span() for match in _SHIP.finditer(text)]


def find_facilities(text: str) -> list[Span]:
    """Spans of what people built: "Tabqa Dam", "Bagram Air Base"."""
    return list(_without_lead(text, _FACILITY))


def find_landforms(text: str) -> list[Span]:
    """Spans of mountains, waters and districts: "Tigris River", "Mount Sinjar", "Kunar Province"."""
    return list(_without_lead(text, _LANDFORM))


def find_settlements(text: str) -> Iterator[Span]:
    """Spans of places by the word beside them: "the town of Tel Tamer", "in Rask county"."""
    for match in _SETTLEMENT.finditer(text):
        span = match.span("name" if match["name"] else "before")
        name = text[slice(*span)]
        if "\n" not in name and not re.search(
            r"[’']s\s", name
        ):  # in "Nairobi's Eastleigh district" both stand for themselves
            yield span


def _without_lead(text: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    """Matches without the capitalised word that begins a sentence; names of one word are left out."""
    for match in pattern.finditer(text):
        start, end = match.span()
        while lead := _LEAD.match(text, start, end):
            start = lead.end()
        if " " in text[start:end] and "\n" not in text[start:end]:
            yield start, end
