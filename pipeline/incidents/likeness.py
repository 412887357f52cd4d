"""How two stories compare: a number for each way in which they may agree or contradict each other.

No decision is made here: `pipeline.incidents.matching` weighs these numbers with learned weights. A comparison that cannot be
made, because one of the two does not say, is 0. Symmetric in the two stories.
"""

import math
from collections.abc import Callable, Iterable

from pipeline.incidents.traits import Traits
from pipeline.incidents.words import default_lexicon, direction, likeness, overlap
from pipeline.records import Place
from pipeline.text.places import default_gazetteer

NAMES_COUNTED = 4
"""The most telling shared names that count: long texts share more names by chance."""
NEAR_KM = 30.0
"""Reports name the village, or the district's town nearby."""
EARTH_RADIUS_KM = 6371.0
CLOSE_FACTOR = 1.5
"""Numbers of one event differ so much between reports of one day."""
TOLL_LOG_MAX = 4.0
NUMBERS_MAX = 3.0
MATTER_WEIGHT_MIN = 0.28
"""Stems lighter than this ("said", "people") are not compared one by one."""
GAP_DAYS_MAX = 14.0

BATTLE = "means:battle"
RELEASE = "means:release"
"""Captives come free weeks after they were taken."""
FOLLOW_UPS = frozenset({"toll", "claim", "denial", "reaction", "arrest", "hearing"})

Rarity = Callable[[str], float]
"""How rare a name is among the stories of these days: 1 for one that no other story bears, towards 0 for common ones."""

FACTS: dict[str, int] = {
    "names": 1,
    "names_share": 1,
    "no_name": -1,
    "own_names": -1,
    "place_same": 1,
    "place_named": 1,
    "place_near": 1,
    "place_told": 1,
    "place_untold": -1,
    "place_other": -1,
    "country_other": -1,
    "what_same": 1,
    "kind_same": 1,
    "kind_other": -1,
    "kind_later": 0,
    "day_same": 1,
    "day_next": -1,
    "day_far": -1,
    "day_later": 0,
    "follows": 0,
    "toll_same": 1,
    "toll_close": 1,
    "toll_other": -1,
    "numbers_same": 1,
    "numbers_none": -1,
    "actor_same": 1,
    "actor_other": -1,
    "cve_same": 1,
    "cve_other": -1,
    "hunted_same": 1,
    "victims_other": -1,
    "struck_same": 1,
    "struck_other": -1,
    "means_same": 1,
    "means_other": -1,
    "country_same": 1,
    "gap_days": -1,
}
"""Comparisons that hold across languages, each with the sign that its weight may have (0: either)."""
WORDS: dict[str, int] = {"words": 1, "title": 1, "title_matter": 1, "matter": 1, "sense": 1, "parties": 1}
"""Comparisons of words, for two stories of one language."""


def compare(a: Traits, b: Traits, rarity: Rarity) -> dict[str, float]:
    """The comparisons of `FACTS`, and those of `WORDS` where both stories have words of one language."""
    found = dict.fromkeys(FACTS, 0.0)
    for part in (
        _names(a, b, rarity),
        _places(a, b),
        _kinds(a, b),
        _days(a, b),
        _numbers(a, b),
        _actors(a, b),
        _cyber(a, b),
        _things("struck", a, b),
        _things("means", a, b),
    ):
        found |= part
    if share_words(a, b):
        found |= _words(a, b)
    return found


def share_words(a: Traits, b: Traits) -> bool:
    """Whether the words of the two can be compared."""
    return bool(a.words and b.words and a.language == b.language)


def shared_names(a: Traits, b: Traits, rarity: Rarity) -> dict[str, float]:
    """The names in both, the most telling first, each with what it says: how prominent it is, times how rare."""
    shared = {name: min(a.names[name], b.names[name]) * rarity(name) for name in a.names.keys() & b.names.keys()}
    return dict(sorted(shared.items(), key=lambda item: (-item[1], item[0])))


def _names(a: Traits, b: Traits, rarity: Rarity) -> dict[str, float]:
    if not a.names or not b.names:
        return {}
    shared = list(shared_names(a, b, rarity).values())
    if not shared:
        return {"no_name": 1.0}
    prominent = {n: max(a.names.get(n, 0.0), b.names.get(n, 0.0)) for n in a.names.keys() | b.names.keys()}
    all_told = sum(weight * rarity(name) for name, weight in prominent.items() if weight >= 1.0)
    share = min(1.0, sum(shared) / all_told) if all_told else 0.0
    own = _own_names(a, b, rarity)
    both_cyber = "cyber" in a.kinds and "cyber" in b.kinds  # one flaw, one gang, two victims
    found = {"names": sum(shared[:NAMES_COUNTED]), "names_share": share, "own_names": own}
    return found | ({"victims_other": own} if both_cyber else {})


def _own_names(a: Traits, b: Traits, rarity: Rarity) -> float:
    """How prominent a name each has that the other lacks: two villages of a province, two victims of a gang."""

    def own(one: Traits, other: Traits) -> float:
        left = (w * rarity(n) for n, w in one.names.items() if n not in other.names and n not in other.spots)
        return max(left, default=0.0)

    return min(own(a, b), own(b, a))


def _places(a: Traits, b: Traits) -> dict[str, float]:
    found: dict[str, float] = {}
    if set(a.specific) & set(b.specific):
        found["place_named"] = 1.0
    if a.specific and b.specific:
        if a.specific[0] in b.spots or b.specific[0] in a.spots:
            found["place_told"] = 1.0
        elif not (set(a.specific) & set(b.spots) or set(b.specific) & set(a.spots)):
            found["place_untold"] = 1.0
    if a.countries and b.countries:
        found["country_same"] = float(a.countries[0] == b.countries[0])
        found["country_other"] = float(not set(a.countries) & set(b.countries))
    told = bool(found.get("place_named") or found.get("place_told"))  # a district and its town lie apart
    return found | _apart(a.place, b.place, told=told)


def _apart(a: Place | None, b: Place | None, *, told: bool) -> dict[str, float]:
    if a is None or b is None or a.country != b.country or is_country(a) or is_country(b):
        return {}
    if a.id and a.id == b.id:
        return {"place_same": 1.0}
    distance = distance_km(a, b)
    if distance is None:
        return {}
    if distance <= NEAR_KM:
        return {"place_near": 1.0}
    return {} if told else {"place_other": 1.0}


def _kinds(a: Traits, b: Traits) -> dict[str, float]:
    if not a.kinds or not b.kinds:
        return {}
    if not set(a.kinds) & set(b.kinds):
        return {"kind_later" if is_follow_up(a, b) else "kind_other": 1.0}
    return {"kind_same": 1.0, "what_same": float(a.what is not None and a.what == b.what)}


def _days(a: Traits, b: Traits) -> dict[str, float]:
    gap = min(abs((a.seen - b.seen).total_seconds()) / 86_400, GAP_DAYS_MAX)
    found = {"gap_days": gap, "follows": float(is_follow_up(a, b))}
    if a.day is None or b.day is None:
        return found
    apart = abs((a.day - b.day).days)
    later = is_follow_up(a, b) or is_campaign(a, b)
    name = "day_same" if not apart else "day_later" if later else "day_next" if apart == 1 else "day_far"
    return found | {name: 1.0}


def is_follow_up(a: Traits, b: Traits) -> bool:
    """Whether one of the two tells of what came after: a claim, an arrest, a funeral has a day and a kind of its own."""
    return any(t.relation in FOLLOW_UPS or RELEASE in t.things for t in (a, b))


def is_campaign(a: Traits, b: Traits) -> bool:
    """Whether both tell of fighting for the same place: a siege or a battle for a town is one incident of many days."""
    return (
        BATTLE in a.things
        and BATTLE in b.things
        and bool(set(a.specific) & set(b.spots) or set(b.specific) & set(a.spots))
    )


def _numbers(a: Traits, b: Traits) -> dict[str, float]:
    """The tolls of each kind beside each other: a number says the more, the larger it is."""
    same = close = other = 0.0
    for kind in a.toll.keys() & b.toll.keys():
        x, y = a.toll[kind], b.toll[kind]
        says = _says(max(x, y))
        if x == y:
            same = max(same, says)
        elif max(x, y) <= CLOSE_FACTOR * min(x, y) + 1:
            close = max(close, says)
        else:
            other = max(other, min(2.0, abs(math.log((x + 1) / (y + 1)))))
    shared = set(a.numbers) & set(b.numbers)
    return {
        "toll_same": same,
        "toll_close": close,
        "toll_other": other,
        "numbers_same": min(NUMBERS_MAX, sum(_says(n) for n in shared)),
        "numbers_none": float(bool(a.numbers and b.numbers and not shared)),
    }


def _says(number: int) -> float:
    return min(math.log1p(number), TOLL_LOG_MAX) / 2


def _actors(a: Traits, b: Traits) -> dict[str, float]:
    if not a.actors or not b.actors:
        return {}
    return {"actor_same" if set(a.actors) & set(b.actors) else "actor_other": 1.0}


def _cyber(a: Traits, b: Traits) -> dict[str, float]:
    found = {"hunted_same": float(bool(set(a.hunted) & set(b.hunted)))}
    if a.cves and b.cves:
        shared = len(set(a.cves) & set(b.cves)) / min(len(set(a.cves)), len(set(b.cves)))
        found["cve_same" if shared >= 0.5 else "cve_other"] = 1.0  # half of the shorter list
    return found


def _things(sort: str, a: Traits, b: Traits) -> dict[str, float]:
    """Whether they name the same sort of thing, by share; a contradiction where both name some and share none."""
    one = {t for t in a.things if t.startswith(sort)}
    other = {t for t in b.things if t.startswith(sort)}
    if not one or not other:
        return {}
    shared = len(one & other) / min(len(one), len(other))
    return {f"{sort}_same": shared} if shared else {f"{sort}_other": 1.0}


def _words(a: Traits, b: Traits) -> dict[str, float]:
    return {
        "words": overlap(a.words, b.words),
        "title": overlap(a.title, b.title),
        "title_matter": overlap(_matter(a, a.title), _matter(b, b.title)),
        "matter": likeness(_matter(a, a.words), _matter(b, b.words)),
        "sense": direction(a.words, b.words),
        "parties": overlap(a.parties, b.parties),
    }


def _matter(t: Traits, words: Iterable[str]) -> tuple[str, ...]:
    """What the words tell apart from the names: whom and what it befell, with what."""
    proper = set(t.proper)
    return tuple(w for w in words if w not in proper and _telling(w))


def _telling(word: str) -> bool:
    return default_lexicon().weight(word) > MATTER_WEIGHT_MIN


def is_country(place: Place) -> bool:
    """Whether a place is no more exact than a country."""
    known = default_gazetteer().place(place.id) if place.id else None
    return known is not None and known.kind == "country"


def distance_km(a: Place, b: Place) -> float | None:
    """Great-circle distance (haversine); None where coordinates are missing."""
    if a.latitude is None or b.latitude is None or a.longitude is None or b.longitude is None:
        return None
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))
