"""Whether a rule matches more often than it is used to.

What it is used to is learned from its own matches: how many fell into the same hours of the days before. News has a daily and
a weekly beat, and a plain average would ring every morning. A window is a spike when so many matches would come by chance in
one window of a thousand (Poisson), and at least `SPIKE_MIN` came.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

LEARNED = timedelta(days=28)
"""How far back a rhythm is learned: four weeks, so that each weekday counts four times."""
SPIKE_MIN = 3
"""Fewer than so many are no spike, however quiet it was."""
CHANCE_MAX = 0.001
PRIOR_WINDOWS = 3.0
"""The overall average counts like so many windows of the same hours: with little history there is no daily beat yet."""
DAY = timedelta(days=1)


def expected(times: Sequence[datetime], now: datetime, within: timedelta) -> float:
    """How many matches are usual in the window of this length that ends `now`; `times` are sorted.

    The mean over the same hours of earlier days (windows longer than a day: of earlier windows), drawn towards the
    overall mean. 0 without any history.
    """
    step = DAY * math.ceil(within / DAY)
    begin = now - within
    first = max(now - LEARNED, times[0]) if times else now
    known = begin - first  # the window itself teaches nothing
    if known <= timedelta(0):
        return 0.0
    overall = _count(times, first, begin) * (within / known)
    same, windows = 0, 0
    end = now - step
    while end - within >= first:
        same += _count(times, end - within, end)
        windows += 1
        end -= step
    return (same + PRIOR_WINDOWS * overall) / (windows + PRIOR_WINDOWS)


def is_spike(times: Sequence[datetime], now: datetime, within: timedelta) -> tuple[bool, int, float]:
    """Whether the window that ends `now` has more matches than is usual; how many it has, and how many are usual."""
    count = _count(times, now - within, now)
    usual = expected(times, now, within)
    return count >= SPIKE_MIN and chance_of(count, usual) <= CHANCE_MAX, count, usual


def chance_of(count: int, usual: float) -> float:
    """The chance of `count` or more where `usual` is the mean (Poisson's upper tail)."""
    if usual <= 0:
        return 0.0 if count else 1.0
    term, below = math.exp(-usual), 0.0
    for k in range(count):
        below += term
        term *= usual / (k + 1)
    return max(0.0, 1.0 - below)


def _count(times: Sequence[datetime], begin: datetime, end: datetime) -> int:
    """Of the times after `begin`, up to and with `end`."""
    return bisect_right(times, end) - bisect_right(times, begin)
