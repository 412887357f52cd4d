"""The sink `jsonl`: every revision of every alert as one line of JSON, appended to a file.

    [sinks.file]
    type = "jsonl"
    path = "/var/lib/tocsin/alerts.jsonl"
    severity_min = "low"                 # info, low, medium, high, critical

Delivery: at least once from the topic, each revision once in the file. A batch is on the disk (fsync) before its offsets are
committed; a line that a crash cut short is taken back at the next start, and revisions that are in the file already are not written again.
"""

import fcntl
import io
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig
from pipeline.codec import encode
from pipeline.errors import ConfigError, RetryableError
from pipeline.records import Alert

TAIL_BYTES = 64 * 1024 * 1024
"""How much of the file's end is read at the start, to know the revisions in it: far more than was ever uncommitted."""
READ_BYTES = 1024 * 1024


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
        self._path = Path(config.path)
        self._file: io.FileIO | None = None
        self._revisions: dict[str, int] = {}

    def open(self, _: Memory) -> None:
        """Open the file, take back a line cut short, and read which revisions are in it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what `write` was given is either in the file or raised about.
            file = io.FileIO(self._path, "a+")
        except OSError as error:
            raise ConfigError(f"sinks.{self.name}: {self._path} can't be written: {error}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise ConfigError(f"sinks.{self.name}: {self._path} is being written by another process") from error
        self._file = file
        self._take_back_torn_line(file)
        self._read_revisions(file)

    def _take_back_torn_line(self, file: io.FileIO) -> None:
        """Cut the file after its last line end."""
        end = file.seek(0, os.SEEK_END)
        position = end
        while position > 0:
            start = max(0, position - READ_BYTES)
            file.seek(start)
            newline = file.read(position - start).rfind(b"\n")
            if newline >= 0:
                position = start + newline + 1
                break
            position = start
        if position < end:
            file.truncate(position)

    def _read_revisions(self, file: io.FileIO) -> None:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read(TAIL_BYTES).split(b"\n")
        decoder = msgspec.json.Decoder(_Known)
        for line in lines[1:] if size > TAIL_BYTES else lines:
            try:
                known = decoder.decode(line)
            except msgspec.DecodeError:
                continue  # a line of somebody else's
            self._remember(known.alert_id, known.revision)

    def _remember(self, alert_id: str, revision: int) -> None:
        self._revisions[alert_id] = max(revision, self._revisions.get(alert_id, 0))

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Append the alerts that are not in the file yet, and wait until they are on the disk."""
        file = self._file
        if file is None:
            raise RetryableError(f"sinks.{self.name}: not open")
        latest = dict(self._revisions)
        lines = []
        for alert in alerts:
            if alert.revision > latest.get(alert.alert_id, 0):
                lines.append(encode(alert) + b"\n")
                latest[alert.alert_id] = alert.revision
        if lines:
            self._append(file, b"".join(lines))
        self._revisions = latest
        return ()

    def _append(self, file: io.FileIO, raw: bytes) -> None:
        before = file.seek(0, os.SEEK_END)
        try:
            view = memoryview(raw)
            while view:
                view = view[file.write(view) or 0 :]
            os.fsync(file.fileno())
        except OSError as error:  # disk full: take back what got in, so that the batch can be written whole later
            file.truncate(before)
            raise RetryableError(f"sinks.{self.name}: {self._path}: {error}") from error

    def close(self) -> None:
        """Close the file; everything in it is on the disk."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
