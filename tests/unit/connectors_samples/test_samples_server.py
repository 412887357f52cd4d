"""The sample server: entries over time under a clock of our own, validators, 304, edits, every format readable."""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import msgspec
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from connectors.samples.load import load_samples
from connectors.samples.server import make_app
from connectors.samples.stream import Stream

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
ADDRESS = "http://127.0.0.1:18099"


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


Client = TestClient[Any, Any]


def play(use: Callable[[Client, FakeClock], Awaitable[None]], speed: float = 1.0) -> None:
    """Run `use` against the shipped samples on a server of its own."""

    async def run() -> None:
        clock = FakeClock()
        app = make_app(Stream(load_samples(), START, speed), ADDRESS, clock)
        async with TestClient(TestServer(app)) as client:
            await use(client, clock)

    asyncio.run(run())


async def read_entries(response: ClientResponse) -> list[dict[str, Any]]:
    """The entries as feedparser sees them, or as JSON Feed has them."""
    body = await response.read()
    if "json" in response.headers["Content-Type"]:
        return list(msgspec.json.decode(body)["items"])
    parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-type": response.headers["Content-Type"]})
    assert not parsed.bozo, parsed.bozo_exception
    return list(parsed.entries)


@pytest.mark.parametrize("outlet", [name for name, o in load_samples().outlets.items() if o.format != "broken"])
def test_every_feed_reads_and_tells_title_link_date_and_text(outlet: str) -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        clock.now += timedelta(hours=1)
        kind = "json" if load_samples().outlets[outlet].format == "json" else "xml"
        entries = await read_entries(await client.get(f"/{outlet}/feed.{kind}"))
        due = {s.slug for s in load_samples().samples if s.outlet == outlet}
        assert len(entries) == len(due)
        for entry in entries:
            assert entry["title"]
            assert not re.search(r"\{(weekday|date|isodate|month|year)", str(entry)), "a placeholder was left"
            if entry.get("published") == "sometime last week, after lunch":
                assert "link" not in entry
                assert "id" not in entry
                continue
            link = entry.get("link") or entry["url"]
            assert link.startswith(f"{ADDRESS}/{outlet}/")
            assert entry["id"]
            assert entry.get("published_parsed") or entry.get("updated_parsed") or entry["date_published"]
            page = await client.get(link.removeprefix(ADDRESS))
            assert page.status == 200

    play(use)


def test_formats_are_what_they_say() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        versions = {}
        for outlet in ("meridian", "harbour", "cert-norrland"):
            response = await client.get(f"/{outlet}/feed.xml")
            versions[outlet] = feedparser.parse(io.BytesIO(await response.read())).version
        assert versions == {"meridian": "rss20", "harbour": "atom10", "cert-norrland": "rss10"}
        feed = msgspec.json.decode(await (await client.get("/frontline-ledger/feed.json")).read())
        assert feed["version"] == "https://jsonfeed.org/version/1.1"

    play(use)


def test_accents_survive_a_feed_in_windows_1252() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        response = await client.get("/fleuve/feed.xml")
        assert response.headers["Content-Type"].endswith("charset=windows-1252")
        body = await response.read()
        assert "attaqué".encode("cp1252") in body
        assert any("attaqué" in entry["title"] for entry in await read_entries(response))

    play(use)


def test_the_broken_feed_is_no_feed() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        body = await (await client.get("/coastline/feed.xml")).read()
        parsed = feedparser.parse(io.BytesIO(body))
        assert parsed.bozo
        assert not parsed.version
        assert not parsed.entries

    play(use)


@pytest.mark.parametrize(("speed", "wait_s"), [(1.0, 54), (10.0, 5.4)])
def test_entries_appear_at_their_time(speed: float, wait_s: float) -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        async def count() -> int:
            return len(await read_entries(await client.get("/meridian/feed.xml")))

        at_once = await count()
        assert at_once >= 2
        assert (await client.get("/meridian/shabaab-claim.html")).status == 404
        clock.now += timedelta(seconds=wait_s - 1)
        assert await count() == at_once
        clock.now += timedelta(seconds=1.1)
        assert await count() == at_once + 1
        assert (await client.get("/meridian/shabaab-claim.html")).status == 200

    play(use, speed)


def test_an_alert_is_due_at_once() -> None:
    visible = [s for s in load_samples().samples if s.front.offset_s <= 0]
    assert len(visible) >= 15
    newest = max(visible, key=lambda s: s.front.offset_s)
    assert newest.front.expected.alert is True


@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_an_unchanged_feed_answers_304_until_something_is_published(header: str) -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        first = await client.get("/harbour/feed.xml")
        validator = first.headers[{"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}[header]]
        again = await client.get("/harbour/feed.xml", headers={header: validator})
        assert again.status == 304
        assert await again.read() == b""
        clock.now += timedelta(seconds=22)
        changed = await client.get("/harbour/feed.xml", headers={header: validator})
        assert changed.status == 200
        assert changed.headers["ETag"] != first.headers["ETag"]

    play(use)


def test_an_etag_that_differs_beats_a_date_that_does_not() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        first = await client.get("/harbour/feed.xml")
        headers = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]}
        assert (await client.get("/harbour/feed.xml", headers=headers)).status == 200
        assert (await client.get("/harbour/feed.xml", headers={"If-Modified-Since": "soon"})).status == 200

    play(use)


def test_an_edit_is_the_same_guid_with_other_words() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        async def find() -> dict[str, Any]:
            entries = await read_entries(await client.get("/meridian/feed.xml"))
            (entry,) = [e for e in entries if e["link"].endswith("/baidoa-checkpoint.html")]
            return entry

        before = await find()
        clock.now += timedelta(seconds=84)
        after = await find()
        assert after["id"] == before["id"]
        assert after["link"] == before["link"]
        assert after["published"] == before["published"]
        assert "at least 15" in before["content"][0]["value"]
        assert "at least 18" in after["content"][0]["value"]
        assert after["title"] != before["title"]

    play(use)


def test_unknown_paths_are_404() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        for path in ("/nobody/feed.xml", "/meridian/feed.json", "/frontline-ledger/feed.xml", "/meridian/none.html"):
            assert (await client.get(path)).status == 404

    play(use)


def test_the_index_names_every_feed() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        page = await (await client.get("/")).text()
        assert all(f"{ADDRESS}/{name}/feed." in page for name in load_samples().outlets)

    play(use)


def test_pages_wrap_the_article_in_boilerplate() -> None:
    async def use(client: Client, clock: FakeClock) -> None:
        page = await (await client.get("/harbour/storm-warning.html")).text()
        for part in (
            "cookie",
            "<nav>",
            "<footer>",
            "Newsletter",
            "More stories",
            "A deep low will batter the west coast",
        ):
            assert part in page

    play(use)
