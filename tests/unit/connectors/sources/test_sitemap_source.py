"""The source `sitemap`: what is new on a site without a feed, read from its pages."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sources.articles import Known, Seen, remember
from connectors.sources.credentials import NO_CREDENTIALS, Credentials
from connectors.sources.failures import Failed
from connectors.sources.fetch import NO_VALIDATORS, Fetched, Outcome, Validators
from connectors.sources.pages import Pages
from connectors.sources.sitemap_source import Config, SitemapSource
from connectors.sources.source import FeedState, Poll, Tools
from tests.unit.connectors.sources.test_rss import InProcessParser

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)
HOME = "https://m.example"


def page(n: int, words: str = "") -> bytes:
    text = f"<p>Invented notice {n}: the ministry said the road stays closed. {words}</p>" * 8
    return f"<html><head><title>Notice {n}</title></head><body><article>{text}</article></body></html>".encode()


def sitemap(*places: tuple[str, str | None]) -> bytes:
    urls = "".join(f"<url><loc>{HOME}{p}</loc>{f'<lastmod>{t}</lastmod>' if t else ''}</url>" for p, t in places)
    return f"<urlset>{urls}</urlset>".encode()


class Site:
    """A site, polled again and again."""

    def __init__(self, **config: Any) -> None:
        self.documents: dict[str, bytes | Outcome] = {}
        self.asked: list[str] = []
        self.source = SitemapSource("site", Config(url=f"{HOME}/map.xml", **config))
        self.state = FeedState()
        self.rows: list[Seen] = []
        self.tools = Tools(self, InProcessParser(), lambda: NOW, Pages(gap_s=0.0))

    async def get(
        self, url: str, *, validators: Validators = NO_VALIDATORS, allow: tuple[str, ...] = (), accept: str = "",
        credentials: Credentials = NO_CREDENTIALS,
    ) -> Outcome:  # fmt: skip
        path = url.removeprefix(HOME)
        self.asked.append(path)
        found = self.documents.get(path, Failed(reason="status", message="HTTP 404", status=404))
        return Fetched(url=url, body=found) if isinstance(found, bytes) else found

    def poll(self) -> Poll:
        async def known() -> Known:
            return remember(self.rows)

        polled = asyncio.run(self.source.poll(self.source.feeds()[0], self.state, known, self.tools))
        self.state = polled.state
        self.rows += polled.seen
        if polled.entries is not None:
            assert polled.entries == len(polled.articles) + sum(polled.skipped.values())
        return polled


def test_new_pages_become_articles_old_ones_are_no_news_and_an_edit_is_read_again() -> None:
    site = Site(exclude=("url:/jobs/",))
    at = NOW.isoformat()
    old = (NOW - timedelta(days=30)).isoformat()
    site.documents = {"/map.xml": sitemap(("/1", at), ("/2", old), ("/jobs/3", at)), "/1": page(1), "/2": page(2)}
    first = site.poll()
    assert [(a.title, a.full_text) for a in first.articles] == [("Notice 1", True)]
    assert first.skipped == {"old": 1, "excluded": 1}
    assert site.asked == ["/map.xml", "/robots.txt", "/1"]
    assert site.poll().outcome == "not-modified"
    later = (NOW + timedelta(minutes=5)).isoformat()
    site.documents |= {"/map.xml": sitemap(("/1", later), ("/2", old)), "/1": page(1, "Corrected.")}
    (edited,) = site.poll().articles
    assert edited.article_id == first.articles[0].article_id
    assert edited.version_id != first.articles[0].version_id


def test_pages_without_a_time_are_new_when_they_appear() -> None:
    site = Site()
    site.documents = {"/map.xml": sitemap(("/1", None), ("/2", None))} | {f"/{n}": page(n) for n in (1, 2, 3)}
    assert site.poll().skipped == {"old": 2}
    site.documents["/map.xml"] = sitemap(("/3", None), ("/1", None), ("/2", None))
    assert [a.title for a in site.poll().articles] == ["Notice 3"]


def test_an_index_is_followed_to_the_latest() -> None:
    site = Site()
    parts = "".join(
        f"<sitemap><loc>{HOME}/{n}.xml</loc><lastmod>2024-05-{n:02}</lastmod></sitemap>" for n in range(1, 9)
    )
    site.documents = {"/map.xml": f"<sitemapindex>{parts}</sitemapindex>".encode(), "/9": page(9)}
    site.documents |= {f"/{n}.xml": sitemap(("/9", NOW.isoformat())) if n == 8 else sitemap() for n in range(1, 9)}
    assert [a.title for a in site.poll().articles] == ["Notice 9"]
    assert [p for p in site.asked if p.endswith(".xml")] == [
        "/map.xml",
        "/8.xml",
        "/7.xml",
        "/6.xml",
        "/5.xml",
        "/4.xml",
    ]


def test_what_cannot_be_had_now_is_had_later_and_what_may_not_be_had_is_left() -> None:
    site = Site()
    at = NOW.isoformat()
    site.documents = {
        "/map.xml": sitemap(("/1", at), ("/2", at)),
        "/1": Failed(reason="timeout", message="none"),
        "/2": page(2),
    }
    site.documents["/robots.txt"] = b"User-agent: *\nDisallow: /2"
    first = site.poll()
    assert (first.articles, first.skipped) == ((), {"later": 1, "page-robots": 1})
    site.documents["/1"] = page(1)
    second = site.poll()
    assert [a.title for a in second.articles] == ["Notice 1"]
    assert site.asked.count("/2") == 0
