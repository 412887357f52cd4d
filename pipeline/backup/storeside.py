"""The store's part of a restore: what a store must be told once it, or the Kafka beside it, is another than before.

Every function is one transaction, and harmless to repeat. Failure: psycopg's errors, after which nothing happened.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

import psycopg
from msgspec import structs
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from pipeline.backup.archive import Message
from pipeline.errors import RejectedError
from pipeline.incidents.routing import EVERY_REVISION
from pipeline.records import Alert
from pipeline.records.codec import decode
from pipeline.records.topics import ALERTS, ALERTS_LATEST, REJECTS
from pipeline.store.connection import Connection, connect
from pipeline.store.outbox import alert_row

APPLICATION = "restore"

OTHERS = """
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'tocsin-%%' AND pid <> pg_backend_pid() ORDER BY 1
"""
NEW_ID = "UPDATE store SET store_id = gen_random_uuid()"
FORGET_OWNERS = "DELETE FROM partition_owner"
UNNUMBER = "UPDATE outbox SET batch = NULL"
CLOSE_BATCHES = "UPDATE relay_batches SET done_at = now() WHERE done_at IS NULL"
# What is said of an alert after the snapshot is not known to the store, but to Kafka: the next revision counts on from there.
LIFT = """
INSERT INTO alerts AS a (alert_id, incident_id, revision, category, severity, what, alert) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (alert_id) DO UPDATE SET revision = excluded.revision, category = excluded.category,
    severity = excluded.severity, what = excluded.what, alert = excluded.alert, updated_at = now()
WHERE a.revision < excluded.revision
"""
CARRY = """
INSERT INTO alert_topics AS t (alert_id, topic, in_scope) SELECT alert_id, %s, %s FROM alerts WHERE alert_id = %s
ON CONFLICT (alert_id, topic) DO UPDATE SET in_scope = excluded.in_scope
"""
PUBLISHED = (
    "CREATE TEMPORARY TABLE published (topic text, key text, revision int, PRIMARY KEY (topic, key)) ON COMMIT DROP"
)
REMEMBER = """
INSERT INTO published AS p VALUES (%s, %s, %s)
ON CONFLICT (topic, key) DO UPDATE SET revision = greatest(p.revision, excluded.revision)
"""
DROP_PUBLISHED = """
DELETE FROM outbox o USING published p WHERE o.topic = p.topic AND o.key = p.key
AND coalesce((convert_from(o.value, 'UTF8')::jsonb ->> 'revision')::int, 0) <= p.revision
"""
SET_ASIDE = "CREATE TEMPORARY TABLE aside ON COMMIT DROP AS SELECT id, topic, key, value, headers FROM outbox"
EMPTY_OUTBOX = "DELETE FROM outbox"
PUT = "INSERT INTO outbox (topic, key, value, headers) VALUES (%s, %s, %s, %s)"
PUT_BACK = "INSERT INTO outbox (topic, key, value, headers) SELECT topic, key, value, headers FROM aside ORDER BY id"
UPDATED = """
SELECT a.alert FROM alerts a WHERE updated_at >= %s
AND NOT EXISTS (SELECT FROM outbox o WHERE o.topic = %s AND o.key = a.alert_id) ORDER BY updated_at
"""
CARRIED = "SELECT topic, in_scope FROM alert_topics WHERE alert_id = %s"
CARRYING = "SELECT DISTINCT topic FROM alert_topics UNION SELECT DISTINCT topic FROM outbox"
# A message that was no article is known by its place in its topic, and in another topic that place is another message's.
FORGET_PLACES = "DELETE FROM written WHERE version_id LIKE 'rej:%'"
UNFINISHED = """
SELECT article_id, record FROM articles a WHERE NOT EXISTS (SELECT FROM written w WHERE w.version_id = a.version_id)
ORDER BY stored_at
"""
FORGET_SEEN = "DELETE FROM feed_seen s WHERE NOT EXISTS (SELECT FROM articles a WHERE a.version_id = s.wording)"
POLL_ANEW = """
UPDATE feeds SET etag = NULL, last_modified = NULL, body_hash = NULL, next_poll_at = now(), epoch = epoch + 1
"""


def others(url: str) -> list[str]:
    """Processes of tocsin that are connected to the store."""
    with connect(url, application=APPLICATION, autocommit=True) as connection:
        return [str(row[0]) for row in connection.execute(OTHERS) if row[0] != f"tocsin-{APPLICATION}"]


def clear(url: str) -> None:
    """Remove what a store without tables still has: the table of its revision, which the dump brings."""
    with connect(url, application=APPLICATION, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS alembic_version")


def store_id(url: str) -> str:
    """The id that the relay knows the store by."""
    with connect(url, application=APPLICATION, autocommit=True) as connection:
        row = connection.execute("SELECT store_id FROM store").fetchone()
        return str(row[0]) if row else ""


def begin_anew(url: str) -> None:
    """Another store than the one backed up, though with its data: a new id, no owners, every waiting row unnumbered."""
    with _transaction(url) as connection:
        for statement in (NEW_ID, FORGET_OWNERS, UNNUMBER, CLOSE_BATCHES):
            connection.execute(statement)


def catch_up(url: str, messages: Iterable[Message]) -> tuple[int, int]:
    """Take over what Kafka knows to be published: revisions the store lacks, and waiting rows that are out already.

    `messages` of the alert topics, those that get every revision first, and of the rejects' topic. How many alerts were
    lifted, and how many rows need not be published again.
    """
    lifted = 0
    with _transaction(url) as connection, connection.cursor() as cursor:
        cursor.execute(PUBLISHED)
        for message in messages:
            alert = None if message.topic == REJECTS else _alert(message)
            if alert is not None and message.topic in EVERY_REVISION:
                lifted += cursor.execute(LIFT, _row(alert, message.value)).rowcount
            elif alert is not None:
                cursor.execute(CARRY, (message.topic, alert.in_scope, alert.alert_id))
            elif message.topic != REJECTS:
                continue  # somebody else's bytes
            cursor.execute(REMEMBER, (message.topic, _text(message.key), alert.revision if alert else 0))
        dropped = cursor.execute(DROP_PUBLISHED).rowcount
    return lifted, dropped


def publish_first(url: str, messages: Iterable[Message]) -> int:
    """Put messages into the outbox before all that waits in it, so that revisions stay in order; how many."""
    count = 0
    with _transaction(url) as connection, connection.cursor() as cursor:
        cursor.execute(SET_ASIDE)
        cursor.execute(EMPTY_OUTBOX)
        for message in messages:
            cursor.execute(PUT, (message.topic, _text(message.key), message.value, Jsonb(message.headers)))
            count += 1
        cursor.execute(PUT_BACK)
    return count


def publish_latest(url: str, *, since: datetime, latest_only: bool) -> int:
    """Put the latest revision of each alert updated since then into the outbox, unless one waits; how many.

    For the compacted topic alone, or for every other topic that carries the alert.
    """
    count = 0
    with _transaction(url) as connection, connection.cursor() as cursor:
        raws = cursor.execute(UPDATED, (since, ALERTS_LATEST if latest_only else ALERTS)).fetchall()
        for (raw,) in raws:
            alert = decode(bytes(cast("bytes", raw)), Alert, step="restore")
            on = [(ALERTS_LATEST, alert.in_scope)]
            if not latest_only:
                carried = cursor.execute(CARRIED, (alert.alert_id,)).fetchall()
                on = [(ALERTS, alert.in_scope), *((str(topic), bool(is_in)) for topic, is_in in carried)]
            for topic, is_in in on:
                name, key, value, headers = alert_row(topic, structs.replace(alert, in_scope=is_in))
                cursor.execute(PUT, (name, key, value, Jsonb(headers)))
            count += 1
    return count


def carrying(url: str) -> list[str]:
    """The topics that the store has published on, or will."""
    with connect(url, application=APPLICATION, autocommit=True) as connection:
        return sorted(str(row[0]) for row in connection.execute(CARRYING))


def forget_places(url: str) -> None:
    """Let messages that are no articles be judged anew, now that their topic is another."""
    with _transaction(url) as connection:
        connection.execute(FORGET_PLACES)


def unfinished(url: str) -> list[tuple[bytes, bytes]]:
    """Articles that were begun and have no outcome: key and bytes, as on their topic."""
    with _transaction(url) as connection:
        rows = connection.execute(UNFINISHED).fetchall()
        return [(str(key).encode(), bytes(record)) for key, record in rows if isinstance(record, bytes)]


def fetch_again(url: str) -> int:
    """Let the connectors publish again what they remember as seen and no worker has ever met; how many wordings."""
    with _transaction(url) as connection:
        count = connection.execute(FORGET_SEEN).rowcount
        connection.execute(POLL_ANEW)
        return count


def _transaction(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection whose block is one transaction, as long as it takes: nobody else is there."""
    connection: Connection = connect(url, application=APPLICATION, limits=False)
    connection.row_factory = tuple_row
    return connection


def _row(alert: Alert, raw: bytes | None) -> tuple[object, ...]:
    return (alert.alert_id, alert.incident, alert.revision, alert.category, alert.severity, alert.what, raw)


def _alert(message: Message) -> Alert | None:
    try:
        return decode(message.value, Alert, step="restore") if message.value else None
    except RejectedError:
        return None


def _text(key: bytes | None) -> str:
    return (key or b"").decode("utf-8", "replace").replace("\0", "")
