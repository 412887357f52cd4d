"""Which reports are about the same thing that happened: pure decisions, no store.

A story (a report and its reprints) shows traits: what kind of event, where, when, who, which CVEs. Two stories belong to
one incident when enough of the traits agree and none contradicts. Numbers are not compared: that independent reports differ
in them is what an analyst wants to see side by side.

A story is compared with every story of a candidate incident and must agree with at least half of them, so that a chain of
pairs that each look alike can't pull unrelated incidents together.
"""

import math
from datetime import date, datetime, timedelta

from msgspec import Struct

from pipeline.records import Article, Assessment, Event, Findings, Mention, Place

WINDOW = timedelta(hours=72)
"""Reports of one incident appear within this time of each other: follow-ups come late, but a new attack on the same place
days later is another one."""
EVENT_DAYS_APART_MAX = 1
"""Time zones and "overnight" blur an event's date by a day."""
NEAR_KM = 60.0
"""Reports name the village, the district's town or the city nearby."""
EARTH_RADIUS_KM = 6371.0
AGREE_POINTS = 3.0
SHARED_CVES_MIN = 0.5  # Jaccard
KEYS_MAX = 40

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


class Traits(Struct, frozen=True, kw_only=True):
    """What one story says, as far as it tells incidents apart."""

    family: str
    subtype: str | None = None
    day: date | None = None  # of the event
    seen: datetime  # when the report appeared
    place: Place | None = None
    actors: tuple[str, ...] = ()  # ids of groups, or names in lower case: who did it, who said so
    victims: tuple[str, ...] = ()  # head nouns and names in lower case
    weapons: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    hunted: tuple[str, ...] = ()  # values of malicious indicators


def traits(article: Article, findings: Findings, assessment: Assessment) -> Traits:
    """The traits of an article that is worth an alert."""
    event = main_event(findings)
    return Traits(
        family=family(event, assessment),
        subtype=event.subtype if event else None,
        day=_day(event.date if event else None),
        seen=article.fetched,
        place=event.place if event else None,
        actors=_names((*event.perpetrators, *_agents(findings))) if event else _names(_agents(findings)),
        victims=_heads((*event.victims, *event.targets, *(c.object for c in findings.claims if c.object)))
        if event
        else (),
        weapons=_heads(event.weapons) if event else (),
        cves=_values(findings, {"cve"}),
        hunted=tuple(i.value for i in findings.indicators if i.verdict == "malicious")[:KEYS_MAX],
    )


def main_event(findings: Findings) -> Event | None:
    """The first event that is not mere background; None without one."""
    return next((e for e in findings.events if e.realis not in {"background", "fiction", "hypothetical"}), None)


def family(event: Event | None, assessment: Assessment) -> str:
    """The kind of incident, coarser than ACLED's types."""
    if event is None:
        return assessment.category or "other"
    return FAMILIES_BY_SUBTYPE.get(event.subtype or "", FAMILIES.get(event.type, event.type.lower()))


def keys(t: Traits) -> tuple[str, ...]:
    """What another story must share one of to be compared at all: the index into thousands of incidents."""
    where = [f"place:{t.place.id}", f"country:{t.family}:{t.place.country}"] if t.place else []
    found = [*where, *(f"actor:{a}" for a in t.actors), *(f"cve:{c}" for c in t.cves), *(f"ioc:{h}" for h in t.hunted)]
    return tuple(dict.fromkeys(found))[:KEYS_MAX]


def agreement(a: Traits, b: Traits) -> tuple[float, str]:
    """How far two stories agree, and on what, in words; 0 points when something contradicts."""
    if a.family != b.family or abs(a.seen - b.seen) > WINDOW:
        return 0.0, "another kind of event, or another time"
    if a.cves or b.cves:
        return _agree_on_cves(a, b)
    if a.day and b.day and abs((a.day - b.day).days) > EVENT_DAYS_APART_MAX:
        return 0.0, "another day"
    where, where_points = _agree_on_place(a.place, b.place)
    if where_points is None:
        return 0.0, "another place"
    shared = {
        "actors": (set(a.actors) & set(b.actors), 1.5),
        "victims": (set(a.victims) & set(b.victims), 1.0),
        "weapons": (set(a.weapons) & set(b.weapons), 0.5),
        "indicators": (set(a.hunted) & set(b.hunted), 3.0),
    }
    points = where_points + sum(points for found, points in shared.values() if found)
    points += 0.5 * (a.subtype == b.subtype) + 0.5 * (a.day is not None and a.day == b.day)
    said = [where] if where else []
    said += [f"{name} {', '.join(sorted(found)[:3])}" for name, (found, _) in shared.items() if found]
    return points, "; ".join(said)


def same_incident(story: Traits, others: list[Traits]) -> str | None:
    """Why `story` is about the incident that the others are about, in words; None when it is not."""
    found = [agreement(story, other) for other in others]
    good = [(points, why) for points, why in found if points >= AGREE_POINTS]
    if not good or 2 * len(good) < len(found):
        return None
    return max(good)[1]


def _agree_on_cves(a: Traits, b: Traits) -> tuple[float, str]:
    shared, either = set(a.cves) & set(b.cves), set(a.cves) | set(b.cves)
    if len(shared) < SHARED_CVES_MIN * len(either):
        return 0.0, "other CVEs"
    return AGREE_POINTS, f"CVEs {', '.join(sorted(shared)[:3])}"


def _agree_on_place(a: Place | None, b: Place | None) -> tuple[str, float | None]:
    """In words, and points; None points when the places contradict each other."""
    if a is None or b is None:
        return "", 0.0
    if a.id and a.id == b.id:
        # A whole country is a weak agreement: much happens in it.
        return f"in {a.name or a.text}", 0.75 if _is_country(a) else 2.0
    if a.country and b.country and a.country != b.country:
        return "", None
    if _is_country(a) or _is_country(b):
        return f"in {a.country}", 0.5
    distance = _distance_km(a, b)
    if distance is None:
        return "", 0.0
    return (f"{distance:.0f} km apart", 1.5) if distance <= NEAR_KM else ("", None)


def _is_country(place: Place) -> bool:
    return place.latitude is None


def _distance_km(a: Place, b: Place) -> float | None:
    """Great-circle distance (haversine)."""
    if a.latitude is None or b.latitude is None or a.longitude is None or b.longitude is None:
        return None
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def _agents(findings: Findings) -> tuple[Mention, ...]:
    return tuple(c.agent for c in findings.claims if c.agent and c.realis == "actual")


def _names(mentions: tuple[Mention, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.id or m.text.casefold() for m in mentions))


def _heads(mentions: tuple[Mention, ...]) -> tuple[str, ...]:
    """The last words, where English has the head of a name: "armed men on motorcycles" counts as its words do not."""
    return tuple(dict.fromkeys((m.id or m.text.casefold().split()[-1].rstrip("s")) for m in mentions if m.text.split()))


def _values(findings: Findings, types: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i.value for i in findings.indicators if i.type in types))


def _day(text: str | None) -> date | None:
    """The day in an ISO 8601 date; None for one of reduced precision."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
