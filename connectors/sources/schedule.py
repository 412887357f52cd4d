"""When to poll a feed again. Pure: numbers in, numbers out.

The rhythm adapts to the feed by the share of new entries in what it sent (Media Cloud's scheme), because dates in feeds lie. The wait is
never shorter than what publisher and server asked for (ttl, sy:, Cache-Control, Expires, Retry-After), each capped, because they
lie too. Failures slow a feed down linearly and never end it.
"""

import random
from typing import Literal

from msgspec import Struct

PollOutcome = Literal["ok", "not-modified", "failed"]

INTERVAL_S_FIRST = 15 * 60
"""The rhythm of a feed nobody knows yet."""
NEW_SHARE_HIGH = 1 / 3
"""With a larger share of new entries the feed is polled too seldom."""
FASTER = 0.5
SLOWER = 1.25
AFTER_GAP = 0.25
"""Entries may have been missed: the feed turns over far faster than it is polled."""
FAILED_WAIT_S_MAX = 24 * 3600
GONE_WAIT_S = 7 * 24 * 3600
"""After 410: asked again all the same, because pages come back."""
LIMITED_WAIT_S = 10 * 60
"""After a 429 without Retry-After (NetNewsWire)."""
LIMITED_JITTER_S_MAX = 3600
"""Breaks the clumps that a rate limit makes (Media Cloud: 0-60 min)."""
JITTER_SHARE = 0.1


class Pace(Struct, frozen=True):
    """The operator's bounds for one feed, seconds."""

    min_s: float
    max_s: float


class Told(Struct, frozen=True, kw_only=True):
    """What one poll taught."""

    outcome: PollOutcome
    entries: int = 0
    new: int = 0
    fresh_s: int | None = None  # Cache-Control, Expires
    wish_s: int | None = None  # ttl, sy:updatePeriod
    retry_after_s: int | None = None
    reason: str | None = None
    is_gap: bool = False


def next_interval(previous_s: float | None, told: Told, pace: Pace) -> float:
    """The feed's rhythm after this poll, seconds, within its bounds."""
    if previous_s is None:  # everything is new at first, which says nothing
        return _within(INTERVAL_S_FIRST, pace)
    if told.outcome == "failed":
        return _within(previous_s, pace)
    if told.is_gap:
        return _within(previous_s * AFTER_GAP, pace)
    if told.new == 0:
        return _within(previous_s * SLOWER, pace)
    return _within(previous_s * (FASTER if told.new > told.entries * NEW_SHARE_HIGH else 1.0), pace)


def next_wait(interval_s: float, failures: int, told: Told, pace: Pace, chance: random.Random) -> float:
    """Seconds until the next poll; `failures` counts this one too.

    The jitter only ever adds, so nobody is asked earlier than they wished.
    """
    if told.reason == "gone":
        return GONE_WAIT_S * _jitter(chance)
    if told.reason == "rate-limited":
        wait = max(interval_s, told.retry_after_s if told.retry_after_s is not None else LIMITED_WAIT_S)
        return wait + chance.uniform(0, min(wait, LIMITED_JITTER_S_MAX))
    if told.outcome == "failed":
        wait = min(interval_s * (1 + failures), max(FAILED_WAIT_S_MAX, pace.max_s))
        return max(wait, told.retry_after_s or 0) * _jitter(chance)
    wished = min(max(told.fresh_s or 0, told.wish_s or 0), pace.max_s)
    return max(interval_s, wished) * _jitter(chance)


def _within(seconds: float, pace: Pace) -> float:
    return min(max(seconds, pace.min_s), pace.max_s)


def _jitter(chance: random.Random) -> float:
    return 1.0 + chance.uniform(0, JITTER_SHARE)
