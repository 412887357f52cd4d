"""Dates as feeds write them, read without guessing: a wrong instant is worse than none.

A date is cut into tokens and every token has to find its place (weekday, day, month, year, time, zone). A token that
finds none, a value out of range, or an order that can be read in two ways (03/04/2020 without a weekday) gives None.
Every pattern is linear in the length of the text, which is bounded.

Without a zone the time is taken as UTC, as RFC 5322 has it for "-0000"; Korean dates are in Korean time. A date of reduced
precision is its first moment. The zone abbreviations that mean several zones (IST, AST without RFC 822's reading, …) are read
only where RFC 822 defines them.
"""

import calendar
import re
import unicodedata
from contextlib import suppress
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

DATE_CHARS_MAX = 100
"""Longer strings are no dates."""
YEAR_MIN = 1900
NEWS_FROM = datetime(1990, 1, 1, tzinfo=UTC)
"""No feed is older: what lies before is an empty field (zero of Unix, DOS or a spreadsheet) or milliseconds taken for seconds."""
YEAR_MAX = 2200
CENTURY_TURN = 69
"""Two-digit years from here on are of the 1900s (POSIX strptime)."""
EPOCH_DIGITS = {10: 1, 13: 1_000}
"""Unix time in seconds and milliseconds, 2001 to 2286."""
ABBREVIATION_CHARS_MAX = 5
OFFSET_HOURS_MAX = 23
KOREA = timezone(timedelta(hours=9))

_DAY_FIRST = 31
_MONTHS = 12
_NOON = 12

_ISO_DATE = re.compile(
    r"(?P<y>\d{4})-?0?(?P<m>\d{2})-?(?P<d>\d{2})"
    r"|(?P<y2>\d{4})-(?P<m2>\d{1,2})(?:-(?P<d2>\d{1,2}))?"
    r"|(?P<yo>\d{4})-?(?P<o>\d{3})"
    r"|(?P<y3>\d{4})"
)
_ISO_SHORT = re.compile(
    r"(?P<y>\d{2})-?(?P<m>\d{2})-?(?P<d>\d{2})|(?P<yo>\d{2})-?(?P<o>\d{3})|-(?P<y2>\d{2})(?:-?(?P<m2>\d{2}))?"
)
_ISO_TIME = re.compile(
    r"(?P<h>\d{1,2}):?(?P<mi>\d{2})(?::?(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<z>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?z?"
)
_NUMERIC_DATE = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})\.?")
_ZONE_IN_BRACKETS = re.compile(r"(z|[+-]\d{2}:?\d{2})? ?\[([a-z0-9_+/-]{1,40})\]$")
"""Java's ZonedDateTime: `+01:00[europe/berlin]`."""
_GO_MONOTONIC = re.compile(r"\sm=[+-]\d{1,12}(?:\.\d{1,12})?$")
"""What Go's time.String() adds: the monotonic clock."""
_MINUS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
_TIME = re.compile(r"(\d{1,2})[:h](\d{2})(?:[:m](\d{2})(?:[.,]\d+)?)?s?")
_TIME_WITH_DOTS = re.compile(r"(\d{1,2})\.(\d{2})(?:\.(\d{2}))?")
_OFFSET = re.compile(r"(?:gmt|utc|z)?([+-])(\d{1,2})(?::?(\d{2}))?")
_NUMBER = re.compile(r"(\d{1,4})(?:st|nd|rd|th|er|º|ª|°|\.|e)?")
_CJK = re.compile(r"(\d{2,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_HALF_DAY_DOTS = re.compile(r"\b([ap])\.\s?m\b\.?")
_COMMENT = re.compile(r"\([^()]*\)")
_HOUR_AND_HALF = re.compile(r"(\d)([ap]m)\b")
_DATE_T_TIME = re.compile(r"(?<=\d)t(?=\d)")
_COMPACT = re.compile(r"(\d{8})(\d{4}(?:\d{2})?)")
_SPACE = re.compile(r"\s+")
_IANA = re.compile(r"[a-z]+(?:[_-][a-z]+)*(?:/[a-z0-9_+-]+){1,2}")


def parse_date(text: str | None) -> datetime | None:
    """The instant that `text` names, in UTC; None where it names none, or more than one."""
    if not text or len(text) > DATE_CHARS_MAX:
        return None
    cleaned = _SPACE.sub(" ", unicodedata.normalize("NFKC", text).translate(_MINUS)).strip().strip("\"'").lower()
    cleaned = _ZONE_IN_BRACKETS.sub(lambda zone: zone[1] or f" {zone[2]}", _GO_MONOTONIC.sub("", cleaned))
    try:
        moment = _read_epoch(cleaned) or _read_iso(cleaned) or _read_words(cleaned)
    except (ValueError, OverflowError):  # out of range: 99 June, 25 o'clock
        return None
    return moment if moment is not None and moment >= NEWS_FROM else None


def _read_epoch(text: str) -> datetime | None:
    scale = EPOCH_DIGITS.get(len(text))
    if scale is None or not (text.isascii() and text.isdigit()):
        return None
    return datetime.fromtimestamp(int(text) // scale, UTC)


def _read_iso(text: str) -> datetime | None:
    """ISO 8601 and its profile in RFC 3339, with the shortened and the sloppy forms that feeds carry."""
    if compact := _COMPACT.fullmatch(text):  # 20200501101112
        text = f"{compact[1]} {compact[2]}"
    day_part, separator, rest = text.partition("t") if "t" in text[:12] else text.partition(" ")
    day = _iso_day(day_part, short=not separator)
    if day is None:
        return None
    if not separator:
        return day
    time = _ISO_TIME.fullmatch(rest.strip())
    if time is None:
        return None
    moment = _at(day, int(time["h"]), int(time["mi"]), int(time["s"] or 0))
    return _in_zone(moment, _offset(time["z"]) if time["z"] and time["z"][0] in "+-" else UTC)


def _iso_day(text: str, *, short: bool) -> datetime | None:
    found = _ISO_DATE.fullmatch(text)
    if found is None and short:
        found = _ISO_SHORT.fullmatch(text)
    if found is None:
        return None
    part = {name.rstrip("23"): value for name, value in found.groupdict().items() if value is not None}
    written_year = part["yo"] if "yo" in part else part["y"]
    first = datetime(_full_year(int(written_year), len(written_year)), 1, 1, tzinfo=UTC)
    if "o" in part:
        day_of_year = int(part["o"])
        if not 1 <= day_of_year <= 365 + calendar.isleap(first.year):
            return None
        return first + timedelta(days=day_of_year - 1)
    day = first.replace(month=int(part.get("m", 1)), day=int(part.get("d", 1)))
    return None if len(written_year) == 2 and not _is_year_first(text, day) else day


def _is_year_first(text: str, day: datetime) -> bool:
    """Whether 03-12-31 can only be read year first: the other readings aren't dates, or haven't come yet."""
    bound = datetime.now(UTC) + timedelta(days=1)
    other = _NUMERIC_DATE.fullmatch(text)
    if other is None:
        return day <= bound
    with suppress(ValueError):
        if datetime(_full_year(int(other[4]), len(other[4])), int(other[3]), int(other[1]), tzinfo=UTC) <= bound:
            return False
    return day <= bound


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


def _read_words(text: str) -> datetime | None:
    slots = _Slots()
    text = _COMMENT.sub(" ", text)
    if cjk := _CJK.search(text):
        slots.numeric = (cjk[1], "-", cjk[2], cjk[3])
        slots.is_korean = "년" in text
        text = f"{text[: cjk.start()]} {text[cjk.end() :]}"
    text = _DATE_T_TIME.sub(" ", text)
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
    if date := _NUMERIC_DATE.fullmatch(token):
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
    if offset := _OFFSET.fullmatch(token):
        slots.has_offset = True
        zone = _offset(f"{offset[1]}{offset[2]:0>2}{offset[3] or ''}")
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


def _offset(text: str) -> timezone:
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
    return _in_zone(_at(day, hour, minute, second), slots.zone or (KOREA if slots.is_korean else UTC))


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
        return datetime(_full_year(*years[0]), slots.month, day, tzinfo=UTC)
    if len(rest) != 2:
        return None
    # "16 Nov 20", "Nov 16 20": the year comes last.
    return datetime(_full_year(*rest[1]), slots.month, rest[0][0], tzinfo=UTC)


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
    a, b, year = int(first), int(second), _full_year(int(third), len(third))
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


def _full_year(year: int, digits: int) -> int:
    full = year + (1900 if year >= CENTURY_TURN else 2000) if digits <= 2 else year
    if not YEAR_MIN <= full <= YEAR_MAX:
        raise ValueError(year)
    return full


def _at(day: datetime, hour: int, minute: int, second: int) -> datetime:
    if (hour, minute, second) == (24, 0, 0):  # ISO 8601's end of the day
        return day + timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=59 if second == 60 else second)


def _in_zone(moment: datetime, zone: timezone | ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone).astimezone(UTC)
