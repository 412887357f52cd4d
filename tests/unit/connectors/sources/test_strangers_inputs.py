"""Inputs that a stranger would try on a feed reader, each with what must come. Texts are invented."""

import json
from typing import Any

import pytest

from connectors.sources.dates import parse_date
from connectors.sources.drafts import Draft, read_feed
from connectors.sources.urls import clean_url

CHANNEL = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title>'
    "<link>https://n.example/</link>{}</channel></rss>"
)
FEED = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{}</feed>'


def first(document: str | bytes, content_type: str | None = None) -> Draft:
    raw = document.encode() if isinstance(document, str) else document
    return read_feed(raw, url="https://n.example/f", content_type=content_type).drafts[0]


def rss(inside: str) -> Draft:
    return first(CHANNEL.format(f"<item>{inside}</item>"))


def atom(inside: str) -> Draft:
    return first(FEED.format(f"<entry><id>urn:1</id>{inside}</entry>"))


def json_feed(**item: Any) -> Draft:
    return first(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 1, **item}]})
    )


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("Caf&eacute; &amp;amp; bar &hellip;", "Café & bar …"),
        ("It&#146;s &#8220;on&#8221;", "It’s “on”"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("Hi &#55357;&#56832; there", "Hi 😀 there"),
        ("Hi &#xD83D;&#xDE00; there", "Hi 😀 there"),
        ("Cut &#55357; here", "Cut here"),
        ("5 &lt; 6 and I &lt;3 Kell", "5 < 6 and I <3 Kell"),
        ("مقتل \u200f12 شخصا", "مقتل \u200f12 شخصا"),
    ],
)
def test_titles(markup: str, title: str) -> None:
    assert rss(f"<title>{markup}</title>").title == title


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<description><![CDATA[<p>One<p>Two]]></description>", "One\nTwo"),
        ("<description>One&lt;br/&gt;Two&lt;br&gt;Three</description>", "One\nTwo\nThree"),
        ("<description>One\n\nTwo\nmore</description>", "One\nTwo more"),
        (
            "<description>Short</description><content:encoded><![CDATA[<p>The whole story.</p>]]></content:encoded>",
            "The whole story.",
        ),
        (
            "<description>A much longer text than the other.</description><content:encoded>Teaser</content:encoded>",
            "A much longer text than the other.",
        ),
        (
            "<description>&lt;table&gt;&lt;tr&gt;&lt;th&gt;Hash&lt;/th&gt;&lt;td&gt;ab&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;</description>",
            "Hash | ab",
        ),
        ("<description>&lt;ul&gt;&lt;li&gt;a&lt;li&gt;b&lt;/ul&gt;</description>", "a\nb"),
        ("<description>&lt;pre&gt;a\n  b&lt;/pre&gt;</description>", "a\n  b"),
        ("<description>mal\u200bware and s\u00adoft</description>", "malware and soft"),
        ("<title>Only a title</title>", "Only a title"),
        ("<title>V</title><media:group><media:description>About it.</media:description></media:group>", "About it."),
    ],
)
def test_texts(inside: str, text: str) -> None:
    assert rss(inside).text == text


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<link><![CDATA[ https://n.example/1 ]]></link>", "https://n.example/1"),
        ("<link>\nhttps://n.example/1\n</link>", "https://n.example/1"),
        ('<atom:link href="https://n.example/2"/>', "https://n.example/2"),
        ('<link>https://n.example/1</link><atom:link rel="self" href="https://n.example/x"/>', "https://n.example/1"),
        ("<guid>https://n.example/9</guid>", "https://n.example/9"),
        ("<guid>123</guid>", None),
        ("<link>mailto:x@n.example</link>", None),
        ("<link>https://köln.example/ü</link>", "https://köln.example/ü"),
    ],
)
def test_links(inside: str, url: str | None) -> None:
    assert rss(f"<title>a</title>{inside}").url == url


@pytest.mark.parametrize(
    "author",
    [
        "ida@n.example (Ida Kell)",
        "Ida Kell &lt;ida@n.example&gt;",
        "Ida Kell, ida@news.online",
        "Ida Kell",
        "mailto:ida@n.example (Ida Kell)",
    ],
)
def test_authors(author: str) -> None:
    assert rss(f"<title>a</title><author>{author}</author>").authors == ("Ida Kell",)
    assert rss(f"<title>a</title><dc:creator>{author}</dc:creator>").authors == ("Ida Kell",)


def test_atom() -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
    xhtml = atom(
        f'<title type="xhtml">{div.format("A <b>b</b>")}</title><content type="xhtml">{div.format("<p>x &lt;y&gt; z</p>")}</content>'
    )
    assert (xhtml.title, xhtml.text) == ("A b", "x <y> z")
    elsewhere = atom('<title>A</title><content src="https://n.example/1.mp4" type="video/mp4"/><summary>S</summary>')
    picture = atom('<title>A</title><content type="image/png">aGVsbG8gd29ybGQgaGVsbG8=</content><summary>S</summary>')
    assert (elsewhere.text, picture.text) == ("S", "S")
    links = '<link rel="related" href="https://o.example/"/><link rel="alternate" type="application/json" href="https://n.example/j"/><link href="https://n.example/1"/>'
    assert atom(f"<title>A</title>{links}").url == "https://n.example/1"
    prefixed = '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>T</a:title><a:entry><a:id>1</a:id><a:title>One</a:title></a:entry></a:feed>'
    assert first(prefixed).title == "One"


def test_json_feeds() -> None:
    assert json_feed(title="A & B <b>", content_html="<p>x</p>").title == "A & B <b>"
    assert json_feed(external_url="https://o.example/x", content_text="a\n\nb <c>").text == "a\nb <c>"
    trailing = '{"version":"https://jsonfeed.org/version/1.1","title":"T, }","items":[null,{"id":"1","content_text":"a, ]",},]}'
    assert first(trailing).text == "a, ]"


@pytest.mark.parametrize(
    "junk", ["\ufeff\n\n{}", "Warning: mysql in /x on line 3\n{}", "{}<!-- cached -->\n<script>x</script>", "{}</rss>"]
)
def test_junk_around_the_document(junk: str) -> None:
    assert first(junk.format(CHANNEL.format("<item><title>a</title></item>"))).title == "a"


def test_characters() -> None:
    feed = CHANNEL.format("<item><title>{}</title></item>")
    assert first(feed.replace("{}", "Взрыв").encode("utf-16")).title == "Взрыв"
    assert first(feed.replace("{}", "Взрыв").encode("cp1251"), "text/xml; charset=windows-1251").title == "Взрыв"
    for word in ("Café", "déjà vu", "Šibenik"):
        raw = f'<?xml version="1.0" encoding="utf-8"?>{feed.replace("{}", word)}'.encode("cp1252")
        assert first(raw).title == word


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://n.example/a?id=3&fbclid=1#top", "https://n.example/a?id=3#top"),
        ("https://n.example/?p=3&preview=true", None),
        ("https://news.google.com/rss/articles/CBMiX?oc=5", None),
        ("https://n.example/a?ref=homepage", None),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fn.example%2Fa&h=x", "https://n.example/a"),
        ("https://out.reddit.com/t3_x?url=https%3A%2F%2Fn.example%2Fa&token=1", "https://n.example/a"),
        ("https://www.youtube.com/redirect?q=https%3A%2F%2Fn.example%2Fa", "https://n.example/a"),
        ("https://link.example/x?url=https://n.example/a", None),
        ("https://n.example/a?mc_cid=1&a=%20b", "https://n.example/a?a=%20b"),
        ("https://n.example/a?&&x=1&", None),
        ("https://n.example/a;jsessionid=AB12?x=1", None),
        ("https://n.example/a?rss=1", None),
    ],
)
def test_addresses(url: str, clean: str | None) -> None:
    assert clean_url(url) == (clean or url)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mon, 2 Mar 2026 10:00 CET", "2026-03-02 09:00"),
        ("2026-03-02T10:00:00.123456789Z", "2026-03-02 10:00"),
        ("2 March 2026 at 10:00 PM", "2026-03-02 22:00"),
        ("Monday, March 2nd, 2026", "2026-03-02 00:00"),
        ("20260302T100000Z", "2026-03-02 10:00"),
        ("1772445600000", "2026-03-02 10:00"),
        ("2 mars 2026 à 10h", "2026-03-02 10:00"),
        ("2. März 2026, 10:00 Uhr", "2026-03-02 10:00"),
        ("2026年3月2日 10:00", "2026-03-02 10:00"),
        ("2026-W10-1", "2026-03-02 00:00"),
        ("2026-W10-1T09:30Z", "2026-03-02 09:30"),
        ("Mon Mar  2 10:00:00 CET 2026", "2026-03-02 09:00"),
        ("2/Mar/2026:10:00:00 +0100", "2026-03-02 09:00"),
        ("0000-00-00 00:00:00", None),
        ("Mon, 02 Mar 0026 10:00:00 GMT", None),
        ("yesterday", None),
        ("03/04/2026", None),
        ("2026-02-30", None),
        ("2026-W60-1", None),
        ("Tue, 31 Dec 1969 23:59:59 GMT", None),
    ],
)
def test_dates(written: str, read: str | None) -> None:
    moment = parse_date(written)
    assert (moment and f"{moment:%Y-%m-%d %H:%M}") == read
