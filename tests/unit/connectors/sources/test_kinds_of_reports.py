"""Kinds of faults that readers of feeds are reported for, each with an input of its own. Articles are invented."""

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from connectors.sources.chaincookies import ChainCookies
from connectors.sources.commands import draft_lines
from connectors.sources.dates import parse_date
from connectors.sources.document import ENTRIES_MAX
from connectors.sources.drafts import Draft, read_feed
from connectors.sources.inflate import inflate
from connectors.sources.page import extract_page
from connectors.sources.parse import parse_feed
from connectors.sources.urls import clean_url
from pipeline.text.dedupe.identifiers import conflict, identifiers_of

URL = "https://feeds.pier.example/dir/x.xml"


def drafts(text: str) -> tuple[Draft, ...]:
    return read_feed(text.encode(), url=URL, content_type=None).drafts


def rss(items: str, link: str = "https://pier.example/") -> str:
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">'
        f"<channel><title>Pier</title><link>{link}</link>{items}</channel></rss>"
    )


def atom(entry: str, base: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {base}><title>Pier</title><id>u:1</id><entry><id>u:2</id>{entry}</entry></feed>'


def test_declared_text_keeps_its_tags_as_words() -> None:
    (one,) = drafts(atom("<title>How &lt;object&gt; leaks</title><summary>Use &lt;b&gt; or &amp;amp; here</summary>"))
    assert (one.title, one.text) == ("How <object> leaks", "Use <b> or &amp; here")
    (two,) = drafts(atom('<title type="html">&lt;i&gt;Nine&lt;/i&gt; hurt</title>'))
    assert two.title == "Nine hurt"


def test_a_bare_tag_that_is_never_closed_is_a_word() -> None:
    (one,) = drafts(rss("<item><title>Old &lt;iframe&gt; flaw at Tarn</title><description>x</description></item>"))
    assert one.title == "Old <iframe> flaw at Tarn"


def test_what_describes_a_picture_is_not_the_entry_s_text() -> None:
    caption = (
        "<media:description>A gull on a wall, which has many more words than the report itself.</media:description>"
    )
    picture = f'<media:content url="https://pier.example/1.jpg">{caption}</media:content>'
    (one,) = drafts(rss(f"<item><title>A</title><description>Six saved.</description>{picture}</item>"))
    assert one.text == "Six saved."
    (two,) = drafts(rss(f"<item><title>A</title><media:group>{caption}</media:group></item>"))
    assert two.text.startswith("A gull")


def test_cdata_that_was_escaped_or_nested_leaves_no_mark() -> None:
    (one,) = drafts(rss("<item><title>&lt;![CDATA[Quay shut]]&gt;</title><description>a</description></item>"))
    assert one.title == "Quay shut"
    nested = "<![CDATA[<p>First.</p><![CDATA[<p>Second.</p>]]><p>Third.</p>]]>"
    one, two = drafts(
        rss(f"<item><title>A</title><description>{nested}</description></item><item><title>B</title></item>")
    )
    assert (one.text, two.title) == ("First.\nSecond.\nThird.", "B")


@pytest.mark.parametrize("bad", [r"cut \udc00", "line\nbreak", r"C:\quay", r"\ud83d and more", "tab\there"])
def test_a_bad_string_costs_no_json_document(bad: str) -> None:
    text = f'{{"version":"https://jsonfeed.org/version/1","items":[{{"id":"1","title":"{bad}"}},{{"id":"2","title":"B"}}]}}'
    document = parse_feed(text.encode())
    assert [entry.guid for entry in document.entries] == ["1", "2"]
    assert document.warnings[0].startswith("repaired JSON")


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://p.example/a?pk_no=1&ns_id=2&mc_x=3", None),
        ("https://p.example/a?format=rss&feed=rss2", None),
        ("https://p.example/a?pk_campaign=x&id=3", "https://p.example/a?id=3"),
        ("https://p.example/a?from=rss&cmp=rss-home", "https://p.example/a"),
        ("https://www.google.co.uk/url?rct=j&url=https://p.example/a&ct=ga", "https://p.example/a"),
        ("http://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fp.example%2fa", "https://p.example/a"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fp.example%2Fa&data=x",
            "https://p.example/a",
        ),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__p.example_a-3Fi-3D1&d=x", "https://p.example/a?i=1"),
        ("https://urldefense.com/v3/__https://p.example/a?x=1__;!!abc$", "https://p.example/a?x=1"),
        ("https://www.google.com/url?q=javascript:x", None),
    ],
)
def test_parameters_go_when_they_track_and_wrappers_open(url: str, clean: str | None) -> None:
    assert clean_url(url) == (clean or url)


def test_links_are_relative_to_the_channel_and_to_xml_base() -> None:
    (one,) = drafts(rss("<item><title>A</title><link>/n/1</link></item>"))
    assert one.url == "https://pier.example/n/1"
    (two,) = drafts(rss("<item><title>A</title><link>www.pier.example/2</link></item>"))
    assert two.url == "https://www.pier.example/2"
    counted = "<link>https://count.example/~r/1</link><feedburner:origLink>https://pier.example/3</feedburner:origLink>"
    assert drafts(rss(f"<item><title>A</title>{counted}</item>"))[0].url == "https://pier.example/3"
    content = '<content type="html" xml:base="/files/">&lt;a href="b.csv"&gt;b&lt;/a&gt;</content>'
    (three,) = drafts(atom(f'<title>A</title><link href="c"/>{content}', 'xml:base="https://tarn.example/log/"'))
    assert three.url == "https://tarn.example/log/c"
    assert three.blocks[0].href == "https://tarn.example/files/b.csv"


def test_of_a_document_that_is_too_long_the_newest_are_read() -> None:
    items = [
        f"<item><guid>{n}</guid><title>R {n}</title><pubDate>2026-03-02T{n // 60 % 24:02}:{n % 60:02}:00Z</pubDate></item>"
        for n in range(1_200)
    ]
    later = [item.replace("2026-03-02", "2026-03-03").replace("<guid>", "<guid>b") for item in items]
    document = parse_feed(rss("".join(items + later)).encode())
    assert (len(document.entries), document.cut) == (ENTRIES_MAX, 400)
    assert document.entries[-1].guid == "b1199"


def test_where_not_all_are_dated_the_newer_end_is_read() -> None:
    items = [
        f"<item><guid>{n}</guid><title>R {n}</title>"
        + (f"<pubDate>2026-03-{n // 100 + 1:02}T10:00:00Z</pubDate>" if n % 3 else "")
        + "</item>"
        for n in range(2_400)
    ]
    rising, falling = (parse_feed(rss("".join(order)).encode()) for order in (items, items[::-1]))
    assert (rising.entries[0].guid, rising.entries[-1].guid) == ("400", "2399")
    assert (falling.entries[0].guid, falling.entries[-1].guid) == ("2399", "400")


@pytest.mark.parametrize("said", ["none", "UTF-8", "aws-chunked", "br", "deflate", "zstd", "gzip", "aws-chunked, br"])
def test_a_coding_that_is_none_changes_nothing(said: str) -> None:
    body = rss("<item><title>A</title></item>").encode()
    assert inflate(body, said, 10_000) == body
    assert inflate(gzip.compress(body), "aws-chunked, gzip", 10_000) == body


@pytest.mark.parametrize("said", ["gzip", "br", "deflate", "zstd"])
@pytest.mark.parametrize("packed", [gzip.compress, brotli.compress, zlib.compress, zstandard.ZstdCompressor().compress])
def test_a_coding_under_another_name_is_met_where_the_bytes_tell(said: str, packed: Callable[[bytes], bytes]) -> None:
    body = rss("<item><title>A</title></item>").encode()
    has_mark = packed not in (brotli.compress, zlib.compress)
    if has_mark or said == "gzip":
        assert inflate(packed(body), said, 10_000) == body


def test_cookies_of_one_chain_go_back_to_their_host_only() -> None:
    from http.cookies import SimpleCookie

    chain = ChainCookies()
    chain.take(SimpleCookie("seen=1; Path=/"), "https://a.example/x")
    assert chain.added_to({"Cookie": "own=2"}, "https://a.example/y") == {"Cookie": "own=2; seen=1"}
    assert chain.added_to({}, "https://b.example/y") == {}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Tue, 01 Jan 1980 00:00:00 GMT", None),
        ("2026-07-01T10:00:00[Europe/Berlin]", "2026-07-01T08:00:00+00:00"),
        ("2026-07-01T10:00:00\u221202:00", "2026-07-01T12:00:00+00:00"),
        ("2026/7/1 10:00", "2026-07-01T10:00:00+00:00"),
        ("2026-07-01 10:00:00.5 +0200 CEST m=+12.25", "2026-07-01T08:00:00+00:00"),
    ],
)
def test_dates_of_programs(written: str, read: str | None) -> None:
    moment = parse_date(written)
    assert (moment and moment.replace(microsecond=0).isoformat()) == read


FILLER = "<p>The council said on Tuesday that engineers would look at the cracks that the storms left in the wall.</p>"


def page(body: str) -> str:
    return f"<html><head><title>Wall cracks - Pier</title></head><body>{body}</body></html>"


def test_hidden_words_are_not_text() -> None:
    hidden = '<p hidden>Bad one.</p><p style="color:red; display : none">Bad two.</p><div aria-hidden="true">Bad three.</div>'
    assert "Bad" not in extract_page(page(f"<article><h1>Wall cracks</h1>{FILLER}{hidden}{FILLER}</article>")).text


def test_the_lead_above_the_title_and_in_a_teaser_stays() -> None:
    lead = "<p>Seven people were hurt at Tarn on Friday when a crane fell, police said.</p>"
    for body in (
        f"{lead}<h1>Wall cracks</h1>{FILLER * 3}",
        f'<h1>Wall cracks</h1><div class="teaser">{lead}</div>{FILLER * 3}',
    ):
        assert "Seven people" in extract_page(page(f"<article>{body}</article>")).text


LEAD = "Seven people were hurt at Tarn on Friday when a crane fell, police said."


@pytest.mark.parametrize(
    "html",
    [
        f"<header><h1>Wall cracks</h1><p class=standfirst>{LEAD}</p></header><article>{FILLER * 3}</article>",
        f"<div><div class=head><h1>Wall cracks</h1><h2>{LEAD}</h2></div><div itemprop=articleBody>{FILLER * 3}</div></div>",
        f"<article><h1>Wall cracks</h1><section>{LEAD}</section>{FILLER * 3}</article>",
    ],
)
def test_the_lead_between_headline_and_body_stays(html: str) -> None:
    assert extract_page(page(html)).text.startswith(LEAD)


def test_a_caption_between_headline_and_body_is_no_lead() -> None:
    picture = f"<div class=top><img src=x><p>{LEAD}</p></div>"
    assert LEAD not in extract_page(page(f"<h1>Wall cracks</h1>{picture}<article>{FILLER * 3}</article>")).text


@pytest.mark.parametrize("box", ["<article>{}</article>", "<main>{}</main>", "<div itemprop=articleBody>{}</div>"])
def test_a_page_of_one_sentence_gives_it_and_no_menu(box: str) -> None:
    menu = "<nav><a href=/>Home</a> <a href=/w>World</a></nav>"
    foot = "<footer>Pier Ltd. All rights reserved.</footer>"
    one = extract_page(page(f"{menu}{box.format(f'<h1>Wall cracks</h1><p>{LEAD}</p>')}{foot}"))
    assert one.text == LEAD
    same = f"<html><head><title>{LEAD}</title></head><body>{menu}{box.format(f'<h1>{LEAD}</h1><p>{LEAD}</p><time>2 March</time>')}{foot}</body></html>"
    assert extract_page(same).text == LEAD


@pytest.mark.parametrize(
    "sentence",
    [
        "Copyright cases rose by a third in 2026, the court at Kell said on Monday.",
        "No comments from the ministry were heard after the raid that killed nine.",
        "Subscribe now, the men told farmers, or your barns will burn.",
        "Sign up for the militia or leave, the gunmen told the young men of Tarn.",
        "Follow-up strikes hit the camp, Telegram channels of the army said.",
        "All rights reserved for refugees were taken away by the decree of Monday.",
        "A newsletter of the group claimed the bomb that killed four at Kell.",
        "Last updated numbers of the ministry, it said, speak of 45 dead.",
    ],
)
def test_a_sentence_that_sounds_like_furniture_stays(sentence: str) -> None:
    for body in (f"{FILLER}<p>{sentence}</p>{FILLER}", f"{FILLER * 2}<p>{sentence}</p>"):
        assert sentence in extract_page(page(f"<article><h1>Wall cracks</h1>{body}</article>")).text


@pytest.mark.parametrize(
    "line",
    [
        "Copyright 2026 Pier Ltd. All rights reserved.",
        "No comments",
        "Sign up for our daily newsletter.",
        "Last updated: 2 March 2026",
        "Share this on Facebook",
        "Photo: nine men were shot at Kell, police said.",
    ],
)
def test_furniture_goes_all_the_same(line: str) -> None:
    assert line not in extract_page(page(f"<article><h1>Wall cracks</h1>{FILLER * 2}<p>{line}</p></article>")).text


def test_a_page_of_preformatted_text_is_read() -> None:
    advisory = "KELL-CERT 2026-014\n\nAffected: Lantern 4.1 to 4.6\n\nA flaw lets a stranger run commands as root.\nUpdate to 4.7."
    for html in (f"<html><body><pre>{advisory}</pre></body></html>", page(f"<h1>Advisory</h1><pre>{advisory}</pre>")):
        text = extract_page(html).text
        assert all(line in text for line in ("Affected: Lantern 4.1 to 4.6", "run commands as root", "Update to 4.7."))


def test_hidden_words_and_captions_of_an_entry_are_no_text_of_it() -> None:
    hidden = "<p hidden>Bad.</p><div style='display:none'>Bad.</div><span class='screen-reader-text'>Bad.</span>"
    figure = "<figure><img src='a.png'><figcaption>Bad.</figcaption></figure><div class='wp-caption'><img src='b'><p>Bad.</p></div>"
    table = "<figure><table><tr><td>9 dead</td></tr></table><figcaption>By day</figcaption></figure>"
    (one,) = drafts(
        rss(
            f"<item><title>A</title><description><![CDATA[{hidden}{figure}<p>Six saved.</p>{table}]]></description></item>"
        )
    )
    assert one.text == "Six saved.\n9 dead\nBy day"
    (two,) = drafts(
        rss(
            "<item><description><![CDATA[<figure><img src='a'><figcaption>A gull.</figcaption></figure>]]></description></item>"
        )
    )
    assert two.text == "A gull."


@pytest.mark.parametrize("title", ["List<String> leaks", "vector<int> and map<k,v>", "Ida <ida@n.example> spoke"])
def test_what_is_no_tag_of_html_is_a_word_of_the_title(title: str) -> None:
    assert (
        drafts(rss(f"<item><title>{title.replace('<', '&lt;').replace('>', '&gt;')}</title></item>"))[0].title == title
    )


def test_a_live_blog_gives_all_its_posts() -> None:
    posts = "".join(f"<article><h2>Post {n}</h2>{FILLER.replace('Tuesday', f'day {n}')}</article>" for n in range(4))
    text = extract_page(page(f"<main><h1>Live</h1>{posts}</main>")).text
    assert all(f"day {n}" in text for n in range(4))


def test_a_report_about_walls_is_none() -> None:
    report = (
        "<p>Thieves ask visitors to verify you are human and then to paste a line, a firm in Kell said on Monday.</p>"
        "<p>The line fetches a stealer that takes passwords, the firm said, and 300 sites of shops carried it by then.</p>"
    )
    assert extract_page(page(f"<article><h1>Wall cracks</h1>{report}</article>")).wall is None
    short = "<p>A fake page asked users to verify you are human and infected 400 computers at Kell, police said.</p>"
    assert extract_page(page(f"<article><h1>Wall cracks</h1>{short}</article>")).wall is None
    wall = "<p>Please verify you are human to go on to the site that you wanted to see today, and wait.</p>"
    assert extract_page(page(f"<article><h1>Wall cracks</h1>{wall}</article>")).wall == "challenge"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://c.example/a?name=KEL-SEC-2026-0101", "https://c.example/a?name=KEL-SEC-2026-0102"),
        ("https://c.example/en/SSA-123456/", "https://c.example/en/SSA-123457/"),
        ("https://c.example/bulletins/sb26-061", "https://c.example/bulletins/sb26-062"),
        ("https://c.example/avis/KEL-2026-AVI-0012/pdf.html", "https://c.example/avis/KEL-2026-AVI-0013/pdf.html"),
        ("https://c.example/icsa-26-061-01.html", "https://c.example/icsa-26-061-02.html"),
        ("tag:c.example,2026:KELSA-2026:0012", "tag:c.example,2026:KELSA-2026:0013"),
    ],
)
def test_an_advisory_is_known_by_the_number_in_its_link_or_guid(one: str, other: str) -> None:
    a, b = (
        identifiers_of("Flaw", "Same words.", name if "//" in name else None, None if "//" in name else name)
        for name in (one, other)
    )
    assert a.own
    assert conflict(a, b)
    assert not conflict(a, a)


@pytest.mark.parametrize(
    "url", ["https://c.example/news/SB12345", "https://c.example/world-12345678", "https://c.example/2026-03/x"]
)
def test_ids_of_articles_are_no_advisory_s(url: str) -> None:
    assert not identifiers_of("Flaw", "Same words.", url).own


@pytest.mark.parametrize(
    ("items", "named"),
    [
        (
            "<item><title>a & b &foo; &#0;</title></item>",
            "references or ampersands that XML does not know: &, &#0;, &foo;",
        ),
        ("<item><title>a\x08b</title></item>", "control characters"),
        ("<item><title>a</title><link>www.pier.example/1</link></item>", "links without a scheme"),
        ("<item><title>&lt;![CDATA[a]]&gt;</title></item>", "CDATA that was escaped"),
        ("<item><title>a</title>", "not well-formed"),
    ],
)
def test_warnings_name_what_was_repaired(items: str, named: str) -> None:
    assert named in "\n".join(parse_feed(rss(items).encode(), url=URL).warnings)


def test_drafts_say_what_became_of_each_entry() -> None:
    document = parse_feed(
        rss("<item><title>A</title><link>/1</link></item><item><guid>2</guid></item>").encode(), url=URL
    )
    one, two = draft_lines("f.xml", document, URL)
    assert (one["url"], one["skipped"]) == ("https://pier.example/1", None)
    assert (two["entry"], two["article_id"], two["skipped"]) == (1, None, "empty")


def test_a_guid_that_is_no_permalink_is_no_link() -> None:
    guid = '<guid isPermaLink="{}">https://pier.example/?p=4</guid>'
    assert drafts(rss(f"<item><title>A</title>{guid.format('false')}</item>"))[0].url is None
    assert drafts(rss(f"<item><title>A</title>{guid.format('true')}</item>"))[0].url == "https://pier.example/?p=4"
