"""Dates in words and digits of any order, token by token.

A date is cut into tokens and every token has to find its place (weekday, day, month, year, time, zone). A token that
finds none, a value out of range, or an order that can be read in two ways (03/04/2020 without a weekday) gives None.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.sources.datewords import (
    AFTERNOON,
    IGNORED,
    KOREAN_HALVES,
    MONTHS,
    MORNING,
    US_TIMES,
    US_ZONES,
    WEEKDAYS,
    ZONE_HOURS,
)

YEAR_MIN = 1900
YEAR_MAX = 2200
CENTURY_TURN = 69
"""Two-digit years from here on are of the 1900s (POSIX strptime)."""
ABBREVIATION_CHARS_MAX = 5
OFFSET_HOURS_MAX = 23
KOREA = timezone(timedelta(hours=9))
_DAY_FIRST = 31
_MONTHS = 12
_NOON = 12

NUMERIC_DATE = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})\.?")
_TIME = re.compile(r"(\d{1,2})[:h](\d{2})(?:[:m](\d{2})(?:[.,]\d+)?)?s?")
_TIME_WITH_DOTS = re.compile(r"(\d{1,2})\.(\d{2})(?:\.(\d{2}))?")
_HOUR = re.compile(r"(\d{1,2})h")
_YEAR_COLON_TIME = re.compile(r"(?<=/\d{4}):(?=\d{2}:\d{2})")
"""Web servers' logs: `2/mar/2026:10:00:00`."""
_OFFSET = re.compile(r"(?:gmt|utc|z)?([+-])(\d{1,2})(?::?(\d{2}))?")
_NUMBER = re.compile(r"(\d{1,4})(?:st|nd|rd|th|er|º|ª|°|\.|e)?")
_CJK = re.compile(r"(\d{2,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_HALF_DAY_DOTS = re.compile(r"\b([ap])\.\s?m\b\.?")
_COMMENT = re.compile(r"\([^()]*\)")
_HOUR_AND_HALF = re.compile(r"(\d)([ap]m)\b")
_DATE_T_TIME = re.compile(r"(?<=\d)t(?=\d)")
_IANA = re.compile(r"[a-z]+(?:[_-][a-z]+)*(?:/[a-z0-9_+-]+){1,2}")


class _Slots:
    """What has been read so far; each slot is filled once."""

    def __init__(self) -> None:
        self.numbers: list[tuple[int, int]] = []  # value, digits: day and year, in the order written
        self.month: int | None = None
        self.first_month = ""  # the word that the month was read from
        self.weekday: int | None = None
        self.numeric: tuple[str, str, str, str] | None = None
        self.clock: tuple[int, int, int] | None = None
        self.half: str | None = None
        self.zone: timezone | ZoneInfo | None = None
        self.has_offset = False
        self.is_american = False
        self.is_korean = False


def read_words(text: str) -> datetime | None:
    """The moment that the tokens of a lower-case text name, or None. Raises ValueError for values out of range."""
    slots = _Slots()
    text = _COMMENT.sub(" ", text)
    if cjk := _CJK.search(text):
        slots.numeric = (cjk[1], "-", cjk[2], cjk[3])
        slots.is_korean = "년" in text
        text = f"{text[: cjk.start()]} {text[cjk.end() :]}"
    text = _YEAR_COLON_TIME.sub(" ", _DATE_T_TIME.sub(" ", text))
    text = _HOUR_AND_HALF.sub(r"\1 \2", _HALF_DAY_DOTS.sub(r"\1m", text))
    for token in text.replace(",", " ").split():
        if not _place(token, slots):
            return None
    return _assemble(slots)


def _place(token: str, slots: _Slots) -> bool:
    """Put the token into the slot it belongs to; False when there is none, or it is taken."""
    return _place_number(token, slots) if token[0].isdigit() else _place_word(token, slots)


def _place_number(token: str, slots: _Slots) -> bool:
    if (time := _TIME.fullmatch(token)) or (time := _time_with_zone(token, slots)):
        if slots.clock is not None:
            return False
        slots.clock = int(time[1]), int(time[2]), int(time[3] or 0)
        return True
    is_dated = slots.month is not None or slots.numeric is not None
    if is_dated and slots.clock is None and (time := _TIME_WITH_DOTS.fullmatch(token)):
        slots.clock = int(time[1]), int(time[2]), int(time[3] or 0)
        return True
    if (hour := _HOUR.fullmatch(token)) and slots.clock is None:
        slots.clock = int(hour[1]), 0, 0
        return True
    if date := NUMERIC_DATE.fullmatch(token):
        if slots.numeric is not None:
            return False
        slots.numeric = date[1], date[2], date[3], date[4]
        return True
    if number := _NUMBER.fullmatch(token):
        slots.numbers.append((int(number[1]), len(number[1])))
        return len(slots.numbers) <= 3
    pieces = [piece for piece in re.split(r"[-/]", token) if piece]
    return len(pieces) == 3 and not pieces[1].isdigit() and all(_place(piece, slots) for piece in pieces)


def _time_with_zone(token: str, slots: _Slots) -> re.Match[str] | None:
    """`12:00:00+0200` and `12:00:00z`, written in one."""
    found = _TIME.match(token)
    if found is None or slots.zone is not None or not _place_zone(token[found.end() :], slots):
        return None
    return found


def _place_word(token: str, slots: _Slots) -> bool:
    if token in IGNORED:
        return True
    word = token.rstrip(".:")
    if word in MORNING or word in AFTERNOON:
        slots.half, free = ("am" if word in MORNING else "pm"), slots.half is None
        slots.is_american = slots.is_american or token in {"am", "pm"}
        slots.is_korean = slots.is_korean or word in KOREAN_HALVES
        return free
    if word in MONTHS and slots.month is not None and slots.weekday is None and slots.first_month in WEEKDAYS:
        # "mar, 16 nov 2020": what looked like March was Tuesday.
        slots.weekday, slots.month = WEEKDAYS[slots.first_month], None
    if word in MONTHS and slots.month is None and slots.numeric is None:
        slots.first_month = word
        slots.month = MONTHS[word]
        return True
    is_zone = slots.clock is not None and (token in US_TIMES or token in ZONE_HOURS)  # "12:00 PT", not Polish Friday
    if word in WEEKDAYS and slots.weekday is None and not is_zone:
        slots.weekday = WEEKDAYS[word]
        return True
    return _place_zone(token, slots)


def _place_zone(token: str, slots: _Slots) -> bool:
    zone: timezone | ZoneInfo | None
    if slots.has_offset and token.isalpha() and len(token) <= ABBREVIATION_CHARS_MAX:
        return True  # "+0530 IST": the offset has said it
    if found := _OFFSET.fullmatch(token):
        slots.has_offset = True
        zone = offset(f"{found[1]}{found[2]:0>2}{found[3] or ''}")
    elif token in US_TIMES:
        zone, slots.is_american = ZoneInfo(US_TIMES[token]), True
    elif token in ZONE_HOURS:
        zone = timezone(timedelta(hours=ZONE_HOURS[token]))
        slots.is_american = slots.is_american or token in US_ZONES
    else:
        zone = _iana(token)
    if zone is None:
        return False
    if slots.zone not in (None, UTC):
        # "+0200 (CEST)" without the brackets: the same zone said twice, or the offset stands.
        return True
    slots.zone = zone
    return True


@lru_cache(maxsize=512)
def _iana(name: str) -> ZoneInfo | timezone | None:
    if not _IANA.fullmatch(name):
        return None
    if name in {"etc/gmt", "etc/utc"}:
        return UTC
    titled = "/".join("_".join(w.capitalize() for w in part.split("_")) for part in name.split("/"))
    try:
        return ZoneInfo(titled)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset(text: str) -> timezone:
    """The zone of `+0100`, `-5:30`. Raises ValueError."""
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    if hours > OFFSET_HOURS_MAX or minutes > 59:
        raise ValueError(text)
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


def _assemble(slots: _Slots) -> datetime | None:
    if len(slots.numbers) == 3:  # "Sat, 11 04 2020": as if there were slashes, if the weekday tells which is which
        if slots.month or slots.numeric or slots.weekday is None:
            return None
        (first, one), (second, two), (third, three) = slots.numbers
        slots.numeric = f"{first:0{one}}", "/", f"{second:0{two}}", f"{third:0{three}}"
        slots.numbers = []
    day = _day_of_numeric(slots) if slots.numeric else _day_of_words(slots)
    if day is None:
        return None
    hour, minute, second = slots.clock or (0, 0, 0)
    if slots.half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if slots.half == "pm" else 0)
    elif slots.half == "am":
        return None  # 15:00 AM
    return in_zone(at(day, hour, minute, second), slots.zone or (KOREA if slots.is_korean else UTC))


def _day_of_words(slots: _Slots) -> datetime | None:
    """Day, month by name, year, in any of the orders that leave one reading."""
    if slots.month is None or not slots.numbers:
        return None
    years = [n for n in slots.numbers if n[1] >= 3]
    rest = [n for n in slots.numbers if n[1] < 3]
    if len(years) > 1:
        return None
    if years:
        day = rest[0][0] if rest else 1  # "Nov 2020": the month's first moment
        return datetime(full_year(*years[0]), slots.month, day, tzinfo=UTC)
    if len(rest) != 2:
        return None
    # "16 Nov 20", "Nov 16 20": the year comes last.
    return datetime(full_year(*rest[1]), slots.month, rest[0][0], tzinfo=UTC)


def _day_of_numeric(slots: _Slots) -> datetime | None:
    """Digits alone: year first, or points (day first), or one order that the values, the weekday or the style allow."""
    assert slots.numeric is not None  # noqa: S101 - the caller looked
    if slots.numbers or slots.month:
        return None
    first, separator, second, third = slots.numeric
    if len(first) == 4:
        return datetime(int(first), int(second), int(third), tzinfo=UTC) if len(third) < 3 else None
    if len(first) > 2 or len(third) in (1, 3):
        return None
    a, b, year = int(first), int(second), full_year(int(third), len(third))
    if separator == ".":
        return datetime(year, b, a, tzinfo=UTC)
    orders = {(month, day) for month, day in ((a, b), (b, a)) if month <= _MONTHS and day <= _DAY_FIRST}
    if len(orders) > 1 and slots.weekday is not None:
        orders = {o for o in orders if calendar.weekday(year, *o) == slots.weekday}
    if len(orders) > 1 and slots.is_american:
        orders = {(a, b)}
    if len(orders) != 1:
        return None
    month, day = orders.pop()
    return datetime(year, month, day, tzinfo=UTC)


def full_year(year: int, digits: int) -> int:
    """The year that two or more digits mean. Raises ValueError."""
    full = year + (1900 if year >= CENTURY_TURN else 2000) if digits <= 2 else year
    if not YEAR_MIN <= full <= YEAR_MAX:
        raise ValueError(year)
    return full


def at(day: datetime, hour: int, minute: int, second: int) -> datetime:
    """The time on that day; leap seconds are the second before. Raises ValueError."""
    if (hour, minute, second) == (24, 0, 0):  # ISO 8601's end of the day
        return day + timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=59 if second == 60 else second)


def in_zone(moment: datetime, zone: timezone | ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks of the zone show that time."""
    return moment.replace(tzinfo=zone).astimezone(UTC)
