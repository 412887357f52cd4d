"""The feeds' state in PostgreSQL: which are due, what is remembered of each, and what a poll taught.

The table is the schedule. A connector claims feeds that are due by moving their `next_poll_at` to the end of a lease, which it renews while
the poll runs; one that dies leaves them due again. A save names the epoch it read and fails when another connector has saved since, so no
poll is recorded twice. Every method is one short transaction and may be tried again; it raises `RetryableError` when the store is away.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from connectors.sources.fetch import Validators
from connectors.sources.hosts import BUSY_S, START_GAP_S, host_of
from connectors.sources.rhythm import Condition, Rhythm
from connectors.sources.seen import Known, Seen, remember
from connectors.sources.source import Feed, FeedState, Poll
from connectors.sources.transaction import StoreLink
from pipeline.records import HealthKind

LEASE_S = 30.0
"""A connector that is gone for so long has lost the feeds it was polling."""
CANDIDATES_MAX = 500
"""Feeds that are due, looked at in one claim: of one host only a few are taken at a time, so it looks further than it takes."""
PUSH_GAP_S = 30.0
"""Between a poll and the one that a hub's push asks for."""
SEEN_KEEP_DAYS = 90
"""How long a wording that no longer stands in its feed is remembered: feeds that flip between back-ends bring old entries again."""
MESSAGE_CHARS_MAX = 500
PRUNE_ROWS_MAX = 10_000
"""Forgotten at a time, so that no transaction is long."""

STATES = ("ok", "failing", "silent", "new", "paused")

Row = dict[str, Any]
"""A row by column name; `Any` ends here."""

_CLAIM = """
WITH due AS (
    SELECT feed, host, spaced, next_poll_at FROM feeds
    WHERE active AND paused_at IS NULL AND next_poll_at <= now() AND (options IS NOT NULL OR source = ANY(%(sources)s))
    ORDER BY next_poll_at LIMIT %(candidates)s
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY host ORDER BY next_poll_at) + (host = ANY(%(busy)s))::int AS place FROM due
), chosen AS (
    SELECT feed, place, row_number() OVER (ORDER BY place > 1, next_poll_at) <= %(count)s AND place = 1 AS is_taken,
        CASE WHEN place = 1 THEN %(lease)s WHEN spaced THEN (place - 1) * %(gap)s ELSE (place - 1) * %(own_gap)s END AS wait
    FROM placed
), locked AS (
    SELECT feed, wait, is_taken FROM feeds JOIN chosen USING (feed)
    WHERE next_poll_at <= now() AND (is_taken OR place > 1) FOR UPDATE OF feeds SKIP LOCKED
), moved AS (
    UPDATE feeds SET next_poll_at = now() + wait, polled_by = CASE WHEN is_taken THEN %(owner)s ELSE polled_by END
    FROM locked WHERE feeds.feed = locked.feed RETURNING is_taken, feeds.*
)
SELECT * FROM moved WHERE is_taken
"""
"""The first of each host is taken; the others, which would only be passed over again and again, are put off to their host's next slots."""


class Claimed(Struct, frozen=True):
    """A feed to be polled now by whoever claimed it. `options` of a feed that stands in the store alone, else None."""

    feed: str
    source: str
    options: dict[str, Any] | None
    state: FeedState


class FeedStore:
    """What the polling daemon asks of the store. Not for several threads at once."""

    def __init__(self, url: str) -> None:
        self._link = StoreLink(url)

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    def register(self, feeds: Sequence[Feed]) -> None:
        """Make the configured feeds the active ones, beside those that people added.

        A feed whose address changed keeps its wordings and loses its validators.
        """
        with self._link.transaction() as connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE feeds SET active = false WHERE active AND options IS NULL AND NOT feed = ANY(%s)",
                ([f.name for f in feeds],),
            )
            cursor.executemany(
                """
                INSERT INTO feeds (feed, source, url, host, spaced, tags, grade) VALUES (%s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (feed) DO UPDATE SET
                    source = excluded.source, tags = excluded.tags, grade = excluded.grade, active = true, url = excluded.url,
                    host = excluded.host, spaced = excluded.spaced, options = NULL,
                    etag = CASE WHEN feeds.url = excluded.url THEN feeds.etag END,
                    last_modified = CASE WHEN feeds.url = excluded.url THEN feeds.last_modified END,
                    body_hash = CASE WHEN feeds.url = excluded.url THEN feeds.body_hash END,
                    adopted_url = CASE WHEN feeds.url = excluded.url THEN feeds.adopted_url END,
                    next_poll_at = CASE WHEN feeds.url = excluded.url THEN feeds.next_poll_at ELSE now() END
                """,
                [(f.name, f.source, f.url, host_of(f.url), f.is_spaced, list(f.tags), f.grade) for f in feeds],
            )

    def claim(self, sources: Collection[str], busy: Collection[str], count: int, owner: str) -> list[Claimed]:
        """At most `count` feeds that are due, longest overdue first, each leased for `LEASE_S`.

        Of these `sources` of the configuration, and of those that people added; one of a host, and none of the `busy` ones.
        """
        with self._link.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(
                _CLAIM,
                {
                    "sources": list(sources),
                    "busy": list(busy),
                    "candidates": max(CANDIDATES_MAX, count),
                    "count": count,
                    "lease": timedelta(seconds=LEASE_S),
                    "gap": timedelta(seconds=START_GAP_S),
                    "own_gap": timedelta(seconds=BUSY_S),
                    "owner": owner,
                },
            )
            return [Claimed(row["feed"], row["source"], row["options"], _state(row)) for row in cursor]

    def seconds_to_next(self, sources: Collection[str]) -> float | None:
        """Until the next feed is due; None when there is none at all."""
        with self._link.transaction() as connection:
            row = connection.execute(
                """
                SELECT extract(epoch FROM next_poll_at - now())::float8 FROM feeds
                WHERE active AND paused_at IS NULL AND (options IS NOT NULL OR source = ANY(%s))
                ORDER BY next_poll_at LIMIT 1
                """,
                (list(sources),),
            ).fetchone()
            return None if row is None else float(str(row[0]))

    def renew(self, polling: Sequence[tuple[str, int]]) -> None:
        """Keep the leases of polls that still run, each named with the epoch it began from."""
        with self._link.transaction() as connection, connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE feeds SET next_poll_at = greatest(next_poll_at, now() + %s)
                FROM unnest(%s::text[], %s::bigint[]) AS running (feed, epoch)
                WHERE feeds.feed = running.feed AND feeds.epoch = running.epoch
                """,
                (timedelta(seconds=LEASE_S), [feed for feed, _ in polling], [epoch for _, epoch in polling]),
            )

    def postpone(self, feeds: Sequence[tuple[str, int]], seconds: float) -> None:
        """Give claimed feeds back unpolled, to be claimed anew after so long."""
        with self._link.transaction() as connection, connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE feeds SET next_poll_at = now() + %s
                FROM unnest(%s::text[], %s::bigint[]) AS given (feed, epoch)
                WHERE feeds.feed = given.feed AND feeds.epoch = given.epoch
                """,
                (timedelta(seconds=seconds), [feed for feed, _ in feeds], [epoch for _, epoch in feeds]),
            )

    def poll_soon(self, feed: str) -> None:
        """A hub says that the feed has something new: due at once, but not within `PUSH_GAP_S` of its last poll, nor while its host rests."""
        with self._link.transaction() as connection:
            connection.execute(
                """
                UPDATE feeds SET next_poll_at = least(next_poll_at, greatest(now(), last_poll_at + %s))
                WHERE feed = %s AND reason IS DISTINCT FROM 'rate-limited'
                """,
                (timedelta(seconds=PUSH_GAP_S), feed),
            )

    def rest_host(self, host: str, seconds: float) -> None:
        """Leave every feed of a host alone for so long, whichever connector polls it."""
        with self._link.transaction() as connection:
            connection.execute(
                "UPDATE feeds SET next_poll_at = greatest(next_poll_at, now() + %s) WHERE host = %s",
                (timedelta(seconds=seconds), host),
            )

    def state(self, feed: str) -> FeedState:
        """The state of one feed."""
        with self._link.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("SELECT * FROM feeds WHERE feed = %s", (feed,))
            row = cursor.fetchone()
            if row is None:
                raise KeyError(feed)
            return _state(row)

    def known(self, feed: str) -> Known:
        """The wordings seen in the feed."""
        with self._link.transaction() as connection, connection.cursor(row_factory=class_row(Seen)) as cursor:
            cursor.execute(
                "SELECT wording, article_id, guid, title, words, published, alias FROM feed_seen WHERE feed = %s ORDER BY seen_at",
                (feed,),
            )
            return remember(cursor.fetchall())

    def save(self, feed: str, poll: Poll, at: datetime) -> bool:
        """Record a poll whose articles Kafka has; False when another connector has recorded one since it began."""
        state = poll.state
        with self._link.transaction() as connection, connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE feeds SET
                    title = %(title)s, etag = %(etag)s, last_modified = %(last_modified)s, body_hash = %(body_hash)s,
                    interval_s = %(interval_s)s, failures = %(failures)s, polls = %(polls)s, next_poll_at = %(next_poll_at)s,
                    moved_to = %(moved_to)s, moved_since = %(moved_since)s, moved_polls = %(moved_polls)s,
                    adopted_url = %(adopted_url)s, adopted_at = %(adopted_at)s, hub = %(hub)s, hub_topic = %(hub_topic)s,
                    rhythm = %(rhythm)s, conditions = %(conditions)s, outcome = %(outcome)s, reason = %(reason)s,
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
                    "moved_polls": state.moved_polls,
                    "adopted_url": state.adopted_url,
                    "adopted_at": state.adopted_at,
                    "hub": state.hub,
                    "hub_topic": state.hub_topic,
                    "rhythm": Jsonb(msgspec.to_builtins(state.rhythm)),
                    "conditions": Jsonb(msgspec.to_builtins(state.conditions)),
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
                INSERT INTO feed_seen (feed, wording, article_id, guid, title, words, published, alias, seen_at)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (feed, wording) DO UPDATE SET
                    seen_at = excluded.seen_at, guid = excluded.guid, words = excluded.words, published = excluded.published,
                    alias = excluded.alias
                """,
                [
                    (feed, s.wording, s.article_id, s.guid, s.title, s.words, s.published, s.alias, at)
                    for s in poll.seen
                ],
            )
        return True

    def is_at(self, feed: str, epoch: int) -> bool:
        """Whether the feed's state is the one of this epoch: nobody has saved a poll of it since."""
        with self._link.transaction() as connection:
            row = connection.execute("SELECT epoch FROM feeds WHERE feed = %s", (feed,)).fetchone()
            return row is not None and row[0] == epoch

    def now(self) -> datetime:
        """The store's time."""
        with self._link.transaction() as connection:
            row = connection.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'").fetchone()
            assert row is not None and isinstance(row[0], datetime)  # noqa: S101, PT018 - a query of one row
            return row[0].replace(tzinfo=UTC)

    def count_by_state(self) -> dict[str, int]:
        """How many active feeds are in each of `STATES`."""
        with self._link.transaction() as connection:
            rows = connection.execute(
                """
                SELECT CASE WHEN paused_at IS NOT NULL THEN 'paused' WHEN failures > 0 THEN 'failing' WHEN polls = 0 THEN 'new'
                            WHEN conditions ? 'silent' THEN 'silent' ELSE 'ok' END AS state, count(*)
                FROM feeds WHERE active GROUP BY state
                """
            ).fetchall()
            return {str(state): int(str(count)) for state, count in rows}

    def forget_old(self, now: datetime) -> int:
        """Forget wordings that have not stood in their feed for `SEEN_KEEP_DAYS`; how many."""
        with self._link.transaction() as connection:
            done = connection.execute(
                """
                DELETE FROM feed_seen WHERE (feed, wording) IN (
                    SELECT s.feed, s.wording FROM feed_seen s JOIN feeds f USING (feed)
                    WHERE s.seen_at < %s AND f.last_ok_at > s.seen_at + %s LIMIT %s)
                """,
                (now - timedelta(days=SEEN_KEEP_DAYS), timedelta(days=SEEN_KEEP_DAYS), PRUNE_ROWS_MAX),
            )
            return done.rowcount


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
        moved_polls=row["moved_polls"],
        adopted_url=row["adopted_url"],
        adopted_at=row["adopted_at"],
        hub=row["hub"],
        hub_topic=row["hub_topic"],
        rhythm=msgspec.convert(row["rhythm"], Rhythm),
        conditions=msgspec.convert(row["conditions"], dict[HealthKind, Condition]),
        last_ok_at=row["last_ok_at"],
        epoch=row["epoch"],
    )
