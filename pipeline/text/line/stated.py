"""What of a line is sure enough to be stated, at a level that the operator chooses.

The chances are calibrated on reports that the reader had not seen (docs/reading.md), so a threshold of .6 means: of what just passes it,
six in ten are right; of all that passes, far more.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pipeline.records import Element, Line, LineCount
from pipeline.text.line.names import can_act, is_name, is_people_alone, is_role_alone, is_vehicle_alone, whole

Level = Literal["desk", "newsroom", "blocking"]


class Thresholds(Struct, frozen=True, forbid_unknown_fields=True):
    """The least chance of being right, 0..1, from which each element is stated."""

    what: float
    by: float
    against: float
    where: float
    when: float
    counts: float


LEVELS: Mapping[Level, Thresholds] = {
    "desk": Thresholds(what=0.2, by=0.4, against=0.35, where=0.4, when=0.3, counts=0.4),
    "newsroom": Thresholds(what=0.25, by=0.5, against=0.45, where=0.5, when=0.4, counts=0.5),
    "blocking": Thresholds(what=0.6, by=0.75, against=0.7, where=0.7, when=0.6, counts=0.75),
}
"""Thresholds by name: a desk that reads every alert itself, a newsroom that quotes them, a machine that acts on them."""
VAGUE = frozenset(("Change to group/activity", "Other: Diplomacy"))
"""Classes that say little: stated only where they are sure."""
VAGUE_MIN = 0.5
BOMBS = frozenset(("Suicide bomb", "Remote explosive/landmine/IED", "Grenade"))
BY_MAX = 3
AGAINST_MAX = 3


def stated(line: Line | None, level: Level) -> Line | None:
    """The line with what is sure enough, one place and one number a kind and claimant; None where nothing is.

    A line without a class says nothing: whoever did something did what?
    """
    if line is None:
        return None
    least = LEVELS[level]
    if line.what is None or line.what.p < least_class(line.what.value, level):
        return None
    by = _agents(line.by, least.by)[:BY_MAX]
    return replace(
        line,
        by=by,
        by_how=line.by_how if by else None,
        against=_targets(line.against, least.against, line.what.value)[:AGAINST_MAX],
        where=sure_places(line, level)[:1],
        when=line.when if line.when and line.when.p >= least.when else None,
        counts=_counts(line.counts, least.counts),
    )


def least_class(kind: str, level: Level) -> float:
    """From which chance on a class is stated."""
    return max(LEVELS[level].what, VAGUE_MIN if kind in VAGUE else 0.0)


def sure_places(line: Line | None, level: Level) -> tuple[Element, ...]:
    """The places sure enough to be stated, the most exact first. Where it happened may be sure where the class is not."""
    if line is None:
        return ()
    return tuple(e for e in line.where if e.p >= LEVELS[level].where and is_name(e.value))


def _names(elements: tuple[Element, ...], least: float) -> tuple[Element, ...]:
    out: list[Element] = []
    for element in elements:
        name = whole(element.value)
        if element.p >= least and is_name(name) and all(name.casefold() != e.value.casefold() for e in out):
            out.append(replace(element, value=name))
    return tuple(out)


def _agents(elements: tuple[Element, ...], least: float) -> tuple[Element, ...]:
    """Who can act; "the attackers" only where nobody says more of them."""
    able = tuple(e for e in _names(elements, least) if can_act(e.value))
    named = tuple(e for e in able if not is_role_alone(e.value))
    return named or able[:1]


def _targets(elements: tuple[Element, ...], least: float, kind: str) -> tuple[Element, ...]:
    """Who and what was attacked; the car of a car bomb is the means, and "15 people" stand only where nobody says more of them."""
    hit = tuple(e for e in _names(elements, least) if kind not in BOMBS or not is_vehicle_alone(e.value))
    named = tuple(e for e in hit if not is_people_alone(e.value))
    return named or hit[:1]


def _counts(counts: tuple[LineCount, ...], least: float) -> tuple[LineCount, ...]:
    """The surest number of each kind, and another only where somebody else says it."""
    out: list[LineCount] = []
    for count in counts:
        if count.p < least or (count.low is None and count.high is None):
            continue
        same = [c for c in out if c.kind == count.kind]
        said = count.by.value.casefold() if count.by else None
        if not same or (said and all(c.by and c.by.value.casefold() != said for c in same)):
            out.append(count)
    return tuple(out)
