"""Dates: the right instant or none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.dates import DATE_CHARS_MAX, parse_date


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 822 and 5322
        ("Sat, 07 Sep 2002 09:42:31 GMT", utc(2002, 9, 7, 9, 42, 31)),
        ("7 Sep 02 09:42 EST", utc(2002, 9, 7, 14, 42)),
        ("Sat, 07 Sep 2002 09:42:31 -0330", utc(2002, 9, 7, 13, 12, 31)),
        ("Saturday, 7 September 2002 9:42:31 +0200 (CEST)", utc(2002, 9, 7, 7, 42, 31)),
        # ISO 8601 and RFC 3339
        ("2002-09-07T09:42:31Z", utc(2002, 9, 7, 9, 42, 31)),
        ("2002-09-07T09:42:31.25+05:30", utc(2002, 9, 7, 4, 12, 31)),
        ("20020907T094231Z", utc(2002, 9, 7, 9, 42, 31)),
        ("2002-250", utc(2002, 9, 7)),
        ("2002-09", utc(2002, 9, 1)),
        ("2002-09-07T24:00:00Z", utc(2002, 9, 8)),
        # what publishers write instead
        ("1031391751", utc(2002, 9, 7, 9, 42, 31)),
        ("1031391751000", utc(2002, 9, 7, 9, 42, 31)),
        ("Sept. 7th, 2002, 9:42 p.m.", utc(2002, 9, 7, 21, 42)),
        ("12:05 AM 7 Sep 2002", utc(2002, 9, 7, 0, 5)),
        ("Sat Sep  7 09:42:31 2002", utc(2002, 9, 7, 9, 42, 31)),
        ("Sat Sep 07 2002 09:42:31 GMT+0200 (Central European Summer Time)", utc(2002, 9, 7, 7, 42, 31)),
        ("07.09.2002 09:42", utc(2002, 9, 7, 9, 42)),
        ("Sat, 07/09/2002 09:42", utc(2002, 9, 7, 9, 42)),  # the weekday tells day from month
        ("Tue, 07/09/2002 09:42", utc(2002, 7, 9, 9, 42)),
        ("25/09/2002", utc(2002, 9, 25)),
        ("samedi 7 septembre 2002 à 09h42", utc(2002, 9, 7, 9, 42)),
        ("Сб, 07 сентября 2002 09:42:31 +0400", utc(2002, 9, 7, 5, 42, 31)),
        ("2002年9月7日 09:42", utc(2002, 9, 7, 9, 42)),
        ("2002년 9월 7일 오후 9:42", utc(2002, 9, 7, 12, 42)),
        ("Fri, 07 Jul 2023 12:00:00 America/New_York", utc(2023, 7, 7, 16)),
        ("7 Jul 2023 12:00 PT", utc(2023, 7, 7, 19)),
        ("7 Jan 2023 12:00 PT", utc(2023, 1, 7, 20)),
        ("Sat, 07 09 2002 09:42:31 +0100", utc(2002, 9, 7, 8, 42, 31)),
        ("Sat, 07 Sep 2002 09:42:31 +0530 IST", utc(2002, 9, 7, 4, 12, 31)),  # the offset has said it
        ("2002-09-07T09:42:31-05:00Z", utc(2002, 9, 7, 14, 42, 31)),
        ("7 Sep 2002 09.42.31", utc(2002, 9, 7, 9, 42, 31)),
        ("mar, 3 sep 2002 10:00:00 GMT", utc(2002, 9, 3, 10)),  # Tuesday, not March
    ],
)
def test_reads(text: str, expected: datetime) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "yesterday",
        "03/04/2020",  # March or April
        "10-11-12",
        "Sat, 32 Sep 2002 09:42:31 GMT",
        "30 Feb 2002",
        "2002-13-01",
        "2002-09-07T25:00:00Z",
        "2002-09-07T09:60:00Z",
        "2002-09-07T09:42:31+99:00",
        "Sat, 07 Sep 2002 09:42:31 +0x:00",
        "7 Sep 2002 09:42 IST",  # Ireland, Israel or India
        "7 Sep 2002 09:42 Mars/Olympus",
        "7 8 Sep 2002",
        "07 09 2002 09:42",
        "Mon, 01 02 03 2004",
        "0001-01-01T00:00:00Z",
        "7 Sep 2002 09:42 09:43",
        "7 Sep 2002 15:00 AM",
        "2002-09-07 and something else",
        "1" * (DATE_CHARS_MAX + 1),
    ],
)
def test_gives_none_rather_than_a_wrong_instant(text: str | None) -> None:
    assert parse_date(text) is None


@given(st.datetimes(datetime(1991, 1, 1), datetime(2150, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_agrees_with_what_python_writes(moment: datetime, offset_minutes: int) -> None:
    from datetime import timezone
    from email.utils import format_datetime

    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset_minutes)))
    assert parse_date(aware.isoformat()) == aware
    assert parse_date(format_datetime(aware)) == aware


@given(st.text(max_size=120))
def test_never_raises_and_is_always_utc(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.tzinfo == UTC
