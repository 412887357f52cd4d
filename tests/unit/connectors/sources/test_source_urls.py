"""Addresses: tracking goes, everything else stays byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.urls import URL_CHARS_MAX, clean_url, is_web_address, resolve


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://n.example/a?utm_source=rss&id=7&UTM_Medium=x", "https://n.example/a?id=7"),
        ("https://n.example/a?fbclid=1", "https://n.example/a"),
        ("https://n.example/a#xtor=RSS-1", "https://n.example/a"),
        ("https://n.example/a#:~:text=word", "https://n.example/a"),
        ("https://n.example/a#part:~:text=word", "https://n.example/a#part"),
        ("https://n.example/a?b=%7Bx%7D&c&d=1;2", "https://n.example/a?b=%7Bx%7D&c&d=1;2"),
        ("HTTPS://N.example/A?Q=1", "HTTPS://N.example/A?Q=1"),
        ("https://n.example/a?ref=home", "https://n.example/a?ref=home"),
        ("https://n.example/a?ref=feeds.n.example", "https://n.example/a"),
        ("https://n.example/a?source=https%3A%2F%2Fn.example%2F", "https://n.example/a"),
        ("/a/b?x=1", "https://n.example/a/b?x=1"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("mailto:a@n.example", "mailto:a@n.example"),
        ("https://n exa|mple/", ""),
        ("http://[::1/", ""),
        ("", ""),
    ],
)
def test_clean(url: str, expected: str) -> None:
    assert clean_url(url, base="https://n.example/", feed="https://feeds.n.example/rss") == expected


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_url(f"https://n.example/{text}")
    assert clean_url(once) == once


def test_line_breaks_inside_a_link_are_dropped_as_browsers_do() -> None:
    assert resolve(" /a\n\tb ", "https://n.example/x") == "https://n.example/ab"
    assert resolve("  ", "https://n.example/") is None
    assert resolve("a", None) == "a"


@pytest.mark.parametrize(
    "url", ["ftp://n.example/", "https://", "javascript:alert(1)", "https://n.example/" + "a" * URL_CHARS_MAX, None]
)
def test_what_is_no_web_address(url: str | None) -> None:
    assert not is_web_address(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/a", "http://[::1]:80/", "https://пример.example/"])
def test_what_is_one(url: str) -> None:
    assert is_web_address(url)
