"""The sink `csv`: every revision of every alert as a row of a CSV file (RFC 4180, UTF-8) that a spreadsheet may open.

    [sinks.sheet]
    type = "csv"
    path = "alerts.csv"

A text that a spreadsheet would take for a formula gets an apostrophe in front of it, and control characters leave. A batch is on the disk
before its offsets are committed; a row that a crash cut short is taken back, and revisions in the file are not written again.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from connectors.sinks.appending import AppendingFile
from connectors.sinks.rows import COLUMNS, Value, make_row
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig
from pipeline.incidents.wording import clean
from pipeline.records import Alert

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make a formula in spreadsheets (OWASP, CSV Injection), with their full-width forms."""
CELL_CHARS_MAX = 32_000
"""A spreadsheet's cell holds 32,767."""
COLUMNS_WRITTEN = tuple(name for name in COLUMNS if name != "alert")
"""The whole record as JSON is for databases."""


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "csv"
    path: str


class CsvSink:
    """One file, which it locks against a twin."""

    revisions: Revisions = "append"
    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        self.name = name
        self.config = config
        self._file = AppendingFile(name, Path(config.path), read_key=_read_key)

    def open(self, _: Memory) -> None:
        """Open the file, and begin it with the names of the columns."""
        self._file.open()
        if self._file.is_empty():
            self._file.append(make_line(COLUMNS_WRITTEN))

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Append the revisions that are not in the file yet."""
        self._file.write([(a.alert_id, a.revision, make_line(a)) for a in alerts])
        return ()

    def close(self) -> None:
        """Close the file; everything in it is on the disk."""
        self._file.close()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = clean(value)[:CELL_CHARS_MAX]
    return f"'{text}" if value.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS) else text


def make_line(what: Alert | Sequence[str]) -> bytes:
    """An alert's row, or the names of the columns, with the line's end."""
    row = make_row(what) if isinstance(what, Alert) else None
    made = io.StringIO()
    cells = [_cell(row[name]) for name in COLUMNS_WRITTEN] if row else what
    csv.writer(made, lineterminator="\r\n").writerow(cells)  # type: ignore[arg-type]
    return made.getvalue().encode()


def _read_key(line: bytes) -> tuple[str, int] | None:
    # Id and revision stand first and need no quotes.
    alert_id, _, rest = line.partition(b",")
    revision = rest.partition(b",")[0]
    return (alert_id.decode("utf-8", "replace"), int(revision)) if revision.isdigit() else None
