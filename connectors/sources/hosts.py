"""Politeness per host: few requests at once, pauses between their starts, and rest when a server asks for it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

REQUESTS_PER_HOST_MAX = 2
"""At once (Media Cloud)."""
START_GAP_S = 5.0
"""Between two starts at one host (Media Cloud)."""
HOSTS_IDLE_MAX = 50_000
"""Hosts remembered; those at rest longest are forgotten beyond that."""


class _Host:
    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(REQUESTS_PER_HOST_MAX)
        self.next_start = 0.0
        self.rest_until = 0.0


class Hosts:
    """The pace of every host that is polled."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, start_gap_s: float = START_GAP_S) -> None:
        self._clock = clock
        self._gap_s = start_gap_s
        self._hosts: dict[str, _Host] = {}

    def rest_s(self, host: str) -> float:
        """Seconds for which the host is to be left alone."""
        known = self._hosts.get(host)
        return max(0.0, known.rest_until - self._clock()) if known else 0.0

    def rest(self, host: str, seconds: float) -> None:
        """Leave every feed of the host alone for so long."""
        known = self._host(host)
        known.rest_until = max(known.rest_until, self._clock() + seconds)

    @contextlib.asynccontextmanager
    async def turn(self, host: str, *, is_spaced: bool = True) -> AsyncIterator[None]:
        """Wait for one's turn at the host, and hold it."""
        known = self._host(host)
        async with known.slots:
            if is_spaced:
                now = self._clock()
                start = max(now, known.next_start)
                known.next_start = start + self._gap_s
                if start > now:
                    await asyncio.sleep(start - now)
            yield

    def _host(self, host: str) -> _Host:
        if host not in self._hosts:
            if len(self._hosts) >= HOSTS_IDLE_MAX:
                now = self._clock()
                self._hosts = {
                    h: k for h, k in self._hosts.items() if k.slots.locked() or max(k.next_start, k.rest_until) > now
                }
            self._hosts[host] = _Host()
        return self._hosts[host]
