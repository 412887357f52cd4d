"""What one story says, as far as it tells incidents apart: names, words, kind, place, day, parties, numbers, CVEs.

Made once from an article and its findings and kept with the story, so that thousands of incidents can be compared without
reading anything again. `pipeline.incidents.likeness` compares two of them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache

from msgspec import Struct

from pipeline.incidents.relation import Told, relation_of
from pipeline.incidents.things import things_in
from pipeline.incidents.words import CALENDAR, fold, stem, words_of
from pipeline.records import Article, Assessment, Entity, Event, Findings, Mention, Place
from pipeline.text.entities import find_layout
from pipeline.text.places import default_gazetteer

TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 1.5, 1.0, 0.3
LEAD_CHARS = 350
LEAD_SENTENCES = 3
"""What happened stands at the beginning; what follows is often about other events."""
LEAD_CHARS_MAX = 600
BODY_CHARS = 3000
NAMES_MAX = 40
WORDS_MAX = 60
SPOTS_MAX = 30
SPECIFIC_MAX = 3
THINGS_MAX = 16
COUNTRIES_MAX = 3
NAME_LETTERS_MIN = 4
PLACE_LETTERS_MIN = 3
"""Of a place: Gao, Ede, Lae."""
CAPITAL_FACTOR = 0.5
"""A capital is named in many reports about its country."""
SURE_MIN = 0.3
"""How sure the reader must be of a class, a place or a party that is compared: less than for stating it, for a comparison is not a statement."""
NUMBER_SURE_MIN = 0.5
LOOKS_BACK_MIN = 0.7
"""So sure must it be that a report that is worth an alert only looks back for it to open none: a mistake would lose a new event."""
ROUND_UP_TOWNS = 3
ROUND_UP_CHARS = 1200
ROUND_UP_NEAR = 80
NUMBER_MIN = 3
"""Smaller numbers are in every report."""

FAMILIES: dict[str, str] = {
    "Battles": "violence",
    "Explosions/Remote violence": "violence",
    "Violence against civilians": "violence",
    "Riots": "unrest",
    "Protests": "unrest",
    "Cyber": "cyber",
}
"""Which of ACLED's types reporters confuse about one event: the same clash is a battle here and an explosion there."""
FAMILIES_BY_SUBTYPE: dict[str, str] = {
    "Abduction/forced disappearance": "abduction",
    "Arrests": "arrest",
    "Agreement": "agreement",
    "Natural disaster": "disaster",
    "Man-made disaster": "disaster",
}
KINDS: dict[str, str] = {
    "Air/drone strike": "from afar",
    "Shelling/artillery/missile attack": "from afar",
    "Remote explosive/landmine/IED": "bomb",
    "Suicide bomb": "bomb",
    "Grenade": "bomb",
    "Attack": "attack",
    "Armed clash": "attack",
    "Abduction/forced disappearance": "abduction",
    "Arrests": "arrest",
    "Peaceful protest": "unrest",
    "Violent demonstration": "unrest",
    "Mob violence": "unrest",
    "Protest with intervention": "unrest",
    "Excessive force against protesters": "unrest",
    "Government regains territory": "territory",
    "Non-state actor overtakes territory": "territory",
}
"""ACLED's sub-types, those together that two reports of one event are often given."""

# Capitalised words that many reports bear and that tell no incident from another.
COMMON = frozenset(
    "army police government ministry minister president security forces force group state states united nations national islamic "
    "republic democratic north south east west northern southern eastern western central general major colonel captain council "
    "party agency people city town province district region news reuters associated press agence france official officials "
    "international federal supreme court defence defense interior foreign affairs health broadcasting media spokesman spokeswoman "
    "university hospital department office service center centre committee movement front union".split()
)
NAMING_LABELS = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "MALWARE", "TOOL", "PRODUCT", "EVENT"})
"""Not GROUP: a group does many things, and counts as an actor."""
PLACE_LABELS = frozenset({"GPE", "LOC", "FAC"})
PARTY_FILLERS = frozenset(stem(w) for w in "the of a an and people others men some several many more least".split())

OPENERS = " \t\"'“‘(["
ENDERS = '.!?:;\n"”'

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_CAPITAL_OF = re.compile(r"\b([A-Z][a-z]+)(?:['’]s)? capital\b")
"""A city that a report does not name: "the Haitian capital"."""
_SENTENCE_END = re.compile(r"[.!?]['\"”’]?\s")
_SORT_OF_PLACE = re.compile(
    r"\b(?:province|state|district|region|department|governorate|city|village of|town of|the)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![-\w.])\d[\d,]{0,9}(?![-\w]|\.\d)|\b[a-z]{3,9}\b")
_YEARS = range(1900, 2101)
_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
} | {"dozen": 12}


class Traits(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one story says, as far as it tells incidents apart. Fields after `is_withdrawn` are missing in older stores."""

    family: str
    names: dict[str, float] = {}  # distinctive words in lower case -> how prominent they are
    day: date | None = None  # of the event
    seen: datetime  # when the report appeared
    place: Place | None = None
    actors: tuple[str, ...] = ()  # ids of groups, or names in lower case
    cves: tuple[str, ...] = ()
    hunted: tuple[str, ...] = ()  # values of malicious indicators
    is_withdrawn: bool = (
        False  # the report no longer tells of anything: it stays where it is and is evidence for nothing
    )
    language: str = ""  # ISO 639-1
    title: tuple[str, ...] = ()  # stems of the title, each once
    words: tuple[str, ...] = ()  # stems of title and lead, each once
    proper: tuple[str, ...] = ()  # those of them that are parts of names
    what: str | None = None  # ACLED sub-type, "Cyber: X", …
    kinds: tuple[str, ...] = ()  # what the event may be called, coarser than `what`; empty: not known
    spots: tuple[str, ...] = ()  # folded names of all places in the text
    specific: tuple[str, ...] = ()  # folded names of where it happened, smaller than a country, the most exact first
    parties: tuple[str, ...] = ()  # stems of who did it and to whom
    toll: dict[str, int] = {}  # kind of claim -> the number that this report gives for the event, its least
    numbers: tuple[int, ...] = ()  # all numbers of title and lead that say something
    things: tuple[str, ...] = ()  # what was struck and with what, by classes: "struck:market", "means:drone"
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, those named most first
    opens: bool = True  # False: it may join an incident and never opens one
    ties: bool = True  # False: it tells of several incidents, or looks back on some; it holds no others together
    relation: str = "report"  # what it is to its incident: `pipeline.incidents.relation`
    tells: float = 1.0  # how sure it is that it tells of an incident at all, 0..1


def traits(article: Article, findings: Findings, assessment: Assessment) -> Traits:
    """The traits of an article with its findings."""
    event = main_event(findings)
    line = findings.line
    lead = lead_of(article.text)
    head = f"{article.title or ''}\n{lead}"
    title = _stems(article.title or "")
    names = names_in(article, findings.entities)
    what = line.what.value if line and line.what and line.what.p > SURE_MIN else event.subtype if event else None
    kinds = (what, event.subtype if event else None, event.type if event and event.type == "Cyber" else None)
    places = [(e.value, e.id) for e in line.where if e.p > SURE_MIN] if line else []
    place = event.place if event else None
    when = line.when.value if line and line.when else event.date if event else None
    words = tuple(dict.fromkeys((*title, *_stems(lead))))[:WORDS_MAX]
    proper = _proper(head) | {stem(name) for name in names}
    told = relation_of(article.title, article.text) if findings.language == "en" else Told()
    return Traits(
        family=family(event, assessment),
        names=names,
        day=_day(when),
        seen=article.fetched,
        place=place,
        actors=_actors(findings, event),
        cves=tuple(dict.fromkeys(i.value for i in findings.indicators if i.type == "cve")),
        hunted=tuple(i.value for i in findings.indicators if i.verdict == "malicious")[:NAMES_MAX],
        language=findings.language or "",
        title=title,
        words=words,
        proper=tuple(w for w in words if w in proper),
        what=what,
        kinds=tuple(dict.fromkeys(_kind(k) for k in kinds if k)),
        spots=_spots(findings.entities),
        specific=_specific([*([(place.text, place.id)] if place else []), *places]),
        parties=_parties(findings),
        toll=_toll(findings),
        numbers=tuple(sorted(set(_numbers(head)))),
        things=things_in(head)[:THINGS_MAX],
        countries=_countries(article.text[:BODY_CHARS], findings.entities, place),
        opens=assessment.severity is not None and told.looks_back < LOOKS_BACK_MIN,
        ties=told.relation != "retrospective" and not _is_round_up(article.text, findings),
        relation=told.relation,
        tells=round(told.tells, 3),
    )


def main_event(findings: Findings) -> Event | None:
    """The first event that is not mere background; None without one."""
    return next((e for e in findings.events if e.realis not in {"background", "fiction", "hypothetical"}), None)


def family(event: Event | None, assessment: Assessment) -> str:
    """The kind of incident, coarser than ACLED's types; a threat is not the attack."""
    if event is None:
        return assessment.category or "other"
    if event.realis in {"threatened", "planned"}:
        return "threat"
    return FAMILIES_BY_SUBTYPE.get(event.subtype or "", FAMILIES.get(event.type, event.type.lower()))


def lead_of(text: str) -> str:
    """The first sentences of a text, cut at `LEAD_CHARS_MAX` characters."""
    start = text[:LEAD_CHARS_MAX]
    ends = [m.end() for m in _SENTENCE_END.finditer(start)]
    return start[: ends[LEAD_SENTENCES - 1]] if len(ends) >= LEAD_SENTENCES else start


def names_in(article: Article, entities: Iterable[Entity]) -> dict[str, float]:
    """The distinctive names in an article and how prominent each is: capitalised words of title, lead and body.

    By form and not by the model alone, because that serves every language in Latin script, and other cuts of a name too.
    """
    text = article.text[:BODY_CHARS]
    layout = find_layout(article.text, article.title)
    found: dict[str, float] = {}

    def put(word: str, weight: float, letters: int = NAME_LETTERS_MIN) -> None:
        name = fold(word)
        if len(name) >= letters and not _is_common(name, word, article.feed):
            factor = CAPITAL_FACTOR if name in _capitals() else 1.0
            found[name] = max(found.get(name, 0.0), weight * factor)

    for match in _WORD.finditer(article.title or ""):
        if match.start() > 0 and match.group()[0].isupper():
            put(match.group(), TITLE_WEIGHT)
    for match in _WORD.finditer(text):
        start = match.start()
        if (
            match.group()[0].isupper()
            and not _begins_sentence(text, start)
            and not layout.is_dateline(start, match.end())
        ):
            put(match.group(), LEAD_WEIGHT if start < LEAD_CHARS else BODY_WEIGHT)
    in_title = {fold(word) for word in _WORD.findall(article.title or "")}
    for entity in entities:
        zone = layout.is_dateline(entity.start, entity.end) or layout.is_byline(entity.start, entity.end)
        if entity.label in NAMING_LABELS and entity.start < BODY_CHARS and not zone:
            for word in _WORD.findall(entity.text):
                if word[0].isupper():
                    lead = LEAD_WEIGHT if entity.start < LEAD_CHARS else BODY_WEIGHT
                    letters = PLACE_LETTERS_MIN if entity.label == "GPE" else NAME_LETTERS_MIN
                    put(word, TITLE_WEIGHT if fold(word) in in_title else lead, letters)
    for match in _CAPITAL_OF.finditer(text):
        if capital := _capital_of(match[1]):
            put(capital, LEAD_WEIGHT if match.start() < LEAD_CHARS else BODY_WEIGHT)
    groups = {fold(word) for e in entities if e.label == "GROUP" for word in _WORD.findall(e.text)}
    kept = sorted((item for item in found.items() if item[0] not in groups), key=lambda item: (-item[1], item[0]))
    return dict(kept[:NAMES_MAX])


def _is_round_up(text: str, findings: Findings) -> bool:
    """Whether the lead tells of events in several towns, each with a number of its own."""
    gazetteer = default_gazetteer()
    towns: set[str] = set()
    for event in findings.events:
        if event.place is None or event.start > ROUND_UP_CHARS or event.realis not in {"actual", "background"}:
            continue
        known = gazetteer.lookup(event.place.text)
        around = text[max(0, event.start - ROUND_UP_NEAR) : event.end + ROUND_UP_NEAR]
        if (not known or known[0].kind == "city") and _NUMBER.search(around):
            towns.add(_bare(event.place.text))
    return len(towns) >= ROUND_UP_TOWNS


def _stems(text: str) -> tuple[str, ...]:
    found = (stem(m.group()) for m in words_of(text) if fold(m.group()) not in CALENDAR)
    return tuple(dict.fromkeys(s for s in found if s))


def _proper(text: str) -> set[str]:
    """Stems of capitalised words within sentences; of a headline in capitals all are, so it says nothing there."""
    return {stem(m.group()) for m in words_of(text) if m.group()[0].isupper() and not _begins_sentence(text, m.start())}


def _kind(what: str) -> str:
    return "cyber" if what.startswith("Cyber") else KINDS.get(what, what)


def _spots(entities: Iterable[Entity]) -> tuple[str, ...]:
    found = (_bare(e.text) for e in entities if e.label in PLACE_LABELS and e.start < BODY_CHARS)
    return tuple(dict.fromkeys(name for name in found if name))[:SPOTS_MAX]


def _specific(places: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """Places smaller than a country, in order, by folded name."""
    gazetteer = default_gazetteer()
    found = [_bare(name) for name, _ in places if not any(place.kind == "country" for place in gazetteer.lookup(name))]
    return tuple(dict.fromkeys(name for name in found if name))[:SPECIFIC_MAX]


def _bare(name: str) -> str:
    return " ".join(fold(word) for word in _WORD.findall(_SORT_OF_PLACE.sub("", name)))


def _parties(findings: Findings) -> tuple[str, ...]:
    line = findings.line
    named = [e.value for e in (*line.by, *line.against) if e.p > SURE_MIN] if line else []
    found = (stem(word) for name in named for word in _WORD.findall(name))
    return tuple(dict.fromkeys(s for s in found if s not in PARTY_FILLERS))[:WORDS_MAX]


def _toll(findings: Findings) -> dict[str, int]:
    found: dict[str, int] = {}
    for count in findings.line.counts if findings.line else ():
        least = count.low if count.low is not None else count.high
        if least and count.p > NUMBER_SURE_MIN:
            found[count.kind] = max(found.get(count.kind, 0), least)
    return found


def _numbers(text: str) -> Iterator[int]:
    for match in _NUMBER.finditer(text.lower()):
        word = match.group().replace(",", "")
        value = int(word) if word.isdigit() else _NUMBER_WORDS.get(word, 0)
        if value >= NUMBER_MIN and value not in _YEARS:
            yield value


def _begins_sentence(text: str, start: int) -> bool:
    """Whether a capital at `start` may be owed to the place and not to the word."""
    before = text[max(0, start - 8) : start].rstrip(OPENERS)[-1:]
    return not before or before in ENDERS or text[start - 1] == "\n"


def _is_common(name: str, word: str, feed: str) -> bool:
    if name in CALENDAR or name in COMMON or name in fold(feed):
        return True
    gazetteer = default_gazetteer()
    known = gazetteer.lookup(word)
    return gazetteer.country_of_people(word) is not None or any(place.kind == "country" for place in known)


@cache
def _capitals() -> frozenset[str]:
    return frozenset(fold(word) for name in default_gazetteer().capitals for word in _WORD.findall(name))


@cache
def _capital_of(word: str) -> str | None:
    """The capital of the country, or of the people, of that name."""
    gazetteer = default_gazetteer()
    code = gazetteer.country_of_people(word) or next(
        (place.country for place in gazetteer.lookup(word) if place.kind == "country"), None
    )
    named = {country: name for name, country in gazetteer.capitals.items()}
    found = next((p for p in gazetteer.lookup(named[code]) if p.capital), None) if code in named else None
    return found.name if found else None


def _countries(text: str, entities: Iterable[Entity], place: Place | None) -> tuple[str, ...]:
    """Where a text is about, by the countries of its places and peoples: those named most first, the event's own before all."""
    gazetteer = default_gazetteer()
    found: Counter[str] = Counter()
    if place is not None and place.country:
        found[place.country] += 3
    for entity in entities:
        if entity.label in PLACE_LABELS and entity.start < BODY_CHARS:
            known = gazetteer.place(entity.id) if entity.id else next(iter(gazetteer.lookup(entity.name or "")), None)
            if known is not None and known.country:
                found[known.country] += 1
    for word in _WORD.findall(text):
        if word[0].isupper() and (code := gazetteer.country_of_people(word)):
            found[code] += 1
    return tuple(code for code, _ in found.most_common(COUNTRIES_MAX))


def _actors(findings: Findings, event: Event | None) -> tuple[str, ...]:
    agents = tuple(c.agent for c in findings.claims if c.agent and c.realis == "actual")
    mentions: tuple[Mention, ...] = (*(event.perpetrators if event else ()), *agents)
    stated = tuple(e.id for e in findings.line.by if e.id) if findings.line else ()
    ids = (*(m.id for m in mentions if m.id), *stated)
    return tuple(dict.fromkeys(i for i in ids if not i.startswith("geo:")))


def _day(text: str | None) -> date | None:
    """The day in an ISO 8601 date; None for one of reduced precision."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
