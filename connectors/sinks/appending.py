"""A file of lines that is only appended to, each revision once: what the sinks `jsonl` and `csv` write.

What was written is on the disk (fsync) when `write` returns; a line that a crash cut short is taken back at the next start; the file is locked
against a twin.
"""

import fcntl
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.errors import ConfigError, RetryableError

TAIL_BYTES = 64 * 1024 * 1024
"""How much of the file's end is read at the start, to know the revisions in it: far more than was ever uncommitted."""
READ_BYTES = 1024 * 1024

ReadKey = Callable[[bytes], tuple[str, int] | None]
"""Alert id and revision of a line; None for somebody else's."""


class AppendingFile:
    """One file of one sink."""

    def __init__(self, sink: str, path: Path, *, read_key: ReadKey) -> None:
        self._sink = sink
        self._path = path
        self._read_key = read_key
        self._file: io.FileIO | None = None
        self._revisions: dict[str, int] = {}

    def open(self) -> None:
        """Open and lock the file, take back a line cut short, and read which revisions are in it. Raises `ConfigError`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what `write` was given is either in the file or raised about.
            file = io.FileIO(self._path, "a+")
        except OSError as error:
            raise ConfigError(f"sinks.{self._sink}: {self._path} can't be written: {error}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise ConfigError(f"sinks.{self._sink}: {self._path} is being written by another process") from error
        self._file = file
        self._take_back_torn_line(file)
        self._read_revisions(file)

    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return self._opened().seek(0, os.SEEK_END) == 0

    def write(self, lines: Sequence[tuple[str, int, bytes]]) -> None:
        """Append the lines (alert id, revision, bytes with the line's end) whose revisions are not in the file. Raises `RetryableError`."""
        latest = dict(self._revisions)
        fresh = []
        for alert_id, revision, line in lines:
            if revision > latest.get(alert_id, 0):
                fresh.append(line)
                latest[alert_id] = revision
        if fresh:
            self.append(b"".join(fresh))
        self._revisions = latest

    def append(self, raw: bytes) -> None:
        """Put the bytes at the end, all or none. Raises `RetryableError`."""
        file = self._opened()
        before = file.seek(0, os.SEEK_END)
        try:
            view = memoryview(raw)
            while view:
                view = view[file.write(view) or 0 :]
            os.fsync(file.fileno())
        except OSError as error:  # disk full: take back what got in, so that the batch can be written whole later
            file.truncate(before)
            raise RetryableError(f"sinks.{self._sink}: {self._path}: {error}") from error

    def close(self) -> None:
        """Close the file; everything in it is on the disk."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _opened(self) -> io.FileIO:
        if self._file is None:
            raise RetryableError(f"sinks.{self._sink}: not open")
        return self._file

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
        for line in lines[1:] if size > TAIL_BYTES else lines:
            if (key := self._read_key(line)) is not None:
                alert_id, revision = key
                self._revisions[alert_id] = max(revision, self._revisions.get(alert_id, 0))
