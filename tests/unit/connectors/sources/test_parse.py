"""Feed documents of every format, as publishers really write them."""

from datetime import UTC, datetime

import pytest

from connectors.sources.document import ENTRIES_MAX, FeedDocument, NotAFeedError
from connectors.sources.parse import parse_feed

URL = "https://n.example/feeds/main.xml"


def parse(text: str | bytes, **kwargs: str) -> FeedDocument:
    raw = text.encode() if isinstance(text, str) else text
    return parse_feed(raw, url=kwargs.get("url", URL), content_type=kwargs.get("content_type"))


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>The Wire</title><link>https://n.example/</link><language>en-GB</language><ttl>30</ttl>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
<item><title>Blast &amp;amp; fire</title><link>/a?x=1</link><guid isPermaLink="false">g-1</guid>
<pubDate>Sat, 07 Sep 2002 09:42:31 GMT</pubDate><dc:creator>A. Writer</dc:creator><category>conflict</category>
<description>Short.</description><content:encoded><![CDATA[<p>Long & <b>bold</b>.</p>]]></content:encoded>
<enclosure url="/s.mp3" type="audio/mpeg" length="123"/></item>
<item><guid>https://n.example/b</guid><description>No link, no title.</description></item>
</channel></rss>"""


def test_rss() -> None:
    feed = parse(RSS)
    assert (feed.format, feed.title, feed.language, feed.interval_s) == ("rss2", "The Wire", "en-GB", 1800)
    first, second = feed.entries
    assert (first.guid, first.url) == ("g-1", "https://n.example/a?x=1")
    assert first.published == datetime(2002, 9, 7, 9, 42, 31, tzinfo=UTC)
    assert first.updated is None
    assert (first.authors, first.categories, first.summary) == (("A. Writer",), ("conflict",), "Short.")
    assert first.content == "<p>Long & <b>bold</b>.</p>"
    assert first.enclosures[0].url == "https://n.example/s.mp3"
    assert (second.url, second.title) == ("https://n.example/b", None)
    assert feed.warnings == ()


def test_atom_with_xml_base_and_several_links() -> None:
    feed = parse(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://base.example/x/"><title>T</title>
        <link rel="hub" href="https://hub.example/"/>
        <entry xml:base="y/"><id>tag:n.example,2002:1</id><title type="html">A &lt;i&gt;b&lt;/i&gt;</title>
        <link rel="enclosure" href="z.mp3"/><link rel="self" href="s.xml"/><link rel="alternate" href="p.html"/>
        <published>2002-09-07T09:42:31+02:00</published><updated>2002-09-08T09:42:31Z</updated>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Body</p></div></content></entry>
        <entry><id>tag:n.example,2002:2</id><title>No link</title><updated>2002-09-08T09:42:31Z</updated></entry></feed>"""
    )
    first, second = feed.entries
    assert (feed.format, feed.language, feed.hub) == ("atom", "de", "https://hub.example/")
    assert (first.guid, first.url) == ("tag:n.example,2002:1", "https://base.example/x/y/p.html")
    assert first.published == datetime(2002, 9, 7, 7, 42, 31, tzinfo=UTC)
    assert "<p>Body</p>" in (first.content or "")
    assert second.url is None  # an id is no link
    assert second.updated == datetime(2002, 9, 8, 9, 42, 31, tzinfo=UTC)
    assert second.published is None


def test_rdf() -> None:
    feed = parse(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://n.example/"><title>R</title></channel>
        <item rdf:about="https://n.example/1"><title>One</title><link>https://n.example/1</link>
        <dc:date>2002-09-07T09:42:31Z</dc:date></item></rdf:RDF>"""
    )
    (entry,) = feed.entries
    assert (feed.format, entry.url, entry.guid) == ("rss1", "https://n.example/1", "https://n.example/1")
    assert entry.published == datetime(2002, 9, 7, 9, 42, 31, tzinfo=UTC)


def test_json_feed() -> None:
    feed = parse(
        """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "home_page_url": "https://n.example/", "language": "fr",
        "items": [{"id": 7, "url": "/a", "title": "One", "content_text": "a < b", "date_published": "2002-09-07T09:42:31Z",
        "authors": [{"name": "A"}, {"name": 3}], "tags": ["x", null]}, "nonsense", {"id": "8", "external_url": "https://o.example/"}]}"""
    )
    first, second = feed.entries
    assert (feed.format, feed.language) == ("json", "fr")
    assert (first.guid, first.url, first.content) == ("7", "https://n.example/a", "a &lt; b")
    assert (first.authors, first.categories) == (("A", "3"), ("x",))
    assert second.url == "https://o.example/"
    assert feed.warnings == ("an item is no object",)


def test_news_sitemap() -> None:
    feed = parse(
        """<?xml version="1.0" encoding="utf-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://n.example/a</loc><news:news>
        <news:publication><news:name>N</news:name><news:language>en</news:language></news:publication>
        <news:publication_date>2002-09-07</news:publication_date><news:title>One</news:title></news:news></url></urlset>"""
    )
    (entry,) = feed.entries
    assert (feed.format, entry.title, entry.url, entry.language) == ("sitemap", "One", "https://n.example/a", "en")
    assert entry.published == datetime(2002, 9, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("blank lines before the declaration", f"\n\n  {RSS}"),
        ("a BOM and words before it", "\ufeffWarning: mysql gone away\n" + RSS),
        ("the declaration twice", RSS.replace('<?xml version="1.0"?>', '<?xml?xml version="1.0"?>')),
        ("a bare ampersand", RSS.replace("The Wire", "Wire & Co")),
        ("an HTML entity", RSS.replace("The Wire", "The&nbsp;Wire&hellip;")),
        ("a control character", RSS.replace("The Wire", "The \x0b\x00Wire")),
        ("a reference to no character", RSS.replace("The Wire", "The &#0;&#x1F;Wire")),
        ("an unfinished CDATA section", RSS.replace("]]></content:encoded>", "</content:encoded>")),
        ("cut short", RSS[: RSS.index("</channel>")]),
        (
            "a doctype",
            RSS.replace("<rss", '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss.dtd"><rss'),
        ),
    ],
)
def test_broken_xml_still_gives_its_entries(name: str, text: str) -> None:
    feed = parse(text)
    assert feed.entries[0].guid == "g-1", name
    assert feed.title is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("<!DOCTYPE html><html><head><title>Sign in</title></head></html>", "a web page"),
        ("<html><body><item>no</item></body></html>", "a web page"),
        ("Too many connections", "begins with 'Too many connections'"),
        ('<?xml version="1.0"?>\n<!-- x --><error code="1"><message/></error>', "its root is <error>"),
        ('{"error": "nope"}', "no list of items"),
        ('{"items": [', "not readable as JSON"),
    ],
)
def test_what_is_no_feed_says_what_it_looks_like(text: str, says: str) -> None:
    with pytest.raises(NotAFeedError, match=says):
        parse(text)


def test_entries_beyond_the_limit_are_cut_and_counted_and_the_rest_stays_well_formed() -> None:
    items = "".join(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(ENTRIES_MAX + 5))
    feed = parse(f"<rss version='2.0'><channel><title>T</title>{items}<ttl>5</ttl></channel></rss>")
    assert (len(feed.entries), feed.cut, feed.warnings, feed.interval_s) == (ENTRIES_MAX, 5, (), 300)


def test_entities_are_neither_expanded_nor_fetched() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
    feed = parse(
        f"{bomb}<rss version='2.0'><channel><title>T</title><item><title>n&x;&b;m</title></item></channel></rss>"
    )
    title = feed.entries[0].title or ""
    with open("/etc/hostname") as file:  # noqa: PTH123
        assert file.read().strip() not in title
    assert len(title) < 50


def test_a_guid_is_taken_as_it_stands() -> None:
    feed = parse("<rss version='2.0'><channel><item><guid>t3_42</guid><title>x</title></item></channel></rss>")
    assert feed.entries[0].guid == "t3_42"


def test_a_date_that_cannot_be_read_is_null_and_the_entry_stays() -> None:
    feed = parse("<rss version='2.0'><channel><item><title>x</title><pubDate>soon</pubDate></item></channel></rss>")
    assert feed.entries[0].published is None


def test_an_index_of_sitemaps_names_them() -> None:
    read = parse_feed(
        b"<sitemapindex><sitemap><loc>https://n.example/a.xml</loc><lastmod>2024-05-06</lastmod></sitemap></sitemapindex>"
    )
    assert (read.format, [e.url for e in read.entries]) == ("sitemap-index", ["https://n.example/a.xml"])
