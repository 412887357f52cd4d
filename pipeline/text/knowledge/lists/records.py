"""What every list is read into."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct

from pipeline.errors import UsageError

Family = Literal["group", "actor", "malware", "tool"]

NAME_CHARS_MAX = 100
NAMES_MAX = 200
"""Names of one record; the longest lists have some dozens."""
_LEAD = re.compile(r"^(?:and\s+)?(?:the\s+)?", re.IGNORECASE)
_ENCLOSED = re.compile(r"^(.*?\S)\s*\(([^()]{2,20})\)$")
_IDENTIFIER = re.compile(r"^(?:[GSTC]\d{4}|CVE-\d{4}.\d+|[0-9a-f-]{36})$")


class ListError(UsageError):
    """A file that is not the list it is said to be."""


class Listed(Struct, frozen=True, kw_only=True):
    """One body as a list has it."""

    key: str  # its id within the list; stable between editions
    name: str
    family: Family
    kind: str = ""  # as the list says: state-sponsored, ransomware, …
    names: tuple[str, ...] = ()  # aliases
    weak: tuple[str, ...] = ()  # aliases that the list itself calls weak
    former: tuple[str, ...] = ()
    area: tuple[str, ...] = ()  # ISO 3166-1 alpha-2
    attack: tuple[str, ...] = ()  # ATT&CK ids
    designation: str | None = None  # the programme it is listed under
    since: str | None = None  # of the designation, ISO 8601


class Reading(Struct, frozen=True):
    """A list, and what in it was left out, by reason."""

    records: tuple[Listed, ...]
    skipped: dict[str, int]


def clean_names(names: Iterable[str], *, of: str) -> tuple[str, ...]:
    """Names as the news may write them: without quotes, articles and identifiers, and none twice; `of` is the body's own name."""
    found: dict[str, None] = {}
    for raw in names:
        name = _LEAD.sub("", " ".join(raw.split()).strip(" ‘’'\"“”.,;"))
        whole = _ENCLOSED.match(name)
        for part in whole.groups() if whole else (name,):
            if 1 < len(part) <= NAME_CHARS_MAX and part != of and not _IDENTIFIER.match(part) and _has_letters(part):
                found.setdefault(part)
    return tuple(found)[:NAMES_MAX]


def split_name(name: str) -> tuple[str, tuple[str, ...]]:
    """A name and the abbreviation that a list writes behind it: "Abu Nidal Organization (ANO)"."""
    found = _ENCLOSED.match(" ".join(name.split()))
    return (found[1], (found[2],)) if found else (" ".join(name.split()), ())


def read_json(raw: bytes, file: str) -> Any:
    """The document. Raises `ListError`."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ListError(f"{file}: not JSON: {error}") from error


def texts(value: object) -> tuple[str, ...]:
    """The texts in a list, or the one text; nothing for anything else."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, Sequence) else ()


def _has_letters(name: str) -> bool:
    return sum(char.isalpha() for char in name) > 1
