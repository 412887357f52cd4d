"""What a response says about when to come back: Cache-Control, Expires, Retry-After. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FRESH_S_MAX = 24 * 3600
"""Servers send a max-age of a year; nobody means it for a feed (Media Cloud caps at a day too)."""
RETRY_AFTER_S_MAX = 24 * 3600
"""317,100 s has been seen."""


def fresh_for_s(headers: Mapping[str, str], now: datetime) -> int | None:
    """How long the response may be taken as fresh, seconds, capped; None when it doesn't say.

    `max-age` less `Age` wins over `Expires` (RFC 9111, section 5.3); `no-store` and `no-cache` say nothing about how often to ask.
    """
    directives = headers.get("Cache-Control", "").lower()
    for part in directives.split(","):
        name, _, value = part.strip().partition("=")
        seconds = _whole(value.strip(' "'))
        if name == "max-age" and seconds is not None:
            return max(0, min(seconds - (_whole(headers.get("Age", "")) or 0), FRESH_S_MAX))
    expires = _http_date(headers.get("Expires"))
    if expires is None:
        return None
    # Against the server's own clock, so that a wrong clock there or here does no harm.
    return int(max(0, min((expires - (_http_date(headers.get("Date")) or now)).total_seconds(), FRESH_S_MAX)))


def retry_after_s(headers: Mapping[str, str], now: datetime) -> int | None:
    """Retry-After in seconds, whether it was a number or a date (RFC 9110, 10.2.3), capped; None without one."""
    value = headers.get("Retry-After", "").strip()
    seconds = _whole(value)
    if seconds is None:
        moment = _http_date(value)
        if moment is None:
            return None
        seconds = int((moment - now).total_seconds())
    return max(0, min(seconds, RETRY_AFTER_S_MAX))


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def _http_date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
