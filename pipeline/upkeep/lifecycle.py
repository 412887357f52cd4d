"""What the clock does: digests and held-back alerts go out, quiet alerts are closed, jobs that somebody asked for are done.

Everything happens in transactions that may be tried again, under the locks that the write step takes; so any number of these
processes may run beside each other, and killing one loses nothing.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import cast

import structlog

from pipeline.errors import RetryableError, TocsinError
from pipeline.incidents.changes import close
from pipeline.process.probes import beat
from pipeline.records import Alert
from pipeline.records.codec import decode
from pipeline.store import incidents, jobs, watch
from pipeline.store.announce import announce, refresh_rules
from pipeline.store.connection import WRITE_LOCK, Connection
from pipeline.store.session import Session

TICK_S = 2.0
CLOSE_S = 60.0
CLOSED_MAX = 50
"""Alerts closed in one transaction."""

QUIET = """
SELECT alert FROM alerts WHERE NOT closed AND updated_at < now() - make_interval(days => %s)
ORDER BY updated_at LIMIT %s FOR UPDATE
"""

log = structlog.get_logger()

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""
Handlers = Mapping[str, Callable[[str, Progress], str]]
"""What carries out a kind of job: what was asked in (JSON), the result out (JSON)."""


class Tending:
    """Does the rounds until told to stop."""

    def __init__(self, store_url: str, *, close_days: int, handlers: Handlers) -> None:
        self._store = Session(store_url, "jobs")
        self._close_days = close_days
        self._handlers = handlers
        self._closed_at = -CLOSE_S
        self._stop = threading.Event()

    def stop(self) -> None:
        """End after the round in hand."""
        self._stop.set()

    def run(self) -> None:
        """Round after round. Raises `RetryableError` when the store stays away."""
        while not self._stop.is_set():
            self.round()
            beat()
            self._stop.wait(TICK_S)

    def round(self) -> None:
        """One round."""
        rules = refresh_rules(self._store)
        sent = self._store.transact(lambda c: watch.flush(c, rules, now=datetime.now(UTC)))
        if sent:
            log.info("watch_flushed", messages=sent)
        if time.monotonic() - self._closed_at >= CLOSE_S:
            self._closed_at = time.monotonic()
            while self._store.transact(lambda c: close_quiet(c, self._close_days)) == CLOSED_MAX:
                if self._stop.is_set():
                    return
        while (job := self._store.transact(jobs.take)) is not None and not self._stop.is_set():
            self._carry_out(*job)

    def _carry_out(self, job_id: int, kind: str, asked: str) -> None:
        log.info("job_begun", job=job_id, kind=kind)
        handler = self._handlers.get(kind)
        try:
            if handler is None:
                raise TocsinError(f"no job is called {kind!r}; there are: {', '.join(sorted(self._handlers))}")
            result = handler(asked, lambda done, total: self._tell(job_id, done, total))
        except RetryableError:
            raise  # the job is taken again when its beat is old
        except Exception as error:  # noqa: BLE001 - the outermost place: a job that fails must not end the rounds
            message = str(error) if isinstance(error, TocsinError) else f"{type(error).__name__}: {error}"
            log.warning("job_failed", job=job_id, kind=kind, error=message)
            self._store.transact(lambda c: jobs.end(c, job_id, error=message))
        else:
            log.info("job_done", job=job_id, kind=kind)
            self._store.transact(lambda c: jobs.end(c, job_id, result=result))

    def _tell(self, job_id: int, done: int, total: int) -> None:
        beat()
        self._store.transact(lambda c: jobs.beat(c, job_id, done, total))


def close_quiet(connection: Connection, quiet_days: int) -> int:
    """Close alerts that no report has told for so long; how many. Runs inside a transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
    rows = connection.execute(QUIET, (quiet_days, CLOSED_MAX)).fetchall()
    for (raw,) in rows:
        latest = decode(cast("bytes", raw), Alert)
        closed = close(latest, quiet_days)
        if closed is not None:
            announce(connection, closed, incidents.members(connection, latest.incident))
        else:  # over already, though the row does not say so yet
            incidents.keep_alert(connection, latest)
    return len(rows)
