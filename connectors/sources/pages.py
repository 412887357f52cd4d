"""Article pages, fetched as politely as feeds: robots.txt asked first, one page of a host at a time, rest when the server asks for it."""

from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from connectors.sources.document import Page
from connectors.sources.failures import Failed
from connectors.sources.fetch import ACCEPT_PAGE, Fetched, Getter
from connectors.sources.hosts import Hosts, host_of
from connectors.sources.robots import Robots
from connectors.sources.schedule import LIMITED_WAIT_S
from connectors.sources.worker import TooCostlyError

PAGES_MAX = 50
"""Article pages fetched for one poll."""
PAGES_PER_HOST_MAX = 1
"""At once; feeds of that host have a pace of their own beside it."""
PAGE_GAP_S = 1.0
"""Between two pages of a host that is not the operator's own, where its robots.txt asks for no longer one."""
WAIT_S_MAX = 60.0
"""A host that rests for longer is not waited for: the article keeps the feed's text."""


class PageParser(Protocol):
    """What reads pages."""

    async def extract_page(self, body: bytes, *, url: str | None, content_type: str | None) -> Page:
        """The article of a page. Raises `TooCostlyError`."""
        ...


class Pages:
    """Fetches pages under one pace for all feeds of a process."""

    def __init__(self, *, gap_s: float = PAGE_GAP_S) -> None:
        self._robots = Robots()
        self._hosts = Hosts(start_gap_s=gap_s, requests_max=PAGES_PER_HOST_MAX)

    async def fetch(
        self,
        url: str,
        getter: Getter,
        now: datetime,
        *,
        allow: tuple[str, ...] = (),
        is_spaced: bool = True,
        accept: str = ACCEPT_PAGE,
    ) -> Fetched | str:
        """The page's bytes, or in a word why there are none: `robots`, `resting`, or the fetcher's reason."""
        rules = await self._robots.rules(url, getter, now, allow)
        if not rules.allows(url):
            return "robots"
        host = host_of(url)
        if self._hosts.resting_s(host) > WAIT_S_MAX:
            return "resting"
        await self._hosts.wait(host, is_spaced=is_spaced)
        try:
            outcome = await getter.get(url, allow=allow, accept=accept)
        finally:
            self._hosts.leave(host)
        if rules.delay_s and is_spaced:
            self._hosts.rest(host, rules.delay_s)
        match outcome:
            case Fetched():
                # A page may have led elsewhere: that site's word counts too.
                if urlsplit(outcome.url).netloc != urlsplit(url).netloc:
                    there = await self._robots.rules(outcome.url, getter, now, allow)
                    if not there.allows(outcome.url):
                        return "robots"
                return outcome
            case Failed(reason="rate-limited", retry_after_s=seconds):
                self._hosts.rest(host, LIMITED_WAIT_S if seconds is None else seconds)
                return "rate-limited"
            case Failed(reason=reason):
                return reason
        return "not-modified"

    async def read(
        self,
        url: str,
        getter: Getter,
        parser: PageParser,
        now: datetime,
        *,
        allow: tuple[str, ...] = (),
        is_spaced: bool = True,
    ) -> Page | str:
        """The article on the page, or in a word why there is none: as `fetch`, `too-costly`, or the wall that stands there."""
        fetched = await self.fetch(url, getter, now, allow=allow, is_spaced=is_spaced)
        if isinstance(fetched, str):
            return fetched
        try:
            page = await parser.extract_page(fetched.body, url=fetched.url, content_type=fetched.content_type)
        except TooCostlyError:
            return "too-costly"
        return page.wall or page
