"""Snapshots: watch rules, additions to the knowledge base and to the warning list. Each is a whole, never changed, and named.

Whoever uses one reads it at most every `FRESH_S` seconds (hot reload), and names its version on what it makes with it.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Generic, Literal, TypeVar, cast

import structlog
from msgspec import Struct

from pipeline.errors import ConfigError
from pipeline.store.connection import Connection
from pipeline.watch.rules import version_of

FRESH_S = 10.0
"""How old the rules in use may be, seconds."""

Kind = Literal["watch", "knowledge", "warnings"]
T = TypeVar("T")

LATEST = "SELECT id, version, content, why, made_at FROM snapshots WHERE kind = %s ORDER BY id DESC LIMIT 1"
LATEST_ID = "SELECT max(id) FROM snapshots WHERE kind = %s"
SAVE = "INSERT INTO snapshots (kind, version, content, why) VALUES (%s, %s, %s, %s)"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('tocsin snapshots'))"

log = structlog.get_logger()


class Snapshot(Struct, frozen=True):
    """One version of one kind of knowledge."""

    id: int
    version: str
    content: str
    why: str
    made_at: datetime


def latest(connection: Connection, kind: Kind) -> Snapshot | None:
    """The snapshot in force; None when there never was one."""
    row = connection.execute(LATEST, (kind,)).fetchone()
    return Snapshot(*cast("tuple[int, str, str, str, datetime]", row)) if row else None


def change(connection: Connection, kind: Kind, edit: Callable[[str | None], str], why: str) -> str:
    """Put a new snapshot in force, made by `edit` from the content of the one before; its version.

    In a transaction that two editors take one after the other; the same content again makes no new snapshot.
    """
    with connection.transaction():
        connection.execute(LOCK)
        before = latest(connection, kind)
        content = edit(before.content if before else None)
        version = version_of(content)
        if before is None or before.version != version:
            connection.execute(SAVE, (kind, version, content, why))
    return version


class Cached(Generic[T]):
    """What is made of the latest snapshot of a kind, asked for anew at most every `FRESH_S` seconds.

    A snapshot that can't be used (made by a later version of the code) is logged, and the one before stays in use.
    """

    def __init__(self, kind: Kind, build: Callable[[str | None], T], *, fresh_s: float = FRESH_S) -> None:
        self._kind: Kind = kind
        self._build = build
        self._fresh_s = fresh_s
        self._looked_at = float("-inf")
        self._id: int | None = -1
        self._value: T | None = None

    def is_due(self) -> bool:
        """Whether the next `get` asks the store."""
        return time.monotonic() - self._looked_at >= self._fresh_s

    def get(self, connection: Connection) -> T:
        """The value in force."""
        if self.is_due() or self._value is None:
            self._looked_at = time.monotonic()
            row = connection.execute(LATEST_ID, (self._kind,)).fetchone()
            found = cast("int | None", row[0] if row else None)
            if found != self._id or self._value is None:
                self._read(connection, found)
        return cast("T", self._value)

    def _read(self, connection: Connection, found: int | None) -> None:
        snapshot = latest(connection, self._kind) if found is not None else None
        try:
            self._value = self._build(snapshot.content if snapshot else None)
        except ConfigError as error:
            log.error("snapshot_unusable", kind=self._kind, version=snapshot and snapshot.version, error=str(error))
            if self._value is None:
                self._value = self._build(None)
        else:
            log.info("snapshot_in_use", kind=self._kind, version=snapshot.version if snapshot else "shipped")
        self._id = found
