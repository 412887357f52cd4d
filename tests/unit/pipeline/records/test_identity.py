"""Ids are the same for the same thing, however it is written, and differ for another."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.identity import article_id, canonical_link, normalise, version_id


def test_a_move_to_https_or_www_or_a_fragment_makes_no_new_article() -> None:
    links = (
        "http://paper.example/a/1",
        "https://paper.example/a/1",
        "https://www.paper.example/a/1/",
        "https://PAPER.example/a/1#comments",
    )
    assert len({article_id(feed="x", url=url) for url in links}) == 1


def test_path_and_query_tell_articles_apart() -> None:
    assert article_id(feed="x", url="https://p.example/?id=1") != article_id(feed="x", url="https://p.example/?id=2")
    assert article_id(feed="x", url="https://p.example/A") != article_id(feed="x", url="https://p.example/a")


def test_a_guid_is_known_within_its_feed_only() -> None:
    assert article_id(feed="a", guid="1") != article_id(feed="b", guid="1")
    assert article_id(feed="a", guid="1", title="x") == article_id(feed="a", guid="1", title="y")


def test_without_link_and_guid_the_words_make_the_id() -> None:
    assert article_id(feed="a", title="T", text="x  y") == article_id(feed="a", title="T", text="x y ")
    assert article_id(feed="a", title="T", text="x") != article_id(feed="a", title="T", text="y")


def test_parts_are_told_apart_by_their_lengths() -> None:
    article = article_id(feed="", guid="g")
    assert version_id(article, "ab", "c") != version_id(article, "a", "bc")


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_any_string_has_a_canonical_link(url: str) -> None:
    assert canonical_link(url) == canonical_link(f" {url} ".strip())


def test_what_is_no_address_stands_for_itself() -> None:
    assert canonical_link("http://[broken") == "http://[broken"
