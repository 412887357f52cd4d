"""The feeds as people see and change them: list, add, remove, pause. What is changed here is taken up by the daemon at its next look.

A feed that was added is a source of the configuration's own shape (`[sources.NAME]` as a JSON object), kept in the store instead of the
file. Feeds of the file can be paused here, but are added and removed there.
"""

import difflib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from connectors.sources.hosts import host_of
from connectors.sources.rhythm import Condition
from connectors.sources.transaction import StoreLink
from pipeline.errors import UsageError
from pipeline.records import HealthKind

NEAR_MAX = 3
"""Names proposed for one that isn't known."""


class FeedStatus(Struct, frozen=True, kw_only=True):
    """A feed as `tocsin feeds` shows it."""

    feed: str
    source: str
    url: str
    active: bool
    title: str | None = None
    tags: tuple[str, ...] = ()
    grade: str | None = None
    outcome: str | None = None
    reason: str | None = None
    message: str | None = None
    conditions: dict[HealthKind, Condition] = {}
    paused_at: datetime | None = None
    options: dict[str, Any] | None = None  # of a feed that was added; None: it stands in the configuration
    failures: int = 0
    polls: int = 0
    articles: int = 0
    entries_last: int | None = None
    articles_last: int | None = None
    skipped_last: dict[str, int] = {}
    interval_s: float | None = None
    moved_to: str | None = None
    adopted_url: str | None = None
    hub: str | None = None
    last_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    next_poll_at: datetime | None = None


class Added(Struct, frozen=True, kw_only=True):
    """A feed to be added: its name, and the table that would stand in the configuration."""

    name: str
    options: dict[str, Any]
    is_spaced: bool = True  # as its source says: False for the operator's own server

    @property
    def url(self) -> str:
        """Its address; a folder's is its path."""
        return str(self.options.get("url") or f"file://{self.options.get('path', '')}")


class FeedList:
    """What the commands ask of the store."""

    def __init__(self, url: str) -> None:
        self._link = StoreLink(url, application="feeds")

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    def all(self) -> list[FeedStatus]:
        """Every feed known, by name."""
        with self._link.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
            fields = FeedStatus.__struct_fields__
            cursor.execute(f"SELECT {', '.join(fields)} FROM feeds ORDER BY feed")  # noqa: S608 - our own names
            return [msgspec.convert(row, FeedStatus) for row in cursor]

    def add(self, feeds: Sequence[Added]) -> list[str]:
        """Add feeds, due at once; the names of those added. One whose name is taken by an active feed is left as it is."""
        with self._link.transaction() as connection, connection.cursor() as cursor:
            added: list[str] = []
            for feed in feeds:
                tags, grade = list(feed.options.get("tags", ())), feed.options.get("grade")
                cursor.execute(
                    """
                    INSERT INTO feeds (feed, source, url, host, spaced, tags, grade, options)
                    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
                    ON CONFLICT (feed) DO UPDATE SET
                        source = excluded.source, url = excluded.url, host = excluded.host, spaced = excluded.spaced, tags = excluded.tags,
                        grade = excluded.grade, options = excluded.options, active = true, paused_at = NULL, etag = NULL,
                        last_modified = NULL, body_hash = NULL, adopted_url = NULL, failures = 0, conditions = '{}',
                        next_poll_at = now(), epoch = feeds.epoch + 1
                    WHERE NOT feeds.active
                    """,
                    (
                        feed.name,
                        feed.name,
                        feed.url,
                        host_of(feed.url),
                        feed.is_spaced,
                        tags,
                        grade,
                        Jsonb(feed.options),
                    ),
                )
                if cursor.rowcount:
                    added.append(feed.name)
            return added

    def change(self, feed: Added) -> None:
        """Give an added feed other options; what is remembered of it stays. Raises `UsageError`."""
        with self._link.transaction() as connection:
            done = connection.execute(
                """
                UPDATE feeds SET options = %s, tags = %s, grade = %s, next_poll_at = now()
                WHERE feed = %s AND active AND options IS NOT NULL
                """,
                (Jsonb(feed.options), list(feed.options.get("tags", ())), feed.options.get("grade"), feed.name),
            )
            if done.rowcount == 0:
                raise UsageError(f"{feed.name}: stands in the configuration: change it there")

    def pause(self, names: Sequence[str], at: datetime | None) -> None:
        """Poll these feeds no more from `at` on; None: poll them again. Raises `UsageError` for a name that isn't known."""
        self._check(names)
        with self._link.transaction() as connection:
            connection.execute(
                "UPDATE feeds SET paused_at = %s, next_poll_at = now() WHERE feed = ANY(%s)", (at, list(names))
            )

    def poll_now(self, names: Sequence[str]) -> None:
        """Make these feeds due at once."""
        self._check(names)
        with self._link.transaction() as connection:
            connection.execute("UPDATE feeds SET next_poll_at = now() WHERE feed = ANY(%s)", (list(names),))

    def remove(self, names: Sequence[str]) -> None:
        """Poll these added feeds no more. What they brought is kept, and remembered for the case that one is added again.

        Raises `UsageError` for a name that isn't known, and for a feed of the configuration.
        """
        known = self._check(names)
        if configured := [name for name in names if known[name].options is None]:
            raise UsageError(f"{', '.join(configured)}: stands in the configuration: take it out there, or pause it")
        with self._link.transaction() as connection:
            connection.execute("UPDATE feeds SET active = false WHERE feed = ANY(%s)", (list(names),))

    def _check(self, names: Sequence[str]) -> dict[str, FeedStatus]:
        known = {row.feed: row for row in self.all() if row.active}
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=NEAR_MAX)
                raise UsageError(
                    f"no feed {name!r}; " + (f"near: {', '.join(near)}" if near else "see `tocsin feeds list`")
                )
        return known
