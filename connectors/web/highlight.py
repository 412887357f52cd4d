"""A text cut where what was found in it begins and ends, so that a page can mark each part; joined again it is the text."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

TEXT_CHARS_MAX = 60_000
"""Of a text that is shown; as much as is analysed."""


class Span(Struct, frozen=True):
    """Something found: `start`..`end` in the text."""

    start: int
    end: int
    kind: str  # event, claim, indicator, entity, reason
    label: str  # what it is, for a reader who points at it


class Part(Struct, frozen=True):
    """A stretch of the text, and all that it is part of."""

    text: str
    kinds: tuple[str, ...] = ()
    label: str = ""


def cut(text: str, spans: Iterable[Span]) -> Sequence[Part]:
    """The text in parts, in order; spans may overlap. Joined, the parts' texts are the text, up to `TEXT_CHARS_MAX`."""
    shown = text[:TEXT_CHARS_MAX]
    inside = [s for s in spans if 0 <= s.start < s.end <= len(shown)]
    edges = sorted({0, len(shown), *(s.start for s in inside), *(s.end for s in inside)})
    parts = []
    for start, end in pairwise(edges):
        over = [s for s in inside if s.start <= start and end <= s.end]
        kinds = tuple(dict.fromkeys(s.kind for s in over))
        label = "; ".join(dict.fromkeys(f"{s.kind}: {s.label}" if s.label else s.kind for s in over))
        parts.append(Part(shown[start:end], kinds, label))
    return parts
