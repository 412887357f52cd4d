"""Dates: where they stand and what they mean on a day of publication."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.dates import find_dates, resolve_date

THURSDAY = datetime(2021, 11, 25, 9, 0, tzinfo=UTC)

MEANINGS = [
    ("2021-11-24", "2021-11-24"),
    ("2021-11", "2021-11"),
    ("24 November 2021", "2021-11-24"),
    ("Nov. 24, 2021", "2021-11-24"),
    ("Wednesday, November 24", "2021-11-24"),
    ("15 JAN 90", "1990-01-15"),
    ("November 2020", "2020-11"),
    ("mid-August", "2021-08"),
    ("late December", "2021-12"),
    ("December 25", "2021-12-25"),
    ("July", "2021-07"),
    ("August of last year", "2020-08"),
    ("March 3-5, 2020", "2020-03"),
    ("Wednesday", "2021-11-24"),
    ("Thursday", "2021-11-25"),
    ("last Thursday", "2021-11-18"),
    ("next Monday", "2021-11-29"),
    ("Monday night", "2021-11-22"),
    ("yesterday", "2021-11-24"),
    ("the day before yesterday", "2021-11-23"),
    ("overnight", "2021-11-25"),
    ("this morning", "2021-11-25"),
    ("last night", "2021-11-24"),
    ("last month", "2021-10"),
    ("this week", "2021-W47"),
    ("last week", "2021-W46"),
    ("early next year", "2022"),
    ("three days ago", "2021-11-22"),
    ("two weeks ago", "2021-W45"),
    ("11 months ago", "2020-12"),
    ("20 years ago", "2001"),
    ("2020", "2020"),
    ("summer of 2019", "2019"),
    ("24/11/2021", "2021-11-24"),
    ("11/24/2021", "2021-11-24"),
    ("04/05/2021", "2021"),
    ("recent weeks", None),
    ("the past two weeks", None),
    ("several days ago", None),
    ("the 1990s", None),
    ("2014-2016", None),
    ("31 February 2020", None),
    ("", None),
]


@pytest.mark.parametrize(("words", "meaning"), MEANINGS)
def test_words_mean_a_day_seen_from_publication(words: str, meaning: str | None) -> None:
    assert resolve_date(words, THURSDAY) == meaning


@pytest.mark.parametrize("words", ["Wednesday", "last month", "mid-August", "yesterday", "two weeks ago"])
def test_nothing_relative_is_guessed_without_a_day_of_publication(words: str) -> None:
    assert resolve_date(words, None) is None


def test_full_dates_need_no_day_of_publication() -> None:
    assert resolve_date("24 November 2021", None) == "2021-11-24"


def test_a_date_does_as_well_as_a_datetime() -> None:
    assert resolve_date("yesterday", date(2022, 1, 1)) == "2021-12-31"


def test_the_turn_of_the_year_is_crossed() -> None:
    january = date(2022, 1, 4)
    assert resolve_date("December 30", january) == "2021-12-30"
    assert resolve_date("last month", january) == "2021-12"
    assert resolve_date("January 9", date(2021, 12, 28)) == "2022-01-09"


SPANS = [
    ("They met on Wednesday in Kabul.", ["Wednesday"]),
    ("since returning to power in mid-August.", ["mid-August"]),
    ("On 12-14 March 2021 and again on May 3rd, 2022, shells fell.", ["12-14 March 2021", "May 3rd, 2022"]),
    ("It may rain; they march on. Sun rose.", []),
    ("In May they left; Theresa May stayed.", ["May"]),
    ("The report of 2021-11-24T10:00:00Z stands.", ["2021-11-24T10:00:00Z"]),
    ("Two weeks ago, and over the past three months, nothing happened.", ["Two weeks ago", "past three months"]),
    ("Some 2000 people fled in 2015 at a cost of $2020.", ["2015"]),
    ("SAN SALVADOR, 15 JAN 90 -- POLICE SAID TODAY", ["15 JAN 90", "TODAY"]),
    ("He assumed office last month.", ["last month"]),
    ("the early 1990s and the summer of 2019", ["early 1990s", "summer of 2019"]),
    ("She ran 2.08.50 and Jan said nothing.", []),
    ("On 24.11.2021 and 11/24/21", ["24.11.2021", "11/24/21"]),
    ("see https://example.org/2021/05/report and 2021-05-19-notes", []),
    ("version 2.2021.4 of CVE-2021-44228", []),
]


@pytest.mark.parametrize(("text", "dates"), SPANS)
def test_spans(text: str, dates: list[str]) -> None:
    assert [text[start:end] for start, end in find_dates(text)] == dates


@given(st.text(max_size=200), st.one_of(st.none(), st.dates()))
def test_any_text_is_answered(text: str, today: date | None) -> None:
    resolve_date(text, today)
    spans = find_dates(text)
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
