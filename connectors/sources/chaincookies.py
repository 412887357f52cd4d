"""Cookies within one chain of redirects.

Some sites send a reader on only when the cookie of the last answer comes back. What a hop sets goes back to that very host and port,
within that one fetch, and is then forgotten: nothing follows a reader from poll to poll.
"""

from collections.abc import Mapping
from http.cookies import Morsel
from urllib.parse import urlsplit

COOKIES_MAX = 20
"""Cookies kept of one host in one chain."""
COOKIE_CHARS_MAX = 4_096
"""Longest name and value that are kept (RFC 6265, section 6.1)."""


class ChainCookies:
    """What the hops of one chain have set, by host."""

    def __init__(self) -> None:
        self._by_host: dict[str, dict[str, str]] = {}

    def take(self, given: Mapping[str, "Morsel[str]"], url: str) -> None:
        """Keep what the answer from `url` sets; a cookie that it takes back goes."""
        kept = self._by_host.setdefault(urlsplit(url).netloc.lower(), {})
        for name, morsel in given.items():
            if str(morsel["max-age"]) == "0":
                kept.pop(name, None)
            elif len(kept) < COOKIES_MAX and len(name) + len(morsel.coded_value) <= COOKIE_CHARS_MAX:
                kept[name] = morsel.coded_value

    def added_to(self, headers: dict[str, str], url: str) -> dict[str, str]:
        """The headers with the cookies of this host."""
        kept = self._by_host.get(urlsplit(url).netloc.lower())
        if not kept:
            return headers
        own = [headers["Cookie"]] if "Cookie" in headers else []
        return {**headers, "Cookie": "; ".join([*own, *(f"{name}={value}" for name, value in kept.items())])}
