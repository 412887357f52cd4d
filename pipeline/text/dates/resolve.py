"""What a date expression means, seen from the day of publication.

`resolve_date` answers in ISO 8601 of reduced precision: `2021-11-24`, `2021-W47` (a week), `2021-08` (a month), `2021` (a
year). A span of days is reduced to what its ends share. Where the words leave it open the answer is None, never a guess.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from pipeline.text.dates.words import (
    CARDINALS,
    CENTURY_PIVOT,
    MONTH_NUMBERS,
    SEASONS,
    WEEKDAY_NUMBERS,
    YEAR_MAX,
    YEAR_MIN,
)

AHEAD_DAYS_MAX = 92
"""A day or month without a year is read as lying ahead only up to so many days; news tells of what has been."""

TEXT_CHARS_MAX = 100
"""Longer expressions are no dates."""

_ISO = re.compile(r"(\d{4})[-/](\d\d)(?:[-/](\d\d))?(?!\d)")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\Z")
_WORD = re.compile(r"[a-z]+|\d+")
_DECADE = re.compile(r"(?<!\d)\d{1,3}0['’]?s\b|century|centuries|decade")
_TO_DAY = {"today": 0, "tonight": 0, "overnight": 0, "yesterday": -1, "tomorrow": 1}
_DIRECTIONS = {"last": -1, "previous": -1, "past": -1, "this": 0, "same": 0, "next": 1, "coming": 1, "following": 1}
_UNITS = {
    "day": "day",
    "night": "day",
    "week": "week",
    "weekend": "week",
    "fortnight": "fortnight",
    "month": "month",
    "year": "year",
}
_VAGUE = frozenset({"several", "few", "couple", "many", "dozen", "recent", "decades"})


def resolve_date(text: str, published: datetime | date | None) -> str | None:
    """The day, week, month or year that the words `text` mean in an article of the day `published`.

    Args:
        text: a date expression as `find_dates` cuts it out: "mid-August", "Wednesday", "March 3-5, 2020".
        published: the day to count from; None when unknown, and then only full dates have an answer.

    Returns:
        ISO 8601 of reduced precision, or None.
    """
    words = text.strip().lower()
    if not words or len(words) > TEXT_CHARS_MAX:
        return None
    today = published.date() if isinstance(published, datetime) else published
    if match := _ISO.match(words):
        return _iso(int(match[1]), int(match[2]), int(match[3]) if match[3] else None)
    if match := _SLASHED.match(words):
        return _slashed(int(match[1]), int(match[2]), _full_year(match[3]))
    if _DECADE.search(words):
        return None
    tokens = _WORD.findall(words)
    try:
        return _calendar(tokens, today) or (_relative(tokens, today) if today else None)
    except (ValueError, OverflowError):  # 31 February, or a day before the year 1
        return None


def _iso(year: int, month: int | None = None, day: int | None = None) -> str | None:
    if month is None:
        return f"{year:04d}"
    if day is None:
        return f"{year:04d}-{month:02d}" if 1 <= month <= 12 else None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < CENTURY_PIVOT else 1900)


def _slashed(first: int, second: int, year: int) -> str | None:
    """Day and month in either order: only what both readings share is certain."""
    if first == second or (first > 12) != (second > 12):
        month, day = (second, first) if first > 12 else (first, second)
        return _iso(year, month, day)
    return _iso(year) if first <= 12 and second <= 12 else None


def _calendar(tokens: Sequence[str], today: date | None) -> str | None:
    """Expressions that name a month or a year."""
    month = next((MONTH_NUMBERS[token] for token in tokens if token in MONTH_NUMBERS), None)
    numbers = [token for token in tokens if token.isdigit()]
    years = [int(token) for token in numbers if len(token) == 4 and YEAR_MIN <= int(token) <= YEAR_MAX]
    days = [int(token) for token in numbers if len(token) <= 2]
    if month is None:
        return _year_only(tokens, years, days)
    if not years and ((len(days) > 1 and not 1 <= days[-1] <= 31) or _trailing_year(tokens)):
        years, days = [_full_year(tokens[-1])], days[:-1]
    year = (
        years[0]
        if years
        else _year_by_words(tokens, today) or _nearest_year(month, days[0] if days else None, today, tokens)
    )
    if year is None:
        return None
    return _iso(year, month, days[0] if len(days) == 1 else None)


def _trailing_year(tokens: Sequence[str]) -> bool:
    """ "15 jan 90": a day, a month, two digits."""
    return (
        len(tokens) >= 3
        and tokens[-1].isdigit()
        and len(tokens[-1]) == 2
        and tokens[-2] in MONTH_NUMBERS
        and tokens[-3].isdigit()
    )


def _year_only(tokens: Sequence[str], years: Sequence[int], days: Sequence[int]) -> str | None:
    if len(years) != 1 or (days and not any(token in SEASONS or token.startswith("q") for token in tokens)):
        return None
    return _iso(years[0])


def _year_by_words(tokens: Sequence[str], today: date | None) -> int | None:
    """ "August of last year"."""
    if today is None or "year" not in tokens:
        return None
    return next((today.year + _DIRECTIONS[token] for token in tokens if token in _DIRECTIONS), None)


def _nearest_year(month: int, day: int | None, today: date | None, tokens: Sequence[str]) -> int | None:
    """The year that puts the day, or the month, at or before today, or at most `AHEAD_DAYS_MAX` after."""
    if today is None:
        return None
    if day is None:
        if "next" in tokens:
            return today.year + (month <= today.month)
        if "last" in tokens:
            return today.year - (month >= today.month)
        ahead = (month - today.month) * 30
    else:
        ahead = (date(today.year, month, min(day, 28)) - today).days
    if ahead > AHEAD_DAYS_MAX:
        return today.year - 1
    return today.year + 1 if ahead < AHEAD_DAYS_MAX - 365 else today.year


def _relative(tokens: Sequence[str], today: date) -> str | None:
    for token in tokens:
        if token in _TO_DAY:
            return _days(today, _twice(tokens, _TO_DAY[token])).isoformat()
    weekday = next((WEEKDAY_NUMBERS[token] for token in tokens if token in WEEKDAY_NUMBERS), None)
    if weekday is not None:
        return _weekday(tokens, weekday, today)
    unit = next((_UNITS[token.removesuffix("s")] for token in tokens if token.removesuffix("s") in _UNITS), None)
    if unit is not None and any(token in ("ago", "earlier", "before") for token in tokens):
        return _ago(tokens, unit, today)
    return _period(tokens, unit, today)


def _twice(tokens: Sequence[str], days: int) -> int:
    """ "the day before yesterday", "the day after tomorrow"."""
    return 2 * days if "before" in tokens or "after" in tokens else days


def _days(today: date, count: int) -> date:
    return today + timedelta(days=count)


def _weekday(tokens: Sequence[str], weekday: int, today: date) -> str:
    """A weekday in news is the latest one up to today, but for "next" and "coming"."""
    if "week" in tokens:
        shift = next((_DIRECTIONS[token] for token in tokens if token in _DIRECTIONS), 0)
        return _days(today, weekday - today.weekday() + 7 * shift).isoformat()
    if any(token in ("next", "coming") for token in tokens):
        return _days(today, (weekday - today.weekday() - 1) % 7 + 1).isoformat()
    back = (today.weekday() - weekday) % 7
    if "last" in tokens and back == 0:
        back = 7
    return _days(today, -back).isoformat()


def _ago(tokens: Sequence[str], unit: str, today: date) -> str | None:
    if any(token in _VAGUE for token in tokens):
        return None
    count = next(
        (
            int(token) if token.isdigit() else CARDINALS[token]
            for token in tokens
            if token.isdigit() or token in CARDINALS
        ),
        None,
    )
    if count is None:
        return None
    if unit == "day":
        return _days(today, -count).isoformat()
    if unit in ("week", "fortnight"):
        return _week(_days(today, -count * (14 if unit == "fortnight" else 7)))
    return _months(today, -count) if unit == "month" else _iso(today.year - count)


def _period(tokens: Sequence[str], unit: str | None, today: date) -> str | None:
    """ "last month", "this week", "early next year", "this morning"; a plural ("the past two weeks") is a window without an edge."""
    shift = next((_DIRECTIONS[token] for token in tokens if token in _DIRECTIONS), None)
    plural = any(token.endswith("s") and token[:-1] in _UNITS for token in tokens)
    if shift is None or plural or "past" in tokens or any(token in SEASONS for token in tokens):
        return None
    if unit is None or "night" in tokens:
        partial = any(token in ("morning", "afternoon", "evening", "night", "noon") for token in tokens)
        return _days(today, shift).isoformat() if partial else None
    if unit == "week":
        return _week(_days(today, 7 * shift))
    if unit == "month":
        return _months(today, shift)
    if unit == "year":
        return _iso(today.year + shift)
    return today.isoformat() if unit == "day" and shift == 0 and "same" not in tokens else None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _months(today: date, shift: int) -> str | None:
    index = today.year * 12 + today.month - 1 + shift
    return _iso(index // 12, index % 12 + 1)
