"""Dates as feeds write them, read without guessing: a wrong instant is worse than none.

Here the forms that programs write: Unix time and ISO 8601 with its shortened and sloppy relatives. What is none of these is
read word by word (`dateslots.py`). A value out of range gives None. Every pattern is linear in the length of the text, which is bounded.

Without a zone the time is taken as UTC, as RFC 5322 has it for "-0000"; Korean dates are in Korean time. A date of reduced
precision is its first moment. The zone abbreviations that mean several zones (IST, AST without RFC 822's reading, …) are read
only where RFC 822 defines them.
"""

import calendar
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from connectors.sources.dateslots import NUMERIC_DATE, at, full_year, in_zone, offset, read_words

DATE_CHARS_MAX = 100
"""Longer strings are no dates."""
NEWS_FROM = datetime(1990, 1, 1, tzinfo=UTC)
"""No feed is older: what lies before is an empty field (zero of Unix, DOS or a spreadsheet) or milliseconds taken for seconds."""
EPOCH_DIGITS = {10: 1, 13: 1_000}
"""Unix time in seconds and milliseconds, 2001 to 2286."""


_ISO_DATE = re.compile(
    r"(?P<y>\d{4})-?0?(?P<m>\d{2})-?(?P<d>\d{2})"
    r"|(?P<y2>\d{4})-(?P<m2>\d{1,2})(?:-(?P<d2>\d{1,2}))?"
    r"|(?P<yo>\d{4})-?(?P<o>\d{3})"
    r"|(?P<y3>\d{4})"
)
_ISO_WEEK = re.compile(r"(\d{4})-?w(\d{2})(?:-?([1-7]))?")
_ISO_SHORT = re.compile(
    r"(?P<y>\d{2})-?(?P<m>\d{2})-?(?P<d>\d{2})|(?P<yo>\d{2})-?(?P<o>\d{3})|-(?P<y2>\d{2})(?:-?(?P<m2>\d{2}))?"
)
_ISO_TIME = re.compile(
    r"(?P<h>\d{1,2}):?(?P<mi>\d{2})(?::?(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<z>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?z?"
)
_ZONE_IN_BRACKETS = re.compile(r"(z|[+-]\d{2}:?\d{2})? ?\[([a-z0-9_+/-]{1,40})\]$")
"""Java's ZonedDateTime: `+01:00[europe/berlin]`."""
_GO_MONOTONIC = re.compile(r"\sm=[+-]\d{1,12}(?:\.\d{1,12})?$")
"""What Go's time.String() adds: the monotonic clock."""
_MINUS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
_COMPACT = re.compile(r"(\d{8})(\d{4}(?:\d{2})?)")
_SPACE = re.compile(r"\s+")


def parse_date(text: str | None) -> datetime | None:
    """The instant that `text` names, in UTC; None where it names none, or more than one."""
    if not text or len(text) > DATE_CHARS_MAX:
        return None
    cleaned = _SPACE.sub(" ", unicodedata.normalize("NFKC", text).translate(_MINUS)).strip().strip("\"'").lower()
    cleaned = _ZONE_IN_BRACKETS.sub(lambda zone: zone[1] or f" {zone[2]}", _GO_MONOTONIC.sub("", cleaned))
    try:
        moment = _read_epoch(cleaned) or _read_iso(cleaned) or read_words(cleaned)
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
    moment = at(day, int(time["h"]), int(time["mi"]), int(time["s"] or 0))
    return in_zone(moment, offset(time["z"]) if time["z"] and time["z"][0] in "+-" else UTC)


def _iso_day(text: str, *, short: bool) -> datetime | None:
    if week := _ISO_WEEK.fullmatch(text):
        return datetime.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1)).replace(tzinfo=UTC)
    found = _ISO_DATE.fullmatch(text)
    if found is None and short:
        found = _ISO_SHORT.fullmatch(text)
    if found is None:
        return None
    part = {name.rstrip("23"): value for name, value in found.groupdict().items() if value is not None}
    written_year = part["yo"] if "yo" in part else part["y"]
    first = datetime(full_year(int(written_year), len(written_year)), 1, 1, tzinfo=UTC)
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
    other = NUMERIC_DATE.fullmatch(text)
    if other is None:
        return day <= bound
    with suppress(ValueError):
        if datetime(full_year(int(other[4]), len(other[4])), int(other[3]), int(other[1]), tzinfo=UTC) <= bound:
            return False
    return day <= bound
