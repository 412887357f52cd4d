"""What holds for every registered source, over a publisher that does everything publishers do.

A new source adds a line to `ARRANGE`: how to make one from a document it would read, and how the publisher changes it.
"""

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol

import msgspec
import pytest

from connectors.registry import SOURCES, load
from connectors.sources.articles import Known, Seen, remember
from connectors.sources.credentials import NO_CREDENTIALS, Credentials
from connectors.sources.failures import Failed
from connectors.sources.fetch import ACCEPT_FEED, NO_VALIDATORS, Fetched, NotModified, Outcome, Validators
from connectors.sources.pages import Pages
from connectors.sources.source import FeedState, Poll, Tools
from connectors.sources.worker import ParserPool

NOW = datetime(2024, 5, 6, tzinfo=UTC)
URL = "https://n.example/feed"


class Entry(NamedTuple):
    """What a publisher says, whatever the form."""

    number: int
    text: str = "Text."
    is_poison: bool = False


class Getter:
    """Serves documents by address, each under a validator that changes with it."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.is_down = False

    async def get(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        allow: tuple[str, ...] = (),
        accept: str = ACCEPT_FEED,
        credentials: Credentials = NO_CREDENTIALS,
    ) -> Outcome:
        if self.is_down:
            return Failed(reason="connect", message="connection refused")
        if url not in self.documents:
            return Failed(reason="status", message="HTTP 404 Not Found", status=404)
        mark = Validators(str(hash(self.documents[url])), None)
        return NotModified() if validators == mark else Fetched(url=url, body=self.documents[url], validators=mark)


class Publisher(Protocol):
    """A publisher of one kind of source."""

    config: dict[str, Any]
    limits: tuple[int, int, dict[str, int]]  # entries published, articles and skipped that come of them

    def put(self, *entries: Entry) -> None: ...

    def spoil(self, body: bytes) -> None: ...

    def go_away(self) -> None: ...

    def come_back(self) -> None: ...


class FeedPublisher:
    """A feed over HTTP."""

    config: ClassVar[dict[str, Any]] = {"type": "rss", "url": URL}
    limits = 5_000, 2_000, {"beyond-limit": 3_000}

    def __init__(self, getter: Getter, folder: Path) -> None:
        self.getter = getter
        self.put()

    def put(self, *entries: Entry) -> None:
        self.getter.documents[URL] = (
            f"<rss version='2.0'><channel><title>T</title>{''.join(map(self._item, entries))}</channel></rss>".encode()
        )

    def _item(self, entry: Entry) -> str:
        n = entry.number
        text = "&lt;p&gt;\x00&#xD800;" + "&lt;div&gt;" * 5_000 if entry.is_poison else entry.text
        item = f"<item><title>Report {n}</title><link>https://n.example/{n}</link><guid>{n}</guid><description>{text}</description></item>"
        return item + "<item/>" if entry.is_poison else item

    def spoil(self, body: bytes) -> None:
        self.getter.documents[URL] = body

    def go_away(self) -> None:
        self.getter.is_down = True

    def come_back(self) -> None:
        self.getter.is_down = False


class SitemapPublisher(FeedPublisher):
    """A site with a sitemap and pages."""

    config: ClassVar[dict[str, Any]] = {"type": "sitemap", "url": URL}
    limits = 5_000, 50, {"beyond-limit": 3_000, "later": 1_950}

    def put(self, *entries: Entry) -> None:
        places = ""
        for n, text, is_poison in entries:
            at = NOW - timedelta(seconds=len(text))
            places += f"<url><loc>https://n.example/{n}</loc><lastmod>{at.isoformat()}</lastmod></url>"
            words = "\x00" + "<div>" * 5_000 if is_poison else f"<h1>Report {n}</h1><p>{(text + ' ') * 40}</p>"
            page = f"<html><head><title>Report {n}</title></head><body><article>{words}</article></body></html>"
            self.getter.documents[f"https://n.example/{n}"] = page.encode()
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        self.getter.documents[URL] = f'<urlset xmlns="{space}">{places}</urlset>'.encode()


class FolderPublisher:
    """A directory that files are dropped into."""

    limits = 25_000, 20_000, {"beyond-limit": 5_000}

    def __init__(self, getter: Getter, folder: Path) -> None:
        self.folder = folder / "drop"
        self.folder.mkdir()
        self.config = {"type": "folder", "path": str(self.folder)}

    def put(self, *entries: Entry) -> None:
        lines = [
            b'{"text": "\\u0000' + b"\xff" * 5_000
            if is_poison
            else json.dumps({"id": str(n), "title": f"Report {n}", "text": text}).encode()
            for n, text, is_poison in entries
        ]
        if self.folder.is_file():  # spoiled before
            self.folder.unlink()
        self.folder.mkdir(exist_ok=True)
        (self.folder / "entries.jsonl").write_bytes(b"\n".join(lines))

    def spoil(self, body: bytes) -> None:
        """One bad file beside good ones costs only itself; a directory that is none is the failure."""
        shutil.rmtree(self.folder)
        self.folder.write_bytes(body)

    def go_away(self) -> None:
        self.folder.rename(self.folder.with_name("away"))

    def come_back(self) -> None:
        self.folder.with_name("away").rename(self.folder)


ARRANGE: dict[str, type[Any]] = {"rss": FeedPublisher, "sitemap": SitemapPublisher, "folder": FolderPublisher}


class Scene:
    """One source, one publisher, and the memory that the store would keep."""

    def __init__(self, kind: str, parsers: ParserPool, folder: Path) -> None:
        self.getter = Getter()
        self.publisher: Publisher = ARRANGE[kind](self.getter, folder)
        shape, built = load(SOURCES, kind, "test")
        self.source = built("example", msgspec.convert(self.publisher.config, shape))
        self.tools = Tools(self.getter, parsers, lambda: NOW, Pages(gap_s=0.0))
        self.state = FeedState()
        self.rows: list[Seen] = []

    async def poll(self, *, save: bool = True) -> Poll:
        feed = self.source.feeds()[0]
        polled: Poll = await self.source.poll(feed, self.state, self._known, self.tools)
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
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield Scene(kind, parsers, Path(folder))
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
            s.publisher.put(Entry(1), Entry(2))
            assert len((await s.poll()).articles) == 2
            for _ in range(3):
                polled = await s.poll()
                assert (polled.articles, polled.outcome) == ((), "not-modified")

    asyncio.run(run())


def test_ids_are_stable_across_fetches_and_a_poll_that_was_not_saved_is_repeated_whole(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.put(Entry(1), Entry(2))
            lost = await s.poll(save=False)  # published perhaps, but the process died before it could say so
            again = await s.poll()
            assert [(a.article_id, a.version_id) for a in lost.articles] == [
                (a.article_id, a.version_id) for a in again.articles
            ]

    asyncio.run(run())


def test_an_edit_is_a_new_version_of_the_same_article(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.put(Entry(1))
            (before,) = (await s.poll()).articles
            s.publisher.put(Entry(1, "Text, corrected."))
            (after,) = (await s.poll()).articles
            assert after.article_id == before.article_id
            assert after.version_id != before.version_id

    asyncio.run(run())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>no</body></html>",
        b"\x00\xff\xfe",
        b"<rss",
        pytest.param(b"<rss><channel><item>" + b"<a>" * 400_000, marks=pytest.mark.slow),
    ],
)
def test_a_bad_document_is_a_failure_with_a_reason_and_costs_nothing_remembered(kind: str, body: bytes) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.put(Entry(1))
            await s.poll()
            validators = s.state.validators
            s.publisher.spoil(body)
            polled = await s.poll()
            assert polled.outcome == "failed"
            assert polled.reason
            assert polled.message
            assert s.state.validators == validators
            s.publisher.put(Entry(1), Entry(2))
            assert [a.title for a in (await s.poll()).articles] == ["Report 2"]

    asyncio.run(run())


def test_a_publisher_that_is_away_is_a_failure_and_then_forgiven(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.put(Entry(1))
            s.publisher.go_away()
            assert [(await s.poll()).state.failures for _ in range(3)] == [1, 2, 3]
            s.publisher.come_back()
            polled = await s.poll()
            assert (len(polled.articles), polled.state.failures) == (1, 0)

    asyncio.run(run())


def test_one_poisonous_entry_does_not_cost_the_rest(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            s.publisher.put(Entry(1), Entry(2, is_poison=True), Entry(3))
            polled = await s.poll()
            assert {"Report 1", "Report 3"} <= {a.title for a in polled.articles}
            for article in polled.articles:
                assert "\x00" not in article.text
                article.text.encode()

    asyncio.run(run())


def test_limits_hold_and_what_is_beyond_is_counted(kind: str) -> None:
    async def run() -> None:
        async with scene(kind) as s:
            published, articles, skipped = s.publisher.limits
            s.publisher.put(*(Entry(n) for n in range(published)))
            polled = await s.poll()
            assert polled.entries == published
            assert len(polled.articles) == articles
            assert polled.skipped == skipped

    asyncio.run(run())
