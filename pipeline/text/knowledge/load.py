"""The knowledge base read from its TOML files, checked record by record.

An unknown key, a missing source, a parent that does not exist or the same name twice on one subject is a `ConfigError` that
names file, record and key.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from pipeline.errors import ConfigError
from pipeline.records import EntityLabel
from pipeline.text.knowledge.records import Alias, Subject

CONTEXT_CONFIDENCE = 0.6
"""Confidence of an alias that needs context (written with a leading "?"), unless its own is given."""
WORD_CONFIDENCE = 0.3
"""Confidence of a name that is mostly a plain word (written with a leading "??")."""

_KEYS = frozenset(
    {"name", "kind", "area", "parent", "splinter_of", "source", "aliases", "ambiguous_name", "match_name", "label"}
)
_LABELS: dict[str, EntityLabel] = {
    "group": "GROUP",
    "actor": "GROUP",
    "attack:G": "GROUP",
    "attack:S": "MALWARE",
    "malware": "MALWARE",
    "tool": "TOOL",
    "org": "ORG",
}


def load_subjects(folder: Traversable | None = None) -> tuple[Subject, ...]:
    """All records of the TOML files in `folder` (default: the ones shipped), in order of file and line.

    Raises:
        ConfigError: a file does not read, or a record breaks a rule.
    """
    folder = folder or resources.files(__package__).joinpath("data")
    subjects: dict[str, Subject] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        try:
            records = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{file.name}: {error}") from error
        for subject_id, record in records.items():
            where = f"{file.name}: {subject_id}"
            if subject_id in subjects:
                raise ConfigError(f"{where}: this id has a record already")
            subjects[subject_id] = _subject(where, subject_id, record)
    _check_relations(subjects)
    return tuple(subjects.values())


def _subject(where: str, subject_id: str, record: Mapping[str, Any]) -> Subject:
    for key in record:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            raise ConfigError(f"{where}: unknown key {key!r}" + (f", did you mean {near[0]!r}?" if near else ""))
    for key in ("name", "kind", "source"):
        if not isinstance(record.get(key), str) or not record[key].strip():
            raise ConfigError(f"{where}: {key} is missing")
    aliases = (*_canonical(record), *(_alias(where, alias) for alias in record.get("aliases", ())))
    _check_names(where, aliases)
    return Subject(
        id=subject_id,
        name=record["name"],
        label=record.get("label") or _label(where, subject_id),
        kind=record["kind"],
        source=record["source"],
        area=tuple(record.get("area", "").split()),
        parent=record.get("parent"),
        splinter_of=record.get("splinter_of"),
        aliases=aliases,
    )


def _canonical(record: Mapping[str, Any]) -> tuple[Alias, ...]:
    """The canonical name as a name to look for, unless the record says that it is a mere word (`match_name = false`)."""
    if record.get("match_name") is False:
        return ()
    ambiguous = record.get("ambiguous_name", False)
    confidence = WORD_CONFIDENCE if ambiguous == "word" else CONTEXT_CONFIDENCE if ambiguous else 1.0
    return (Alias(record["name"], kind="name", confidence=confidence, needs_context=bool(ambiguous)),)


def _alias(where: str, alias: object) -> Alias:
    if isinstance(alias, str):
        if alias.startswith("??"):
            return Alias(alias[2:], confidence=WORD_CONFIDENCE, needs_context=True)
        if alias.startswith("?"):
            return Alias(alias[1:], confidence=CONTEXT_CONFIDENCE, needs_context=True)
        return Alias(alias)
    try:
        return msgspec.convert(alias, Alias)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: alias {alias!r}: {error}") from error


def _check_names(where: str, aliases: Iterable[Alias]) -> None:
    seen: set[str] = set()
    for alias in aliases:
        if not alias.name.strip() or alias.name != alias.name.strip():
            raise ConfigError(f"{where}: alias {alias.name!r} is empty or has blanks around it")
        if not 0 < alias.confidence <= 1:
            raise ConfigError(f"{where}: alias {alias.name!r}: confidence is not within 0..1")
        if alias.name in seen:
            raise ConfigError(f"{where}: the name {alias.name!r} stands there twice")
        seen.add(alias.name)


def _label(where: str, subject_id: str) -> EntityLabel:
    prefix = subject_id[:8] if subject_id.startswith("attack:") else subject_id.partition(":")[0]
    if prefix not in _LABELS:
        raise ConfigError(f"{where}: ids begin with one of {', '.join(sorted(_LABELS))}")
    return _LABELS[prefix]


def _check_relations(subjects: Mapping[str, Subject]) -> None:
    for subject in subjects.values():
        for key, other in (("parent", subject.parent), ("splinter_of", subject.splinter_of)):
            if other is not None and other not in subjects:
                raise ConfigError(f"{subject.id}: {key} = {other!r} has no record")
