"""WebSub subscriptions in the store: one a feed, with its secret, its path and the end of its lease."""

import secrets
from datetime import datetime

from msgspec import Struct
from psycopg.rows import class_row

from connectors.sources.transaction import StoreLink

ERROR_CHARS_MAX = 300
SECRET_BYTES = 32
PATH_BYTES = 24

_DUE = """
SELECT f.feed, f.hub, coalesce(f.hub_topic, f.adopted_url, f.url) FROM feeds f LEFT JOIN subscriptions s USING (feed)
WHERE f.active AND f.paused_at IS NULL AND f.hub IS NOT NULL AND (
    s.feed IS NULL OR s.hub <> f.hub OR s.topic <> coalesce(f.hub_topic, f.adopted_url, f.url)
    OR (coalesce(s.lease_until, '-infinity') < %s AND s.asked_at < %s))
ORDER BY s.asked_at NULLS FIRST LIMIT %s FOR UPDATE OF f SKIP LOCKED
"""
_ASKED = """
INSERT INTO subscriptions AS s (feed, hub, topic, secret, path, asked_at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (feed) DO UPDATE SET hub = excluded.hub, topic = excluded.topic, asked_at = excluded.asked_at, error = NULL,
    secret = CASE WHEN s.hub = excluded.hub AND s.topic = excluded.topic THEN s.secret ELSE excluded.secret END,
    path = CASE WHEN s.hub = excluded.hub AND s.topic = excluded.topic THEN s.path ELSE excluded.path END,
    lease_until = CASE WHEN s.hub = excluded.hub AND s.topic = excluded.topic THEN s.lease_until END
RETURNING s.*
"""


class Subscription(Struct, frozen=True, kw_only=True):
    """One subscription. `path` is the last part of its callback's address, and known to the hub alone."""

    feed: str
    hub: str
    topic: str
    secret: str
    path: str
    asked_at: datetime
    lease_until: datetime | None = None  # None: not verified by the hub
    error: str | None = None
    pushed_at: datetime | None = None


class SubscriptionStore:
    """Not for several threads at once."""

    def __init__(self, url: str) -> None:
        self._link = StoreLink(url, application="websub")

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    def take_due(self, now: datetime, ends_before: datetime, asked_before: datetime, count: int) -> list[Subscription]:
        """Subscriptions to ask for now: none yet, ending before the one time, or asked for in vain before the other.

        They are marked as asked, so that of two connectors one asks. A renewal keeps its secret and its path; a feed whose hub or topic
        changed gets new ones.
        """
        with self._link.transaction() as connection, connection.cursor(row_factory=class_row(Subscription)) as cursor:
            rows = connection.execute(_DUE, (ends_before, asked_before, count)).fetchall()
            asked: list[Subscription] = []
            for feed, hub, topic in rows:
                cursor.execute(
                    _ASKED,
                    (feed, hub, topic, secrets.token_urlsafe(SECRET_BYTES), secrets.token_urlsafe(PATH_BYTES), now),
                )
                asked += cursor.fetchall()
            return asked

    def by_path(self, path: str) -> Subscription | None:
        """The subscription that a callback belongs to."""
        with self._link.transaction() as connection, connection.cursor(row_factory=class_row(Subscription)) as cursor:
            cursor.execute("SELECT * FROM subscriptions WHERE path = %s", (path,))
            return cursor.fetchone()

    def verified(self, path: str, until: datetime) -> None:
        """The hub has asked back: the lease runs."""
        with self._link.transaction() as connection:
            connection.execute("UPDATE subscriptions SET lease_until = %s, error = NULL WHERE path = %s", (until, path))

    def failed(self, path: str, error: str) -> None:
        """The hub refused, or couldn't be reached."""
        with self._link.transaction() as connection:
            connection.execute(
                "UPDATE subscriptions SET error = %s WHERE path = %s", (error.replace("\0", "")[:ERROR_CHARS_MAX], path)
            )

    def pushed(self, path: str, at: datetime) -> None:
        """A signed push came."""
        with self._link.transaction() as connection:
            connection.execute("UPDATE subscriptions SET pushed_at = %s WHERE path = %s", (at, path))
