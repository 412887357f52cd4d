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


class Material(Struct, frozen=True):
    """What a value is made of, and how to tell that it is another."""

    seen: object
    snapshot: Snapshot | None
    extra: tuple[bytes, ...] = ()


class Extra(Struct, frozen=True):
    """What else a value is made of: asked for cheaply whether it differs, and read when it does."""

    seen: Callable[[Connection], object]
    read: Callable[[Connection], list[bytes]]


class Cached(Generic[T]):
    """What is made of the latest snapshot of a kind, asked for anew at most every `FRESH_S` seconds.

    To make it can take seconds, and a transaction that does nothing for so long is ended; so `refresh` reads in a transaction
    and builds after it. A snapshot that can't be used (made by a later version of the code) is logged, and the one before stays
    in use.
    """

    def __init__(
        self, kind: Kind, build: Callable[[str | None, tuple[bytes, ...]], T], *, extra: Extra | None = None
    ) -> None:
        self._kind: Kind = kind
        self._build = build
        self._extra = extra
        self._looked_at = float("-inf")
        self._seen: object = ()
        self._value: T | None = None

    def is_due(self) -> bool:
        """Whether it is time to ask the store again."""
        return time.monotonic() - self._looked_at >= FRESH_S

    def refresh(self, transact: Callable[[Callable[[Connection], Material | None]], Material | None]) -> T:
        """The value in force; `transact` runs a function in a transaction, and nothing is built inside it."""
        if self.is_due() or self._value is None:
            self._use(transact(self._read))
        return cast("T", self._value)

    def get(self, connection: Connection) -> T:
        """The value in force, for callers that are inside a transaction: built there only if nobody refreshed it before."""
        if self.is_due() or self._value is None:
            self._use(self._read(connection))
        return cast("T", self._value)

    def _read(self, connection: Connection) -> Material | None:
        row = connection.execute(LATEST_ID, (self._kind,)).fetchone()
        seen = (row and row[0], self._extra.seen(connection) if self._extra else None)
        if seen == self._seen and self._value is not None:
            return None
        extra = tuple(self._extra.read(connection)) if self._extra else ()
        return Material(seen, latest(connection, self._kind), extra)

    def _use(self, material: Material | None) -> None:
        self._looked_at = time.monotonic()
        if material is None:
            return
        snapshot = material.snapshot
        try:
            self._value = self._build(snapshot.content if snapshot else None, material.extra)
        except ConfigError as error:
            log.error("snapshot_unusable", kind=self._kind, version=snapshot and snapshot.version, error=str(error))
            if self._value is None:
                self._value = self._build(None, material.extra)
        else:
            log.info("snapshot_in_use", kind=self._kind, version=snapshot.version if snapshot else "shipped")
        self._seen = material.seen
