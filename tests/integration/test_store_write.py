"""The write transaction on a real PostgreSQL: once, whole, or not at all."""

import random
import string
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from msgspec.structs import replace

from pipeline.errors import RejectedError
from pipeline.flow.dedupe import link
from pipeline.flow.extract import analyse
from pipeline.flow.score import score, weights
from pipeline.flow.write import write, write_all
from pipeline.records import Alert, Article, Linked, Reject, Scored, codec
from pipeline.records.outcomes import reject, work_on
from pipeline.records.topics import ALERTS, REJECTS
from pipeline.store import articles, migrate
from pipeline.store.connection import TRANSACTION_TIMEOUT_S, Connection, connect
from pipeline.store.ownership import PartitionOwnership
from pipeline.store.purge import purge
from pipeline.store.session import Session, StoreLimitError
from tests.support.stack import make_article, wait_until

pytestmark = pytest.mark.integration

TOWNS = ("Mogadishu", "Kabul", "Maiduguri", "Aleppo", "Kharkiv", "Goma")
TABLES = (
    "articles", "attempts", "written", "findings", "incidents", "incident_stories", "alerts", "outbox"
)  # fmt: skip
NOW = datetime.now(UTC)


@pytest.fixture
def store(postgres_url: str) -> str:
    migrate.upgrade(postgres_url)
    return postgres_url


@pytest.fixture
def connection(store: str) -> Iterator[Connection]:
    with connect(store, application="test", autocommit=True) as opened:
        yield opened


def invent(count: int, first: int = 0, *, fetched: datetime = NOW) -> list[Article]:
    found = []
    for i in range(first, first + count):
        town = TOWNS[i % len(TOWNS)]
        text = f"A car bomb killed at least {10 + i} people at a market in {town} on Monday, police said."
        found.append(make_article(i, f"Bomb in {town} ({i})", text, fetched=fetched))
    return found


def prepare(connection: Connection, batch: Sequence[Article]) -> list[Scored]:
    """The batch as it reaches the last step, linked in the store."""
    with connection.transaction():
        linked = [o for o in link(connection, batch) if isinstance(o, Linked)]
    return score(weights(""), analyse("rules", linked))


def write_batch(connection: Connection, batch: Sequence[Scored | Reject]) -> list[str]:
    with connection.transaction():
        return [written.kind for written in write(connection, batch)]


def dump(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the flow writes."""
    return {t: sorted(connection.execute(f"SELECT * FROM {t}").fetchall(), key=str) for t in TABLES}  # type: ignore[arg-type]


def count(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]
    return int(str(row[0])) if row else 0


def published(connection: Connection, topic: str) -> list[bytes]:
    """What waits for the relay, in order."""
    return [bytes(r[0]) for r in connection.execute("SELECT value FROM outbox WHERE topic = %s ORDER BY id", (topic,))]  # type: ignore[call-overload]


def revisions(connection: Connection) -> dict[str, list[int]]:
    seen: dict[str, list[int]] = defaultdict(list)
    for raw in published(connection, ALERTS):
        alert = codec.decode(raw, Alert)
        seen[alert.alert_id].append(alert.revision)
    return dict(seen)


def assert_counted_up(connection: Connection) -> None:
    """Each alert's revisions stand in the outbox once each, in order, up to the one in the table."""
    stored = {str(a): int(str(n)) for a, n in connection.execute("SELECT alert_id, revision FROM alerts")}
    seen = revisions(connection)
    assert seen == {alert: list(range(1, last + 1)) for alert, last in stored.items()}


def test_the_same_batch_again_changes_nothing(connection: Connection) -> None:
    batch = prepare(connection, invent(12))
    assert set(write_batch(connection, batch)) == {"alert"}
    before = dump(connection)
    assert before["alerts"]
    assert not before["attempts"]
    assert set(write_batch(connection, batch)) == {"repeat"}
    assert dump(connection) == before
    write_batch(connection, list(reversed(batch)))
    assert dump(connection) == before


def test_overlapping_batches_of_two_workers_make_one_set_of_revisions(store: str, connection: Connection) -> None:
    batch = prepare(connection, invent(36))
    failed: list[BaseException] = []

    def work(parts: Sequence[Sequence[Scored]]) -> None:
        session = Session(store, "write")
        try:
            for part in parts:
                write_all(session, part)
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failed.append(error)

    forth = [batch[i : i + 8] for i in range(0, 36, 6)]
    threads = [threading.Thread(target=work, args=(parts,)) for parts in (forth, list(reversed(forth)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert count(connection, "written") == count(connection, "findings") == 36
    assert_counted_up(connection)
    assert max(max(numbers) for numbers in revisions(connection).values()) > 1


def test_one_version_twice_in_a_batch_is_written_once(connection: Connection) -> None:
    (one,) = prepare(connection, invent(1))
    assert write_batch(connection, [one, one]) == ["alert", "repeat"]
    assert revisions(connection) == {alert: [1] for alert in revisions(connection)}
    assert count(connection, "findings") == 1


def test_a_reject_is_published_once(connection: Connection) -> None:
    bad = reject("read", RejectedError("read", "no"), payload=b"\xff", position=("tocsin.articles", 1, 7))
    later = replace(bad, at=bad.at + timedelta(minutes=1))
    assert write_batch(connection, [bad, bad]) == ["reject", "repeat"]
    assert write_batch(connection, [later]) == ["repeat"]
    assert [codec.decode(raw, Reject) for raw in published(connection, REJECTS)] == [bad]


def test_reports_of_one_incident_in_two_batches_make_one_alert(connection: Connection) -> None:
    first = make_article(
        1,
        "Bomb kills 10 at Bakara market in Mogadishu",
        "A car bomb killed 10 people at the Bakara market in Mogadishu on Monday, police said.",
        fetched=NOW,
    )
    second = make_article(
        2,
        "Mogadishu: blast at Bakara market leaves 14 dead",
        "Fourteen people died when explosives went off on Monday in Mogadishu, a hospital at the Bakara market told reporters.",
        fetched=NOW + timedelta(hours=2),
    )
    elsewhere = make_article(
        3,
        "Bomb kills 10 in Kabul",
        "A car bomb killed 10 people in the Karte Now district of Kabul on Monday, police said.",
        fetched=NOW + timedelta(hours=2),
    )
    for article in (first, second, elsewhere):
        write_batch(connection, prepare(connection, [article]))
    assert sorted(revisions(connection).values()) == [[1], [1, 2]]
    latest = {a.alert_id: a for raw in published(connection, ALERTS) if (a := codec.decode(raw, Alert))}
    joined = next(alert for alert in latest.values() if alert.revision == 2)
    assert [s.version_id for s in joined.sources] == [first.version_id, second.version_id]


def wait_until_ended(store: str, paused: Connection) -> None:
    """Let the server end the session because its transaction stands still."""
    paused.execute("SET LOCAL idle_in_transaction_session_timeout = '200ms'")
    with connect(store, application="watching", autocommit=True) as other:
        there = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        wait_until("the session is ended", lambda: other.execute(there, (paused.info.backend_pid,)).fetchone() == (0,))


def test_a_writer_that_is_paused_inside_its_transaction_leaves_nothing(store: str, connection: Connection) -> None:
    batch = prepare(connection, invent(4))
    before = dump(connection)
    paused = connect(store, application="paused")
    write(paused, batch)
    wait_until_ended(store, paused)
    with pytest.raises(psycopg.Error):
        paused.commit()
    assert dump(connection) == before
    write_batch(connection, batch)  # its locks are gone too
    assert_counted_up(connection)


def test_a_session_whose_transaction_was_ended_by_the_server_does_it_again(store: str, connection: Connection) -> None:
    batch = prepare(connection, invent(4))
    attempts = []

    def pause_once(c: Connection) -> list[str]:
        attempts.append(write(c, batch))
        if len(attempts) == 1:
            wait_until_ended(store, c)
            c.execute("SELECT 1")
        return attempts[-1]

    assert [w.kind for w in Session(store, "write").transact(pause_once)] == ["alert"] * 4
    assert len(attempts) == 2
    assert_counted_up(connection)


def test_what_the_store_can_not_take_is_refused_at_once_and_costs_no_other(store: str, connection: Connection) -> None:
    good, bad = invent(2)
    noise = "".join(random.Random(1).choices(string.ascii_letters, k=9000))
    bad = replace(bad, url=f"https://paper-1.example/{noise}")
    session = Session(store, "link")
    began = time.monotonic()
    with pytest.raises(StoreLimitError):
        session.transact(lambda c: link(c, [bad]))
    outcomes = work_on("dedupe", (good, bad), Article, lambda batch: session.transact(lambda c: link(c, batch)))
    assert time.monotonic() - began < 30, "it was not waited for"
    (refused,) = (o for o in outcomes if isinstance(o, Reject))
    assert (refused.step, refused.error, refused.version_id) == ("dedupe", "StoreLimitError", bad.version_id)
    assert [o.article for o in outcomes if isinstance(o, Linked)] == [good]


def test_what_can_not_be_written_is_rejected_alone(store: str, connection: Connection) -> None:
    batch = prepare(connection, invent(3))
    linked = batch[1].analysed.linked
    # An incident's category is a text, and PostgreSQL's texts hold no NUL; nothing before the write step would see this one.
    sick = replace(batch[1], assessment=replace(batch[1].assessment, category="con\0flict"))  # type: ignore[arg-type]
    write_all(Session(store, "write"), [batch[0], sick, batch[2]])
    (refused,) = (codec.decode(raw, Reject) for raw in published(connection, REJECTS))
    assert (refused.step, refused.crashed, refused.version_id) == ("write", True, linked.article.version_id)
    assert codec.decode(refused.payload, Article) == linked.article
    assert count(connection, "findings") == 2
    assert count(connection, "attempts") == 0
    assert_counted_up(connection)


def test_attempts_are_counted_for_all_until_one_is_suspected(connection: Connection) -> None:
    batch = invent(3)
    for attempt in (1, 2, 3):
        with connection.transaction():
            outcomes = link(connection, batch)
        assert [o.attempt for o in outcomes if isinstance(o, Linked)] == [attempt] * 3
    versions = [article.version_id for article in batch]
    assert set(articles.attempts_at(connection, versions).values()) == {2}, "the third is counted where it is alone"
    articles.count_attempts(connection, versions[:1])  # begun alone, and never finished
    with connection.transaction():
        outcomes = link(connection, batch)
    (refused,) = (o for o in outcomes if isinstance(o, Reject))
    assert (refused.version_id, refused.error, refused.crashed) == (versions[0], "CrashedError", True)
    write_batch(connection, [refused])
    assert articles.attempts_at(connection, versions)[versions[0]] == 0, "a replay begins anew"


def test_purge_deletes_what_is_old_and_keeps_what_a_living_alert_quotes(connection: Connection) -> None:
    dead, living, fresh = invent(3)
    quiet = make_article(10, "Bakers meet", "Bakers of the town met on Monday and spoke about bread and its price.")
    quiet_fresh = make_article(
        11, "Gardeners meet", "Gardeners of the valley met on Tuesday; they spoke of roses at length."
    )
    write_batch(connection, prepare(connection, [dead, living, quiet]))
    for table, column in (("articles", "stored_at"), ("findings", "at"), ("written", "at"), ("alerts", "updated_at")):
        connection.execute(f"UPDATE {table} SET {column} = {column} - interval '91 days'")  # type: ignore[arg-type]
    connection.execute("UPDATE incidents SET last_seen = last_seen - interval '91 days'")
    # Told again today: its incident lives, and all that it quotes was stored long ago.
    connection.execute(
        "UPDATE incidents SET last_seen = now() WHERE incident_id = (SELECT incident_id FROM incident_stories JOIN findings"
        " USING (story_id) WHERE version_id = %s)",
        (living.version_id,),
    )
    write_batch(connection, prepare(connection, [fresh, quiet_fresh]))
    deleted = purge(connection, 90)
    assert {table: count for table, count in deleted.items() if count} == {
        "incidents": 1, "alerts": 1, "findings": 2, "articles": 2, "written": 3
    }  # fmt: skip
    kept = {living.version_id, fresh.version_id, quiet_fresh.version_id}
    assert {str(v) for (v,) in connection.execute("SELECT version_id FROM articles")} == kept
    assert {str(v) for (v,) in connection.execute("SELECT version_id FROM findings")} == kept
    assert count(connection, "alerts") == count(connection, "incidents") == 2
    assert set(purge(connection, 90).values()) == {0}


def test_the_later_claim_on_a_partition_wins(store: str) -> None:
    earlier = PartitionOwnership(store, "tocsin.articles", "a")
    later = PartitionOwnership(store, "tocsin.articles", "b")
    earlier.claim(0)
    earlier.claim(1)
    assert earlier.owns(0)
    assert not later.owns(0)
    later.claim(0)
    assert (earlier.owns(0), later.owns(0)) == (False, True)
    assert earlier.owns(1)
    earlier.claim(0)
    assert (earlier.owns(0), later.owns(0)) == (True, False)


def test_a_lost_connection_costs_no_answer_about_ownership(store: str, connection: Connection) -> None:
    owner = PartitionOwnership(store, "tocsin.articles", "a")
    owner.claim(0)
    ended = connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tocsin-ownership'"
        " AND datname = current_database()"
    ).fetchall()
    assert ended
    assert owner.owns(0)


def test_parts_shrink_until_a_slow_store_can_take_them(store: str) -> None:
    """A batch whose transaction the server would end for its length is written all the same, in order, each item once."""
    session = Session(store, "write")
    per_item_s = TRANSACTION_TIMEOUT_S / 20
    committed: list[int] = []

    def work(connection: Connection, part: Sequence[int]) -> list[int]:
        for _ in part:
            connection.execute("SELECT pg_sleep(%s)", (per_item_s,))
        return list(part)

    for part in session.transact_in_parts(range(24), work):  # 12 s in one go: more than the server allows
        committed += part
    assert committed == list(range(24))


def test_an_alert_says_how_long_its_report_had_waited(store: str, connection: Connection) -> None:
    waited = timedelta(days=2, hours=3)
    for number, fetched in ((1, datetime.now(UTC)), (2, datetime.now(UTC) - waited)):
        text = f"A car bomb killed at least {10 + number} people at a market in {TOWNS[number]} on Monday, police said."
        report = make_article(number, "Bomb", text, fetched=fetched)
        write_all(Session(store, "write"), prepare(connection, [report]))
    told = {a.sources[0].feed: a.late_s for a in (codec.decode(raw, Alert) for raw in published(connection, ALERTS))}
    assert told["paper-1"] == 0
    assert waited.total_seconds() <= told["paper-2"] < waited.total_seconds() + 600
