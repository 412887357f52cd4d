"""Whose text it is: datelines, by-lines and credits count, mentions do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.dedupe.agency import agency_of


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("KABUL (AFP) — A bridge fell.", "AFP"),
        ("WASHINGTON, Nov 11 (Reuters) - A bridge fell.", "Reuters"),
        ("LONDON (REUTERS) - A bridge fell.", "Reuters"),
        ("(AP) – A bridge fell.", "AP"),
        ("KABUL, Nov. 11 (Xinhua) -- A bridge fell.", "Xinhua"),
        ("MOSCOW, November 11. /TASS/. A bridge fell.", "TASS"),
        ("New Delhi [India], November 11 (ANI): A bridge fell.", "ANI"),
        ("Madrid, 11 nov (EFE).- Cayó un puente.", "EFE"),
        ("BERLIN (dpa) - Eine Brücke fiel.", "dpa"),
        ("By The Associated Press\nA bridge fell.", "AP"),
        ("By Jane Roe, Associated Press\nA bridge fell.", "AP"),
        ("ANKARA\nAnadolu Agency\nA bridge fell.", "Anadolu"),
        ("A bridge fell.\n(Reporting by Jane Roe; Editing by John Doe)", "Reuters"),
        ("A bridge fell.\n© 2021 AFP", "AFP"),
        ("A bridge fell. Copyright 2020 The Associated Press. All rights reserved.", "AP"),
        ("A bridge fell. — Bernama", "Bernama"),
        ("A bridge fell, officials said. PTI ABC XY", "PTI"),
    ],
)
def test_signed_texts(text: str, agency: str) -> None:
    assert agency_of(text) == agency


@pytest.mark.parametrize(
    "text",
    [
        "A bridge fell, officials told AFP on Friday.",
        "The news agency (AP) said that it would go on. More is to come.",
        "A bridge fell, TASS reported, citing the ministry.",
        "© 2024 App Store of the town",
        "Nan Roe was there, and so was the spa.",
        "",
    ],
)
def test_mentions_are_no_signature(text: str) -> None:
    assert agency_of(text) is None


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("Reuters", "Reuters"),
        ("By Jane Roe, Associated Press", "AP"),
        ("AFP", "AFP"),
        ("Jane Roe (dpa)", "dpa"),
        ("The Associated Press", "AP"),
        ("Carla Capalbo", None),
        ("Jane Apa", None),
    ],
)
def test_authors(author: str, agency: str | None) -> None:
    assert agency_of("A bridge fell.", (author,)) == agency


@given(st.text(alphabet="AFP()/—- \n.,;Reporting by Editing", max_size=600))
def test_no_text_takes_long_or_raises(text: str) -> None:
    agency_of(text, (text,))
