"""The feeds of a page."""

import pytest

from connectors.sources.discover import FEEDS_MAX, discover_feeds, refresh_target

HEAD = "<html><head>{}</head><body>{}</body></html>"


def urls(html: str, url: str | None = "https://n.example/page/") -> list[str]:
    return [feed.url for feed in discover_feeds(html, url)]


def test_declared_feeds_are_absolute_in_the_pages_order_with_comments_last() -> None:
    html = HEAD.format(
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed" title="Comments">'
        '<LINK REL="Alternate" TYPE="application/atom+xml; charset=utf-8" HREF="news.atom" TITLE=" The  news ">'
        "<link rel=alternate type=application/feed+json href=https://other.example/f.json>"
        '<link rel="stylesheet alternate" type="application/rss+xml" href="/s.css">'
        '<link rel="alternate" type="text/html" href="/en">',
        '<a href="/rss.xml">RSS</a>',
    )
    found = discover_feeds(html, "https://n.example/page/")
    assert [f.url for f in found] == [
        "https://n.example/page/news.atom",
        "https://other.example/f.json",
        "https://n.example/comments/feed",
    ]
    assert (found[0].title, found[0].type, found[1].type) == ("The news", "atom", "json")


def test_a_base_element_moves_relative_links() -> None:
    assert urls(HEAD.format('<base href="/b/"><link rel="alternate" type="application/rss+xml" href="f">', "")) == [
        "https://n.example/b/f"
    ]


def test_links_in_the_text_count_only_where_none_is_declared() -> None:
    body = '<a href="/feed/">Feed</a> <a href="/feedback">no</a> <a href="/news.rss">RSS</a>'
    assert urls(HEAD.format("", body)) == ["https://n.example/feed/", "https://n.example/news.rss"]


def test_a_feed_named_twice_is_found_once_and_many_are_cut() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/{}">'
    assert len(urls(HEAD.format(link.format("a") * 2, ""))) == 1
    assert len(urls(HEAD.format("".join(link.format(n) for n in range(200)), ""))) == FEEDS_MAX


def test_no_page_has_no_feeds() -> None:
    assert urls("") == []
    assert urls("\x00\x01 plain words") == []
    assert urls(HEAD.format('<link rel="alternate" type="application/rss+xml" href="f">', ""), None) == ["f"]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/k">Subscribe via RSS</a>', '<a href="/k" title="RSS-Feed abonnieren">k</a>', '<a href="/k"><img alt="RSS feed"></a>', '<a href="/k" aria-label="RSS"></a>',
        '<a href="feed://n.example/k">k</a>', '<a href="feed:https://n.example/k">k</a>', '<a href="/world.rss">k</a>', '<a href="/x?format=feed&amp;type=rss">k</a>',
        '<a href="https://feeds.n.example/k">k</a>', '<a href="/k" type="application/atom+xml">k</a>', '<a href="/news-feed.xml">k</a>', '<a href="/rss.php?c=1">k</a>',
        '<area href="/rss.xml">', '<link rel="alternate" type="text/xml" title="RSS" href="/k">', '<link rel="alternate" type="application/rss+xml" href="feed://n.example/k">',
    ],
)  # fmt: skip
def test_what_says_that_it_is_a_feed_is_one(link: str) -> None:
    (found,) = urls(HEAD.format("", link))
    assert found.startswith("https://")


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/2026/03/atom-plant-hit">Atom plant hit</a>', '<a href="/why-feed-prices-rose">Why feed prices rose</a>', '<a href="/rss-chief-speaks">RSS chief speaks</a>',
        '<a href="/tag/rss_india">k</a>', '<a href="/p?title=the-atom-bomb">k</a>', '<a href="/k">Feed the children</a>', '<a href="/what-is-rss.html">What is RSS?</a>',
        '<a href="mailto:rss@n.example">RSS</a>', '<a href="javascript:rss()">RSS</a>', '<a href="itpc://n.example/feed">k</a>', '<a href="#feed">Feed</a>', '<a href="/img/rss.png">RSS</a>',
        '<link rel="alternate" type="application/rss+xml" href="javascript:x">', '<link rel="alternate" type="application/rss+xml" href="ftp://n.example/f.rss">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">', '<link rel="alternate" type="text/xml" href="/atom-test/1">',
    ],
)  # fmt: skip
def test_words_between_hyphens_and_other_schemes_are_none(link: str) -> None:
    assert urls(HEAD.format("", link)) == []


def test_where_a_page_sends_on_to() -> None:
    page = '<meta http-equiv="Refresh" content="{}">'
    assert refresh_target(page.format("0; URL=/feed"), "https://n.example/a/") == "https://n.example/feed"
    assert (
        refresh_target(page.format("5;url=&quot;http://o.example/x&quot;"), "https://n.example/")
        == "http://o.example/x"
    )
    assert refresh_target(page.format("30"), "https://n.example/") is None
    assert refresh_target("<p>x", "https://n.example/") is None
