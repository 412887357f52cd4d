"""The loopback server that publishes the samples over time: feeds, article pages, validators and 304.

Paths: `/` all outlets, `/OUTLET/feed.xml` (or `feed.json`), `/OUTLET/SLUG.html`, `/robots.txt`. An article answers 404 until it is
published. Feeds carry a strong ETag of their bytes and the time of their last change, and honour both.
"""

import asyncio
import hashlib
import signal
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

from connectors.samples.documents import CONTENT_TYPES, Site, render_feed
from connectors.samples.pages import render_article, render_front, render_index
from connectors.samples.stream import Stream
from pipeline.errors import UsageError

Clock = Callable[[], datetime]
SHUTDOWN_SECONDS_MAX = 2.0
"""How long open connections may keep the server from stopping."""


def read_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def make_app(stream: Stream, address: str, clock: Clock = read_clock) -> web.Application:
    """The application; `address` is where readers reach it, and `clock` may be a fake one."""
    sites = {name: Site(name, outlet, address) for name, outlet in stream.collection.outlets.items()}
    publisher = _Publisher(stream, sites, clock)
    app = web.Application()
    app.add_routes(
        [
            web.get("/", publisher.answer_index),
            web.get("/robots.txt", publisher.answer_robots),
            web.get("/{outlet}/", publisher.answer_front),
            web.get("/{outlet}/feed.{kind:xml|json}", publisher.answer_feed),
            web.get("/{outlet}/{slug}.html", publisher.answer_article),
        ]
    )
    return app


class _Publisher:
    def __init__(self, stream: Stream, sites: dict[str, Site], clock: Clock) -> None:
        self._stream = stream
        self._sites = sites
        self._clock = clock

    async def answer_index(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's signature
        return _html(render_index(list(self._sites.values())))

    async def answer_robots(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's signature
        return web.Response(text="User-agent: *\nAllow: /\n")

    async def answer_front(self, request: web.Request) -> web.Response:
        site = self._site(request)
        return _html(render_front(site, self._stream.visible(site.name, self._clock())))

    async def answer_article(self, request: web.Request) -> web.Response:
        site, now = self._site(request), self._clock()
        found = self._stream.find(site.name, request.match_info["slug"], now)
        if found is None or found.malformed:
            raise web.HTTPNotFound
        return _html(render_article(site, found, self._stream.visible(site.name, now)))

    async def answer_feed(self, request: web.Request) -> web.Response:
        site = self._site(request)
        if request.path != f"/{site.name}/feed.{'json' if site.outlet.format == 'json' else 'xml'}":
            raise web.HTTPNotFound
        shown = self._stream.visible(site.name, self._clock())
        changed = max((publication.updated for publication in shown), default=self._stream.start)
        body = render_feed(site, shown, changed)
        headers = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "Last-Modified": format_datetime(changed, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if _is_unchanged(request, headers["ETag"], changed):
            return web.Response(status=304, headers=headers)
        content_type = CONTENT_TYPES[site.outlet.format]
        return web.Response(
            body=body, headers={**headers, "Content-Type": f"{content_type}; charset={site.outlet.encoding}"}
        )

    def _site(self, request: web.Request) -> Site:
        site = self._sites.get(request.match_info["outlet"])
        if site is None:
            raise web.HTTPNotFound
        return site


def _html(body: bytes) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": "text/html; charset=utf-8"})


def _is_unchanged(request: web.Request, etag: str, changed: datetime) -> bool:
    """RFC 9110, section 13.2.2: If-Modified-Since counts only without If-None-Match."""
    if (known := request.headers.get("If-None-Match")) is not None:
        return known.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) >= changed
    except (ValueError, TypeError):  # no date, or one without a zone
        return False


async def serve(stream: Stream, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `announce` gets the address once the server listens. Raises `UsageError`."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    listener = _listen(host, port)
    # With port 0 the address, which stands in every link, is known only now.
    address = f"http://{host}:{listener.getsockname()[1]}"
    runner = web.AppRunner(make_app(stream, address), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS_MAX)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        announce(address)
        await stopping.wait()
    finally:
        await runner.cleanup()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise UsageError(f"can't listen on {host}:{port}: {error.strerror or error}") from error
