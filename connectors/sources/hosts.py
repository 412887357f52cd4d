"""Politeness per host: few requests at once, pauses between their starts, and rest when a server asks for it."""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

REQUESTS_PER_HOST_MAX = 2
"""At once (Media Cloud)."""
START_GAP_S = 5.0
"""Between two starts at one host (Media Cloud)."""
BUSY_S = 0.2
"""After so long a crowded host is looked at again."""
HOSTS_MAX = 50_000
"""Hosts remembered; beyond that those with nothing to remember are forgotten."""


def host_of(url: str) -> str:
    """The host and port whose feeds share a pace; empty for what has none."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or ''}" if parts.hostname else ""
    except ValueError:
        return ""


class _Host:
    def __init__(self) -> None:
        self.inside = 0
        self.next_start = 0.0
        self.rest_until = 0.0


class Hosts:
    """The pace of every host that is polled."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        start_gap_s: float = START_GAP_S,
        requests_max: int = REQUESTS_PER_HOST_MAX,
    ) -> None:
        self._clock = clock
        self._gap_s = start_gap_s
        self._requests_max = requests_max
        self._hosts: dict[str, _Host] = {}

    def enter(self, host: str, *, is_spaced: bool = True) -> float:
        """Begin a request at the host: 0.0, or the seconds after which to ask again. What has entered has to `leave`."""
        known = self._host(host)
        now = self._clock()
        quiet_until = max(known.rest_until, known.next_start if is_spaced else 0.0)
        if quiet_until > now:
            return quiet_until - now
        if known.inside >= self._requests_max:
            return BUSY_S
        known.inside += 1
        known.next_start = now + self._gap_s if is_spaced else 0.0
        return 0.0

    def busy(self) -> list[str]:
        """The hosts at which no request may begin now."""
        now = self._clock()
        return [
            host
            for host, known in self._hosts.items()
            if known.inside >= self._requests_max or max(known.rest_until, known.next_start) > now
        ]

    async def wait(self, host: str, *, is_spaced: bool = True) -> None:
        """Begin a request at the host as soon as its pace allows; it has to `leave`."""
        while (seconds := self.enter(host, is_spaced=is_spaced)) > 0:  # noqa: ASYNC110 - what is waited for is time
            await asyncio.sleep(seconds)

    def resting_s(self, host: str) -> float:
        """For how long the host has asked to be left alone from now on."""
        return max(0.0, self._host(host).rest_until - self._clock())

    def leave(self, host: str) -> None:
        """The request has ended."""
        self._host(host).inside -= 1

    def rest(self, host: str, seconds: float) -> None:
        """Leave every feed of the host alone for so long."""
        known = self._host(host)
        known.rest_until = max(known.rest_until, self._clock() + seconds)

    def _host(self, host: str) -> _Host:
        if host not in self._hosts:
            if len(self._hosts) >= HOSTS_MAX:
                now = self._clock()
                self._hosts = {
                    h: k for h, k in self._hosts.items() if k.inside or max(k.next_start, k.rest_until) > now
                }
            self._hosts[host] = _Host()
        return self._hosts[host]
