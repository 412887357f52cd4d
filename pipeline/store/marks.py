"""What people said of alerts: right or wrong, and why. Nothing is altered; the latest counts."""

from datetime import datetime

import msgspec
from msgspec import Struct

from pipeline.records import Alert
from pipeline.store.connection import Connection

MARK_CHARS_MAX = 500
"""Of a reason."""

KEEP = "INSERT INTO marks (alert_id, revision, verdict, because, patch, accepted) VALUES (%s, %s, %s, %s, %s, %s)"
LATEST = "SELECT DISTINCT ON (alert_id) alert_id, verdict FROM marks ORDER BY alert_id, mark_id DESC"
OF_ALERT = "SELECT verdict, because, patch, accepted, at FROM marks WHERE alert_id = %s ORDER BY mark_id DESC"


class Mark(Struct, frozen=True, array_like=True):
    """One mark; `patch` is the change that was proposed with it, in words."""

    verdict: str  # right or wrong
    because: str
    patch: str | None = None
    accepted: bool = False
    at: datetime | None = None  # set by the store


def keep_mark(connection: Connection, alert: Alert, mark: Mark) -> None:
    """Keep it, with the revision that it was said of."""
    because = mark.because[:MARK_CHARS_MAX]
    connection.execute(KEEP, (alert.alert_id, alert.revision, mark.verdict, because, mark.patch, mark.accepted))


def marks_of(connection: Connection, alert_id: str) -> list[Mark]:
    """The marks of an alert, the latest first."""
    return [msgspec.convert(row, Mark) for row in connection.execute(OF_ALERT, (alert_id,)).fetchall()]


def verdicts(connection: Connection) -> dict[str, str]:
    """What was said last of each alert that anybody marked."""
    return {str(alert_id): str(verdict) for alert_id, verdict in connection.execute(LATEST)}
