"""Where the changes to the knowledge base are kept: the store that the pipeline reads, or a file for the offline commands."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import psycopg
from msgspec import Struct
from msgspec.structs import replace

from pipeline.errors import ConfigError, RetryableError
from pipeline.store import changes
from pipeline.store.changes import Entry
from pipeline.store.connection import connect
from pipeline.store.current_knowledge import AREA
from pipeline.text.knowledge import Knowledge, load_subjects
from pipeline.text.knowledge.changes import KnowledgeChange, apply

T = TypeVar("T")


class Log(Protocol):
    """Changes in order, each of which can be undone."""

    def add(self, note: str, change: KnowledgeChange) -> int:
        """Keep a change; its number."""
        ...

    def undo(self, number: int) -> str | None:
        """Take a change back; what it was, None when there is none of this number in force."""
        ...

    def in_force(self) -> list[KnowledgeChange]:
        """The changes that are not undone, in order."""
        ...

    def entries(self, limit: int) -> list[Entry]:
        """The latest changes, newest first."""
        ...


class StoreLog:
    """In the store: running workers take it up within seconds."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url, application="entities", autocommit=True)

    def add(self, note: str, change: KnowledgeChange) -> int:
        return self._guarded(lambda: changes.add(self._connection, AREA, note, msgspec.json.encode(change)))

    def undo(self, number: int) -> str | None:
        return self._guarded(lambda: changes.undo(self._connection, AREA, number))

    def in_force(self) -> list[KnowledgeChange]:
        raw = self._guarded(lambda: changes.in_force(self._connection, AREA))
        return [msgspec.json.decode(payload, type=KnowledgeChange) for payload in raw]

    def entries(self, limit: int) -> list[Entry]:
        return self._guarded(lambda: changes.entries(self._connection, AREA, limit))

    @staticmethod
    def _guarded(ask: Callable[[], T]) -> T:
        try:
            return ask()
        except psycopg.errors.UndefinedTable as error:
            raise ConfigError("the store is older than this command: run `tocsin store migrate` first") from error
        except psycopg.Error as error:
            raise RetryableError(f"the store: {str(error).strip()}") from error


class _Line(Struct, frozen=True):
    entry: Entry
    change: KnowledgeChange


class FileLog:
    """In a file of JSON Lines, which `tocsin extract --knowledge FILE` reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, note: str, change: KnowledgeChange) -> int:
        lines = self._read()
        number = len(lines) + 1
        self._write([*lines, _Line(Entry(number, note, datetime.now(UTC), None), change)])
        return number

    def undo(self, number: int) -> str | None:
        lines = self._read()
        for place, line in enumerate(lines):
            if line.entry.id == number and line.entry.undone_at is None:
                lines[place] = replace(line, entry=replace(line.entry, undone_at=datetime.now(UTC)))
                self._write(lines)
                return line.entry.note
        return None

    def in_force(self) -> list[KnowledgeChange]:
        return [line.change for line in self._read() if line.entry.undone_at is None]

    def entries(self, limit: int) -> list[Entry]:
        return [line.entry for line in reversed(self._read())][:limit]

    def _read(self) -> list[_Line]:
        if not self._path.exists():
            return []
        try:
            raw = self._path.read_bytes().splitlines()
            return [msgspec.json.decode(line, type=_Line) for line in raw]
        except (OSError, msgspec.DecodeError) as error:
            raise ConfigError(f"{self._path}: not a file of changes to the knowledge base: {error}") from error

    def _write(self, lines: list[_Line]) -> None:
        whole = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        beside = self._path.with_name(f"{self._path.name}.new")
        beside.write_bytes(whole)
        beside.replace(self._path)  # a crash leaves the old file or the new one, never half of one


def knowledge_with(changes_in_force: list[KnowledgeChange]) -> Knowledge:
    """The shipped knowledge base with the changes laid over it."""
    return Knowledge(apply(load_subjects(), changes_in_force))
