"""What the TAXII server has: versions of STIX objects in collections, in one SQLite file."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid5

from msgspec import Struct

from connectors.sinks.stixmaker import NAMESPACE

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    id text NOT NULL, version text NOT NULL, type text NOT NULL, raw text NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE IF NOT EXISTS entries (
    number integer PRIMARY KEY AUTOINCREMENT, collection text NOT NULL, id text NOT NULL, version text NOT NULL,
    added text NOT NULL, UNIQUE (collection, id, version));
CREATE INDEX IF NOT EXISTS entries_by_time ON entries (collection, added);
CREATE INDEX IF NOT EXISTS entries_by_added ON entries (added);
CREATE TABLE IF NOT EXISTS collections (name text PRIMARY KEY, title text NOT NULL);
"""
SELECT = """
SELECT e.number, e.id, e.version, e.added, o.type, o.raw FROM entries e JOIN objects o USING (id, version)
WHERE e.collection = :collection AND e.number > :after AND e.added > :added_after {where}
ORDER BY e.number LIMIT :limit
"""
LATEST = "(SELECT max(v.version) FROM entries v WHERE v.collection = e.collection AND v.id = e.id)"
FIRST = "(SELECT min(v.version) FROM entries v WHERE v.collection = e.collection AND v.id = e.id)"
BUSY_S = 10.0
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class Entry(Struct, frozen=True):
    """One version of an object in a collection; `version` is empty for objects that have none."""

    number: int
    id: str
    version: str
    added: str
    type: str
    raw: str


class Question(Struct, frozen=True, kw_only=True):
    """What a client asks for (TAXII 2.1, 3.4)."""

    limit: int
    after: int = 0
    added_after: str = ""
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str, ...] = ("last",)


class Collection(Struct, frozen=True):
    """A collection; its id is named after its name."""

    name: str
    title: str

    @property
    def id(self) -> str:
        """As TAXII wants it, a UUID."""
        return str(uuid5(NAMESPACE, f"collection {self.name}"))


class TaxiiStore:
    """The file. One connection, for one thread; several may have it open."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)
        self._tell_apart()

    def _tell_apart(self) -> None:
        """Entries of a file of before that were added at the same time: each a microsecond after the one before it."""
        twice = "SELECT 1 FROM entries GROUP BY collection, added HAVING count(*) > 1 LIMIT 1"
        if not self._db.execute(twice).fetchone():
            return
        self._db.execute("BEGIN IMMEDIATE")
        last = ""
        for number, added in self._db.execute("SELECT number, added FROM entries ORDER BY number").fetchall():
            last = after(last, added)
            self._db.execute("UPDATE entries SET added = ? WHERE number = ?", (last, number))
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, collections: Sequence[Collection], objects: Iterable[tuple[str, str, str, str]]) -> None:
        """Put (id, version, type, JSON) into the collections, durably; what is there already stays as it is.

        No two entries are added at the same time: so a client that asks for what was added after the last one it has misses nothing, wherever
        its page ended.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            ((last,),) = self._db.execute("SELECT coalesce(max(added), '') FROM entries").fetchall()
            for collection in collections:
                self._db.execute("INSERT OR IGNORE INTO collections VALUES (?, ?)", (collection.name, collection.title))
            for object_id, version, kind, raw in objects:
                self._db.execute("INSERT OR IGNORE INTO objects VALUES (?, ?, ?, ?)", (object_id, version, kind, raw))
                last = after(last, now_text())
                self._db.executemany(
                    "INSERT OR IGNORE INTO entries (collection, id, version, added) VALUES (?, ?, ?, ?)",
                    [(collection.name, object_id, version, last) for collection in collections],
                )
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def collections(self) -> list[Collection]:
        """All, by name."""
        return [Collection(*row) for row in self._db.execute("SELECT name, title FROM collections ORDER BY name")]

    def find(self, collection: Collection, question: Question) -> list[Entry]:
        """One entry more than the limit, when there are more."""
        values: dict[str, object] = {
            "collection": collection.name, "after": question.after, "added_after": question.added_after,
            "limit": question.limit + 1,
        }  # fmt: skip
        where = _among("e.id", question.ids, values) + _among("o.type", question.types, values)
        if "all" not in question.versions:
            named = tuple(v for v in question.versions if v not in {"last", "first"})
            either = [f"e.version = {LATEST}"] if "last" in question.versions else []
            either += [f"e.version = {FIRST}"] if "first" in question.versions else []
            either += [_among("e.version", named, values).removeprefix(" AND ")] if named else []
            where += f" AND ({' OR '.join(either)})"
        return [
            Entry(number, object_id, version, added, kind, raw)
            for number, object_id, version, added, kind, raw in self._db.execute(SELECT.format(where=where), values)
        ]


def now_text() -> str:
    """The time with microseconds, as TAXII writes it: sorts as text."""
    return datetime.now(UTC).strftime(TIME)


def after(last: str, now: str) -> str:
    """Now, or a microsecond after the last time where that is not before now (a quick machine, a clock put back)."""
    if now > last:
        return now
    return (datetime.strptime(last, TIME).replace(tzinfo=UTC) + timedelta(microseconds=1)).strftime(TIME)


def _among(column: str, wanted: Sequence[str], values: dict[str, object]) -> str:
    if not wanted:
        return ""
    names = [f"{column.replace('.', '_')}_{n}" for n in range(len(wanted))]
    values.update(zip(names, wanted, strict=True))
    return f" AND {column} IN ({', '.join(f':{name}' for name in names)})"
