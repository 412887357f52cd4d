"""The outbox: messages that are committed together with what they tell, and published by the relay alone."""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec.structs import replace
from psycopg.types.json import Jsonb

from pipeline.incidents.routing import EVERY_REVISION, Headers, alert_headers, reject_headers, scopes
from pipeline.records import Alert, AlertId, Reject
from pipeline.records.codec import encode
from pipeline.records.topics import REJECTS
from pipeline.store.connection import Connection

CHANNEL = "tocsin_outbox"
"""The channel on which a commit tells the relay that rows wait."""

PUT = "INSERT INTO outbox (topic, key, value, headers) VALUES (%s, %s, %s, %s)"
CARRIED = "SELECT topic FROM alert_topics WHERE alert_id = %s"
CARRY = """
INSERT INTO alert_topics AS t (alert_id, topic, in_scope) VALUES (%s, %s, %s)
ON CONFLICT (alert_id, topic) DO UPDATE SET in_scope = excluded.in_scope
"""

Row = tuple[str, str, bytes, Headers]


def put_alert(connection: Connection, alert: Alert) -> None:
    """One revision, for the topics that are fixed; watch rules' topics have a pace of their own (`store.watch`)."""
    wanted = scopes(alert, carried(connection, alert.alert_id))
    for topic, is_in_scope in wanted.items():
        if topic not in EVERY_REVISION:
            connection.execute(CARRY, (alert.alert_id, topic, is_in_scope))
    _put(connection, [alert_row(topic, replace(alert, in_scope=is_in)) for topic, is_in in wanted.items()])


def put_on(connection: Connection, topic: str, alert: Alert) -> None:
    """One revision for one topic, which from now on carries the alert."""
    connection.execute(CARRY, (alert.alert_id, topic, alert.in_scope))
    _put(connection, [alert_row(topic, alert)])


def carried(connection: Connection, alert_id: AlertId) -> frozenset[str]:
    """The topics, beside those that get everything, that have carried this alert."""
    return frozenset(str(row[0]) for row in connection.execute(CARRIED, (alert_id,)))


def put_reject(connection: Connection, reject: Reject) -> None:
    """One reject."""
    _put(connection, [(REJECTS, reject.reject_id, encode(reject), reject_headers(reject, REJECTS))])


def alert_row(topic: str, alert: Alert) -> Row:
    """What stands in the outbox for one revision on one topic."""
    return topic, alert.alert_id, encode(alert), alert_headers(alert, topic, datetime.now(UTC))


def _put(connection: Connection, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(PUT, [(topic, key, value, Jsonb(headers)) for topic, key, value, headers in rows])
        cursor.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
