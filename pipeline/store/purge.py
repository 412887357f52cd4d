"""What is older than `store.keep_days` leaves the store; what a living alert quotes stays.

Deletes in small transactions, oldest first, so that it never holds up the flow. (Fingerprints have a shorter horizon of their
own and leave with their partitions: `pipeline.store.stories`.)
"""

from collections.abc import Callable
from typing import LiteralString

import structlog

from pipeline.store.connection import Connection

ROWS_MAX = 1000
"""Rows a transaction deletes."""
ROUNDS_MAX = 1000
"""Transactions a purge makes of each kind; what is left then, the next purge takes."""

ALERTS = """
DELETE FROM incidents WHERE incident_id IN (
    SELECT incident_id FROM incidents WHERE last_seen < now() - make_interval(days => %s) ORDER BY last_seen LIMIT %s)
"""
DEAD_ALERTS = """
DELETE FROM alerts WHERE alert_id IN (
    SELECT alert_id FROM alerts a WHERE updated_at < now() - make_interval(days => %s)
    AND NOT EXISTS (SELECT FROM incidents i WHERE i.incident_id = a.incident_id) LIMIT %s)
"""
FINDINGS = """
DELETE FROM findings WHERE version_id IN (
    SELECT version_id FROM findings f WHERE at < now() - make_interval(days => %s)
    AND NOT EXISTS (SELECT FROM incident_stories s WHERE s.story_id = f.story_id) LIMIT %s)
"""
ARTICLES = """
DELETE FROM articles WHERE version_id IN (
    SELECT version_id FROM articles a WHERE stored_at < now() - make_interval(days => %s)
    AND NOT EXISTS (SELECT FROM findings f WHERE f.version_id = a.version_id) ORDER BY stored_at LIMIT %s)
"""
WRITTEN = """
DELETE FROM written WHERE version_id IN (
    SELECT version_id FROM written WHERE at < now() - make_interval(days => %s) ORDER BY at LIMIT %s)
"""
ATTEMPTS = """
DELETE FROM attempts WHERE version_id IN (
    SELECT version_id FROM attempts WHERE last_at < now() - make_interval(days => %s) LIMIT %s)
"""
SINK_ALERTS = """
DELETE FROM sink_alerts WHERE (sink, alert_id) IN (
    SELECT sink, alert_id FROM sink_alerts WHERE at < now() - make_interval(days => %s) ORDER BY at LIMIT %s)
"""
MATCHES = """
DELETE FROM watch_matches WHERE (rule, alert_id) IN (
    SELECT rule, alert_id FROM watch_matches WHERE at < now() - make_interval(days => %s) LIMIT %s)
"""
SENT = """
DELETE FROM watch_sent WHERE ctid IN (SELECT ctid FROM watch_sent WHERE at < now() - make_interval(days => %s) LIMIT %s)
"""
JOBS = """
DELETE FROM jobs WHERE job_id IN (SELECT job_id FROM jobs WHERE ended_at < now() - make_interval(days => %s) LIMIT %s)
"""
INCIDENT_CHANGES = """
DELETE FROM incident_changes WHERE change IN (
    SELECT change FROM incident_changes c WHERE at < now() - make_interval(days => %s)
    AND NOT EXISTS (SELECT FROM incident_stories s WHERE c.pins AND s.story_id = ANY(c.moved)) ORDER BY at LIMIT %s)
"""
STATEMENTS: tuple[tuple[str, LiteralString], ...] = (
    ("incidents", ALERTS),
    ("alerts", DEAD_ALERTS),
    ("findings", FINDINGS),
    ("articles", ARTICLES),
    ("written", WRITTEN),
    ("attempts", ATTEMPTS),
    ("sink_alerts", SINK_ALERTS),
    ("watch_matches", MATCHES),
    ("watch_sent", SENT),
    ("jobs", JOBS),
    ("incident_changes", INCIDENT_CHANGES),
)

log = structlog.get_logger()


def purge(connection: Connection, keep_days: int, *, is_stopped: Callable[[], bool] = lambda: False) -> dict[str, int]:
    """Delete what is older than `keep_days`; how many rows of each table. The connection must be in autocommit mode."""
    deleted = {}
    for table, statement in STATEMENTS:
        deleted[table] = 0
        for _ in range(ROUNDS_MAX):
            if is_stopped():
                return deleted
            count = connection.execute(statement, (keep_days, ROWS_MAX)).rowcount
            deleted[table] += count
            if count < ROWS_MAX:
                break
    if any(deleted.values()):
        log.info("purged", keep_days=keep_days, **deleted)
    return deleted
