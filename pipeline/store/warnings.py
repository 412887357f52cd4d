"""Imported warning lists in the store: contents by digest, and snapshots that say which of them are in force.

Both are rows of the table `snapshots`, never changed: a content has the version `list:` + its digest, a set names its lists by digest.
Every change, an undo as well, adds a set. Contents that no set names any more are kept, so that each earlier set can be put in
force again.
"""

from typing import cast

import msgspec
from msgspec import Struct

from pipeline.errors import UsageError
from pipeline.store.connection import Connection
from pipeline.text.indicators.lists import WarningList

LOCK = "SELECT pg_advisory_xact_lock(hashtext('tocsin snapshots'))"
LATEST = "SELECT id, version, content, why, made_at::text FROM snapshots WHERE kind = 'warnings' AND version NOT LIKE 'list:%%' ORDER BY id DESC LIMIT 1"
LATEST_ID = "SELECT max(id) FROM snapshots WHERE kind = 'warnings' AND version NOT LIKE 'list:%%'"
ALL = "SELECT id, version, content, why, made_at::text FROM snapshots WHERE kind = 'warnings' AND version NOT LIKE 'list:%%' ORDER BY id DESC LIMIT %s"
ONE = "SELECT id, version, content, why, made_at::text FROM snapshots WHERE kind = 'warnings' AND version NOT LIKE 'list:%%' AND id = %s"
BEFORE = "SELECT id, version, content, why, made_at::text FROM snapshots WHERE kind = 'warnings' AND version NOT LIKE 'list:%%' AND id < %s ORDER BY id DESC LIMIT 1"
SAVE = "INSERT INTO snapshots (kind, version, content, why) VALUES ('warnings', encode(substr(sha256(convert_to(%(content)s, 'UTF8')), 1, 6), 'hex'), %(content)s, %(why)s) RETURNING version"
KEEP = """
INSERT INTO snapshots (kind, version, content, why) SELECT 'warnings', %(version)s, %(content)s, %(why)s
WHERE NOT EXISTS (SELECT FROM snapshots WHERE kind = 'warnings' AND version = %(version)s)
"""
CONTENT = "SELECT content FROM snapshots WHERE kind = 'warnings' AND version = %s"


class Content(Struct, frozen=True):
    """The content of a list as it is stored (bytes are base64 in JSON)."""

    record: bytes  # WarningList as MessagePack
    names: bytes  # the entries, zlib, for people to read


class Listed(Struct, frozen=True):
    """A list in a snapshot: by what it is called, and the digest of its content."""

    name: str
    digest: str


class Snapshot(Struct, frozen=True):
    """One set of lists."""

    id: int
    version: str
    lists: tuple[Listed, ...]
    why: str
    made_at: str


def _snapshot(row: tuple[object, ...] | None) -> Snapshot | None:
    if row is None:
        return None
    number, version, content, why, made_at = cast("tuple[int, str, str, str, str]", row)
    return Snapshot(number, version, msgspec.json.decode(content, type=tuple[Listed, ...]), why, made_at)


def latest(connection: Connection) -> Snapshot | None:
    """The snapshot in force; None when nothing was ever imported."""
    return _snapshot(connection.execute(LATEST).fetchone())


def latest_id(connection: Connection) -> int | None:
    """Its number, which is cheap to ask for."""
    row = connection.execute(LATEST_ID).fetchone()
    return cast("int | None", row[0]) if row else None


def history(connection: Connection, limit: int) -> list[Snapshot]:
    """The latest snapshots, newest first."""
    rows = connection.execute(ALL, (limit,)).fetchall()
    return [snapshot for row in rows if (snapshot := _snapshot(row)) is not None]


def put(connection: Connection, one: WarningList, names: bytes) -> str:
    """Put a list in force, in place of one of the same name; the version of the set."""
    connection.execute(LOCK)
    content = msgspec.json.encode(Content(msgspec.msgpack.encode(one), names)).decode()
    connection.execute(
        KEEP, {"version": f"list:{one.digest}", "content": content, "why": f"{one.name} of {one.source}"}
    )
    before = latest(connection)
    kept = tuple(listed for listed in (before.lists if before else ()) if listed.name != one.name)
    lists = tuple(sorted((*kept, Listed(one.name, one.digest)), key=lambda listed: listed.name))
    if before and lists == before.lists:
        return before.version
    return _save(connection, lists, f"import {one.name}: {one.entries} entries of {one.source}")


def remove(connection: Connection, name: str) -> str:
    """Take a list out; the version of the set. Raises `UsageError` where it is not in force."""
    connection.execute(LOCK)
    before = latest(connection)
    kept = tuple(listed for listed in (before.lists if before else ()) if listed.name != name)
    if before is None or len(kept) == len(before.lists):
        raise UsageError(_unknown(name, before))
    return _save(connection, kept, f"remove {name}")


def undo(connection: Connection, to: int | None = None) -> Snapshot:
    """Put the set before the one in force, or set `to`, in force again. Raises `UsageError` where there is none."""
    connection.execute(LOCK)
    now = latest(connection)
    if now is None:
        raise UsageError("nothing to undo: no warning list was ever imported here")
    if to is None:
        earlier = _snapshot(connection.execute(BEFORE, (now.id,)).fetchone())
        lists = earlier.lists if earlier else ()
        why = f"undo of {now.id} ({now.why})"
    else:
        earlier = _snapshot(connection.execute(ONE, (to,)).fetchone())
        if earlier is None:
            raise UsageError(f"there is no set {to}: `tocsin warnings history` lists them")
        lists, why = earlier.lists, f"back to {to}"
    _save(connection, lists, why)
    return cast("Snapshot", latest(connection))


def find(connection: Connection, name: str) -> Listed:
    """A list in force, by its name. Raises `UsageError`."""
    now = latest(connection)
    for listed in now.lists if now else ():
        if listed.name == name:
            return listed
    raise UsageError(_unknown(name, now))


def load(connection: Connection, digest: str) -> WarningList:
    """The content of a list. Raises `UsageError` where the store lost it."""
    return msgspec.msgpack.decode(_content(connection, digest).record, type=WarningList)


def names(connection: Connection, digest: str) -> bytes:
    """A list's entries as compressed text. Raises `UsageError` where the store lost it."""
    return _content(connection, digest).names


def _content(connection: Connection, digest: str) -> Content:
    row = connection.execute(CONTENT, (f"list:{digest}",)).fetchone()
    if row is None:
        raise UsageError(f"the content {digest} of a warning list is missing from the store: import it again")
    return msgspec.json.decode(cast("str", row[0]), type=Content)


def _save(connection: Connection, lists: tuple[Listed, ...], why: str) -> str:
    content = msgspec.json.encode(lists).decode()
    row = connection.execute(SAVE, {"content": content, "why": why}).fetchone()
    return cast("str", row[0]) if row else ""


def _unknown(name: str, now: Snapshot | None) -> str:
    known = ", ".join(listed.name for listed in now.lists) if now else ""
    return f"there is no warning list {name!r} in force" + (f"; there are: {known}" if known else "; none was imported")
