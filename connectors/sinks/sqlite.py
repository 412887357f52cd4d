"""The sink `sqlite`: alerts in a table of an SQLite file.

    [sinks.desk]
    type = "sqlite"
    path = "alerts.sqlite"
    table = "alerts"
    keep = "latest"                      # one row an alert; "all": one a revision

A batch is one transaction. A revision met again, or older than the one that is there, changes nothing.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from connectors.sinks.rows import COLUMNS, Value, make_row
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig
from connectors.sinks.tables import check_name, create_table, upsert
from pipeline.errors import ConfigError, RetryableError
from pipeline.records import Alert

TYPES = {"text": "TEXT", "integer": "INTEGER", "real": "REAL", "time": "TEXT", "flag": "INTEGER"}
BUSY_S = 10.0


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "sqlite"
    path: str
    table: str = "alerts"
    keep: Literal["latest", "all"] = "latest"


class SqliteSink:
    """One table of one file."""

    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        check_name(config.table, "table")
        self.name = name
        self.config = config
        self.revisions: Revisions = "update" if config.keep == "latest" else "append"
        self._upsert = upsert(config.table, config.keep, [f":{c}" for c in COLUMNS])
        self._db: sqlite3.Connection | None = None

    def open(self, _: Memory) -> None:
        """Open the file and make the table, if it is not there."""
        try:
            Path(self.config.path).parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.config.path, timeout=BUSY_S, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(create_table(self.config.table, self.config.keep, TYPES))
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"sinks.{self.name}: {self.config.path}: {error}") from error

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Put the alerts into the table, in one transaction."""
        if self._db is None:
            raise RetryableError(f"sinks.{self.name}: not open")
        rows = [{name: _plain(value) for name, value in make_row(a).items()} for a in alerts]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(self._upsert, rows)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise RetryableError(f"sinks.{self.name}: {self.config.path}: {error}") from error
        return ()

    def close(self) -> None:
        """Close the file."""
        db, self._db = self._db, None
        if db is not None:
            db.close()


def _plain(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value
