"""Jobs: long work that somebody asked for, as rows. Any number of processes may carry them out; each row is taken by one.

A process that dies leaves its job running without a beat; after `BEAT_S_MAX` another takes it, at most `ATTEMPTS_MAX` times.
"""

from datetime import datetime
from typing import cast

import msgspec
from msgspec import Struct

from pipeline.store.connection import Connection

BEAT_S_MAX = 60
ATTEMPTS_MAX = 3

ASK = "INSERT INTO jobs (kind, asked) VALUES (%s, %s) RETURNING job_id"
TAKE = """
UPDATE jobs SET state = 'running', attempts = attempts + 1, beat_at = now() WHERE job_id = (
    SELECT job_id FROM jobs WHERE attempts < %s AND (state = 'waiting'
        OR (state = 'running' AND beat_at < now() - make_interval(secs => %s)))
    ORDER BY job_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING job_id, kind, asked
"""
GIVE_UP = """
UPDATE jobs SET state = 'failed', ended_at = now(), error = 'it ended the process that carried it out, again and again'
WHERE state = 'running' AND attempts >= %s AND beat_at < now() - make_interval(secs => %s)
"""
BEAT = "UPDATE jobs SET done = %s, total = %s, beat_at = now() WHERE job_id = %s"
END = "UPDATE jobs SET state = %s, result = %s, error = %s, ended_at = now() WHERE job_id = %s"
SHOW = """
SELECT job_id, kind, asked, state, done, total, result, error, asked_at, ended_at FROM jobs ORDER BY job_id DESC LIMIT %s
"""


class Job(Struct, frozen=True):
    """One row, as people see it."""

    job_id: int
    kind: str
    asked: str
    state: str
    done: int
    total: int
    result: str | None
    error: str | None
    asked_at: datetime
    ended_at: datetime | None


def ask(connection: Connection, kind: str, asked: Struct) -> int:
    """Ask for a job; its number."""
    row = connection.execute(ASK, (kind, msgspec.json.encode(asked).decode())).fetchone()
    return cast("int", row[0]) if row else 0


def take(connection: Connection) -> tuple[int, str, str] | None:
    """The next job (number, kind, what was asked), now ours; None when there is none."""
    connection.execute(GIVE_UP, (ATTEMPTS_MAX, BEAT_S_MAX))
    row = connection.execute(TAKE, (ATTEMPTS_MAX, BEAT_S_MAX)).fetchone()
    return cast("tuple[int, str, str]", row) if row else None


def beat(connection: Connection, job_id: int, done: int, total: int) -> None:
    """Say how far it is."""
    connection.execute(BEAT, (done, total, job_id))


def end(connection: Connection, job_id: int, *, result: str | None = None, error: str | None = None) -> None:
    """Say how it ended."""
    connection.execute(END, ("failed" if error else "done", result, error, job_id))


def latest(connection: Connection, most: int) -> list[Job]:
    """The latest jobs, newest first."""
    return [
        Job(*cast("tuple[int, str, str, str, int, int, str, str, datetime, datetime]", row))
        for row in connection.execute(SHOW, (most,))
    ]
