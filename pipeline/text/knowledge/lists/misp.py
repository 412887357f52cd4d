"""MISP galaxy clusters (https://github.com/MISP/misp-galaxy): `values` with `value`, `uuid` and `meta.synonyms`.

Also read: the same as a bare list of {"name", "aliases", "country", "uuid", "attack"}.
"""

import re
from pathlib import PurePath
from typing import Any

from pipeline.text.knowledge.lists.records import (
    Family,
    Listed,
    ListError,
    Reading,
    clean_names,
    read_json,
    split_name,
    texts,
)

FAMILIES: dict[str, tuple[Family, str]] = {
    "threat-actor": ("actor", "actor"),
    "intrusion-set": ("actor", "actor"),
    "microsoft-activity-group": ("actor", "actor"),
    "terrorist-groups": ("group", "terrorist"),
    "ransomware": ("malware", "ransomware"),
    "malpedia": ("malware", "malware"),
    "malware": ("malware", "malware"),
    "botnet": ("malware", "botnet"),
    "banker": ("malware", "banker"),
    "stealer": ("malware", "stealer"),
    "backdoor": ("malware", "backdoor"),
    "rat": ("malware", "rat"),
    "tool": ("tool", "tool"),
}
"""Cluster types, as the file or its name says, of which each value is a body that the news names."""
_ATTACK = re.compile(r"\b(?:groups|software)/([GS]\d{4})\b|^([GS]\d{4})$")
_RANSOMWARE = re.compile(r"(?<!\s)\s+ransomware$", re.IGNORECASE)


def read_misp(raw: bytes, file: str) -> Reading:
    """The bodies of a cluster file."""
    document = read_json(raw, file)
    values = document.get("values") if isinstance(document, dict) else document
    if not isinstance(values, list):
        raise ListError(f"{file}: not a MISP galaxy cluster: it has no list of values")
    stem = PurePath(file).name.partition(".")[0]
    kind = str(document.get("type", stem)) if isinstance(document, dict) else stem
    family = FAMILIES.get(kind) or FAMILIES.get(stem)
    if family is None:
        raise ListError(f"{file}: a cluster of type {kind!r} names no bodies; known: {', '.join(sorted(FAMILIES))}")
    skipped: dict[str, int] = {}
    records = []
    for value in values:
        listed = _listed(value, family) if isinstance(value, dict) else None
        if listed is None:
            skipped["without a name"] = skipped.get("without a name", 0) + 1
        else:
            records.append(listed)
    return Reading(tuple(records), skipped)


def _listed(value: dict[str, Any], family: tuple[Family, str]) -> Listed | None:
    written = value.get("value") or value.get("name")
    if not isinstance(written, str) or not written.strip():
        return None
    found = value.get("meta")
    meta: dict[str, Any] = found if isinstance(found, dict) else {}
    name, short = split_name(_RANSOMWARE.sub("", written))
    aliases = (*short, *texts(meta.get("synonyms")), *texts(value.get("aliases")))
    country = meta.get("country") or value.get("country")
    references = (*texts(meta.get("refs")), *aliases, *texts(value.get("attack")))
    attack = {m[1] or m[2] for reference in references for m in _ATTACK.finditer(reference)}
    return Listed(
        key=str(value.get("uuid") or name),
        name=name,
        family=family[0],
        kind=family[1],
        names=clean_names(aliases, of=name),
        area=(country,) if isinstance(country, str) and len(country) == 2 else (),
        attack=tuple(sorted(attack)),
    )
