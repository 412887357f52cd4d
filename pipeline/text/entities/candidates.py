"""Candidate names of every kind, and the choice among those that overlap.

Each finder proposes spans with a rank; a lower rank wins, then the longer span, then the one with an id, then the earlier. So a group of the knowledge
base beats what a model makes of its words, an organisation beats the place within its name ("Bank of Tripoli"), and a person
beats the place that he is called like ("Paris Hilton").
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from pipeline.records import Entity, EntityLabel


class Rank(IntEnum):
    """Whose word counts first."""

    BYLINE = 0
    KNOWN = 1  # groups, malware and tools of the knowledge base
    FORM = 2  # names that their form or the words around them give away, and dates
    MODEL_LONG = 3  # names of several words that the model found
    PLACE = 4
    PEOPLE = 5  # nationalities
    MODEL = 6
    WORD = 7  # weapons


class Candidate(NamedTuple):
    """A proposed entity."""

    rank: Rank
    start: int
    end: int
    label: EntityLabel
    id: str | None = None
    name: str | None = None


def choose(text: str, candidates: Iterable[Candidate]) -> list[Entity]:
    """Entities apart from each other, in order of the text."""
    starts: list[int] = []
    taken: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda one: (one.rank, one.start - one.end, one.id is None, one.start)):
        at = bisect_left(starts, candidate.start)
        if at > 0 and taken[at - 1].end > candidate.start:
            continue
        if at < len(starts) and starts[at] < candidate.end:
            continue
        starts.insert(at, candidate.start)
        taken.insert(at, candidate)
    return [Entity(text[one.start : one.end], one.label, one.start, one.end, one.id, one.name) for one in taken]


def overlaps(entities: Sequence[Entity], start: int, end: int) -> bool:
    """Whether an entity of the sorted sequence touches the span."""
    at = bisect_left(entities, start, key=lambda entity: entity.end)
    while at < len(entities) and entities[at].start < end:
        if entities[at].end > start:
            return True
        at += 1
    return False
