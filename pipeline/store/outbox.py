"""The outbox: messages that are committed together with what they tell, and published by the relay alone."""

from collections.abc import Iterable

from pipeline.codec import encode
from pipeline.records import Alert, Reject
from pipeline.store.connection import Connection
from pipeline.topics import ALERTS, ALERTS_LATEST, REJECTS

CHANNEL = "tocsin_outbox"
"""The channel on which a commit tells the relay that rows wait."""

PUT = "INSERT INTO outbox (topic, key, value) VALUES (%s, %s, %s)"


def put_alert(connection: Connection, alert: Alert) -> None:
    """One revision, for its topics."""
    raw = encode(alert)
    _put(connection, [(ALERTS, alert.alert_id, raw), (ALERTS_LATEST, alert.alert_id, raw)])


def put_reject(connection: Connection, reject: Reject) -> None:
    """One reject."""
    _put(connection, [(REJECTS, reject.reject_id, encode(reject))])


def _put(connection: Connection, rows: Iterable[tuple[str, str, bytes]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(PUT, rows)
        cursor.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
