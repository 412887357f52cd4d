"""Which reports are about the same thing that happened: pure decisions, no store.

A story (a report and its reprints) shows traits; two stories are compared trait by trait, and what agrees and what contradicts is
weighed with weights that were learned from pairs of reports (`training.incidents`; docs/incidents.md has the figures). The sum is
in log-odds: 0 is "as likely as not". Contradiction counts as much as agreement: another kind of event, another target, another
district on the same day part; a higher toll the next day does not. Words are weighed only between stories of one language; across
languages the facts decide alone, with weights of their own.

Which stories then form one incident is decided in `pipeline.incidents.clustering`.
"""

import math
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from pipeline.incidents.likeness import RELEASE, compare, is_country, share_words, shared_names
from pipeline.incidents.likeness import Rarity as Rarity
from pipeline.incidents.traits import Traits as Traits
from pipeline.incidents.traits import main_event as main_event
from pipeline.incidents.traits import traits as traits

WINDOW = timedelta(hours=72)
"""Reports of one incident appear within this time of each other; a new attack on the same place days later is another one. Of a
siege or a battle for a town each day's reports are near the day's before, so that it goes on as one incident while it lasts."""
FOLLOW_WINDOW = timedelta(days=14)
"""A claim, a denial, a funeral, an arrest, a condemnation, a last toll or the release of captives comes so late at most."""
STORIES_MIN = 50
"""Rarity is judged as if there were at least so many stories: among three of them everything is rare."""
KEYS_MAX = 60
KEY_COUNTRIES = 2
KEY_THINGS = 6
"""A report that names no town can still be found: a school of that country was attacked."""
REASONS_MAX = 4
LATE = frozenset({"toll", "claim", "denial", "reaction", "arrest", "hearing", "retrospective"})
"""Relations of a report to its incident that may come late."""


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """Learned weights of one set of comparisons; points = bias + sum of weight x value, in log-odds."""

    bias: float
    weights: dict[str, float]


class PairModel(Struct, frozen=True, forbid_unknown_fields=True):
    """`data/pairs.json`, as `training.incidents` writes it."""

    version: str
    pair: float
    """Points that some pair of two groups must reach before they can be one incident."""
    group: float
    """Points on which the stories of two groups must agree on average."""
    facts: Weights
    words: Weights


@cache
def default_model() -> PairModel:
    """The weights of this version, read once per process."""
    raw = resources.files(__package__).joinpath("data/pairs.json").read_bytes()
    return msgspec.json.decode(raw, type=PairModel)


AGREE_POINTS = default_model().pair
GROUP_POINTS = default_model().group


def rarity_of(counts: Mapping[str, int], stories: int) -> Rarity:
    """Rarity from the number of stories that bear each name, of `stories` in all (inverse document frequency, scaled)."""
    total = max(stories, STORIES_MIN) + 1

    def rarity(name: str) -> float:
        return math.log(total / (1 + counts.get(name, 0))) / math.log(total)

    return rarity


def keys(t: Traits) -> tuple[str, ...]:
    """What another story must share one of to be compared at all: the index into thousands of incidents."""
    places = [f"place:{t.place.id}"] if t.place and t.place.id and not is_country(t.place) else []
    things = [f"in:{country}:{thing}" for country in t.countries[:KEY_COUNTRIES] for thing in t.things[:KEY_THINGS]]
    found = [*places, *(f"cve:{c}" for c in t.cves), *(f"ioc:{h}" for h in t.hunted), *(f"name:{n}" for n in t.names)]
    found = [*found[: KEYS_MAX - len(things)], *things]
    return tuple(dict.fromkeys(found))[:KEYS_MAX]


def reach_of(t: Traits) -> timedelta:
    """How far from a story others of its incident may have appeared."""
    return FOLLOW_WINDOW if t.relation in LATE or RELEASE in t.things else WINDOW


def is_near(a: Traits, b: Traits) -> bool:
    """Whether two stories appeared close enough to each other to be compared at all."""
    return abs(a.seen - b.seen) <= max(reach_of(a), reach_of(b))


def agreement(a: Traits, b: Traits, rarity: Rarity = lambda _: 1.0) -> tuple[float, str]:
    """How far two stories agree, in log-odds that they tell of one event, and on what, in words."""
    points, parts = weigh(compare(a, b, rarity), with_words=share_words(a, b))
    return points, said(a, b, parts, rarity)


def weigh(compared: Mapping[str, float], *, with_words: bool) -> tuple[float, dict[str, float]]:
    """The points of a comparison, and what each part of it adds."""
    model = default_model().words if with_words else default_model().facts
    parts = {name: weight * compared[name] for name, weight in model.weights.items() if compared.get(name)}
    return model.bias + sum(parts.values()), parts


def said(a: Traits, b: Traits, parts: Mapping[str, float], rarity: Rarity) -> str:
    """What speaks for one event and what against it, the weightiest first."""
    ranked = sorted(parts, key=lambda name: (-abs(parts[name]), name))
    agreeing = dict.fromkeys(_phrase(name, a, b, rarity) for name in ranked if parts[name] > 0)
    against = dict.fromkeys(_phrase(name, a, b, rarity) for name in ranked if parts[name] < 0)
    told = [p for p in agreeing if p][:REASONS_MAX]
    but = [p for p in against if p][:REASONS_MAX]
    text = "both tell of " + "; ".join(told) if told else "nothing in common"
    return text + (f"; but {'; '.join(but)}" if but else "")


def _phrase(name: str, a: Traits, b: Traits, rarity: Rarity) -> str:
    where = (a.place.name or a.place.text) if a.place else ""
    if name in ("names", "names_share"):
        return ", ".join(list(shared_names(a, b, rarity))[:REASONS_MAX])
    if name in ("toll_same", "toll_close", "toll_other"):
        return _toll_phrase(name, a, b)
    phrases = {
        "place_same": f"{where} as the place",
        "place_named": ", ".join(sorted(set(a.specific) & set(b.specific))) + " as the place",
        "place_told": "a place that both name",
        "place_near": "places close to each other",
        "place_other": "other places of one country",
        "place_untold": "the one's place is not in the other",
        "country_other": "other countries",
        "no_name": "no name in common",
        "what_same": (a.what or "").lower(),
        "kind_same": ", ".join(sorted(set(a.kinds) & set(b.kinds))).lower(),
        "own_names": "names that the other lacks",
        "victims_other": "names that the other lacks",
        "kind_other": "another kind of event",
        "kind_later": "what came after it",
        "day_same": f"{a.day}",
        "day_next": "days that follow each other",
        "day_far": "days apart",
        "day_later": "another day",
        "follows": "the one follows up",
        "numbers_same": "the number " + ", ".join(str(n) for n in sorted(set(a.numbers) & set(b.numbers))),
        "numbers_none": "other numbers",
        "actor_same": ", ".join(sorted(set(a.actors) & set(b.actors))[:REASONS_MAX]),
        "actor_other": "other actors",
        "cve_same": "the same CVEs",
        "cve_other": "other CVEs",
        "hunted_same": ", ".join(sorted(set(a.hunted) & set(b.hunted))[:REASONS_MAX]),
        "gap_days": "told days apart",
        "country_same": a.countries[0] if a.countries else "",
        "struck_same": _shared_things("struck", a, b),
        "struck_other": "something else was struck",
        "means_same": _shared_things("means", a, b),
        "means_other": "other means",
        "parties": "the same parties",
    }
    return phrases.get(name, "the same in like words")


def _shared_things(sort: str, a: Traits, b: Traits) -> str:
    both = sorted(set(a.things) & set(b.things))
    return ", ".join(thing.partition(":")[2] for thing in both if thing.startswith(sort))


def _toll_phrase(name: str, a: Traits, b: Traits) -> str:
    kinds = sorted(a.toll.keys() & b.toll.keys())
    both = ", ".join(f"{a.toll[k]} and {b.toll[k]} {k}" for k in kinds if a.toll[k] != b.toll[k])
    same = ", ".join(f"{a.toll[k]} {k}" for k in kinds if a.toll[k] == b.toll[k])
    return same if name == "toll_same" else both
