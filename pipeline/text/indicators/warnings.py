"""The warning list: names that are usually no indicator of an attack when an article mentions them.

A small list of our own ships as `data/warnings.toml`; imported lists (`lists.py`) are looked up after it. All of it is an
immutable value with a version, so that another can be handed in and a finding can say what it was judged by.
"""

import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path

import msgspec
from msgspec import Struct

from pipeline.errors import UsageError
from pipeline.text.indicators.hosts import registered_domain
from pipeline.text.indicators.listfiles import read_list
from pipeline.text.indicators.lists import Lists, WarningList

SNAPSHOT_FILE = "warnings.snapshot"
"""In the data directory: the imported lists in force, for the offline commands."""
NAME_CHARS_MAX = 255
"""Longest name that is looked up: hosts and file names are no longer."""
IMPORTED = "imported"
"""Where imported lists stand among the tables of ours; `shared` for those whose entries strangers share."""


class Warnings(Struct, frozen=True):
    """A warning list, for look-up: domain, address, digest or program to (list, reason)."""

    version: str
    entries: dict[str, tuple[str, str]]
    lists: Lists | None = None

    def find(self, name: str) -> tuple[str, str] | None:
        """List and reason for a host (or one of the domains it belongs to), address, digest or program."""
        if len(name) > NAME_CHARS_MAX:
            return None
        name = name.lower()
        if hit := self.entries.get(name):
            return hit
        labels = name.split(".")
        for at in range(1, len(labels) - 1):
            if hit := self.entries.get(".".join(labels[at:])):
                return hit
        if self.lists is not None and (one := self.lists.find(name)):
            return ("shared" if one.meaning == "shared" else IMPORTED), one.title()
        return None


class Saved(Struct, frozen=True):
    """The file of imported lists in the data directory."""

    version: str
    lists: tuple[WarningList, ...]


def read_warnings(document: str) -> Warnings:
    """A warning list from TOML: tables with a `reason` and lists of names. Raises `tomllib.TOMLDecodeError` or `KeyError`."""
    tables = tomllib.loads(document)
    entries: dict[str, tuple[str, str]] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            continue
        for key, values in table.items():
            if key != "reason":
                entries.update({str(value).lower(): (name, str(table["reason"])) for value in values})
    return Warnings(str(tables["version"]), entries)


@lru_cache(maxsize=1)
def own_warnings() -> Warnings:
    """The list that ships with the project."""
    return read_warnings(resources.files(__package__).joinpath("data/warnings.toml").read_text(encoding="utf-8"))


def with_lists(own: Warnings, version: str, lists: Lists) -> Warnings:
    """Our list and imported ones; the version names both."""
    return Warnings(f"{own.version}+{version}", own.entries, lists)


def save_snapshot(path: Path, version: str, lists: tuple[WarningList, ...]) -> None:
    """Write the imported lists in force to a file, whole or not at all."""
    beside = path.with_suffix(".part")
    beside.write_bytes(msgspec.msgpack.encode(Saved(version, lists)))
    beside.replace(path)


def read_snapshot(path: Path) -> Warnings:
    """Ours and the imported lists of such a file. Raises `UsageError` where it is none."""
    try:
        saved = msgspec.msgpack.decode(path.read_bytes(), type=Saved)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(
            f"{path}: no copy of warning lists: {error}; `tocsin warnings import` makes it anew"
        ) from error
    return with_lists(own_warnings(), saved.version, Lists(saved.lists)) if saved.lists else own_warnings()


def read_files(paths: list[Path]) -> Warnings:
    """Ours and the lists in these files. Raises `UsageError` that names the file and what is wrong."""
    lists = tuple(read_list(path)[0] for path in paths)
    return with_lists(own_warnings(), "-".join(one.digest[:8] for one in lists), Lists(lists))


def same_site(host: str, other: str) -> bool:
    """Whether two hosts belong to one registered domain."""
    return registered_domain(host) == registered_domain(other)
