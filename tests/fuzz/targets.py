"""Everything that meets bytes from outside, as functions of bytes: what may come out is stated, anything else is a find.

Run by hypothesis in the suite for seconds (`test_fuzz.py`), and by atheris for as long as wanted (`make fuzz SECONDS=…`). The
seeds are small documents of our own that reach far into each parser.
"""

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from connectors.sources import charset, dates, discover, inflate, markup, page, robots, urls
from connectors.sources.articles import Origin, Seen, harvest, remember
from connectors.sources.document import NotAFeedError
from connectors.sources.drafts import read_feed
from connectors.sources.guard import Guard
from connectors.sources.opml import read_opml
from pipeline import config
from pipeline.errors import ConfigError, RejectedError
from pipeline.records import Alert, Article, Reject, codec, identity
from pipeline.text import language
from pipeline.text.dates import find_dates, resolve_date
from pipeline.text.dedupe.fingerprint import fingerprint_of
from pipeline.text.findings import Analyzer
from pipeline.text.indicators import find_indicators

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BYTES_MAX = 65_536
INFLATED_MAX = 1 << 20

Target = Callable[[bytes], None]


def as_text(data: bytes) -> str:
    """Text as the flow carries it: no NUL, no lone surrogates."""
    return markup.clean_text(data.decode("utf-8", "replace"))


def feed(data: bytes) -> None:
    """RSS, Atom, RDF, JSON Feed, sitemaps: a reading, or no feed."""
    try:
        reading = read_feed(data, url="https://n.example/feed", content_type=None)
    except NotAFeedError:
        return
    for draft in reading.drafts:
        draft.text.encode()
        assert "\0" not in draft.text
        assert all(0 <= block.start <= block.end <= len(draft.text) for block in draft.blocks)


def polls(data: bytes) -> None:
    """Two documents one after the other, then the second again: what was read is not read again, and nothing was missed."""
    rows: list[Seen] = []
    first, _, second = data.partition(b"\0\0")
    for document in (first, second or first, second or first):
        try:
            reading = read_feed(document, url="https://n.example/feed", content_type=None)
        except NotAFeedError:
            return
        crop = harvest(reading, Origin(feed="f"), remember(rows), NOW)
        assert reading.entries == len(crop.articles) + sum(crop.skipped.values())
        again = {seen.wording for seen in rows} >= {seen.wording for seen in crop.seen}
        assert not again or not (crop.articles or crop.is_gap)
        rows += crop.seen
    assert not crop.articles
    assert not crop.is_gap


def article_page(data: bytes) -> None:
    """A page's article, with blocks inside of its text."""
    found = page.extract_page(charset.decode(data, None).text, url="https://n.example/1")
    found.text.encode()
    assert all(0 <= block.start <= block.end <= len(found.text) for block in found.blocks)


def feed_links(data: bytes) -> None:
    """The feeds that a page names."""
    discover.discover_feeds(charset.decode(data, None).text, "https://n.example/")


def opml(data: bytes) -> None:
    """A list of feeds, or a refusal."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.opml"
        path.write_bytes(data)
        try:
            read_opml(path)
        except ConfigError:
            return


def characters(data: bytes) -> None:
    """Any bytes under any label are some text."""
    label, _, body = data.partition(b"\n")
    charset.decode(body, label.decode("latin-1")).text.encode("utf-8", "surrogatepass")


def compressed(data: bytes) -> None:
    """Within the cap, or refused."""
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, br"):
        try:
            assert len(inflate.inflate(data, encoding, INFLATED_MAX)) <= INFLATED_MAX
        except (inflate.TooLargeError, inflate.BadEncodingError):
            continue


def feed_date(data: bytes) -> None:
    """A moment in UTC, or None."""
    moment = dates.parse_date(data.decode("utf-8", "replace"))
    assert moment is None or moment.utcoffset() is not None


def address(data: bytes) -> None:
    """Cleaning twice is cleaning once."""
    text = as_text(data)
    cleaned = urls.clean_url(text)
    assert urls.clean_url(cleaned) == cleaned
    urls.resolve(text, "https://n.example/a/b")
    Guard().allows_url(text)
    identity.canonical_link(text)


def allow_list(data: bytes) -> None:
    """A guard, or a refusal."""
    try:
        Guard([as_text(data)])
    except ConfigError:
        return


def title(data: bytes) -> None:
    """One line of plain text, and markup as lines."""
    text = data.decode("utf-8", "replace")
    plain = markup.plain_title(text)
    assert plain is None or ("\n" not in plain and "\0" not in plain)
    markup.markup_lines(text, "https://n.example/")


def robots_txt(data: bytes) -> None:
    """Rules, whatever it says."""
    rules = robots.parse_robots(data)
    rules.allows("/a/b?c")


def wire(data: bytes) -> None:
    """A record, or a refusal; a record goes back to what it came from."""
    for kind in (Article, Alert, Reject):
        try:
            record = codec.decode(data, kind)
        except RejectedError:
            continue
        assert codec.decode(codec.encode(record), kind) == record


def configuration(data: bytes) -> None:
    """A configuration, or a refusal; shown without its secrets."""
    try:
        loaded = config.parse(data.decode("utf-8", "replace"), "fuzz.toml")
    except ConfigError:
        return
    repr(loaded)
    assert config.parse(config.dump_toml(loaded), "again.toml") == loaded


def indicators(data: bytes) -> None:
    """Each stands in the text where it says."""
    text = as_text(data)
    for found in find_indicators(text):
        assert text[found.start : found.end] == found.text


def dates_in_text(data: bytes) -> None:
    """Spans within the text, each readable or None."""
    text = as_text(data)
    for start, end, *_ in find_dates(text):
        assert 0 <= start < end <= len(text)
        resolve_date(text[start:end], NOW)
    resolve_date(text[:200], NOW)


_analyzer: list[Analyzer] = []


def analysis(data: bytes) -> None:
    """Everything that is found has its place in the text: entities, numbers, claims, events; and the fingerprint is one."""
    if not _analyzer:
        _analyzer.append(Analyzer("rules"))
    head, _, body = as_text(data).partition("\n")
    key = identity.article_id(feed="", url=None, guid="fuzz", title=head, text=body)
    made = Article(
        article_id=key, version_id=identity.version_id(key, head, body), feed="fuzz", title=head, text=body, fetched=NOW
    )
    (found,) = _analyzer[0].analyse([made])
    for thing in (*found.entities, *found.events, *found.claims, *found.indicators):
        assert 0 <= thing.start <= thing.end <= len(body)
    msgspec.json.encode(found)
    fingerprint_of(made)
    language.tell_language(body)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        feed, polls, article_page, feed_links, opml, characters, compressed, feed_date, address, allow_list, title, robots_txt, wire,
        configuration, indicators, dates_in_text, analysis,
    )
}  # fmt: skip


def _rss(inside: str) -> bytes:
    return f"<rss version='2.0'><channel><title>T</title><item>{inside}</item></channel></rss>".encode()


TEXTS = (
    b"Militia says it killed 12\nThe group said on Monday, 2 March 2026, that at least 12 people, including 3 children, were killed near Goma.",
    b"Advisory\nC2 hxxps[:]//bad[.]example/a.php 192.0.2[.]1 CVE-2026-0001 d41d8cd98f00b204e9800998ecf8427e T1059.001",
    "Взрыв\nВ Херсоне погибли пять человек. مقتل ١٢ شخصا 死者3名".encode(),
)
SEEDS: dict[str, tuple[bytes, ...]] = {
    "feed": (
        _rss("<title>A &amp;amp; B</title><link>/1</link><pubDate>Mon, 2 Mar 2026 09:00 EST</pubDate><description>&lt;p&gt;x&lt;/p&gt;</description>"),
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>urn:1</id><title type='html'>&lt;b&gt;x</title><content type='xhtml'><div><table><tr><td>1</td></tr></table></div></content></entry></feed>",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 1, "content_html": "<p>x", "date_published": "2026-03-02T00:00:00Z"}]}).encode(),
        b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://n.example/1</loc></url></urlset>",
        b"<!DOCTYPE r [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]>" + _rss("<title>&c;</title>"),
    ),
    "polls": (
        _rss("<title>A</title><link>/1</link><guid>1</guid>") + b"\0\0" + _rss("<title>A</title><link>/2</link><guid>2</guid></item><item><title>A</title><link>/1#b</link>"),
        _rss("<title>A</title><guid>g</guid></item><item><title>B</title><guid>g</guid>") + b"\0\0" + _rss("<title>B</title><guid>g</guid>"),
    ),
    "article_page": (b"<html><head><title>T</title><meta property='og:title' content='T'></head><body><article><h1>T</h1><p>One.</p><ul><li>a<li>b</ul><pre>c</pre></article>",),
    "feed_links": (b"<link rel=alternate type=application/rss+xml href=/feed><a href=/rss.xml>RSS</a>",),
    "opml": (b"<opml version='2.0'><body><outline text='F'><outline xmlUrl='https://n.example/f' category='/a/b,c'/></outline></body></opml>",),
    "characters": (b"text/xml; charset=windows-1251\n\xcf\xf0\xe8", b"\n\xff\xfe<\x00", b"text/html\n<meta charset=shift_jis>"),
    "compressed": (zlib.compress(b"x" * 1000), zlib.compressobj(wbits=31).compress(b"y") + b"\x1f\x8b\x08"),
    "feed_date": (b"Mon, 02 Mar 2026 09:00:00 +0100", b"2026-W10-1T09Z", b"2 mars 2026 \xc3\xa0 9h", b"Sat, 31 Feb 99 25:61 PST"),
    "address": (b"HTTPS://user:pw@N.Example:443/a/../b?utm_source=x&id=1#f", b"http://[::1]:80/%2e%2e/", b"//n.example/\xd0\xb0"),
    "allow_list": (b"10.0.0.0/8", b"[::1]:80", b"n.example:8080", b"::ffff:0:0/96"),
    "title": (b"<b>A</b> &amp;lt;c&amp;gt; &#8217;", b"<![CDATA[x]]>", b"Fish & chips < 3"),
    "robots_txt": (b"User-agent: *\nDisallow: /a*b$\nAllow: /\nCrawl-delay: 10\nSitemap: x", b"\xef\xbb\xbfuser-agent:tocsin\ndisallow:"),
    "wire": tuple(p.read_bytes() for p in sorted((Path(__file__).parents[1] / "data" / "wire").glob("*.json"))),
    "configuration": (b"[kafka]\nbootstrap_servers = 'b:1'\n[sources.x]\ntype = 'rss'\nurl = 'https://n.example'\n", b"[store]\nurl = '${HOME}'\n"),
    "indicators": TEXTS,
    "dates_in_text": (*TEXTS, b"between 2 and 5 March, last Tuesday, in early 2026, 03/04/05, on the 31st of February"),
    "analysis": TEXTS,
}  # fmt: skip


def own_seeds(name: str) -> tuple[bytes, ...]:
    """The seeds of a target, and what it was once found to fall over (`corpus/NAME-*`)."""
    kept = sorted((Path(__file__).parent / "corpus").glob(f"{name}-*"))
    return (*SEEDS[name], *(path.read_bytes() for path in kept))
