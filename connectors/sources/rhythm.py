"""What is learned of a feed: how often it brings something, how long it was ever silent, how large its documents are. Pure."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

MEAN_WEIGHT = 0.15
"""Of the newest value in a moving mean: about the last dozen count."""
FADING_DAYS = 30.0
"""In so many days the longest silence counts half: a strike of last year is no rhythm."""
DAY_S = 86_400.0


class Condition(Struct, frozen=True, kw_only=True):
    """Something that is wrong with a feed, since when, in words."""

    since: datetime
    message: str


class Rhythm(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was learned of one feed."""

    arrivals: int = 0  # polls that brought something new
    first_new_at: datetime | None = None
    last_new_at: datetime | None = None
    gap_mean_s: float | None = None  # between two of those, moving mean
    gap_longest_s: float = 0.0  # the longest of them, fading
    per_day: float | None = None  # new entries, moving mean
    bytes_usual: float | None = None  # of a document, moving mean
    shrunk: int = 0  # documents in a row far smaller than that


def learn_arrival(rhythm: Rhythm, new: int, now: datetime) -> Rhythm:
    """The rhythm after a poll that brought `new` entries, at least one."""
    gap_s = (now - rhythm.last_new_at).total_seconds() if rhythm.last_new_at else None
    if gap_s is None or gap_s <= 0:  # the first document says nothing about a rhythm
        return replace(rhythm, arrivals=1, first_new_at=rhythm.first_new_at or now, last_new_at=now)
    return replace(
        rhythm,
        arrivals=rhythm.arrivals + 1,
        last_new_at=now,
        gap_mean_s=_mean(rhythm.gap_mean_s, gap_s),
        gap_longest_s=max(gap_s, rhythm.gap_longest_s * 0.5 ** (gap_s / DAY_S / FADING_DAYS)),
        per_day=_mean(rhythm.per_day, new * DAY_S / gap_s),
    )


def learn_size(rhythm: Rhythm, size: int) -> Rhythm:
    """The rhythm after a document of the usual size, bytes."""
    return replace(rhythm, bytes_usual=_mean(rhythm.bytes_usual, float(size)), shrunk=0)


def count_shrunk(rhythm: Rhythm) -> Rhythm:
    """The rhythm after one more document that was far too small."""
    return replace(rhythm, shrunk=rhythm.shrunk + 1)


def _mean(before: float | None, value: float) -> float:
    return value if before is None else before + MEAN_WEIGHT * (value - before)
