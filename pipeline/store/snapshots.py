"""Snapshots: watch rules, additions to the knowledge base and to the warning list. Each is a whole, never changed, and named.

Workers take up a new one while they run (`pipeline/store/latest.py`), and name its version on what they make with it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, cast

from msgspec import Struct

from pipeline.store.connection import Connection
from pipeline.watch.rules import version_of

Kind = Literal["watch", "knowledge", "warnings"]

LATEST = "SELECT id, version, content, why, made_at FROM snapshots WHERE kind = %s ORDER BY id DESC LIMIT 1"
LATEST_ID = "SELECT coalesce(max(id), 0) FROM snapshots WHERE kind = %s"
SAVE = "INSERT INTO snapshots (kind, version, content, why) VALUES (%s, %s, %s, %s)"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('tocsin snapshots'))"


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


def latest_id(connection: Connection, kind: Kind) -> int:
    """Differs whenever another snapshot is in force; 0 when there never was one."""
    return int(str((connection.execute(LATEST_ID, (kind,)).fetchone() or (0,))[0]))


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
