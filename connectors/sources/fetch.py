"""One polite, bounded GET: what came back as a small union, `Fetched`, `NotModified` or `Failed`.

Every hop passes the guard (`guard.py`); the whole has one deadline; bodies are capped compressed and inflated; validators go back byte for
byte as they came. Nothing is taken from the environment (no proxies, no netrc), no cookies are kept. Never raises for anything that a
server does: each failure is told with its reason.
"""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import hdrs
from msgspec import Struct
from yarl import URL

from connectors.sources.certificates import Certificates
from connectors.sources.chaincookies import ChainCookies
from connectors.sources.credentials import NO_CREDENTIALS, Credentials
from connectors.sources.discover import FEED_TYPES
from connectors.sources.failures import Failed, failed_by, refused
from connectors.sources.freshness import fresh_for_s
from connectors.sources.guard import BlockedAddressError, Guard
from connectors.sources.inflate import ACCEPT_ENCODING, BadEncodingError, TooLargeError, inflate
from connectors.sources.urls import is_web_address
from pipeline import __version__

BODY_BYTES_MAX = 15 * 1024 * 1024
"""Of the inflated body (Miniflux's bound); the compressed one is held to the same."""
FETCH_S_MAX = 30.0
"""For the whole, all hops together."""
CONNECT_S_MAX = 10.0
REDIRECTS_MAX = 5
HEADER_LINE_BYTES_MAX = 16 * 1024
HEADERS_MAX = 1_000
"""rss-fetcher had to raise its limit to this."""
LINKS_MAX = 20
"""Link headers kept."""
CONNECTIONS_MAX = 100
KEEPALIVE_S = 5.0

USER_AGENT = f"tocsin/{__version__} (feed monitor)"
ACCEPT_FEED = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_REPEATED = frozenset({307, 308})
"""Redirects after which a POST stays one (RFC 9110, 15.4)."""


class Validators(Struct, frozen=True):
    """What a server wants to see again, exactly as it gave it."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS = Validators()


class Fetched(Struct, frozen=True, kw_only=True):
    """A body."""

    url: str  # after redirects
    body: bytes
    content_type: str | None = None
    validators: Validators = NO_VALIDATORS
    fresh_s: int | None = None
    moved_to: str | None = None  # where only permanent redirects led
    is_delta: bool = False  # 226: the new entries alone (RFC 3229 with A-IM: feed)
    certificate_until: datetime | None = None  # of the last hop's server, if it ends soon
    links: tuple[tuple[str, str], ...] = ()  # rel and target of Link headers
    feeds: tuple[str, ...] = ()  # targets of those that say they are a feed


class NotModified(Struct, frozen=True, kw_only=True):
    """304: nothing new."""

    validators: Validators = NO_VALIDATORS
    fresh_s: int | None = None
    moved_to: str | None = None
    certificate_until: datetime | None = None


Outcome = Fetched | NotModified | Failed


class Getter(Protocol):
    """What fetches: the real `Fetcher`, or a test's fake."""

    async def get(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        allow: tuple[str, ...] = (),
        accept: str = ACCEPT_FEED,
        credentials: Credentials = NO_CREDENTIALS,
    ) -> Outcome:
        """One conditional GET."""
        ...


class Fetcher:
    """Fetches over HTTP; one client session for each allow-list, so that a connection one feed may use is no other's."""

    def __init__(
        self,
        *,
        fetch_s_max: float = FETCH_S_MAX,
        body_bytes_max: int = BODY_BYTES_MAX,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._certificates = Certificates()
        self._trusted = self._certificates.watch(trusted or ssl.create_default_context())
        self._fetch_s_max = fetch_s_max
        self._body_bytes_max = body_bytes_max
        self._sessions: dict[tuple[str, ...], tuple[Guard, aiohttp.ClientSession]] = {}

    async def close(self) -> None:
        """Close all connections."""
        sessions, self._sessions = self._sessions, {}
        for _, session in sessions.values():
            await session.close()

    async def get(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        allow: tuple[str, ...] = (),
        accept: str = ACCEPT_FEED,
        credentials: Credentials = NO_CREDENTIALS,
    ) -> Outcome:
        """One conditional GET, redirects followed. Never raises for what a server does."""
        guard, session = self._session(allow)
        try:
            async with asyncio.timeout(self._fetch_s_max):
                return await self._follow(guard, session, url, _headers(validators, accept), credentials)
        except TimeoutError:
            return Failed(reason="timeout", message=f"no whole answer within {self._fetch_s_max:g} s")
        except aiohttp.ClientError as error:
            return failed_by(error)
        except (BlockedAddressError, TooLargeError, BadEncodingError) as error:
            return failed_by(error)
        except (ValueError, OSError) as error:  # yarl on hosts it can't encode, the system on what it can't dial
            return failed_by(error)

    async def post(self, url: str, form: Mapping[str, str], *, allow: tuple[str, ...] = ()) -> str | None:
        """Post a form, under the same guard; None when it was taken (2xx), else why not, in words. For WebSub's hubs."""
        guard, session = self._session(allow)
        try:
            async with asyncio.timeout(self._fetch_s_max):
                for _ in range(REDIRECTS_MAX + 1):
                    if not is_web_address(url):
                        return f"{url[:200]!r} is no http or https address"
                    with guard.for_hop(url):
                        async with session.post(
                            URL(url), data=form, headers={hdrs.USER_AGENT: USER_AGENT}, allow_redirects=False
                        ) as response:
                            target = response.headers.get(hdrs.LOCATION) if response.status in _REPEATED else None
                            if target is None:
                                return None if 200 <= response.status < 300 else f"HTTP {response.status}"
                    url = without_user(urljoin(url, target.strip()))
                return f"redirected more than {REDIRECTS_MAX} times"
        except TimeoutError:
            return f"no answer within {self._fetch_s_max:g} s"
        except (aiohttp.ClientError, ValueError, OSError) as error:
            failure = failed_by(error)
            return f"{failure.reason}: {failure.message}"

    def _session(self, allow: tuple[str, ...]) -> tuple[Guard, aiohttp.ClientSession]:
        if allow not in self._sessions:
            guard = Guard(allow)
            connector = aiohttp.TCPConnector(
                socket_factory=guard.make_socket,
                limit=CONNECTIONS_MAX,
                keepalive_timeout=KEEPALIVE_S,
                ssl=self._trusted,
            )
            session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S_MAX),
                max_line_size=HEADER_LINE_BYTES_MAX,
                max_field_size=HEADER_LINE_BYTES_MAX,
                max_headers=HEADERS_MAX,
            )
            self._sessions[allow] = guard, session
        return self._sessions[allow]

    async def _follow(
        self,
        guard: Guard,
        session: aiohttp.ClientSession,
        url: str,
        headers: Mapping[str, str],
        credentials: Credentials,
    ) -> Outcome:
        first = url
        is_permanent = True
        moved_to: str | None = None
        cookies = ChainCookies()
        for _ in range(REDIRECTS_MAX + 1):
            if not is_web_address(url):
                return Failed(reason="bad-url", message=f"{url[:200]!r} is no http or https address")
            with guard.for_hop(url):
                async with session.get(
                    URL(url),
                    headers=cookies.added_to({**headers, **credentials.for_hop(first, url)}, url),
                    allow_redirects=False,
                ) as response:
                    target = response.headers.get(hdrs.LOCATION) if response.status in _REDIRECTS else None
                    if target is None:
                        return await self._answer(response, url, moved_to)
                    cookies.take(response.cookies, url)
                    is_permanent = is_permanent and response.status in _PERMANENT
            step = urljoin(url, target.strip())
            if urlsplit(url).scheme == "https" and urlsplit(step).scheme == "http" and not guard.allows_url(step):
                return Failed(reason="bad-redirect", message=f"redirected from https to {step[:200]}")
            url = without_user(step)
            moved_to = url if is_permanent else None
        return Failed(
            reason="bad-redirect", message=f"redirected more than {REDIRECTS_MAX} times, the last to {url[:200]}"
        )

    async def _answer(self, response: aiohttp.ClientResponse, url: str, moved_to: str | None) -> Outcome:
        now = datetime.now(UTC)
        headers = response.headers
        given = Validators(_header(headers, hdrs.ETAG), _header(headers, hdrs.LAST_MODIFIED))
        fresh_s = fresh_for_s(headers, now)
        until = self._certificates.until(urlsplit(url).hostname)
        if response.status == 304:
            return NotModified(validators=given, fresh_s=fresh_s, moved_to=moved_to, certificate_until=until)
        if response.status not in (200, 226):
            return refused(response, now)
        raw = await self._read(response)
        body = inflate(raw, headers.get(hdrs.CONTENT_ENCODING, ""), self._body_bytes_max)
        return Fetched(
            url=url,
            body=body,
            content_type=headers.get(hdrs.CONTENT_TYPE),
            validators=given,
            fresh_s=fresh_s,
            moved_to=moved_to,
            is_delta=response.status == 226,
            certificate_until=until,
            links=tuple((str(rel), str(link["url"])) for rel, link in response.links.items() if "url" in link)[
                :LINKS_MAX
            ],
            feeds=tuple(
                str(link["url"])
                for rel, link in response.links.items()
                if rel == "alternate" and "url" in link and str(link.get("type", "")).lower() in FEED_TYPES
            )[:LINKS_MAX],
        )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._body_bytes_max:
                response.close()
                raise TooLargeError(f"more than {self._body_bytes_max} bytes")
        return bytes(body)


def _headers(validators: Validators, accept: str) -> dict[str, str]:
    headers: dict[str, str] = {hdrs.USER_AGENT: USER_AGENT, hdrs.ACCEPT: accept, hdrs.ACCEPT_ENCODING: ACCEPT_ENCODING}
    if validators.etag:
        headers[hdrs.IF_NONE_MATCH] = validators.etag
        headers["A-IM"] = "feed"  # a server that knows it sends the new entries alone; the others don't mind
    if validators.last_modified:
        headers[hdrs.IF_MODIFIED_SINCE] = validators.last_modified
    return headers


def without_user(url: str) -> str:
    """The address without a name and password in it: nobody but the operator says who we are."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url


def _header(headers: Mapping[str, str], name: str) -> str | None:
    """The header as it came; one that can't go back as it came (bytes that are no UTF-8) is not kept."""
    value = headers.get(name)
    if not value or any(0xD800 <= ord(c) <= 0xDFFF or c in "\r\n\0" for c in value):
        return None
    return value
