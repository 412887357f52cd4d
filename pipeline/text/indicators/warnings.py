"""The warning list: names that are usually no indicator of an attack when an article mentions them.

A small list of our own ships as `data/warnings.toml`; a list is an immutable value, so another can be handed in.
"""

import tomllib
from functools import lru_cache
from importlib import resources

from msgspec import Struct

from pipeline.text.indicators.hosts import registered_domain


class Warnings(Struct, frozen=True):
    """A warning list, for look-up: domain, address, digest or program to (list, reason)."""

    version: str
    entries: dict[str, tuple[str, str]]

    def find(self, name: str) -> tuple[str, str] | None:
        """List and reason for a host (or one of the domains it belongs to), address, digest or program."""
        name = name.lower()
        if hit := self.entries.get(name):
            return hit
        labels = name.split(".")
        for at in range(1, len(labels) - 1):
            if hit := self.entries.get(".".join(labels[at:])):
                return hit
        return None


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


def same_site(host: str, other: str) -> bool:
    """Whether two hosts belong to one registered domain."""
    return registered_domain(host) == registered_domain(other)
