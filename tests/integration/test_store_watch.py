"""Watch rules on a real PostgreSQL: what rings is committed with the alert, once; later what waits, or is counted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.incidents.members import Member
from pipeline.records import Alert, codec
from pipeline.records.topics import ALERTS, watch_topic
from pipeline.store import migrate, outbox, snapshots, watch
from pipeline.store.announce import announce, rules_of
from pipeline.store.connection import Connection, connect
from pipeline.upkeep.lifecycle import Tending, close_quiet
from pipeline.watch.rules import encode_rules, read_rules
from tests.integration.test_store_write import invent, prepare, write_batch
from tests.support.cases import case, member

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)


@pytest.fixture
def store(postgres_url: str) -> str:
    migrate.upgrade(postgres_url)
    return postgres_url


@pytest.fixture
def connection(store: str) -> Iterator[Connection]:
    with connect(store, application="test", autocommit=True) as opened:
        yield opened


def keep(connection: Connection, toml: str) -> None:
    """Put these rules in force now."""
    snapshots.change(connection, "watch", lambda _: encode_rules(read_rules(toml, "rules.toml")), "test")
    rules_of(connection).forget()


def rung(connection: Connection, rule: str = "mine") -> list[Alert]:
    """What the rule's topic got, in order."""
    rows = connection.execute("SELECT value FROM outbox WHERE topic = %s ORDER BY id", (watch_topic(rule).name,))
    return [codec.decode(bytes(row[0]), Alert) for row in rows]  # type: ignore[arg-type]


def say(connection: Connection, alert: Alert, *members: Member) -> Alert:
    """Announce a revision as the write step does."""
    with connection.transaction():
        connection.execute(
            "INSERT INTO incidents VALUES (%s, 'conflict', %s, %s) ON CONFLICT DO NOTHING", (alert.incident, NOW, NOW)
        )
        return announce(connection, alert, members or (member(),))


def flush(connection: Connection, later: timedelta = timedelta(0)) -> int:
    with connection.transaction():
        return watch.flush(connection, rules_of(connection).get(connection), now=datetime.now(UTC) + later)


def make(number: int, change: str = "created", revision: int = 1, **given: object) -> tuple[Alert, Member]:
    one = member(number, **given)
    alert = codec.decode(
        codec.encode(case(one).alert)
        .replace(b"alert:1", f"alert:{number}".encode())
        .replace(b"inc:1", f"inc:{number}".encode())
        .replace(b'"revision":1', f'"revision":{revision}'.encode())
        .replace(b'"change":"created"', f'"change":"{change}"'.encode()),
        Alert,
    )
    return alert, one


def test_a_rule_rings_in_the_write_transaction_and_names_itself(connection: Connection) -> None:
    keep(connection, '[watch.mine]\nplaces = ["Somalia"]\ncounts = ["killed >= 10"]\n')
    write_batch(connection, prepare(connection, invent(12)))
    write_batch(connection, prepare(connection, invent(12)))  # every article again
    came = rung(connection)
    assert {alert.place.name for alert in came if alert.place} == {"Mogadishu"}
    assert [(a.alert_id, a.revision) for a in came] == sorted({(a.alert_id, a.revision) for a in came})
    ring = came[0].watch
    assert ring is not None
    assert ring.rule == "mine"
    assert "place Mogadishu, in Somalia" in ring.why
    assert came[0].rules == ring.version
    all_of_them = connection.execute("SELECT value FROM outbox WHERE topic = %s", (ALERTS,)).fetchall()
    assert all(codec.decode(bytes(r[0]), Alert).watch is None for r in all_of_them)  # type: ignore[arg-type]


def test_rules_are_reloaded_while_it_runs_and_a_bad_snapshot_changes_nothing(connection: Connection) -> None:
    keep(connection, '[watch.mine]\nwords = ["nothing"]\n')
    say(connection, *make(1))
    assert rung(connection) == []
    keep(connection, '[watch.mine]\nwords = ["bomb"]\n')
    say(connection, *make(2))
    connection.execute(
        "INSERT INTO snapshots (kind, version, content, why) VALUES ('watch', 'x', '{\"mine\":{\"new\":1}}', '')"
    )
    rules_of(connection).forget()
    say(connection, *make(3))
    assert [alert.alert_id for alert in rung(connection)] == ["alert:2", "alert:3"]


def test_what_the_topic_carried_it_goes_on_carrying_out_of_scope(connection: Connection) -> None:
    keep(connection, '[watch.mine]\ncounts = ["killed >= 10"]\n')
    say(connection, *make(1))
    say(connection, *make(1, "revised", 2, killed=3))
    say(connection, *make(2, killed=3))
    assert [(a.alert_id, a.revision, a.in_scope) for a in rung(connection)] == [
        ("alert:1", 1, True), ("alert:1", 2, False)
    ]  # fmt: skip


def test_a_cooldown_sends_the_latest_and_says_how_many_were_passed_over(connection: Connection) -> None:
    keep(connection, '[watch.mine]\nwords = ["bomb"]\ncooldown = "30m"\n')
    for revision in (1, 2, 3, 4):
        say(connection, *make(1, "created" if revision == 1 else "revised", revision))
    assert [a.revision for a in rung(connection)] == [1]
    assert flush(connection) == 0
    assert flush(connection, timedelta(minutes=31)) == 1
    assert flush(connection, timedelta(minutes=31)) == 0
    last = rung(connection)[-1]
    assert last.revision == 4
    assert last.watch is not None
    assert last.watch.held_back == 2


def test_a_cap_holds_back_and_tells_how_many(connection: Connection) -> None:
    keep(connection, '[watch.mine]\nwords = ["bomb"]\ncap = "3 in 1h"\n')
    for number in range(1, 11):
        say(connection, *make(number, severity="critical" if number == 9 else "low"))
    assert [a.alert_id for a in rung(connection)] == ["alert:1", "alert:2", "alert:3"]
    assert flush(connection, timedelta(minutes=61)) == 3
    later = rung(connection)[3:]
    assert later[0].alert_id == "alert:9", "the most severe goes first"
    assert [a.watch.held_back for a in later if a.watch] == [0, 0, 4]
    assert flush(connection, timedelta(hours=3)) == 0


def test_an_end_passes_the_pace_and_a_digest_comes_together(connection: Connection) -> None:
    keep(connection, '[watch.mine]\nwords = ["bomb"]\ndeliver = "digest"\nevery = "24h"\n')
    say(connection, *make(1))
    say(connection, *make(2))
    assert rung(connection) == []
    assert flush(connection, timedelta(hours=24)) == 2
    say(connection, *make(1, "closed", 2))
    assert [(a.alert_id, a.change) for a in rung(connection)] == [
        ("alert:1", "created"), ("alert:2", "created"), ("alert:1", "closed")
    ]  # fmt: skip


def test_a_threshold_waits_for_enough_alerts(connection: Connection) -> None:
    keep(connection, '[watch.mine]\nwords = ["bomb"]\nalerts = "3 in 24h"\n')
    for number in range(1, 6):
        say(connection, *make(number))
    (came,) = rung(connection)
    assert came.alert_id == "alert:3"
    assert came.watch is not None
    assert "3 alerts in 1d" in came.watch.why


def test_a_quiet_alert_is_closed_once_and_opened_by_a_later_report(store: str, connection: Connection) -> None:
    alert, one = make(1)
    say(connection, alert, one)
    tending = Tending(store, close_days=7, handlers={})
    tending.round()
    assert [a.change for a in revisions(connection)] == ["created"]
    connection.execute("UPDATE alerts SET updated_at = now() - interval '8 days'")
    with connection.transaction():
        assert close_quiet(connection, 7) == 1
    with connection.transaction():
        assert close_quiet(connection, 7) == 0
    last = revisions(connection)[-1]
    assert (last.change, last.revision, last.in_scope) == ("closed", 2, True)
    assert last.changes == ("no report for 7 days",)


def revisions(connection: Connection) -> list[Alert]:
    rows = connection.execute("SELECT value FROM outbox WHERE topic = %s ORDER BY id", (ALERTS,))
    return [codec.decode(bytes(row[0]), Alert) for row in rows]  # type: ignore[arg-type]


def test_headers_stand_in_the_outbox(connection: Connection) -> None:
    say(connection, *make(1))
    rows = connection.execute("SELECT topic, headers FROM outbox ORDER BY id").fetchall()
    assert {str(topic) for topic, _ in rows} == {"tocsin.alerts", "tocsin.alerts.latest", "tocsin.alerts.conflict"}
    headers = rows[0][1]
    assert isinstance(headers, dict), json.dumps(headers)
    assert headers["ce_type"] == "tocsin.alert.created"
    assert outbox.carried(connection, make(1)[0].alert_id) == {"tocsin.alerts.conflict"}
