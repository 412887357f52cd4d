"""The markup of feeds as text."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.document import FeedDocument, FeedEntry
from connectors.sources.drafts import draft_entry, read_feed
from connectors.sources.markup import markup_lines, plain_title
from connectors.sources.pagelines import join_lines


def text(markup: str) -> str:
    return join_lines(markup_lines(markup, "https://n.example/a/"))[0]


def test_paragraphs_lists_and_entities() -> None:
    assert (
        text("<p>One&nbsp;&amp; two</p><p>Three<br>four</p><ul><li>five</li></ul>tail")
        == "One & two\nThree\nfour\nfive\ntail"
    )


def test_scripts_styles_and_comments_are_no_text() -> None:
    assert text("<p>a</p><script>alert('x')</script><style>p{}</style><!-- c --><iframe src=x>no</iframe>b") == "a\nb"


def test_text_that_is_no_markup_keeps_its_paragraphs() -> None:
    assert text("One < two\nand more.\n\n\nNext &lt;b&gt;") == "One < two and more.\nNext <b>"


def test_what_publishing_software_adds_is_dropped() -> None:
    assert text("<p>News.</p><p>The post <a href='x'>T</a> appeared first on <a href='y'>Site</a>.</p>") == "News."


def test_blocks_point_into_the_text() -> None:
    lines = markup_lines(
        "<h2>Head</h2><p>See <a href='b'>this <i>page</i></a>.</p><table><tr><td>1</td><td>2</td></tr></table>",
        "https://n.example/a/",
    )
    whole, blocks = join_lines(lines)
    assert whole == "Head\nSee this page.\n1 | 2"
    found = {(b.kind, whole[b.start : b.end], b.href, b.row, b.column) for b in blocks}
    assert found == {
        ("heading", "Head", None, None, None),
        ("link", "this page", "https://n.example/a/b", None, None),
        ("table-cell", "1", None, 0, 0),
        ("table-cell", "2", None, 0, 1),
    }


def test_titles() -> None:
    assert plain_title("  A &lt;b&gt;bold&lt;/b&gt;\n title ") == "A <b>bold</b> title"
    assert plain_title("AT&amp;amp;T <em>up</em>") == "AT&T up"
    assert plain_title("x < y") == "x < y"
    assert plain_title(" ") is None


def test_nul_and_lone_surrogates_never_travel() -> None:
    entry = FeedEntry(title="a\x00b\ud800", summary="<p>c\x00d\udfff\x07</p>", guid="g\x00")
    draft = draft_entry(entry, FeedDocument(format="rss2"), None)
    assert draft is not None
    assert (draft.title, draft.text, draft.guid) == ("ab", "cd", "g")


def test_the_longer_of_content_and_summary_is_the_text_and_a_bare_title_stands_for_itself() -> None:
    document = FeedDocument(format="rss2")
    whole = draft_entry(FeedEntry(title="T", summary="<p>Much longer summary.</p>", content="<p>x</p>"), document, None)
    bare = draft_entry(FeedEntry(title="T"), document, None)
    assert whole is not None
    assert bare is not None
    assert (whole.text, bare.text) == ("Much longer summary.", "T")
    assert draft_entry(FeedEntry(guid="1", url="https://n.example/"), document, None) is None


def test_entries_are_drafts_and_skipped_with_reasons() -> None:
    raw = b"<rss version='2.0'><channel><item><title>a</title></item><item><guid>x</guid></item></channel></rss>"
    reading = read_feed(raw, url=None, content_type=None)
    assert (reading.entries, len(reading.drafts), reading.skipped) == (2, 1, {"empty": 1})


@given(st.text(max_size=300))
def test_any_markup_gives_offsets_inside_the_text(markup: str) -> None:
    whole, blocks = join_lines(markup_lines(markup))
    assert all(0 <= b.start < b.end <= len(whole) for b in blocks)
    whole.encode()
