"""The feeds' state in PostgreSQL: read before a poll, saved after Kafka has acknowledged what the poll brought.

A save names the epoch it read and fails when another connector has saved since, so no poll is recorded twice. Every method is one short
transaction, and raises `RetryableError` when the store is away; the caller tries again, and everything here may be tried again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
from msgspec import Struct
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from connectors.sources.articles import Known, Seen, remember
from connectors.sources.fetch import Validators
from connectors.sources.source import Feed, FeedState, Poll
from pipeline.errors import RetryableError, UsageError
from pipeline.store.connection import Connection, connect

SEEN_KEEP_DAYS = 90
"""How long a wording that no longer stands in its feed is remembered: feeds that flip between back-ends bring old entries again."""
MESSAGE_CHARS_MAX = 500
PRUNE_ROWS_MAX = 10_000
"""Forgotten at a time, so that no transaction is long."""

Row = dict[str, Any]
"""A row by column name; `Any` ends here."""


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
    failures: int = 0
    polls: int = 0
    articles: int = 0
    entries_last: int | None = None
    articles_last: int | None = None
    skipped_last: dict[str, int] = {}
    interval_s: float | None = None
    moved_to: str | None = None
    last_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    next_poll_at: datetime | None = None


class FeedStore:
    """One connection, made anew when it is lost. Not for several threads at once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def register(self, feeds: Sequence[Feed]) -> dict[str, FeedState]:
        """Make the configured feeds the active ones, and return the state of each.

        A feed whose address changed keeps its wordings and loses its validators.
        """
        with _Transaction(self) as connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE feeds SET active = false WHERE active AND NOT feed = ANY(%s)", ([f.name for f in feeds],)
            )
            cursor.executemany(
                """
                INSERT INTO feeds (feed, source, url, tags, grade) VALUES (%s, %s, %s, %s, %s)
                ON CONFLICT (feed) DO UPDATE SET
                    source = excluded.source, tags = excluded.tags, grade = excluded.grade, active = true, url = excluded.url,
                    etag = CASE WHEN feeds.url = excluded.url THEN feeds.etag END,
                    last_modified = CASE WHEN feeds.url = excluded.url THEN feeds.last_modified END,
                    body_hash = CASE WHEN feeds.url = excluded.url THEN feeds.body_hash END,
                    next_poll_at = CASE WHEN feeds.url = excluded.url THEN feeds.next_poll_at END
                """,
                [(f.name, f.source, f.url, list(f.tags), f.grade) for f in feeds],
            )
        return self._states([f.name for f in feeds])

    def state(self, feed: str) -> FeedState:
        """The state of one feed."""
        return self._states([feed])[feed]

    def _states(self, names: list[str]) -> dict[str, FeedState]:
        with _Transaction(self) as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SELECT * FROM feeds WHERE feed = ANY(%s)", (names,))
            return {row["feed"]: _state(row) for row in cursor}

    def known(self, feed: str) -> Known:
        """The wordings seen in the feed."""
        with _Transaction(self) as connection, connection.cursor(row_factory=class_row(Seen)) as cursor:
            cursor.execute(
                "SELECT wording, article_id, guid, title FROM feed_seen WHERE feed = %s ORDER BY seen_at", (feed,)
            )
            return remember(cursor.fetchall())

    def save(self, feed: str, poll: Poll, at: datetime) -> bool:
        """Record a poll whose articles Kafka has; False when another connector has recorded one since it began."""
        state = poll.state
        with _Transaction(self) as connection, connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE feeds SET
                    title = %(title)s, etag = %(etag)s, last_modified = %(last_modified)s, body_hash = %(body_hash)s,
                    interval_s = %(interval_s)s, failures = %(failures)s, polls = %(polls)s, next_poll_at = %(next_poll_at)s,
                    moved_to = %(moved_to)s, moved_since = %(moved_since)s, outcome = %(outcome)s, reason = %(reason)s,
                    message = %(message)s, articles = articles + %(new)s, last_poll_at = %(at)s,
                    last_ok_at = CASE WHEN %(outcome)s = 'failed' THEN last_ok_at ELSE %(at)s END,
                    last_new_at = CASE WHEN %(new)s > 0 THEN %(at)s ELSE last_new_at END,
                    entries_last = coalesce(%(entries)s, entries_last),
                    articles_last = CASE WHEN %(entries)s::int IS NULL THEN articles_last ELSE %(new)s END,
                    skipped_last = CASE WHEN %(entries)s::int IS NULL THEN skipped_last ELSE %(skipped)s END,
                    epoch = epoch + 1
                WHERE feed = %(feed)s AND epoch = %(epoch)s
                """,
                {
                    "feed": feed,
                    "epoch": state.epoch,
                    "at": at,
                    "title": state.title,
                    "etag": state.validators.etag,
                    "last_modified": state.validators.last_modified,
                    "body_hash": state.body_hash,
                    "interval_s": state.interval_s,
                    "failures": state.failures,
                    "polls": state.polls,
                    "next_poll_at": state.next_poll_at,
                    "moved_to": state.moved_to,
                    "moved_since": state.moved_since,
                    "outcome": poll.outcome,
                    "reason": poll.reason,
                    "message": poll.message and poll.message.replace("\0", "")[:MESSAGE_CHARS_MAX],
                    "new": len(poll.articles),
                    "entries": poll.entries,
                    "skipped": Jsonb(poll.skipped),
                },
            )
            if cursor.rowcount == 0:
                return False
            cursor.executemany(
                """
                INSERT INTO feed_seen (feed, wording, article_id, guid, title, seen_at) VALUES (%s, %s, %s, %s, %s, %s)
                ON CONFLICT (feed, wording) DO UPDATE SET seen_at = excluded.seen_at, guid = excluded.guid
                """,
                [(feed, s.wording, s.article_id, s.guid, s.title, at) for s in poll.seen],
            )
        return True

    def forget_old(self, now: datetime) -> int:
        """Forget wordings that have not stood in their feed for `SEEN_KEEP_DAYS`; how many."""
        with _Transaction(self) as connection:
            done = connection.execute(
                """
                DELETE FROM feed_seen WHERE (feed, wording) IN (
                    SELECT s.feed, s.wording FROM feed_seen s JOIN feeds f USING (feed)
                    WHERE s.seen_at < %s AND f.last_ok_at > s.seen_at + %s LIMIT %s)
                """,
                (now - timedelta(days=SEEN_KEEP_DAYS), timedelta(days=SEEN_KEEP_DAYS), PRUNE_ROWS_MAX),
            )
            return done.rowcount

    def list_feeds(self) -> list[FeedStatus]:
        """Every feed known, by name."""
        with _Transaction(self) as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SELECT * FROM feeds ORDER BY feed")
            fields = FeedStatus.__struct_fields__
            return [FeedStatus(**{name: _value(row[name]) for name in fields}) for row in cursor]


class _Transaction:
    """A transaction on the store's connection; a lost connection is told as `RetryableError`."""

    def __init__(self, store: FeedStore) -> None:
        self._store = store

    def __enter__(self) -> Connection:
        store = self._store
        if store._connection is None or store._connection.closed:  # noqa: SLF001 - the store's own
            store._connection = connect(store._url, application="connectors")  # noqa: SLF001
        self._connection = store._connection  # noqa: SLF001
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._connection.commit()
                return
            self._connection.rollback()
        except psycopg.Error as failure:
            error = error or failure
        if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
            raise UsageError(
                "the store's tables are missing or of an older version: run `tocsin store migrate`"
            ) from error
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            self._store.close()
            raise RetryableError(f"the store: {str(error).strip()}") from error


def _state(row: Row) -> FeedState:
    return FeedState(
        validators=Validators(row["etag"], row["last_modified"]),
        body_hash=row["body_hash"],
        title=row["title"],
        interval_s=row["interval_s"],
        failures=row["failures"],
        polls=row["polls"],
        next_poll_at=row["next_poll_at"],
        moved_to=row["moved_to"],
        moved_since=row["moved_since"],
        epoch=row["epoch"],
    )


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
