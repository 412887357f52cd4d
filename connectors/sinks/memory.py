"""What the sinks remember, in the store: one connection a sink, made anew when it is lost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import psycopg
from msgspec import Struct
from psycopg.rows import class_row

from connectors.sinks.sink import Remembered
from pipeline.errors import RetryableError
from pipeline.records import Alert, AlertId
from pipeline.records.codec import decode, encode
from pipeline.store.connection import Connection, connect

REASON_CHARS_MAX = 500
INSTALLATION = ("", "installation")
"""The note that belongs to no sink."""
WRITE_NOTE = (
    "INSERT INTO sink_notes (sink, key, text) VALUES (%s, %s, %s)"
    " ON CONFLICT (sink, key) DO UPDATE SET text = excluded.text"
)


class SinkState(Struct, frozen=True, kw_only=True):
    """How a sink does, as `tocsin sinks status` shows it."""

    sink: str
    state: str  # delivering, away (tried again), setup (an operator must look), stopped
    since: datetime
    reason: str
    delivered: int
    refused: int
    delivered_at: datetime | None


class StoreMemory:
    """The memory of one sink (`connectors.sinks.sink.Memory`). Not for several threads at once."""

    def __init__(self, url: str, sink: str) -> None:
        self._url = url
        self._sink = sink
        self._connection: Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def know(self, alert_ids: Sequence[AlertId]) -> dict[AlertId, Remembered]:
        """Those among the alerts that were delivered before."""
        rows = self._run(
            "SELECT alert_id, revision, note FROM sink_alerts WHERE sink = %s AND alert_id = ANY(%s)",
            [(self._sink, list(alert_ids))],
        )
        return {AlertId(alert_id): Remembered(revision, note) for alert_id, revision, note in rows}

    def remember(self, delivered: Mapping[AlertId, Remembered]) -> None:
        """Deliveries; a lower revision or an empty note changes nothing."""
        self._run(
            "INSERT INTO sink_alerts AS s (sink, alert_id, revision, note) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (sink, alert_id) DO UPDATE SET revision = greatest(s.revision, excluded.revision), at = now(),"
            " note = CASE WHEN excluded.note = '' THEN s.note ELSE excluded.note END",
            [(self._sink, alert_id, r.revision, r.note) for alert_id, r in sorted(delivered.items())],
        )

    def hold(self, alerts: Sequence[Alert]) -> None:
        """Keep the latest revision of each of the alerts until let go."""
        latest = {a.alert_id: a for a in alerts}  # the last of each: in order per alert
        self._run(
            "INSERT INTO sink_alerts AS s (sink, alert_id, held, held_number)"
            " VALUES (%s, %s, %s, nextval('sink_held_numbers'))"
            " ON CONFLICT (sink, alert_id) DO UPDATE SET held = excluded.held, held_number = excluded.held_number, at = now()",
            [(self._sink, a.alert_id, encode(a)) for a in latest.values()],
        )

    def held(self, most: int) -> list[Alert]:
        """The latest of the alerts kept, at most so many, in the order in which they came to be kept."""
        rows = self._run(
            "SELECT held FROM sink_alerts WHERE sink = %s AND held IS NOT NULL ORDER BY held_number DESC LIMIT %s",
            [(self._sink, most)],
        )
        return [decode(bytes(raw), Alert, step=f"sink {self._sink}") for (raw,) in reversed(rows)]

    def let_go(self, alerts: Sequence[Alert]) -> None:
        """Keep these no longer; an alert that has a later revision by now stays."""
        self._run(
            "UPDATE sink_alerts SET held = NULL, held_number = NULL WHERE sink = %s AND alert_id = %s AND held = %s",
            [(self._sink, a.alert_id, encode(a)) for a in alerts],
        )

    def note(self, key: str) -> str:
        """A note that belongs to no alert; empty when there is none."""
        rows = self._run("SELECT text FROM sink_notes WHERE sink = %s AND key = %s", [(self._sink, key)])
        return str(rows[0][0]) if rows else ""

    def write_note(self, key: str, text: str) -> None:
        """Set such a note."""
        self._run(WRITE_NOTE, [(self._sink, key, text)])

    def read_notes(self, keys: Sequence[str]) -> dict[str, str]:
        """Those of the notes that there are."""
        if not keys:
            return {}
        rows = self._run(
            "SELECT key, text FROM sink_notes WHERE sink = %s AND key = ANY(%s)", [(self._sink, list(keys))]
        )
        return {str(key): str(text) for key, text in rows}

    def write_notes(self, notes: Mapping[str, str]) -> None:
        """Set several, in one transaction."""
        self._run(WRITE_NOTE, [(self._sink, key, text) for key, text in sorted(notes.items())])

    def installation(self) -> str:
        """What names this installation: with the store it is backed up, restored and moved."""
        self._run(
            "INSERT INTO sink_notes (sink, key, text) VALUES (%s, %s, %s) ON CONFLICT (sink, key) DO NOTHING",
            [(*INSTALLATION, str(uuid4()))],
        )
        rows = self._run("SELECT text FROM sink_notes WHERE sink = %s AND key = %s", [INSTALLATION])
        return str(rows[0][0])

    def tell(self, state: str, reason: str = "", *, delivered: int = 0, refused: int = 0) -> None:
        """Say how the sink does; the counts are added to those before."""
        self._run(
            "INSERT INTO sink_states AS s (sink, state, reason, delivered, refused, delivered_at)"
            " VALUES (%(sink)s, %(state)s, %(reason)s, %(delivered)s, %(refused)s, CASE WHEN %(delivered)s > 0 THEN now() END)"
            " ON CONFLICT (sink) DO UPDATE SET state = excluded.state, reason = excluded.reason,"
            " since = CASE WHEN s.state = excluded.state THEN s.since ELSE now() END,"
            " delivered = s.delivered + excluded.delivered, refused = s.refused + excluded.refused,"
            " delivered_at = coalesce(excluded.delivered_at, s.delivered_at)",
            [
                {
                    "sink": self._sink,
                    "state": state,
                    "reason": reason.replace("\x00", "")[:REASON_CHARS_MAX],
                    "delivered": delivered,
                    "refused": refused,
                }
            ],
        )

    def _run(self, query: str, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The query once for each of the rows, in one transaction; what the last one returned."""
        if not rows:
            return []
        try:
            if self._connection is None:
                self._connection = connect(self._url, application=f"sink-{self._sink}")
            with self._connection.transaction(), self._connection.cursor() as cursor:
                for row in rows:
                    cursor.execute(query, row)
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            self.close()
            raise RetryableError(f"the store: {str(error).strip()}") from error


def states_if_known(url: str) -> list[SinkState]:
    """As `read_states`; none while the store is away, for views that show more than sinks."""
    try:
        return read_states(url)
    except RetryableError:
        return []


def read_states(url: str) -> list[SinkState]:
    """How every sink that ever ran does, by name. Raises `RetryableError`."""
    try:
        with (
            connect(url, application="sinks-status") as connection,
            connection.cursor(row_factory=class_row(SinkState)) as cursor,
        ):
            return cursor.execute("SELECT * FROM sink_states ORDER BY sink").fetchall()
    except psycopg.Error as error:
        raise RetryableError(f"the store: {str(error).strip()}") from error
