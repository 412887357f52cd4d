"""One place that makes a revision the latest and hands it to everybody whom it concerns, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from msgspec.structs import replace

from pipeline.incidents.members import Member
from pipeline.records import Alert
from pipeline.store import changes, incidents, outbox, snapshots, watch
from pipeline.store.connection import Connection
from pipeline.store.current_knowledge import AREA
from pipeline.store.latest import Latest
from pipeline.store.session import Session
from pipeline.watch.compiled import NO_RULES, CompiledRules

RulesMaterial = tuple[str | None, list[bytes]]
"""The stored rules' text, and the changes of the knowledge base that their actors are looked up in."""


def announce(connection: Connection, alert: Alert, members: Sequence[Member]) -> Alert:
    """Keep the revision, and put it into the outbox for its topics and those of the watch rules; as it is published."""
    rules = rules_of(connection).get(connection)
    alert = replace(alert, rules=rules.version)
    incidents.keep_alert(connection, alert)
    outbox.put_alert(connection, alert)
    watch.deliver(connection, rules, alert, members, now=datetime.now(UTC))
    return alert


def refresh_rules(store: Session) -> CompiledRules:
    """The watch rules in force, read in a transaction of their own where it is time to; before a transaction that needs them."""
    return store.transact(rules_of).refresh(store.transact)


def rules_of(connection: Connection) -> Latest[RulesMaterial, CompiledRules]:
    """The watch rules of the store that a connection leads to, read again at most every ten seconds."""
    info = connection.info
    return _rules(info.host, info.port, info.dbname)


@cache
def _rules(host: str, port: int, name: str) -> Latest[RulesMaterial, CompiledRules]:  # noqa: ARG001 - one for each store
    return Latest("watch rules", NO_RULES, seen=_rules_seen, read=_read_rules, build=lambda m: watch.build_rules(*m))


def _rules_seen(connection: Connection) -> object:
    return snapshots.latest_id(connection, "watch"), changes.version(connection, AREA)


def _read_rules(connection: Connection) -> RulesMaterial:
    snapshot = snapshots.latest(connection, "watch")
    return snapshot.content if snapshot else None, changes.in_force(connection, AREA)
