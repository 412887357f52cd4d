"""Politeness per host: few requests at once, pauses between their starts, and rest when a server asks for it."""

import time
from collections.abc import Callable

REQUESTS_PER_HOST_MAX = 2
"""At once (Media Cloud)."""
START_GAP_S = 5.0
"""Between two starts at one host (Media Cloud)."""
BUSY_S = 0.2
"""After so long a crowded host is looked at again."""
HOSTS_MAX = 50_000
"""Hosts remembered; beyond that those with nothing to remember are forgotten."""


class _Host:
    def __init__(self) -> None:
        self.inside = 0
        self.next_start = 0.0
        self.rest_until = 0.0


class Hosts:
    """The pace of every host that is polled. Never waits itself: it says how long to."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, start_gap_s: float = START_GAP_S) -> None:
        self._clock = clock
        self._gap_s = start_gap_s
        self._hosts: dict[str, _Host] = {}

    def enter(self, host: str, *, is_spaced: bool = True) -> float:
        """Begin a request at the host: 0.0, or the seconds after which to ask again. What has entered has to `leave`."""
        known = self._host(host)
        now = self._clock()
        quiet_until = max(known.rest_until, known.next_start if is_spaced else 0.0)
        if quiet_until > now:
            return quiet_until - now
        if known.inside >= REQUESTS_PER_HOST_MAX:
            return BUSY_S
        known.inside += 1
        known.next_start = now + self._gap_s
        return 0.0

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
