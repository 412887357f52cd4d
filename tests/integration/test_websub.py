"""WebSub against a hub of the test's own: asked, verified, pushed; forged pushes ignored; leases clamped and renewed."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import psycopg
import pytest
from aiohttp import web

from connectors.sources.feedlist import Added, FeedList
from connectors.sources.fetch import Fetcher
from connectors.sources.subscriptions import SubscriptionStore
from connectors.sources.websub import LEASE_S_MAX, LEASE_S_MIN, WebSub, clamp_lease, is_signed, read_listening
from pipeline.errors import ConfigError
from pipeline.store.migrate import upgrade

pytestmark = pytest.mark.integration
T = TypeVar("T")


class Hub:
    """Takes subscriptions and does with them what a test tells it to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.status = 202
        self.port = 0

    async def subscribe(self, request: web.Request) -> web.Response:
        self.asked.append({k: str(v) for k, v in (await request.post()).items()})
        return web.Response(status=self.status)


class Scene:
    """A store with one feed that names the hub, and the subscriber."""

    def __init__(self, url: str) -> None:
        self.store_url = url
        self.hub = Hub()
        self.polled: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[WebSub]:
        app = web.Application()
        app.router.add_post("/hub", self.hub.subscribe)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.hub.port = runner.addresses[0][1]
        with psycopg.connect(self.store_url) as connection:
            connection.execute(
                "UPDATE feeds SET hub = %s, hub_topic = 'https://wire.example/self'",
                (f"http://127.0.0.1:{self.hub.port}/hub",),
            )
        store, fetcher = SubscriptionStore(self.store_url), Fetcher()

        async def run(attempt: Callable[[], T]) -> T:
            return attempt()

        async def poll_now(feed: str) -> None:
            self.polled.append(feed)

        listening = read_listening("https://callback.example/websub/", "127.0.0.1:0")
        assert listening is not None
        made = WebSub(listening, store, run, fetcher, poll_now=poll_now, allow_of=lambda _: ("127.0.0.1",))
        await made.start()
        try:
            yield made
        finally:
            await made.close()
            await fetcher.close()
            await runner.cleanup()
            store.close()

    def row(self) -> tuple[object, ...]:
        with psycopg.connect(self.store_url) as connection:
            rows = connection.execute(
                "SELECT lease_until, error, pushed_at, path, secret FROM subscriptions"
            ).fetchall()
        assert len(rows) == 1
        return rows[0]


@pytest.fixture
def scene(postgres_url: str) -> Scene:
    upgrade(postgres_url)
    people = FeedList(postgres_url)
    people.add([Added(name="wire", options={"type": "rss", "url": "https://wire.example/feed"})])
    people.close()
    return Scene(postgres_url)


async def call(
    port: int, path: str, *, body: bytes | None = None, signature: str = "", **query: str
) -> tuple[int, str]:
    """A request as a hub makes it."""
    url = f"http://127.0.0.1:{port}/{path}" + (f"?{urlencode(query)}" if query else "")
    async with aiohttp.ClientSession() as session:
        if body is None:
            async with session.get(url) as answer:
                return answer.status, await answer.text()
        async with session.post(url, data=body, headers={"X-Hub-Signature": signature} if signature else {}) as answer:
            return answer.status, await answer.text()


def test_from_asking_to_a_push(scene: Scene) -> None:
    async def run() -> None:
        async with scene.running() as subscriber:
            assert await subscriber.subscribe_due() == 1
            assert await subscriber.subscribe_due() == 0  # asked already
            (form,) = scene.hub.asked
            assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", "https://wire.example/self")
            assert form["hub.callback"].startswith("https://callback.example/websub/")
            path, secret = form["hub.callback"].rpartition("/")[2], form["hub.secret"]
            good = {
                "hub.mode": "subscribe",
                "hub.topic": form["hub.topic"],
                "hub.challenge": "c<h>1",
                "hub.lease_seconds": "999999999",
            }

            # nobody else can have it verified, or taken away
            assert (await call(subscriber.port, "guess", **good))[0] == 404
            assert (await call(subscriber.port, path, **{**good, "hub.topic": "https://other.example/"}))[0] == 404
            assert (await call(subscriber.port, path, **{**good, "hub.mode": "unsubscribe"}))[0] == 404
            assert scene.row()[0] is None
            assert await call(subscriber.port, f"websub/{path}", **good) == (200, "c<h>1")
            lease = scene.row()[0]
            assert isinstance(lease, datetime)
            assert lease - datetime.now(UTC) <= timedelta(seconds=LEASE_S_MAX)

            body = b"<rss/>"
            signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            forged = (
                "",
                "sha256=" + "0" * 64,
                "md5=" + hmac.new(secret.encode(), body, hashlib.md5).hexdigest(),
                "nonsense",
            )
            for signature in forged:
                assert (await call(subscriber.port, path, body=body, signature=signature))[0] == 202
            assert (await call(subscriber.port, path, body=b"<other/>", signature=signed))[0] == 202
            assert scene.polled == []
            assert (await call(subscriber.port, path, body=body, signature=signed))[0] == 202
            assert scene.polled == ["wire"]

    asyncio.run(run())


def test_a_lease_about_to_end_is_renewed_under_the_same_path_and_a_new_hub_gets_a_new_one(scene: Scene) -> None:
    async def run() -> None:
        async with scene.running() as subscriber:
            await subscriber.subscribe_due()
            path, secret = scene.row()[3:]
            with psycopg.connect(scene.store_url) as connection:
                connection.execute(
                    "UPDATE subscriptions SET lease_until = now() + interval '20 h', asked_at = now() - interval '9 d'"
                )
            assert await subscriber.subscribe_due() == 1
            assert scene.row()[3:] == (path, secret)
            assert scene.row()[0] is not None  # the old lease runs on
            with psycopg.connect(scene.store_url) as connection:
                connection.execute("UPDATE feeds SET hub_topic = 'https://wire.example/new'")
            assert await subscriber.subscribe_due() == 1
            assert scene.row()[3] != path

    asyncio.run(run())


def test_refusals_are_remembered_and_not_repeated_at_once(scene: Scene) -> None:
    async def run() -> None:
        async with scene.running() as subscriber:
            scene.hub.status = 400
            await subscriber.subscribe_due()
            assert "400" in str(scene.row()[1])
            assert await subscriber.subscribe_due() == 0
            path = str(scene.row()[3])
            denied = {"hub.mode": "denied", "hub.topic": "https://wire.example/self", "hub.reason": "no such topic"}
            assert (await call(subscriber.port, path, **denied))[0] == 200
            assert scene.row()[1] == "denied: no such topic"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("value", "expected"),
    [("60", LEASE_S_MIN), ("864000", 864_000), ("9" * 11, LEASE_S_MAX), ("-1", 864_000), (None, 864_000)],
)
def test_leases_are_clamped(value: str | None, expected: int) -> None:
    assert clamp_lease(value) == expected


def test_signatures_of_every_allowed_kind() -> None:
    for name, algorithm in (("sha1", hashlib.sha1), ("sha384", hashlib.sha384), ("SHA512", hashlib.sha512)):
        assert is_signed("s", f"{name}={hmac.new(b's', b'x', algorithm).hexdigest()}", b"x")
    assert not is_signed("s", "sha256=\u00fc", b"x")


@pytest.mark.parametrize(
    ("callback", "listen"),
    [("ftp://x/", "127.0.0.1:1"), ("https://x.example", "8090"), ("https://x.example", "h:99999")],
)
def test_a_configuration_that_cannot_work_is_refused(callback: str, listen: str) -> None:
    with pytest.raises(ConfigError):
        read_listening(callback, listen)
