"""MITRE ATT&CK as a STIX 2 bundle (https://github.com/mitre/cti): `intrusion-set`, `malware`, `tool`.

Also read: the same as a bare list of {"id", "type", "name", "aliases"}. Revoked and deprecated objects, and techniques, are left out.
"""

from typing import Any

from pipeline.text.knowledge.lists.records import Family, Listed, ListError, Reading, clean_names, read_json, texts

TYPES: dict[str, tuple[Family, str]] = {
    "intrusion-set": ("actor", "actor"),
    "malware": ("malware", "malware"),
    "tool": ("tool", "tool"),
}
SOURCE = "mitre-attack"


def read_attack(raw: bytes, file: str) -> Reading:
    """The groups and the software of a bundle."""
    document = read_json(raw, file)
    objects = document.get("objects") if isinstance(document, dict) else document
    if not isinstance(objects, list):
        raise ListError(f"{file}: not a STIX bundle: it has no list of objects")
    skipped: dict[str, int] = {}
    records = []
    for item in objects:
        reason, listed = _listed(item) if isinstance(item, dict) else ("not an object", None)
        if listed is None:
            skipped[reason] = skipped.get(reason, 0) + 1
        else:
            records.append(listed)
    if not records:
        raise ListError(f"{file}: no groups or software in it: is it an ATT&CK bundle?")
    return Reading(tuple(records), skipped)


def _listed(item: dict[str, Any]) -> tuple[str, Listed | None]:
    family = TYPES.get(str(item.get("type")))
    if family is None:
        return "of another type", None
    if item.get("revoked") or item.get("x_mitre_deprecated"):
        return "revoked or deprecated", None
    number = _number(item)
    name = item.get("name")
    if number is None or not isinstance(name, str):
        return "without an ATT&CK id or a name", None
    aliases = (*texts(item.get("aliases")), *texts(item.get("x_mitre_aliases")))
    return "", Listed(
        key=number,
        name=name,
        family=family[0],
        kind=family[1],
        names=clean_names(aliases, of=name),
        attack=(number,),
    )


def _number(item: dict[str, Any]) -> str | None:
    for reference in item.get("external_references") or ():
        if isinstance(reference, dict) and reference.get("source_name") == SOURCE:
            return str(reference.get("external_id"))
    written = str(item.get("id", ""))
    return written if len(written) == 5 and written[0] in "GS" and written[1:].isdigit() else None
