"""Numbers: digits, words, ranges, hedges, and what is no count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.claims.numbers import find_numbers
from pipeline.text.events.tokens import split_sentences


def numbers(text: str) -> list[tuple[int | None, int | None, str | None]]:
    return [(n.low, n.high, n.hedge) for s in split_sentences(text) for n in find_numbers(s) if n.is_count]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("12 people", (12, 12, None)),
        ("1,800 militants", (1800, 1800, None)),
        ("twenty-five soldiers", (25, 25, None)),
        ("two hundred and fifty people", (250, 250, None)),
        ("three thousand families", (3000, 3000, None)),
        ("two million people", (2_000_000, 2_000_000, None)),
        ("nearly 600 members", (600, 600, "nearly")),
        ("some 1,800 militants", (1800, 1800, "some")),
        ("at least 40 people", (40, None, "at least")),
        ("as many as 40 people", (None, 40, "as many as")),
        ("more than a hundred fighters", (100, None, "more than")),
        ("between 30 and 40 rebels", (30, 40, "between")),
        ("30 to 40 rebels", (30, 40, None)),
        ("dozens of people", (24, None, "dozens of")),
        ("tens of thousands of people", (20_000, None, "tens of thousands of")),
        ("half a dozen men", (6, 6, None)),
        ("a dozen men", (12, 12, "a dozen")),
    ],
)
def test_reads_the_range_and_the_hedge(words: str, expected: tuple[int | None, int | None, str | None]) -> None:
    assert numbers(words) == [expected]


@pytest.mark.parametrize(
    "words",
    ["in 2014", "March 13", "$300", "40 percent", "at 10:30", "a 32-year-old man", "12 kilometers", "14 August"],
)
def test_years_times_money_and_measures_are_no_counts(words: str) -> None:
    assert numbers(words) == []


@given(st.text(max_size=200))
def test_never_fails_and_stays_in_the_sentence(text: str) -> None:
    for sentence in split_sentences(text):
        for number in find_numbers(sentence):
            assert 0 <= number.first < number.last <= len(sentence.tokens)
