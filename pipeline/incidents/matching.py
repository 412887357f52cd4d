"""Which reports are about the same thing that happened: pure decisions, no store.

A story (a report and its reprints) shows traits: the distinctive names in it, what kind of event, where, when, who, which
CVEs. Two stories belong to one incident when enough of the traits agree and none contradicts. Names carry most of it: two
reports of one event in other words, even in another language, still share the town, the ship, the company or the commander,
and a name that few other stories of these days bear says more than one that many do. Numbers are not compared: that
independent reports differ in them is what an analyst wants to see side by side.

Which stories then form one incident is decided in `pipeline.incidents.clustering`.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache

from msgspec import Struct

from pipeline.records import Article, Assessment, Entity, Event, Findings, Mention, Place
from pipeline.text.entities import find_layout
from pipeline.text.places import default_gazetteer

WINDOW = timedelta(hours=72)
"""Reports of one incident appear within this time of each other: follow-ups come late, but a new attack on the same place
days later is another one."""
EVENT_DAYS_APART_MAX = 1
"""Time zones and "overnight" blur an event's date by a day."""
NEAR_KM = 30.0
"""Reports name the village, or the district's town nearby."""
EARTH_RADIUS_KM = 6371.0

# Points, and what is needed: chosen so that a distinctive name in both headlines plus one further trait is enough, and a
# country, a kind of event and a day together are not. How well that does: tests/quality/test_samples.py.
AGREE_POINTS = 1.5
TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 1.5, 1.0, 0.3
SAME_TOWN, NEAR_TOWN, SAME_COUNTRY, OTHER_PLACE = 1.0, 0.5, 0.25, -1.5
SAME_FAMILY, SAME_DAY, OTHER_DAY, SAME_ACTOR, SAME_CVES, SAME_INDICATOR = 0.5, 0.5, -1.5, 0.5, 1.5, 1.5
CONTRADICTION = -3.0
"""Points of two stories with nothing in common that say other things of place or day, or name other CVEs: a round-up that
tells of both does not make them one incident."""
SHARED_CVES_MIN = 0.5  # of the shorter list
LEAD_CHARS = 350
BODY_CHARS = 3000
NAMES_MAX = 40
NAMES_COUNTED = 4
"""The most telling shared names that count: long texts share more names by chance."""
NAME_LETTERS_MIN = 4
CAPITAL_FACTOR = 0.5
"""A capital is named in many reports about its country."""
STORIES_MIN = 50
"""Rarity is judged as if there were at least so many stories: among three of them everything is rare."""
KEYS_MAX = 60

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


# Capitalised words that many reports bear and that tell no incident from another.
CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october "
    "november december lunes martes miercoles jueves viernes sabado domingo lundi mardi mercredi jeudi vendredi samedi dimanche "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
)
COMMON = frozenset(
    "army police government ministry minister president security forces force group state states united nations national islamic "
    "republic democratic north south east west northern southern eastern western central general major colonel captain council "
    "party agency people city town province district region news reuters associated press agence france official officials "
    "international federal supreme court defence defense interior foreign affairs health broadcasting media spokesman spokeswoman "
    "university hospital department office service center centre committee movement front union".split()
)
NAMING_LABELS = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "MALWARE", "TOOL", "PRODUCT", "EVENT"})
"""Not GROUP: a group does many things, and counts as an actor."""

OPENERS = " \t\"'“‘(["
ENDERS = '.!?:;\n"”'

_WORD = re.compile(r"[^\W\d_][\w’'-]*")


class Traits(Struct, frozen=True, kw_only=True):
    """What one story says, as far as it tells incidents apart."""

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


Rarity = Callable[[str], float]
"""How rare a name is among the stories of these days: 1 for one that no other story bears, towards 0 for common ones."""


def traits(article: Article, findings: Findings, assessment: Assessment) -> Traits:
    """The traits of an article that is worth an alert."""
    event = main_event(findings)
    return Traits(
        family=family(event, assessment),
        names=names_in(article, findings.entities),
        day=_day(event.date if event else None),
        seen=article.fetched,
        place=event.place if event else None,
        actors=_actors(findings, event),
        cves=tuple(dict.fromkeys(i.value for i in findings.indicators if i.type == "cve")),
        hunted=tuple(i.value for i in findings.indicators if i.verdict == "malicious")[:NAMES_MAX],
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


def rarity_of(counts: Mapping[str, int], stories: int) -> Rarity:
    """Rarity from the number of stories that bear each name, of `stories` in all (inverse document frequency, scaled)."""
    total = max(stories, STORIES_MIN) + 1

    def rarity(name: str) -> float:
        return math.log(total / (1 + counts.get(name, 0))) / math.log(total)

    return rarity


def names_in(article: Article, entities: Iterable[Entity]) -> dict[str, float]:
    """The distinctive names in an article and how prominent each is: capitalised words of title, lead and body.

    By form and not by the model alone, because that serves every language in Latin script, and other cuts of a name too.
    """
    text = article.text[:BODY_CHARS]
    layout = find_layout(article.text, article.title)
    found: dict[str, float] = {}

    def put(word: str, weight: float) -> None:
        name = fold(word)
        if len(name) >= NAME_LETTERS_MIN and not _is_common(name, word, article.feed):
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
                    put(word, TITLE_WEIGHT if fold(word) in in_title else lead)
    groups = {fold(word) for e in entities if e.label == "GROUP" for word in _WORD.findall(e.text)}
    kept = sorted((item for item in found.items() if item[0] not in groups), key=lambda item: (-item[1], item[0]))
    return dict(kept[:NAMES_MAX])


def fold(word: str) -> str:
    """The word without case, accents and a possessive ending."""
    plain = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    return re.sub(r"'s?$", "", "".join(c for c in plain if not unicodedata.combining(c))).strip("'-")


def keys(t: Traits) -> tuple[str, ...]:
    """What another story must share one of to be compared at all: the index into thousands of incidents."""
    places = [f"place:{t.place.id}"] if t.place and t.place.id and not _is_country(t.place) else []
    found = [*places, *(f"name:{n}" for n in t.names), *(f"cve:{c}" for c in t.cves), *(f"ioc:{h}" for h in t.hunted)]
    return tuple(dict.fromkeys(found))[:KEYS_MAX]


def agreement(a: Traits, b: Traits, rarity: Rarity = lambda _: 1.0) -> tuple[float, str]:
    """How far two stories agree, in points, and on what, in words."""
    if abs(a.seen - b.seen) > WINDOW:
        return 0.0, "another time"
    cves = _agree_on_cves(a, b)
    if cves is None:
        return CONTRADICTION, "other CVEs"
    names, name_points = _agree_on_names(a, b, rarity)
    where, place_points = _agree_on_place(a.place, b.place)
    actors = sorted(set(a.actors) & set(b.actors))
    hunted = sorted(set(a.hunted) & set(b.hunted))
    if not (names or hunted or cves or place_points >= NEAR_TOWN):
        contradicts = place_points < 0 or _agree_on_day(a.day, b.day) < 0
        return CONTRADICTION if contradicts else 0.0, "no name in common"
    points = name_points + place_points + cves + _agree_on_day(a.day, b.day)
    points += SAME_FAMILY * (a.family == b.family) + SAME_ACTOR * bool(actors) + SAME_INDICATOR * bool(hunted)
    said = [", ".join(names), where, ", ".join(actors[:3]), ", ".join(hunted[:3]), "the same CVEs" if cves else ""]
    return points, "both tell of " + "; ".join(part for part in said if part)


def _agree_on_names(a: Traits, b: Traits, rarity: Rarity) -> tuple[list[str], float]:
    shared = {name: min(a.names[name], b.names[name]) * rarity(name) for name in a.names.keys() & b.names.keys()}
    best = sorted(shared, key=lambda name: (-shared[name], name))[:NAMES_COUNTED]
    return best, sum(shared[name] for name in best)


def _agree_on_cves(a: Traits, b: Traits) -> float | None:
    """Points; None when both name CVEs and hardly any in common: such reports look alike in everything else."""
    if not a.cves or not b.cves:
        return 0.0
    shared = set(a.cves) & set(b.cves)
    return SAME_CVES if len(shared) >= SHARED_CVES_MIN * min(len(set(a.cves)), len(set(b.cves))) else None


def _agree_on_day(a: date | None, b: date | None) -> float:
    if a is None or b is None:
        return 0.0
    apart = abs((a - b).days)
    return SAME_DAY if apart == 0 else 0.0 if apart <= EVENT_DAYS_APART_MAX else OTHER_DAY


def _agree_on_place(a: Place | None, b: Place | None) -> tuple[str, float]:
    """In words, and points; negative when the places contradict each other."""
    if a is None or b is None:
        return "", 0.0
    if a.country and b.country and a.country != b.country:
        return "", OTHER_PLACE
    name = a.name or a.text
    if _is_country(a) or _is_country(b):
        return (f"in {a.country}", SAME_COUNTRY) if a.country and a.country == b.country else ("", 0.0)
    if a.id and a.id == b.id:
        return f"in {name}", SAME_TOWN
    distance = _distance_km(a, b)
    if distance is None:
        return "", 0.0
    return (f"{distance:.0f} km apart", NEAR_TOWN) if distance <= NEAR_KM else ("", OTHER_PLACE)


def _is_country(place: Place) -> bool:
    known = default_gazetteer().place(place.id) if place.id else None
    return known is not None and known.kind == "country"


def _distance_km(a: Place, b: Place) -> float | None:
    """Great-circle distance (haversine)."""
    if a.latitude is None or b.latitude is None or a.longitude is None or b.longitude is None:
        return None
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


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


def _actors(findings: Findings, event: Event | None) -> tuple[str, ...]:
    agents = tuple(c.agent for c in findings.claims if c.agent and c.realis == "actual")
    mentions: tuple[Mention, ...] = (*(event.perpetrators if event else ()), *agents)
    return tuple(dict.fromkeys(m.id for m in mentions if m.id and not m.id.startswith("geo:")))


def _day(text: str | None) -> date | None:
    """The day in an ISO 8601 date; None for one of reduced precision."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
