"""The sink `jsonl`: every revision of every alert as one line of JSON, appended to a file.

    [sinks.file]
    type = "jsonl"
    path = "/var/lib/tocsin/alerts.jsonl"
    severity_min = "low"                 # info, low, medium, high, critical

Delivery: at least once from the topic, each revision once in the file. A batch is on the disk (fsync) before its offsets are
committed; a line that a crash cut short is taken back at the next start, and revisions that are in the file already are not written again.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from connectors.sinks.appending import AppendingFile
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig
from pipeline.records import Alert
from pipeline.records.codec import encode


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "jsonl"
    path: str


class _Known(Struct):
    alert_id: str
    revision: int


class JsonlSink:
    """Appends to one file, which it locks against a twin."""

    revisions: Revisions = "append"
    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        self.name = name
        self.config = config
        self._file = AppendingFile(name, Path(config.path), read_key=_read_key)

    def open(self, _: Memory) -> None:
        """Open the file, take back a line cut short, and read which revisions are in it."""
        self._file.open()

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Append the revisions that are not in the file yet, and wait until they are on the disk."""
        self._file.write([(a.alert_id, a.revision, encode(a) + b"\n") for a in alerts])
        return ()

    def close(self) -> None:
        """Close the file; everything in it is on the disk."""
        self._file.close()


def _read_key(line: bytes) -> tuple[str, int] | None:
    try:
        known = msgspec.json.decode(line, type=_Known)
    except msgspec.DecodeError:
        return None  # a line of somebody else's
    return known.alert_id, known.revision
