"""The source `rss`: polls from fetch to articles, with fakes that behave, and over the bad server with real parts."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.sources.articles import Known, Seen, remember
from connectors.sources.credentials import NO_CREDENTIALS, Credentials
from connectors.sources.document import Page
from connectors.sources.drafts import Reading, read_feed
from connectors.sources.failures import Failed
from connectors.sources.fetch import ACCEPT_FEED, NO_VALIDATORS, Fetched, Fetcher, NotModified, Outcome, Validators
from connectors.sources.filedrafts import read_file
from connectors.sources.page import extract_page
from connectors.sources.pages import Pages
from connectors.sources.rss import UNCONDITIONAL_EVERY, Config, RssSource
from connectors.sources.source import FeedState, Poll, Tools
from connectors.sources.worker import TooCostlyError
from pipeline.errors import ConfigError

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
URL = "https://n.example/feed"


def document(*numbers: int, ttl: int | None = None) -> bytes:
    items = "".join(
        f"<item><title>Report {n}</title><link>https://n.example/{n}</link><guid>{n}</guid><description>Text {n}.</description></item>"
        for n in numbers
    )
    head = f"<ttl>{ttl}</ttl>" if ttl else ""
    return f"<rss version='2.0'><channel><title>The Wire</title>{head}{items}</channel></rss>".encode()


class FakeGetter:
    """Answers from a table, and remembers what it was asked."""

    def __init__(self, answers: dict[str, Outcome]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Validators]] = []

    async def get(
        self,
        url: str,
        *,
        validators: Validators = NO_VALIDATORS,
        allow: tuple[str, ...] = (),
        accept: str = ACCEPT_FEED,
        credentials: Credentials = NO_CREDENTIALS,
    ) -> Outcome:
        self.asked.append((url, validators))
        return self.answers.get(url, Failed(reason="status", message="HTTP 404 Not Found", status=404))


class InProcessParser:
    """The real functions, here."""

    async def read_feed(self, body: bytes, *, url: str | None, content_type: str | None) -> Reading:
        if body == b"costly":
            raise TooCostlyError("took more than 5 s of CPU to parse")
        return read_feed(body, url=url, content_type=content_type)

    async def extract_page(self, body: bytes, *, url: str | None, content_type: str | None) -> Page:
        return extract_page(body.decode(), url=url)

    async def read_file(self, body: bytes, *, name: str, kind: str) -> Reading:
        return read_file(body, name=name, kind=kind)


class Bench:
    """Polls one source again and again, with the memory a store would keep."""

    def __init__(self, answers: dict[str, Outcome], **config: Any) -> None:
        self.getter = FakeGetter(answers)
        self.source = RssSource("wire", Config(url=URL, **config))
        self.state = FeedState()
        self.rows: list[Seen] = []
        self.known_asked = 0
        self.tools = Tools(self.getter, InProcessParser(), lambda: NOW, Pages(gap_s=0.0))

    def poll(self, outcome: Outcome | None = None) -> Poll:
        if outcome is not None:
            self.getter.answers[URL] = outcome
        (feed,) = self.source.feeds()
        polled = asyncio.run(self.source.poll(feed, self.state, self._known, self.tools))
        self.state = polled.state
        self.rows += [s for s in polled.seen if s.wording not in {r.wording for r in self.rows}]
        if polled.entries is not None:
            assert polled.entries == len(polled.articles) + sum(polled.skipped.values())
        return polled

    def tools_after(self, outcome: Outcome) -> Tools:
        """The tools of the next poll, which gets this."""
        self.getter.answers[URL] = outcome
        return self.tools

    async def _known(self) -> Known:
        self.known_asked += 1
        return remember(self.rows)


def fetched(body: bytes, **more: Any) -> Fetched:
    return Fetched(url=URL, body=body, **more)


def test_new_entries_become_articles_and_known_ones_do_not() -> None:
    bench = Bench({}, tags=("x",), grade="C")
    first = bench.poll(fetched(document(2, 1), validators=Validators('"a"', None)))
    second = bench.poll(fetched(document(3, 2, 1)))
    assert [a.title for a in first.articles] == ["Report 1", "Report 2"]
    assert [(a.title, a.feed, a.tags, a.grade) for a in second.articles] == [("Report 3", "wire", ("x",), "C")]
    assert second.skipped == {"unchanged": 2}
    assert bench.getter.asked[1][1] == Validators('"a"', None)
    assert bench.state.title == "The Wire"


def test_not_modified_yields_nothing_keeps_validators_and_asks_no_memory() -> None:
    bench = Bench({})
    bench.poll(fetched(document(1), validators=Validators('"a"', "then")))
    asked = bench.known_asked
    polled = bench.poll(NotModified(validators=Validators(None, "later")))
    assert (polled.outcome, polled.articles, polled.entries) == ("not-modified", (), None)
    assert bench.state.validators == Validators('"a"', "later")
    assert bench.known_asked == asked


def test_the_same_body_again_is_not_parsed_again() -> None:
    bench = Bench({})
    bench.poll(fetched(document(1)))
    assert bench.poll(fetched(document(1))).outcome == "not-modified"


def test_frozen_validators_are_left_out_now_and_then() -> None:
    bench = Bench({})
    bench.poll(fetched(document(1), validators=Validators('"frozen"', None)))
    for _ in range(UNCONDITIONAL_EVERY):
        bench.poll(NotModified())
    unconditional = [v for _, v in bench.getter.asked[1:] if v == NO_VALIDATORS]
    assert len(unconditional) == 1


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Failed(reason="timeout", message="no answer"), "timeout"),
        (fetched(b"<html><body>Log in</body></html>"), "not-a-feed"),
        (fetched(b""), "not-a-feed"),
        (fetched(b"costly"), "too-costly"),
    ],
)
def test_a_failure_tells_its_reason_slows_down_and_loses_nothing(outcome: Outcome, reason: str) -> None:
    bench = Bench({})
    bench.poll(fetched(document(1), validators=Validators('"a"', None)))
    waits = []
    for failures in (1, 2, 3):
        polled = bench.poll(outcome)
        assert (polled.outcome, polled.reason, polled.articles, polled.state.failures) == (
            "failed",
            reason,
            (),
            failures,
        )
        assert polled.message
        assert polled.state.next_poll_at is not None
        waits.append(polled.state.next_poll_at - NOW)
    assert waits[0] < waits[1] < waits[2]
    assert bench.state.validators == Validators('"a"', None)
    recovered = bench.poll(fetched(document(2, 1)))
    assert ([a.title for a in recovered.articles], recovered.state.failures) == (["Report 2"], 0)


def test_a_rate_limit_rests_the_host() -> None:
    polled = Bench({}).poll(Failed(reason="rate-limited", message="HTTP 429", status=429, retry_after_s=7200))
    assert polled.host_rest_s >= 7200
    assert Bench({}).poll(Failed(reason="status", message="HTTP 500", status=500)).host_rest_s == 0


def test_the_feeds_own_wish_is_kept() -> None:
    polled = Bench({}).poll(fetched(document(1, ttl=60)))
    assert polled.state.next_poll_at is not None
    assert polled.state.next_poll_at >= NOW + timedelta(minutes=60)


def test_a_permanent_redirect_is_noted_with_its_first_sight_and_not_adopted() -> None:
    bench = Bench({})
    bench.poll(fetched(document(1), moved_to="https://new.example/feed"))
    assert (bench.state.moved_to, bench.state.moved_since) == ("https://new.example/feed", NOW)
    bench.state = replace(bench.state, moved_since=NOW - timedelta(days=1))
    bench.poll(fetched(document(2), moved_to="https://new.example/feed"))
    assert bench.state.moved_since == NOW - timedelta(days=1)
    assert bench.getter.asked[-1][0] == URL
    bench.poll(fetched(document(3)))
    assert (bench.state.moved_to, bench.state.moved_since) == (None, None)


PAGE = (
    "<html lang=en><head><title>x</title></head><body><article>"
    + "<p>The whole story, told at length, with all of it.</p>" * 20
    + "</article></body></html>"
)


def test_full_text_comes_from_the_page_where_it_has_more_to_say() -> None:
    bench = Bench({"https://n.example/1": Fetched(url="https://n.example/1", body=PAGE.encode())}, full_text=True)
    polled = bench.poll(fetched(document(2, 1)))
    one, two = polled.articles
    assert (one.full_text, one.text.startswith("The whole story"), one.language) == (True, True, "en")
    assert (two.full_text, two.text) == (False, "Text 2.")  # its page was not there
    assert polled.pages_refused == {"status": 1}
    # Known by the feed's own wording: the page is fetched once.
    asked = len(bench.getter.asked)
    assert bench.poll(fetched(document(2, 1) + b" ")).articles == ()
    assert len(bench.getter.asked) == asked + 1


ROBOTS = "https://n.example/robots.txt"
WALL = "<html><head><title>Before you continue</title></head><body><main><p>We and our 512 partners use cookies.</p><p>Accept all</p></main></body></html>"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({ROBOTS: Fetched(url=ROBOTS, body=b"User-agent: *\nDisallow: /")}, "robots"),
        ({ROBOTS: Failed(reason="status", message="HTTP 500", status=500)}, "robots"),
        ({"https://n.example/1": Fetched(url="https://n.example/1", body=WALL.encode())}, "consent"),
        ({"https://n.example/1": Failed(reason="rate-limited", message="HTTP 429", status=429)}, "rate-limited"),
    ],
)
def test_a_page_that_may_not_be_had_leaves_the_feeds_own_text(answers: dict[str, Outcome], reason: str) -> None:
    page = Fetched(url="https://n.example/1", body=PAGE.encode())
    bench = Bench({"https://n.example/1": page} | answers, full_text=True)
    polled = bench.poll(fetched(document(1)))
    assert [(a.text, a.full_text) for a in polled.articles] == [("Text 1.", False)]
    assert polled.pages_refused == {reason: 1}


REPORT = (
    b"<rss version='2.0'><channel><title>The Wire</title><item><title>Report</title><link>https://n.example/1</link><guid>1</guid>"
    b"<description>&lt;p&gt;Seen in May. &lt;a href='/f/iocs.csv'&gt;List&lt;/a&gt;, &lt;a href='/f/iocs.csv'&gt;again&lt;/a&gt;, "
    b"&lt;a href='/f/bundle.json'&gt;STIX&lt;/a&gt;, &lt;a href='/f/annual.txt'&gt;report&lt;/a&gt;, &lt;a href='/f/ioc-list.txt'&gt;text&lt;/a&gt;.&lt;/p&gt;"
    b"</description></item></channel></rss>"
)
CSV = "https://n.example/f/iocs.csv"
JSON = "https://n.example/f/bundle.json"


def test_lists_that_an_article_links_to_come_with_it() -> None:
    answers: dict[str, Outcome] = {
        CSV: Fetched(url=CSV, body=b"type,value\ndomain,kettle-cdn.net\n", content_type="text/csv"),
        JSON: Fetched(url=JSON, body=b"<!DOCTYPE html><p>Moved"),
    }
    bench = Bench(answers, attachments=True, tags=("cert",), grade="A")
    (feed,) = bench.source.feeds()
    polled = asyncio.run(bench.source.poll(feed, bench.state, bench._known, bench.tools_after(fetched(REPORT))))
    report, attached = polled.articles
    assert (attached.parent, attached.title, attached.url) == (report.article_id, "iocs.csv", CSV)
    assert attached.text == "type,value\ndomain,kettle-cdn.net\n"
    assert (attached.feed, attached.tags, attached.grade) == ("wire", ("cert",), "A")
    assert polled.pages_refused == {
        "attachment-not-a-list": 1,
        "attachment-status": 1,
    }  # a page, and a file that is gone
    assert polled.entries == 1
    assert all("annual" not in url for url, _ in bench.getter.asked)


def test_what_an_entry_encloses_stays_with_the_article() -> None:
    body = (
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><title>W</title><item><title>T</title><guid>1</guid>"
        "<enclosure url='/a.mp3' type='audio/mpeg' length='123'/><media:content url='https://n.example/p.jpg' type='image/jpeg' fileSize='9'/>"
        "<media:content url='https://n.example/a.mp3'/><enclosure url='javascript:x'/></item></channel></rss>"
    )
    (article,) = Bench({}).poll(fetched(body.encode())).articles
    assert [(e.url, e.type, e.length) for e in article.enclosures] == [
        ("https://n.example/a.mp3", "audio/mpeg", 123),
        ("https://n.example/p.jpg", "image/jpeg", 9),
    ]


def test_attachments_are_not_asked_for_unless_wanted() -> None:
    bench = Bench({})
    bench.poll(fetched(REPORT))
    assert [url for url, _ in bench.getter.asked] == [URL]


def test_full_text_off_fetches_no_page() -> None:
    bench = Bench({})
    bench.poll(fetched(document(1)))
    assert [url for url, _ in bench.getter.asked] == [URL]


def test_feeds_of_a_source_have_stable_names_tags_and_pace(tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="Cyber"><outline text="A" xmlUrl="https://a.example/rss" category="/vendor"/>'
        '<outline text="B" xmlUrl="https://b.example/?feed=atom"/></outline></body></opml>'
    )
    source = RssSource(
        "many", Config(urls=("https://c.example/f",), opml=str(opml), tags=("t",), poll_s_min=2, poll_s_max=4)
    )
    feeds = {feed.name: feed for feed in source.feeds()}
    assert {name: feed.tags for name, feed in feeds.items()} == {
        "many/c.example-f": ("t",),
        "many/a.example-rss": ("t", "Cyber", "vendor"),
        "many/b.example-feed-atom": ("t", "Cyber"),
    }
    assert {(feed.pace.min_s, feed.is_spaced) for feed in feeds.values()} == {(2, True)}
    (own,) = RssSource("own", Config(url="http://127.0.0.1:1/f", allow=("127.0.0.1",))).feeds()
    assert (own.name, own.is_spaced) == ("own", False)
    assert RssSource("off", Config(url=URL, enabled=False)).feeds() == ()


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(url="ftp://x.example/"),
        Config(url=URL, poll_s_min=10, poll_s_max=5),
        Config(url=URL, poll_s_min=0),
        Config(url=URL, allow=("10.0.0.0/99",)),
        Config(opml="/nowhere/feeds.opml"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(config: Config) -> None:
    with pytest.raises(ConfigError):
        RssSource("s", config).feeds()


@pytest.mark.parametrize(
    ("path", "outcome", "says"),
    [
        ("/good", "ok", 1),
        ("/bad-xml", "ok", 1),
        ("/wrong-charset", "ok", 1),
        ("/wrong-type", "ok", 1),
        ("/html", "failed", "not-a-feed"),
        ("/not-xml", "failed", "not-a-feed"),
        ("/empty", "failed", "not-a-feed"),
        ("/gzip-bomb", "failed", "too-large"),
        ("/410", "failed", "gone"),
        ("/challenge", "failed", "challenge"),
        ("/redirect-metadata", "failed", "blocked-address"),
    ],
)
def test_polls_of_the_bad_server(bad_server: Any, path: str, outcome: str, says: object) -> None:
    source = RssSource("bad", Config(url=bad_server.url(path), allow=("127.0.0.1",)))

    async def run() -> Poll:
        fetcher = Fetcher()

        async def known() -> Known:
            return Known()

        try:
            return await source.poll(
                source.feeds()[0], FeedState(), known, Tools(fetcher, InProcessParser(), lambda: NOW)
            )
        finally:
            await fetcher.close()

    polled = asyncio.run(run())
    assert polled.outcome == outcome
    assert says == (len(polled.articles) if outcome == "ok" else polled.reason)
    if path == "/wrong-charset":
        assert polled.articles[0].title == "Взрыв на рынке"
