"""What holds for every registered source, over a publisher that does everything publishers do.

A new source adds a line to `ARRANGE`: how to make one from a document it would read, and how the publisher changes it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from connectors.registry import SOURCES, load
from connectors.sources.articles import Known, Seen, remember
from connectors.sources.credentials import NO_CREDENTIALS, Credentials
from connectors.sources.fetch import ACCEPT_FEED, NO_VALIDATORS, Failed, Fetched, NotModified, Outcome, Validators
from connectors.sources.source import FeedState, Poll, Tools
from connectors.sources.worker import ParserPool

NOW = datetime(2024, 5, 6, tzinfo=UTC)
URL = "https://n.example/feed"


def rss(*entries: str) -> bytes:
    return f"<rss version='2.0'><channel><title>T</title>{''.join(entries)}</channel></rss>".encode()


def entry(n: int, text: str = "Text.") -> str:
    return f"<item><title>Report {n}</title><link>https://n.example/{n}</link><guid>{n}</guid><description>{text}</description></item>"


class Publisher:
    """Serves one document under one validator that changes with it."""

    def __init__(self) -> None:
        self.body = rss()
        self.down = False

    async def get(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        allow: tuple[str, ...] = (),
        accept: str = ACCEPT_FEED,
        credentials: Credentials = NO_CREDENTIALS,
    ) -> Outcome:
        if self.down:
            return Failed(reason="connect", message="connection refused")
        mark = Validators(str(hash(self.body)), None)
        return NotModified() if validators == mark else Fetched(url=url, body=self.body, validators=mark)


ARRANGE: dict[str, dict[str, Any]] = {"rss": {"type": "rss", "url": URL}}


class Scene:
    """One source, one publisher, and the memory that the store would keep."""

    def __init__(self, kind: str, parsers: ParserPool) -> None:
        shape, built = load(SOURCES, kind, "test")
        self.source = built("example", msgspec.convert(ARRANGE[kind], shape))
        self.publisher = Publisher()
        self.parsers = parsers
        self.state = FeedState()
        self.rows: list[Seen] = []

    async def poll(self, *, save: bool = True) -> Poll:
        feed = self.source.feeds()[0]
        polled: Poll = await self.source.poll(
            feed, self.state, self._known, Tools(self.publisher, self.parsers, lambda: NOW)
        )
        if polled.entries is not None:
            assert polled.entries == len(polled.articles) + sum(polled.skipped.values())
        assert polled.state.next_poll_at is not None
        assert polled.state.next_poll_at > NOW
        if save:
            self.state = polled.state
            self.rows += polled.seen
        return polled

    async def _known(self) -> Known:
        return remember(self.rows)


@contextlib.asynccontextmanager
async def scene(kind: str) -> AsyncIterator[Scene]:
    parsers = ParserPool(1)
    try:
        yield Scene(kind, parsers)
    finally:
        await parsers.close()


@pytest.fixture(params=sorted(SOURCES))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_source_is_arranged() -> None:
    assert set(ARRANGE) == set(SOURCES)


def test_not_modified_yields_nothing(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.body = rss(entry(1), entry(2))
            assert len((await s.poll()).articles) == 2
            for _ in range(3):
                polled = await s.poll()
                assert (polled.articles, polled.outcome) == ((), "not-modified")

    asyncio.run(run())


def test_ids_are_stable_across_fetches_and_a_poll_that_was_not_saved_is_repeated_whole(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.body = rss(entry(1), entry(2))
            lost = await s.poll(save=False)  # published perhaps, but the process died before it could say so
            again = await s.poll()
            assert [(a.article_id, a.version_id) for a in lost.articles] == [
                (a.article_id, a.version_id) for a in again.articles
            ]

    asyncio.run(run())


def test_an_edit_is_a_new_version_of_the_same_article(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.body = rss(entry(1))
            (before,) = (await s.poll()).articles
            s.publisher.body = rss(entry(1, "Text, corrected."))
            (after,) = (await s.poll()).articles
            assert after.article_id == before.article_id
            assert after.version_id != before.version_id

    asyncio.run(run())


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>no</body></html>", b"\x00\xff\xfe", b"<rss", b"<rss><channel><item>" + b"<a>" * 400_000]
)
def test_a_bad_document_is_a_failure_with_a_reason_and_costs_nothing_remembered(kind: str, body: bytes) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.body = rss(entry(1))
            await s.poll()
            validators = s.state.validators
            s.publisher.body = body
            polled = await s.poll()
            assert polled.outcome == "failed"
            assert polled.reason
            assert polled.message
            assert s.state.validators == validators
            s.publisher.body = rss(entry(1), entry(2))
            assert [a.title for a in (await s.poll()).articles] == ["Report 2"]

    asyncio.run(run())


def test_a_publisher_that_is_away_is_a_failure_and_then_forgiven(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.body = rss(entry(1))
            s.publisher.down = True
            assert [(await s.poll()).state.failures for _ in range(3)] == [1, 2, 3]
            s.publisher.down = False
            polled = await s.poll()
            assert (len(polled.articles), polled.state.failures) == (1, 0)

    asyncio.run(run())


def test_one_poisonous_entry_does_not_cost_the_rest(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            poison = entry(2, "&lt;p&gt;\x00&#xD800;" + "&lt;div&gt;" * 5_000)
            s.publisher.body = rss(entry(1), poison, "<item/>", entry(3))
            polled = await s.poll()
            assert {"Report 1", "Report 3"} <= {a.title for a in polled.articles}
            for article in polled.articles:
                assert "\x00" not in article.text
                article.text.encode()

    asyncio.run(run())


def test_limits_hold_and_what_is_beyond_is_counted(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.body = rss(*(entry(n) for n in range(5_000)))
            polled = await s.poll()
            assert polled.entries == 5_000
            assert len(polled.articles) == 2_000
            assert polled.skipped == {"beyond-limit": 3_000}

    asyncio.run(run())
