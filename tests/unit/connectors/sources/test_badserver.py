"""Every behaviour of the server that misbehaves, polled for real: fetcher, guard, parsing process; and what it must come to."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from connectors.sources.articles import Known, Seen, remember
from connectors.sources.fetch import Fetcher
from connectors.sources.rss import UNCONDITIONAL_EVERY, Config, RssSource
from connectors.sources.source import FeedState, Poll, Tools
from connectors.sources.worker import CPU_S_MAX, ParserPool
from tests.unit.connectors.sources.badserver import BEHAVIOURS, EXPECTED, BadServer

NOW = datetime(2024, 5, 6, tzinfo=UTC)
SECONDS_MAX = 60.0
"""For a server that answers, however busy the machine."""
SILENCE_S_MAX = 1.0
"""For one that does not."""
BYTES_MAX = 2_000_000
WORDS_CHARS_MAX = 2_000
"""Of any article here: entities that unfold would be longer."""
BEHAVIOURS_MIN = 60


class Reader:
    """Polls addresses of the server, as the daemon would, with one memory a feed."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.parsers = ParserPool(1)
        self.states: dict[str, FeedState] = {}
        self.rows: dict[str, list[Seen]] = {}

    def poll(self, url: str, now: datetime = NOW, *, seconds: float = SECONDS_MAX) -> Poll:
        async def run() -> Poll:
            fetcher = Fetcher(fetch_s_max=seconds, body_bytes_max=BYTES_MAX)

            async def known() -> Known:
                return remember(self.rows.setdefault(url, []))

            try:
                source = RssSource("bad", Config(url=url, allow=("127.0.0.1",)))
                tools = Tools(fetcher, self.parsers, lambda: now)
                return await source.poll(source.feeds()[0], self.states.get(url, FeedState()), known, tools)
            finally:
                await fetcher.close()

        polled = self.loop.run_until_complete(run())
        self.states[url] = replace(polled.state, last_ok_at=now if polled.outcome != "failed" else None)
        self.rows.setdefault(url, []).extend(polled.seen)
        if polled.entries is not None:
            assert polled.entries == len(polled.articles) + sum(polled.skipped.values())
        return polled


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.loop.run_until_complete(made.parsers.close())
    made.loop.close()


def test_every_behaviour_has_an_expectation() -> None:
    assert set(BEHAVIOURS) == set(EXPECTED)
    assert len(BEHAVIOURS) >= BEHAVIOURS_MIN


@pytest.mark.parametrize("path", sorted(BEHAVIOURS))
def test_a_poll_comes_to_what_it_must(bad_server: BadServer, reader: Reader, path: str) -> None:
    began = time.monotonic()
    expected = EXPECTED[path]
    polled = reader.poll(bad_server.url(path), seconds=SILENCE_S_MAX if expected == "timeout" else SECONDS_MAX)
    if isinstance(expected, int):
        assert (polled.outcome, len(polled.articles)) == ("ok", expected), polled
        for article in polled.articles:
            article.text.encode()
            assert "\x00" not in article.text
            assert "root:" not in article.text
            assert len(article.text) + len(article.title or "") < WORDS_CHARS_MAX or path == "/ampersands"
    elif expected == "304":
        assert polled.outcome == "not-modified"
    else:
        assert (polled.outcome, polled.reason) == ("failed", expected), polled
        assert polled.message
        assert polled.state.failures == 1
    assert polled.state.next_poll_at is not None
    assert polled.state.next_poll_at > NOW
    assert time.monotonic() - began < 240  # generous: a parsing process alone may start slowly here


@pytest.mark.parametrize(
    ("path", "article"),
    [
        ("/utf16", "Взрыв на рынке"),
        ("/utf8-declared-1251", "Взрыв на рынке"),
        ("/1251-declared-utf8", "Взрыв на рынке"),
        ("/wrong-charset", "Взрыв на рынке"),
    ],
)
def test_charsets_are_read_as_what_they_are(bad_server: BadServer, path: str, article: str) -> None:
    reader = Reader()
    assert [a.title for a in reader.poll(bad_server.url(path)).articles] == [article]
    reader.loop.run_until_complete(reader.parsers.close())


def again(reader: Reader, url: str, times: int) -> list[str]:
    """Ids of the articles of so many polls, hours apart."""
    return [a.version_id for n in range(times) for a in reader.poll(url, NOW + timedelta(hours=n)).articles]


@pytest.mark.parametrize(
    ("path", "articles"), [("/guid-churn", 1), ("/http-to-https", 1), ("/two-back-ends", 4), ("/no-validators", 1)]
)
def test_nothing_twice(bad_server: BadServer, reader: Reader, path: str, articles: int) -> None:
    ids = again(reader, bad_server.url(f"{path}?twice"), 6)
    assert len(ids) == len(set(ids)) == articles


@pytest.mark.slow
def test_a_frozen_validator_hides_news_only_until_the_poll_without(bad_server: BadServer, reader: Reader) -> None:
    url = bad_server.url("/frozen-etag?frozen")
    assert len(again(reader, url, 5)) == 1
    assert len(again(reader, url, UNCONDITIONAL_EVERY)) == 1  # the news, within so many polls


def test_a_delta_brings_the_new_alone_and_is_no_gap(bad_server: BadServer, reader: Reader) -> None:
    url = bad_server.url("/delta?delta")
    polls = [reader.poll(url, NOW + timedelta(hours=n)) for n in range(4)]
    assert [len(p.articles) for p in polls] == [1, 1, 1, 1]
    assert [p.missed_max for p in polls] == [0, 0, 0, 0]


def test_a_gap_is_told_with_its_bound_and_polled_sooner(bad_server: BadServer, reader: Reader) -> None:
    url = bad_server.url("/gap?gap")
    first = reader.poll(url)
    second = reader.poll(url, NOW + timedelta(hours=40))
    assert (first.missed_max, second.missed_max > 0) == (0, True)
    assert (second.state.interval_s or 0) < (first.state.interval_s or 0)


def test_no_secret_of_a_redirect_is_taken_up(bad_server: BadServer, reader: Reader) -> None:
    reader.poll(bad_server.url("/redirect-user?x"))
    assert "authorization" not in bad_server.requests[-1][1]


def test_a_limit_on_cpu_is_one(reader: Reader) -> None:
    assert CPU_S_MAX <= 5
