"""The sink `postgres`: alerts in a table of a PostgreSQL database of yours.

    [sinks.desk]
    type = "postgres"
    url = "postgresql://tocsin:${DESK_PASSWORD}@db.example.org/desk"
    table = "alerts"                     # or "schema.alerts"; made when it is not there
    keep = "latest"                      # one row an alert; "all": one a revision

A batch is one transaction. A revision met again, or older than the one that is there, changes nothing. Missing columns are an error that
names the statement: make them, or name another table.
"""

from collections.abc import Sequence
from typing import Literal

import psycopg

from connectors.sinks.rows import COLUMNS, make_row
from connectors.sinks.sink import BATCH_MAX, TIMEOUT_S, AwayError, Memory, Refusal, Revisions, SinkConfig
from connectors.sinks.tables import check_name, create_table, upsert
from pipeline.errors import ConfigError
from pipeline.records import Alert

TYPES = {"text": "text", "integer": "bigint", "real": "double precision", "time": "timestamptz", "flag": "boolean"}


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "postgres"
    url: str
    table: str = "alerts"
    keep: Literal["latest", "all"] = "latest"
    timeout_s: float = TIMEOUT_S  # for a batch


class PostgresSink:
    """One table."""

    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        check_name(config.table, "table")
        if not config.url.startswith(("postgresql://", "postgres://")):
            raise ConfigError("url: must be an address such as postgresql://user:password@host/name")
        self.name = name
        self.config = config
        self.revisions: Revisions = "update" if config.keep == "latest" else "append"
        self._create = create_table(config.table, config.keep, TYPES)
        self._upsert = upsert(config.table, config.keep, [f"%({c})s" for c in COLUMNS])
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def open(self, _: Memory) -> None:
        """Nothing to do: the table is made with the first batch."""

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Put the alerts into the table, in one transaction."""
        if not alerts:
            return ()
        try:
            connection = self._connect()
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(self._upsert.encode(), [make_row(a) for a in alerts])
        except psycopg.Error as error:
            self.close()
            is_setup = isinstance(error, psycopg.ProgrammingError) or _is_denied(error)
            raise AwayError(f"{self.config.table}: {str(error).strip()}", is_setup=is_setup) from error
        return ()

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        if self._connection is None:
            limit_ms = int(self.config.timeout_s * 1000)
            connection = psycopg.connect(
                self.config.url,
                connect_timeout=max(2, int(self.config.timeout_s)),
                application_name=f"tocsin-sink-{self.name}",
                options=f"-c statement_timeout={limit_ms}",
                tcp_user_timeout=limit_ms,
            )
            try:
                with connection.transaction():
                    # Who may write but not create names a table that is there.
                    there = connection.execute("SELECT to_regclass(%s)", (self.config.table,)).fetchone()
                    if not there or there[0] is None:
                        connection.execute(self._create.encode())
            except psycopg.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _is_denied(error: psycopg.Error) -> bool:
    return any(
        words in str(error) for words in ("password authentication failed", "does not exist", "no pg_hba.conf entry")
    )
