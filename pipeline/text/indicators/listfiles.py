"""Reading warning lists from files: MISP's JSON, Tranco's CSV, plain lists of one name a line.

The form is told from the content, not from the file's name. Comments (`#`, `;`, `//`) and blank lines of plain lists are
skipped; a hosts file (`0.0.0.0 name`) counts as a plain list. Regular expressions of MISP lists are refused: an expression
of somebody else's may take any time.
"""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from pipeline.errors import UsageError
from pipeline.text.indicators.lists import Meaning, Provenance, WarningList, make_list

FILE_BYTES_MAX = 512 * 1024 * 1024
"""Largest file read, bytes."""

_SHARED = re.compile(
    r"\b(?:shorten\w*|cloud\w*|amazon|aws|azure|gcp|google bot|cdn|akamai|fastly|vpn|tor|proxies|dynamic dns|ddns|hosting|parking|file sharing|ip ranges?|ranges|datacent\w+|"
    r"mail providers?|disposable|sendgrid|mailchimp|zscaler|office 365|o365|captive)\b",
    re.IGNORECASE,
)
"""Lists whose entries many strangers share: an address in a cloud's range is neither good nor bad for that."""
_RANKED = re.compile(r"\d{1,8},[^,\s]{1,253}\s*\Z")
_HOSTS_LINE = re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(?P<host>\S+)")


class MispList(msgspec.Struct):
    """A warning list as MISP publishes it; other fields are ignored."""

    name: str
    list: tuple[str, ...]
    description: str = ""
    type: str = "string"
    version: int | str = 0


def read_list(
    path: Path, *, name: str | None = None, meaning: Meaning | None = None, now: datetime | None = None
) -> tuple[WarningList, bytes]:
    """The list in a file, and its entries as compressed text. Raises `UsageError` that names the file and what is wrong."""
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            raise UsageError(f"{path}: {size:,} bytes; at most {FILE_BYTES_MAX:,} are read")
        content = _unzipped(path) if zipfile.is_zipfile(path) else path.read_text(encoding="utf-8-sig")
        modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read: {error}") from error
    return parse_list(content, source=str(path), stem=path.stem, modified=modified, name=name, meaning=meaning, now=now)


def _unzipped(path: Path) -> str:
    """The one file in an archive, as Tranco's comes. Raises `UsageError` where there is not exactly one, or it is too large."""
    with zipfile.ZipFile(path) as archive:
        inside = [info for info in archive.infolist() if not info.is_dir()]
        if len(inside) != 1:
            raise UsageError(f"{path}: an archive of {len(inside)} files; one is read, so unpack it first")
        if inside[0].file_size > FILE_BYTES_MAX:
            raise UsageError(f"{path}: {inside[0].file_size:,} bytes unpacked; at most {FILE_BYTES_MAX:,} are read")
        return archive.read(inside[0]).decode("utf-8-sig")


def parse_list(
    content: str,
    *,
    source: str,
    stem: str,
    modified: date,
    name: str | None = None,
    meaning: Meaning | None = None,
    now: datetime | None = None,
) -> tuple[WarningList, bytes]:
    """The list in the text of a file; see `read_list`."""
    imported = f"{now or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if content.lstrip()[:1] == "{":
        misp = _misp(content, source)
        called = f"{misp.name} {misp.description}"
        about = Provenance(
            name=_slug(name or misp.name),
            meaning=meaning or ("shared" if _SHARED.search(called) else "benign"),
            reason=f"on the list \u201c{misp.name[:80]}\u201d",
            source=source,
            dated=_misp_date(str(misp.version)) or f"{modified}",
            imported=imported,
        )
        return make_list(about, misp.list, inside=misp.type == "substring")
    lines = content.splitlines()
    first = next((line for line in lines if line.strip()), "")
    ranked = bool(_RANKED.match(first.strip()))
    entries = [row[1] for row in csv.reader(io.StringIO(content)) if len(row) > 1] if ranked else _plain(lines)
    about = Provenance(
        name=_slug(name or stem),
        meaning=meaning or ("shared" if _SHARED.search(re.sub(r"[-_]", " ", stem)) else "benign"),
        reason="among the most visited sites" if ranked else f"on the list \u201c{name or stem}\u201d",
        source=source,
        dated=f"{modified}",
        imported=imported,
    )
    return make_list(about, entries)


def _misp(content: str, source: str) -> MispList:
    try:
        misp = msgspec.json.decode(content.encode(), type=MispList)
    except msgspec.DecodeError as error:
        raise UsageError(f"{source}: no MISP warning list: {error}; it has a `name` and a `list` of strings") from error
    if misp.type == "regex":
        raise UsageError(f"{source}: a list of regular expressions, which are not taken: they could take any time")
    return misp


def _misp_date(version: str) -> str | None:
    """MISP counts versions as dates, mostly: 20240611 or 20240611.1."""
    found = re.match(r"(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", version)
    return f"{found[1]}-{found[2]}-{found[3]}" if found else None


def _plain(lines: list[str]) -> list[str]:
    entries = []
    for line in lines:
        entry = re.split(r"\s[#;]|^\s*(?:#|;|//)", line, maxsplit=1)[0].strip()
        if hosts := _HOSTS_LINE.match(entry):
            entry = hosts["host"]
        if entry and " " not in entry:
            entries.append(entry)
    return entries


def _slug(name: str) -> str:
    """A name that can be typed: lower case, hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:60].rstrip("-.") or "list"
