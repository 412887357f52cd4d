"""Indicators of an attachment (CSV, STIX 2, a MISP event): a list by its form, so what stands in it is meant as an indicator.

The words are found by the same search, at their exact places and under the same limits; the form adds what it knows of each
value: reference or not, meant for detection or not, when it was seen, what it belongs to. What can't be parsed is read as text.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipeline.records import Block, Indicator, IndicatorVerdict, Related, RelatedKind
from pipeline.text.indicators.find import TEXT_CHARS_MAX, find_indicators
from pipeline.text.indicators.warnings import Warnings

ROWS_MAX = 100_000
"""Most rows of a table read as such; what follows is read as text."""
VALUES_MAX = 10_000
"""Most values whose form is read; the others are judged as items of a list."""
RELATED_MAX = 12

_DELIMITERS = ",;\t|"
_HEADER = re.compile(
    r"\b(?:indicator|ioc|value|type|domain|ip|address|url|hash|md5|sha1|sha256|file|name|comment|description|first|last|seen|date|malware|tag|port)",
    re.IGNORECASE,
)
_GALAXY = re.compile(r'misp-galaxy:(?P<galaxy>[\w-]+)="(?P<name>[^"]{1,80})"')
_GALAXY_KINDS: dict[str, RelatedKind] = {
    "malpedia": "malware", "ransomware": "malware", "rat": "malware", "stealer": "malware", "botnet": "malware", "mitre-malware": "malware", "tool": "tool",
    "mitre-tool": "tool", "threat-actor": "actor", "mitre-intrusion-set": "actor", "mitre-attack-pattern": "technique",
}  # fmt: skip
_STIX_KINDS: dict[str, RelatedKind] = {
    "malware": "malware", "tool": "tool", "intrusion-set": "actor", "threat-actor": "actor", "campaign": "campaign", "attack-pattern": "technique", "vulnerability": "cve",
}  # fmt: skip


class _Said(Struct, frozen=True):
    """What the form says of a value."""

    verdict: IndicatorVerdict | None = None
    reason: str = ""
    first_seen: str | None = None
    last_seen: str | None = None
    related: tuple[Related, ...] = ()


def find_attached(text: str, *, url: str | None = None, warnings: Warnings | None = None) -> tuple[Indicator, ...]:
    """Every indicator of an attachment's text, in order, with what its form says. Never raises on a string."""
    text = text[:TEXT_CHARS_MAX]
    said = _read_json(text) if text.lstrip()[:1] in ("{", "[") else {}
    blocks = () if said else table_blocks(text)
    found = find_indicators(text, url=url, blocks=blocks, warnings=warnings, is_list=True)
    return tuple(_with(one, said.get((one.type, one.value))) for one in found) if said else found


def _with(one: Indicator, said: _Said | None) -> Indicator:
    if said is None:
        return one
    is_settled = one.verdict == "benign"
    return replace(
        one,
        verdict=said.verdict if said.verdict and not is_settled else one.verdict,
        reason=said.reason if said.verdict and not is_settled else one.reason,
        first_seen=said.first_seen,
        last_seen=said.last_seen,
        related=said.related[:RELATED_MAX],
    )


def table_blocks(text: str) -> tuple[Block, ...]:
    """The cells of a table in separated values as blocks; none where the first line is no header."""
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    if not first.count(delimiter) or not _HEADER.search(first):
        return ()
    blocks, start = [], 0
    for number, line in enumerate(text.split("\n")):
        if number >= ROWS_MAX:
            break
        place = start
        for column, cell in enumerate(_cells(line, delimiter)):
            blocks.append(Block(place, place + len(cell), "table-cell", row=number, column=column))
            place += len(cell) + 1
        start += len(line) + 1
    return tuple(blocks)


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells as written, quotes and all: their lengths are their places."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        values = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)
    cells, rest = [], line
    for value in values:
        quoted = rest.startswith('"')
        length = len(value) + 2 + value.count('"') if quoted else len(value)
        cells.append(rest[:length])
        rest = rest[length + 1 :]
    return cells


def _read_json(text: str) -> dict[tuple[str, str], _Said]:
    try:
        document = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return {}
    said: dict[tuple[str, str], _Said] = {}
    pairs = _stix(document) if isinstance(document, dict) and document.get("type") == "bundle" else _misp(document)
    for value, about in islice(pairs, VALUES_MAX):
        for one in find_indicators(value[:4096]):
            said.setdefault((one.type, one.value), about)
    return said


def _objects(document: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = document.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _stix(bundle: Mapping[str, Any]) -> Iterator[tuple[str, _Said]]:
    """Values of a STIX 2 bundle: patterns of indicators and observables, and references."""
    objects = _objects(bundle, "objects")
    names = {str(one.get("id")): one for one in objects}
    related: dict[str, list[Related]] = {}
    for one in objects:
        target = names.get(str(one.get("target_ref"))) if one.get("type") == "relationship" else None
        kind = _STIX_KINDS.get(str(target.get("type"))) if target else None
        if target and kind:
            related.setdefault(str(one.get("source_ref")), []).append(
                Related(kind, str(target.get("name", ""))[:80], None, "row")
            )
    for one in objects:
        about = tuple(related.get(str(one.get("id")), ()))
        seen = (
            _day(one.get("valid_from") or one.get("first_seen")),
            _day(one.get("valid_until") or one.get("last_seen")),
        )
        if one.get("type") == "indicator":
            labels = " ".join(map(str, [*(one.get("indicator_types") or ()), *(one.get("labels") or ())])).lower()
            calm = "benign" in labels
            verdict: IndicatorVerdict = "benign" if calm else "suspicious" if "anomalous" in labels else "malicious"
            yield (
                str(one.get("pattern", "")),
                _Said(verdict, "a STIX indicator" + (", marked benign" if calm else ""), *seen, about),
            )
        for reference in _objects(one, "external_references"):
            yield str(reference.get("url", "")), _Said("benign", "a reference")


def _misp(document: object) -> Iterator[tuple[str, _Said]]:
    """Attributes of a MISP event, its objects' too."""
    event = document.get("Event", document) if isinstance(document, dict) else {}
    if not isinstance(event, dict):
        return
    common = tuple(_tags(event))
    groups = [event, *_objects(event, "Object")]
    for attribute in (one for group in groups for one in _objects(group, "Attribute")):
        seen = _day(attribute.get("first_seen")), _day(attribute.get("last_seen"))
        related = (*_tags(attribute), *common)
        if attribute.get("category") == "External analysis" and attribute.get("type") in ("link", "url", "text"):
            about = _Said("benign", "a reference")
        elif attribute.get("to_ids") is False:
            about = _Said("unknown", "in the event, and not meant for detection", *seen, related)
        else:
            about = _Said(
                "malicious", f"an attribute of the event ({str(attribute.get('category', ''))[:40]})", *seen, related
            )
        yield str(attribute.get("value", "")), about


def _tags(holder: Mapping[str, Any]) -> Iterator[Related]:
    for tag in _objects(holder, "Tag"):
        if (match := _GALAXY.match(str(tag.get("name", "")))) and (kind := _GALAXY_KINDS.get(match["galaxy"])):
            yield Related(kind, match["name"], None, "row")


def _day(time: object) -> str | None:
    """The date of an ISO 8601 time."""
    return time[:10] if isinstance(time, str) and re.match(r"\d{4}-\d\d-\d\d", time) else None
