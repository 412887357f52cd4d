"""The feeds of a page."""

from connectors.sources.discover import FEEDS_MAX, discover_feeds

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
