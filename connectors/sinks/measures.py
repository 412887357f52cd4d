"""What an indicator says beside its value, for the sinks that other software reads: when it was seen, the port and the digest next to it."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pipeline.records import Indicator

EARLIEST_YEAR = 1990
PAIR_CHARS_MAX = 3
"""Between a file's name and its digest on one line: a colon, a tab, a bar with blanks."""
DIGESTS = frozenset(
    "md5 sha1 sha224 sha256 sha384 sha512 sha3-224 sha3-256 sha3-384 sha3-512 ssdeep tlsh imphash".split()
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def has_scheme(url: str) -> bool:
    """Whether an address says how it is spoken to; texts often leave that out."""
    return _SCHEME.match(url) is not None


def port_behind(address: Indicator, others: Sequence[Indicator]) -> str | None:
    """The port of an address as in 192.0.2.1:4443, which is an indicator of its own."""
    return next((o.value for o in others if o.type == "port" and o.start == address.end + 1), None)


def name_beside(digest: Indicator, others: Sequence[Indicator]) -> str | None:
    """The file's name next to its digest, with nothing but a separator between; None where two names could be meant."""
    if digest.type not in DIGESTS:
        return None
    names = {
        o.value
        for o in others
        if o.type == "file-name"
        and (0 < digest.start - o.end <= PAIR_CHARS_MAX or 0 < o.start - digest.end <= PAIR_CHARS_MAX)
    }
    return names.pop() if len(names) == 1 else None


def read_date(written: str | None, *, is_end: bool = False) -> datetime | None:
    """A date of reduced precision: the beginning of the time that it names, or its end."""
    parts = (written or "")[:10].split("-")
    try:
        numbers = [int(p) for p in parts]
        year, month, day = (*numbers, 1, 1)[:3] if len(numbers) < 3 else numbers
        begin = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    if not EARLIEST_YEAR <= begin.year < 9_000:
        return None
    if not is_end:
        return begin
    later = {1: begin.replace(year=year + 1), 2: (begin + timedelta(days=31)).replace(day=1)}.get(len(numbers))
    return (later or begin + timedelta(days=1)) - timedelta(seconds=1)
