"""A table of one's own: CSV with the columns name, and aliases (by semicolon), kind, country, id; a TSV likewise."""

import csv
import io

from pipeline.text.knowledge.lists.records import Family, Listed, ListError, Reading, clean_names, split_name

FAMILIES: dict[str, Family] = {"group": "group", "actor": "actor", "malware": "malware", "tool": "tool"}
COLUMNS = ("name", "aliases", "kind", "country", "id")


def read_rows(raw: bytes, file: str, *, needs: str) -> list[dict[str, str]]:
    """The rows of a table with a header; the delimiter is what the header has most of. Raises `ListError`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError(f"{file}: not UTF-8: {error}") from error
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise ListError(f"{file}: not a table: {error}") from error
    columns = {name.strip() for name in header.replace('"', "").split(delimiter)}
    if needs not in columns:
        raise ListError(f"{file}: no column {needs!r}; it has {', '.join(sorted(columns))[:200]}")
    return [
        {(key or "").strip(): (value or "").strip() for key, value in row.items() if isinstance(value, str)}
        for row in rows
    ]


def read_plain(raw: bytes, file: str) -> Reading:
    """The bodies in a table; `kind` is group, actor, malware or tool (group when empty)."""
    records = []
    skipped: dict[str, int] = {}
    for number, row in enumerate(read_rows(raw, file, needs="name"), 2):
        if unknown := set(row) - {*COLUMNS, ""}:
            raise ListError(f"{file}: unknown column {min(unknown)!r}; columns are {', '.join(COLUMNS)}")
        if not row["name"]:
            skipped["without a name"] = skipped.get("without a name", 0) + 1
            continue
        kind = row.get("kind") or "group"
        if kind not in FAMILIES:
            raise ListError(f"{file}:{number}: kind {kind!r} is none of {', '.join(FAMILIES)}")
        name, short = split_name(row["name"])
        records.append(
            Listed(
                key=row.get("id") or name,
                name=name,
                family=FAMILIES[kind],
                kind=kind,
                names=clean_names((*short, *row.get("aliases", "").split(";")), of=name),
                area=tuple(row.get("country", "").upper().split()),
            )
        )
    return Reading(tuple(records), skipped)
