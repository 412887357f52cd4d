"""The sink `parquet`: alerts as Parquet files in a directory, for analysis.

    [sinks.lake]
    type = "parquet"
    path = "lake"
    rows_max = 10000                     # of one file

Every revision is a row, with the columns of docs/sinks.md. The file in hand, `alerts-<number>.parquet`, is replaced whole with each
batch until it has `rows_max` rows; then the next begins. A reader never sees half a file; a revision that is in the file in hand is not written again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.sinks.files import replace_file
from connectors.sinks.rows import COLUMNS, make_row
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig
from pipeline.errors import ConfigError
from pipeline.records import Alert

ROWS_MAX = 10_000
TYPES: dict[str, Any] = {
    "text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "time": pa.timestamp("us", tz="UTC"), "flag": pa.bool_(),
}  # fmt: skip
SCHEMA = pa.schema([(name, TYPES[kind]) for name, (kind, _) in COLUMNS.items()])
PATTERN = "alerts-*.parquet"


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "parquet"
    path: str
    rows_max: int = ROWS_MAX  # of one file


class ParquetSink:
    """One directory."""

    revisions: Revisions = "append"
    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        if config.rows_max < 1:
            raise ConfigError("rows_max: must be at least 1")
        self.name = name
        self.config = config
        self._path = Path(config.path)
        self._number = 0
        self._table = SCHEMA.empty_table()
        self._before: dict[str, int] = {}

    def open(self, _: Memory) -> None:
        """Make the directory, and go on with its last file."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            files = sorted(self._path.glob(PATTERN))
            if files:
                self._number = int(files[-1].stem.partition("-")[2])
                self._table = pq.read_table(files[-1], schema=SCHEMA)
            for file in files[-2:]:  # the revisions of the last two files: more than was ever uncommitted
                self._remember(pq.read_table(file, columns=["alert_id", "revision"]))
        except (OSError, ValueError, pa.ArrowException) as error:
            raise ConfigError(f"sinks.{self.name}: {self._path} can't be used: {error}") from error

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Write the file in hand anew with the revisions that are not there yet."""
        latest = dict(self._before)
        rows = []
        for alert in alerts:
            if alert.revision > latest.get(alert.alert_id, 0):
                rows.append(make_row(alert))
                latest[alert.alert_id] = alert.revision
        while rows:
            if self._table.num_rows >= self.config.rows_max:
                self._number, self._table = self._number + 1, SCHEMA.empty_table()
            room = self.config.rows_max - self._table.num_rows
            part, rows = rows[:room], rows[room:]
            table = pa.concat_tables([self._table, pa.Table.from_pylist(part, schema=SCHEMA)])
            self._replace(table)
            self._table = table
            self._remember(table)
        return ()

    def _replace(self, table: Any) -> None:
        made = pa.BufferOutputStream()
        pq.write_table(table, made, compression="zstd")
        replace_file(self._path / f"alerts-{self._number:06d}.parquet", made.getvalue().to_pybytes())

    def _remember(self, table: Any) -> None:
        for alert_id, revision in zip(table["alert_id"].to_pylist(), table["revision"].to_pylist(), strict=True):
            self._before[alert_id] = max(revision, self._before.get(alert_id, 0))

    def close(self) -> None:
        """Nothing is open."""
        self._table, self._before = SCHEMA.empty_table(), {}
