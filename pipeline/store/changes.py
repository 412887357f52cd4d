"""The log of what users changed in what the analysis knows; each worker asks it now and then for news.

A change is added, and may be undone; nothing is ever altered. `version` tells cheaply whether anything happened.
"""

from datetime import datetime

import msgspec
from msgspec import Struct

from pipeline.store.connection import Connection

ADD = "INSERT INTO changes (area, note, payload) VALUES (%s, %s, %s) RETURNING id"
UNDO = "UPDATE changes SET undone_at = now() WHERE area = %s AND id = %s AND undone_at IS NULL RETURNING note"
IN_FORCE = "SELECT payload::text FROM changes WHERE area = %s AND undone_at IS NULL ORDER BY id"
LIST = "SELECT id, note, made_at, undone_at FROM changes WHERE area = %s ORDER BY id DESC LIMIT %s"
VERSION = "SELECT coalesce(max(id), 0), count(undone_at) FROM changes WHERE area = %s"


class Entry(Struct, frozen=True):
    """One change in a list of them."""

    id: int
    note: str
    made_at: datetime
    undone_at: datetime | None


def add(connection: Connection, area: str, note: str, payload: bytes) -> int:
    """Add a change; its number, by which it can be undone."""
    row = connection.execute(ADD, (area, note, payload.decode())).fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return int(str(row[0]))


def undo(connection: Connection, area: str, number: int) -> str | None:
    """Take a change back; what it was, None when there is no such change in force."""
    row = connection.execute(UNDO, (area, number)).fetchone()
    return str(row[0]) if row else None


def in_force(connection: Connection, area: str) -> list[bytes]:
    """The payloads that are not undone, in order."""
    return [str(row[0]).encode() for row in connection.execute(IN_FORCE, (area,))]


def entries(connection: Connection, area: str, limit: int) -> list[Entry]:
    """The latest changes, newest first, undone ones too."""
    rows = connection.execute(LIST, (area, limit)).fetchall()
    return [msgspec.convert(dict(zip(Entry.__struct_fields__, row, strict=True)), Entry) for row in rows]


def version(connection: Connection, area: str) -> tuple[int, int]:
    """Differs whenever something was added or undone."""
    row = connection.execute(VERSION, (area,)).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    return int(str(row[0])), int(str(row[1]))
