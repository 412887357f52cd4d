"""Back-pressure: a feed, or a host, that brings far more than anybody publishes is polled more slowly until it is within its budget.

Nothing is thrown away: what it brought is published, and what it holds waits in its feed. So one that is broken, or hostile, can't
fill the topic before everybody else's articles.
"""

import time
from collections.abc import Callable

FEED_PER_HOUR_MAX = 4_000
"""Articles: two whole documents of the largest size that is read, every hour; the largest agencies publish some hundreds."""
HOST_PER_HOUR_MAX = 20_000
NAMES_MAX = 50_000
"""Feeds or hosts remembered; beyond that those that owe nothing are forgotten."""


class Budget:
    """So many articles an hour for each name, and at most that many at once (a leaky bucket)."""

    def __init__(self, per_hour: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_hour)
        self._per_s = per_hour / 3600
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}  # articles not yet leaked away, and when that was so

    def take(self, name: str, articles: int) -> float:
        """Count the articles; the seconds to leave it alone for, 0.0 within its budget."""
        level = self._level(name) + articles
        if len(self._levels) >= NAMES_MAX:
            self._levels = {n: held for n, held in self._levels.items() if self._level(n) > 0}
        self._levels[name] = level, self._clock()
        return max(0.0, (level - self._most) / self._per_s)

    def _level(self, name: str) -> float:
        level, at = self._levels.get(name, (0.0, 0.0))
        return max(0.0, level - (self._clock() - at) * self._per_s)
