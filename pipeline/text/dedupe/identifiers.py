"""Numbers that name a report's subject: CVE, GHSA and advisory numbers of any scheme.

Security notices are written from templates, so texts of different notices look alike; what tells them apart are their
identifiers. They are compared before any text. A scheme is told by its shape (letters, then groups of digits), not by a
list of publishers.
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

LEAD_CHARS = 400
"""An advisory's own number stands in the title or in this much of the beginning of its text."""
IDENTIFIERS_MAX = 512
"""Most identifiers kept of one text; the longest real notices list about 400 CVEs."""
OWN_DIGITS_MIN = 5
"""Fewest digits of a number that two reports are known under: 22-154, 2024:1, 5034441."""
SHARED_MIN = 0.5
"""Two notices that share less than this part of the shorter list are about different things."""

_CVE = re.compile(r"\bCVE[-\u2010-\u2015 ]?((?:19|20)\d\d)[-\u2010-\u2015](\d{4,7})\b", re.IGNORECASE)
_GHSA = re.compile(r"\bGHSA(?:-[23456789cfghjmpqrvwx]{4}){3}\b", re.IGNORECASE)
# ICSA-22-154-01, RHSA-2024:1234, USN-6000-1, AA22-110A, VU#123456, APSB24-10, SUSE-SU-2024:0001-1, CERTFR-2024-AVI-0001
_OWN = re.compile(
    r"\b(?P<scheme>[A-Z][A-Za-z]{1,9}(?:-[A-Z]{1,6}){0,3})[-#_ ]?"
    r"(?P<number>(?:19|20)?\d\d[-:/](?:[A-Z]{1,4}-)?\d{1,6}(?:-\d{1,4})?[A-Z]?|\d{4,9}(?:-\d{1,3})?)\b"
)
_YEAR_FIRST = re.compile(r"(?:(?:19|20)\d\d|\d\d)[-:/]")
_SUFFIX = re.compile(r"\.(?:html?|xml|json|pdf|txt|aspx?|php)$", re.IGNORECASE)
_GUID_PARTS = re.compile(r"[/=#&?,;@]|:(?!\d)")
_NOT_OWN = frozenset({"CVE", "CWE", "CAPEC", "ISO", "RFC", "PO", "UTC", "GMT", "EST", "TEL", "FAX"})


class Identifiers(Struct, frozen=True, array_like=True):
    """`own`: numbers under which the report itself is known, as `scheme:number`; `named`: vulnerabilities that it is about."""

    own: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


def identifiers_of(title: str | None, text: str, url: str | None = None, guid: str | None = None) -> Identifiers:
    """The identifiers in a title and a text, upper-cased and with plain hyphens; where they have no number, the link's or guid's."""
    whole = f"{title or ''}\n{text}"
    named: dict[str, None] = {}
    for found in _CVE.finditer(whole):
        named[f"CVE-{found[1]}-{found[2]}"] = None
    for found in _GHSA.finditer(whole):
        named[found[0].upper()] = None
    own: dict[str, None] = {}
    for part in (title or "", text[:LEAD_CHARS]):
        for found in _OWN.finditer(part):
            if found["scheme"].upper() not in _NOT_OWN and not _is_date(found["scheme"], found["number"]):
                own[f"{found['scheme'].upper()}:{found['number'].upper()}"] = None
    if not own:
        own = dict.fromkeys(_of_link(url or "") or _of_guid(guid or ""))
    return Identifiers(frozenset(list(own)[:IDENTIFIERS_MAX]), frozenset(list(named)[:IDENTIFIERS_MAX]))


def _of_link(url: str) -> list[str]:
    """Numbers that are the whole of a parameter or of one of the path's last parts.

    In capitals they are an advisory's for everybody. In small letters they tell only the pages of one host apart, and only with a year in
    front: ids of articles look like the others.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return []
    path = [unquote(part) for part in parts.path.split("/") if part][-2:]
    last = _SUFFIX.sub("", path[-1]) if path else ""
    values = [value for _, value in parse_qsl(parts.query)]
    found = [name for value in (*values, last, *path[:-1]) if (name := _number(value))]
    return found or [
        f"{host} {f['scheme']}:{f['number']}".upper()
        for value in (*values, last)
        if (f := _OWN.fullmatch(value.capitalize())) and _YEAR_FIRST.match(f["number"])
    ]


def _of_guid(guid: str) -> list[str]:
    return [name for part in _GUID_PARTS.split(guid) if (name := _number(part))]


def _number(value: str) -> str | None:
    """An advisory's number in capitals, as `scheme:number`: with a year in front, or behind a hyphen."""
    found = _OWN.fullmatch(value)
    if found is None or not found["scheme"].isupper() or found["scheme"] in _NOT_OWN:
        return None
    is_numbered = _YEAR_FIRST.match(found["number"]) or value[found.end("scheme")] == "-"
    return f"{found['scheme']}:{found['number'].upper()}" if is_numbered else None


def _is_date(scheme: str, number: str) -> bool:
    """`November 2021`, `In 1994`: a word and a year, not a number scheme (schemes have two capitals)."""
    return sum(letter.isupper() for letter in scheme) < 2 or (
        number.isdigit() and len(number) == 4 and 1900 <= int(number) < 2100
    )


def shared_own(a: Identifiers, b: Identifiers) -> str | None:
    """A number under which both are known, or None; a product's number (`APE1808`) has too few digits to count."""
    return min((name for name in a.own & b.own if sum(map(str.isdigit, name)) >= OWN_DIGITS_MIN), default=None)


def shared_part(a: Identifiers, b: Identifiers) -> float | None:
    """How much of the shorter list of named vulnerabilities stands in the other, 0..1; None when one names none."""
    if not a.named or not b.named:
        return None
    return len(a.named & b.named) / min(len(a.named), len(b.named))


def conflict(a: Identifiers, b: Identifiers) -> str | None:
    """Why the identifiers say that the two are distinct, in words, or None."""
    if not a.own & b.own:
        schemes_a, schemes_b = _by_scheme(a.own), _by_scheme(b.own)
        for scheme in sorted(schemes_a.keys() & schemes_b.keys()):
            return f"other {scheme} number: {schemes_a[scheme]} against {schemes_b[scheme]}"
    part = shared_part(a, b)
    if part is not None and part < SHARED_MIN:
        return f"other vulnerabilities: {_some(a.named - b.named)} against {_some(b.named - a.named)}"
    return None


def _by_scheme(own: frozenset[str]) -> dict[str, str]:
    return {name.partition(":")[0]: name.partition(":")[2] for name in sorted(own)}


def _some(names: frozenset[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:2]) + (f" and {len(listed) - 2} more" if len(listed) > 2 else "")
