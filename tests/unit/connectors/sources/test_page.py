"""The article of a page."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sources.page import extract_page
from connectors.sources.pagelines import LINK_FIRST

SENTENCE = "Officials said the convoy was hit at dawn on the road to the border crossing, and that the number of dead may rise. "
PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><title>Convoy hit near border - The Wire</title>
<meta property="og:title" content="Convoy hit near border">
<script type="application/ld+json">{{"@graph": [{{"@type": "NewsArticle", "headline": "Convoy hit near border",
"datePublished": "2024-05-06T10:00:00+02:00", "author": [{{"name": "A. Writer"}}]}}]}}</script></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav>
<article><h1>Convoy hit near border</h1>
<p>{SENTENCE * 3}</p><h2>What is known</h2><p>{SENTENCE} Read <a href="/report">the full report</a> for more of it.</p>
<p><a href="/other">See also what happened at the other crossing</a></p>
<ul><li>{SENTENCE}</li></ul><table><tr><th>Place</th><th>Dead</th></tr><tr><td>North</td><td>12</td></tr></table>
<p>{SENTENCE * 2}</p><p>Follow us on Facebook and Twitter</p><h3>Related stories</h3></article>
<footer>Copyright The Wire</footer></body></html>"""


def test_text_without_title_pointers_and_furniture() -> None:
    page = extract_page(PAGE, url="https://n.example/a")
    lines = page.text.split("\n")
    assert lines[0].startswith("Officials said")
    assert "What is known" in lines
    assert "Place | Dead" in lines
    for furniture in ("Home", "See also", "Follow us", "Related stories", "Copyright", "Convoy hit near border"):
        assert furniture not in page.text


def test_what_the_page_declares() -> None:
    page = extract_page(PAGE, url="https://n.example/a")
    assert (page.title, page.language, page.authors) == ("Convoy hit near border", "en", ("A. Writer",))
    assert page.published == datetime(2024, 5, 6, 8, tzinfo=UTC)


def test_blocks_have_offsets_into_the_text() -> None:
    page = extract_page(PAGE, url="https://n.example/a")
    found = {(b.kind, page.text[b.start : b.end]) for b in page.blocks}
    assert ("heading", "What is known") in found
    assert ("link", "the full report") in found
    assert {("table-cell", "North"), ("table-cell", "12")} <= found
    assert any(kind == "list" and words.startswith("Officials") for kind, words in found)
    (link,) = (b for b in page.blocks if b.kind == "link")
    assert link.href == "https://n.example/report"
    assert not any(c >= LINK_FIRST or c == "\ue001" for c in page.text)


def test_the_same_page_always_gives_the_same_text() -> None:
    first = extract_page(PAGE)
    for _ in range(3):
        extract_page(PAGE.replace("dawn", "dusk"))
    assert extract_page(PAGE) == first


def test_no_date_is_made_up() -> None:
    assert extract_page(f"<html><body><p>Posted in 2019. {SENTENCE * 5}</p></body></html>").published is None


def test_a_page_may_hold_the_marks_of_links_itself() -> None:
    page = extract_page(PAGE.replace("the full report", "the \U000f0000full\ue001 report"))
    assert "the full report" in page.text


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/apdivtrb h=\"'&;!-[]\x00é"), max_size=400))
def test_any_markup_is_survived(html: str) -> None:
    page = extract_page(f"<html><body>{html}</body></html>")
    assert all(0 <= b.start < b.end <= len(page.text) for b in page.blocks)
