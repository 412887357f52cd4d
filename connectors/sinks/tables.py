"""SQL that SQLite and PostgreSQL have in common, for a table of alerts."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from connectors.sinks.rows import COLUMNS
from pipeline.errors import ConfigError

Keep = Literal["latest", "all"]
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}(\.[a-z_][a-z0-9_]{0,50})?")
KEYS: dict[Keep, tuple[str, ...]] = {"latest": ("alert_id",), "all": ("alert_id", "revision")}


def check_name(name: str, key: str) -> str:
    """A table's name, perhaps with its schema. Raises `ConfigError`."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{key}: {name!r} is no name of a table: small letters, digits and _, as in alerts or desk.alerts"
        )
    return name


def create_table(table: str, keep: Keep, types: Mapping[str, str]) -> str:
    """The statement that makes the table, if it is not there."""
    columns = [f'"{name}" {types[kind]}' for name, (kind, _) in COLUMNS.items()]
    return f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)}, PRIMARY KEY ({', '.join(KEYS[keep])}))"


def upsert(table: str, keep: Keep, marks: Sequence[str]) -> str:
    """The statement that puts a row into the table, unless that revision or a later one is there."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    insert = f"INSERT INTO {table} AS t ({names}) VALUES ({', '.join(marks)}) ON CONFLICT ({', '.join(KEYS[keep])})"  # noqa: S608 - the name is checked
    if keep == "all":
        return f"{insert} DO NOTHING"
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS)
    return f"{insert} DO UPDATE SET {sets} WHERE excluded.revision > t.revision"
