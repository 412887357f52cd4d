"""WebSub (W3C Recommendation, 2018): hubs tell when a feed has something new; polling goes on all the same, as a safety net.

A push is taken for a hint, not for content: its signature is checked, then the feed is polled at once, by the path that every other poll takes. So a
hub can neither forge nor reorder articles, and one that takes subscriptions and never pushes costs nothing but hope.

    [websub]
    callback = "https://tocsin.example.org/websub"   # how hubs reach this connector; empty: no subscriptions
    listen = "127.0.0.1:8090"                        # where a proxy of yours passes those requests on to

Each subscription has an unguessable path and a secret of its own.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import structlog
from aiohttp import web
from msgspec import Struct

from connectors.sources.fetch import Fetcher
from connectors.sources.subscriptions import Subscription, SubscriptionStore
from pipeline.errors import ConfigError, RetryableError

LEASE_ASKED_S = 10 * 86_400
LEASE_S_MIN = 3_600
LEASE_S_MAX = 14 * 86_400
"""A hub that offers longer is asked again all the same: subscriptions rot."""
RENEW_BEFORE = timedelta(days=1)
ASK_AGAIN = timedelta(hours=6)
"""A subscription that was asked for and never verified."""
LOOK_EVERY_S = 30.0
ASKED_PER_LOOK_MAX = 50
BODY_BYTES_MAX = 5 * 1024 * 1024
CHALLENGE_CHARS_MAX = 2_048
ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""WebSub, section 8.1: what a hub may sign with."""

T = TypeVar("T")
log = structlog.get_logger()


class Run(Protocol):
    """Does something in the store, in the thread that is for it."""

    async def __call__(self, attempt: Callable[[], T]) -> T:
        """Its result. Raises `RetryableError`."""
        ...


class Listening(Struct, frozen=True):
    """Where the callback stands: for hubs, and here."""

    callback: str
    host: str
    port: int


def read_listening(callback: str, listen: str) -> Listening | None:
    """The configuration's two keys; None when there is no callback. Raises `ConfigError`."""
    if not callback:
        return None
    host, _, port = listen.rpartition(":")
    if not callback.startswith(("http://", "https://")):
        raise ConfigError(f"websub.callback: {callback!r} is no http or https address")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise ConfigError(f"websub.listen: {listen!r} is no host:port")
    return Listening(callback.rstrip("/"), host.strip("[]"), int(port))


def is_signed(secret: str, header: str, body: bytes) -> bool:
    """Whether `X-Hub-Signature` is of this body by this secret."""
    method, _, given = header.strip().partition("=")
    algorithm = ALGORITHMS.get(method.strip().lower())
    if algorithm is None:
        return False
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))


class WebSub:
    """Subscribes, answers hubs, and calls `poll_now` for each push that is signed."""

    def __init__(
        self,
        listening: Listening,
        store: SubscriptionStore,
        run: Run,
        fetcher: Fetcher,
        *,
        poll_now: Callable[[str], Awaitable[None]],
        allow_of: Callable[[str], tuple[str, ...]] = lambda _: (),
    ) -> None:
        self._listening = listening
        self._store = store
        self._run = run
        self._fetcher = fetcher
        self._poll_now = poll_now
        self._allow_of = allow_of
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, when it was chosen by the system."""
        assert self._runner is not None  # noqa: S101 - asked after `start`
        return int(self._runner.addresses[0][1])

    async def start(self) -> None:
        """Listen. Raises `ConfigError` when the address can't be had."""
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_get("/{path:.*}", self._verify)
        app.router.add_post("/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._listening.host, self._listening.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                f"websub.listen: {self._listening.host}:{self._listening.port}: {error.strerror}"
            ) from error

    async def close(self) -> None:
        """Listen no more; subscriptions stand until their leases end."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def keep_subscribed(self) -> None:
        """Ask hubs for what is missing or about to end, for ever."""
        while True:
            try:
                await self.subscribe_due()
            except RetryableError as error:
                log.warning("websub_waits", error=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def subscribe_due(self) -> int:
        """Ask for each subscription that is due; how many were asked for."""
        now = datetime.now(UTC)
        asked = await self._in_store(
            lambda: self._store.take_due(now, now + RENEW_BEFORE, now - ASK_AGAIN, ASKED_PER_LOOK_MAX)
        )
        for made in asked:
            form = {
                "hub.mode": "subscribe",
                "hub.topic": made.topic,
                "hub.callback": f"{self._listening.callback}/{made.path}",
                "hub.secret": made.secret,
                "hub.lease_seconds": str(LEASE_ASKED_S),
            }
            refusal = await self._fetcher.post(made.hub, form, allow=self._allow_of(made.feed))
            if refusal is not None:
                await self._in_store(partial(self._store.failed, made.path, refusal))
                log.warning("websub_refused", feed=made.feed, hub=made.hub, reason=refusal)
        return len(asked)

    async def _in_store(self, attempt: Callable[[], T]) -> T:
        return await self._run(attempt)

    async def _verify(self, request: web.Request) -> web.Response:
        """A hub asks whether we asked (section 5.3), or says no (5.2)."""
        found = await self._find(request)
        if found is None or request.query.get("hub.topic") != found.topic:
            return web.Response(status=404)
        mode, challenge = request.query.get("hub.mode"), request.query.get("hub.challenge", "")
        if mode == "denied":
            reason = request.query.get("hub.reason", "no reason given")[:200]
            await self._in_store(lambda: self._store.failed(found.path, f"denied: {reason}"))
            log.warning("websub_denied", feed=found.feed, reason=reason)
            return web.Response()
        if mode != "subscribe" or not challenge or len(challenge) > CHALLENGE_CHARS_MAX:
            return web.Response(status=404)  # we never unsubscribe: whoever asks that, it wasn't us
        until = datetime.now(UTC) + timedelta(seconds=clamp_lease(request.query.get("hub.lease_seconds")))
        await self._in_store(lambda: self._store.verified(found.path, until))
        log.info("websub_subscribed", feed=found.feed, hub=found.hub, until=until.isoformat())
        return web.Response(text=challenge, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})

    async def _receive(self, request: web.Request) -> web.Response:
        """A push (section 7). One that isn't signed is answered alike and ignored (section 8)."""
        found = await self._find(request)
        if found is None:
            return web.Response(status=404)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = None
        if body is None:
            await self._poll_now(found.feed)  # too long to check: the hint costs one poll at most
        elif is_signed(found.secret, request.headers.get("X-Hub-Signature", ""), body):
            await self._in_store(lambda: self._store.pushed(found.path, datetime.now(UTC)))
            await self._poll_now(found.feed)
        else:
            log.warning("websub_unsigned", feed=found.feed)
        return web.Response(status=202)

    async def _find(self, request: web.Request) -> Subscription | None:
        path = request.match_info["path"].rpartition("/")[2]
        if not path or len(path) > 64:
            return None
        return await self._in_store(lambda: self._store.by_path(path))


def clamp_lease(value: str | None) -> int:
    """The hub's lease within our bounds, seconds; ours when it says nothing that can be read."""
    seconds = int(value) if value and value.isascii() and value.isdigit() and len(value) < 12 else LEASE_ASKED_S
    return min(max(seconds, LEASE_S_MIN), LEASE_S_MAX)
