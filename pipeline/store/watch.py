"""Watch rules in the store: what their topics get, at once or later. Every function runs inside a write transaction.

`deliver` is called with each new revision, so that what a rule rings for is committed together with the alert and goes out
exactly once. `flush` sends what waited; it is called by the clock (`tocsin pipeline jobs`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import cast

from msgspec.structs import replace

from pipeline.incidents.members import Member
from pipeline.incidents.routing import GONE
from pipeline.records import SEVERITIES, Alert, Ring
from pipeline.records.codec import decode
from pipeline.records.topics import watch_topic
from pipeline.store import incidents, outbox, snapshots
from pipeline.store.connection import WRITE_LOCK, Connection
from pipeline.store.current_knowledge import build_knowledge
from pipeline.watch.compiled import NO_RULES, CompiledRule, CompiledRules, compile_rules
from pipeline.watch.match import Case, match
from pipeline.watch.pace import View, Waiting, decide, release
from pipeline.watch.rhythm import LEARNED
from pipeline.watch.rules import WatchRule, decode_rules, encode_rules

FLUSHED_MAX = 500
"""Alerts that one flush looks at: its transaction stays short."""

MATCHED = """
INSERT INTO watch_matches (rule, alert_id, at) VALUES (%s, %s, %s) ON CONFLICT (rule, alert_id) DO NOTHING
"""
RHYTHM = "SELECT at FROM watch_matches WHERE rule = %s AND at > %s ORDER BY at"
RANG = "SELECT max(rang_at) FROM watch_matches WHERE rule = %s"
RINGS = "UPDATE watch_matches SET rang_at = %s WHERE rule = %s AND alert_id = %s AND rang_at IS NULL"
SENT = "SELECT at FROM watch_sent WHERE rule = %s AND at > %s ORDER BY at"
ALERT_SENT = "SELECT max(at) FROM watch_sent WHERE rule = %s AND alert_id = %s"
SEND = "INSERT INTO watch_sent (rule, alert_id, at) VALUES (%s, %s, %s)"
PENDING = "SELECT held_back, why FROM watch_pending WHERE rule = %s AND alert_id = %s"
WAIT = """
INSERT INTO watch_pending AS p (rule, alert_id, due, why) VALUES (%s, %s, %s, %s)
ON CONFLICT (rule, alert_id) DO UPDATE SET held_back = p.held_back + 1
"""
WAIT_ON = "UPDATE watch_pending SET due = %s WHERE rule = %s AND alert_id = ANY(%s)"
DROP = "DELETE FROM watch_pending WHERE rule = %s AND alert_id = ANY(%s)"
DUE = """
SELECT p.rule, p.alert_id, p.held_back, a.severity, t.topic IS NOT NULL FROM watch_pending p JOIN alerts a USING (alert_id)
LEFT JOIN alert_topics t ON t.alert_id = p.alert_id AND t.topic = %s || p.rule
WHERE p.due <= %s ORDER BY p.rule, p.due LIMIT %s
"""
ALERT = "SELECT alert FROM alerts WHERE alert_id = %s FOR UPDATE"


def build_rules(content: str | None, changes: Sequence[bytes] = ()) -> CompiledRules:
    """The rules of a snapshot, ready, with the changes of the knowledge base; none without one. Raises `ConfigError`."""
    if not content:
        return NO_RULES
    return compile_rules(decode_rules(content), build_knowledge(changes), source="the stored rules")


def stored_rules(connection: Connection) -> dict[str, WatchRule]:
    """The rules in force, by name."""
    snapshot = snapshots.latest(connection, "watch")
    return decode_rules(snapshot.content) if snapshot else {}


def keep_rules(
    connection: Connection, rules: Mapping[str, WatchRule], why: str, would_ring: Iterable[tuple[str, str, datetime]]
) -> str:
    """Put these rules in force, new or changed, beside the others; the version of them all.

    `would_ring` is what the back-test found (rule, alert, time): a rule's rhythm begins with it, so that its thresholds need not wait for weeks.
    """

    def edit(before: str | None) -> str:
        return encode_rules({**decode_rules(before or "{}"), **rules})

    version = snapshots.change(connection, "watch", edit, why)
    with connection.cursor() as cursor:
        cursor.executemany(MATCHED, would_ring)
    return version


def remove_rule(connection: Connection, name: str, why: str) -> str:
    """Take a rule out of force; the version of those that stay."""

    def edit(before: str | None) -> str:
        return encode_rules({k: v for k, v in decode_rules(before or "{}").items() if k != name})

    return snapshots.change(connection, "watch", edit, why)


def deliver(
    connection: Connection, rules: CompiledRules, alert: Alert, members: Sequence[Member], *, now: datetime
) -> None:
    """Give a new revision to the topics of the rules that it matches, or that have carried its alert, at their pace."""
    if not rules.rules:
        return
    carried = outbox.carried(connection, alert.alert_id)
    case = Case(alert, members)
    for rule in rules.rules:
        is_carried = watch_topic(rule.name).name in carried
        why = match(rule, case) if alert.in_scope and alert.change not in GONE else None
        if why is None and not is_carried:
            connection.execute(DROP, (rule.name, [alert.alert_id]))
        else:
            _deliver(connection, rule, alert, why, is_carried=is_carried, now=now)


def _deliver(
    connection: Connection,
    rule: CompiledRule,
    alert: Alert,
    why: tuple[str, ...] | None,
    *,
    is_carried: bool,
    now: datetime,
) -> None:
    if why is not None:
        connection.execute(MATCHED, (rule.name, alert.alert_id, alert.last_seen))
    row = connection.execute(PENDING, (rule.name, alert.alert_id)).fetchone()
    waiting = cast("tuple[int, list[str]] | None", row)
    view = _view(connection, rule, alert, is_carried=is_carried or waiting is not None, now=now)
    decision = decide(rule, alert.change, view, seen=alert.last_seen, now=now)
    if decision.when == "not":
        return
    if not view.is_carried:
        connection.execute(RINGS, (alert.last_seen, rule.name, alert.alert_id))
    if decision.when == "later":
        connection.execute(WAIT, (rule.name, alert.alert_id, decision.due, list(decision.why)))
        return
    held, earlier = (waiting[0] + 1, tuple(waiting[1])) if waiting else (0, ())
    _send(connection, rule, alert, why, (*earlier, *decision.why), held_back=held, now=now)


def _view(connection: Connection, rule: CompiledRule, alert: Alert, *, is_carried: bool, now: datetime) -> View:
    matched: list[datetime] = []
    rang: datetime | None = None
    if not is_carried and (rule.alerts or rule.spike):
        rows = connection.execute(RHYTHM, (rule.name, alert.last_seen - LEARNED)).fetchall()
        matched = [cast("datetime", at) for (at,) in rows]
        rang = _moment(connection, RANG, (rule.name,))
    return View(
        is_carried=is_carried,
        matched=matched,
        rang=rang,
        sent=_sent(connection, rule, now),
        alert_sent=_moment(connection, ALERT_SENT, (rule.name, alert.alert_id)) if is_carried else None,
    )


def _sent(connection: Connection, rule: CompiledRule, now: datetime) -> list[datetime]:
    window = rule.cap.within or timedelta(0)
    return [cast("datetime", at) for (at,) in connection.execute(SENT, (rule.name, now - window))]


def _moment(connection: Connection, query: str, values: tuple[object, ...]) -> datetime | None:
    row = connection.execute(query, values).fetchone()
    return cast("datetime | None", row[0] if row else None)


def _send(
    connection: Connection,
    rule: CompiledRule,
    alert: Alert,
    why: tuple[str, ...] | None,
    more: tuple[str, ...],
    *,
    held_back: int,
    now: datetime,
) -> None:
    ring = Ring(rule=rule.name, version=rule.version, why=(*(why or ()), *more), held_back=held_back)
    outbox.put_on(connection, watch_topic(rule.name).name, replace(alert, in_scope=why is not None, watch=ring))
    connection.execute(SEND, (rule.name, alert.alert_id, now))
    connection.execute(DROP, (rule.name, [alert.alert_id]))


def flush(connection: Connection, rules: CompiledRules, *, now: datetime) -> int:
    """Send what waited and is due, the latest revision of each; how many messages. Rules that are gone send nothing."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
    rows = connection.execute(DUE, (watch_topic("").name, now, FLUSHED_MAX)).fetchall()
    count = 0
    for name, group in groupby(rows, key=lambda row: str(row[0])):
        ready = [
            Waiting(str(alert), bool(is_carried), SEVERITIES.index(severity), cast("int", held))
            for _, alert, held, severity, is_carried in group
        ]
        rule = rules.named(name)
        if rule is None:
            connection.execute(DROP, (name, [w.alert_id for w in ready]))
        else:
            count += _flush_rule(connection, rule, ready, now)
    return count


def _flush_rule(connection: Connection, rule: CompiledRule, ready: list[Waiting], now: datetime) -> int:
    released = release(rule, ready, _sent(connection, rule, now), now)
    for alert_id, held in released.go:
        row = connection.execute(ALERT, (alert_id,)).fetchone()
        waiting = connection.execute(PENDING, (rule.name, alert_id)).fetchone()
        if row is None or waiting is None:
            continue
        alert = decode(cast("bytes", row[0]), Alert)
        case = Case(alert, incidents.members(connection, alert.incident))
        why = match(rule, case) if alert.in_scope and alert.change not in GONE else None
        _send(connection, rule, alert, why, tuple(cast("list[str]", waiting[1])), held_back=held, now=now)
    connection.execute(WAIT_ON, (released.due, rule.name, list(released.wait)))
    connection.execute(DROP, (rule.name, list(released.counted)))
    return len(released.go)
