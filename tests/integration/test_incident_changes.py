"""Incidents merged and split on a real PostgreSQL: by a bridge report, by its revision, by hand; and the alerts revised."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from pipeline import codec
from pipeline.dedupe import link
from pipeline.extract import analyse
from pipeline.records import Alert, Article, Linked, Scored
from pipeline.score import score, weights
from pipeline.store import migrate, shifts
from pipeline.store.connection import Connection, connect
from pipeline.store.purge import purge
from pipeline.topics import ALERTS
from pipeline.write import write
from tests.support.stack import make_article

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOTEL = (
    "A car bomb killed at least 12 people at the Hamar Weyne hotel, witnesses said. Officers Dahir Warsame and Cabdi Xiirane "
    "searched the rubble of the Hamar Weyne hotel with dogs until midnight."
)
CONVOY = (
    "Gunmen killed five soldiers of the Yaaq Bariwe garrison near the Tarabuun bridge, the army said. The convoy of the Yaaq "
    "Bariwe garrison had left Tarabuun at dawn."
)
BRIDGE = (
    "Attackers killed people at the Hamar Weyne hotel and then killed soldiers of the Yaaq Bariwe garrison at the Tarabuun bridge "
    "in one coordinated attack, police said. The Hamar Weyne hotel was hit first; Yaaq Bariwe followed at Tarabuun."
)
NO_BRIDGE = (
    "Attackers killed people at the Hamar Weyne hotel, police said. An earlier version of this report wrongly named another place. "
    "The Hamar Weyne hotel was hit at night."
)
TITLES = (
    "Bomb at Hamar Weyne hotel",
    "Ambush on Yaaq Bariwe garrison at Tarabuun",
    "Hamar Weyne and Yaaq Bariwe hit at once",
)


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    migrate.upgrade(postgres_url)
    with connect(postgres_url, application="test", autocommit=True) as opened:
        yield opened


def tell(connection: Connection, *articles: Article) -> list[Scored]:
    """Through link, extract, score and write, one by one."""
    done = []
    for article in articles:
        with connection.transaction():
            linked = [o for o in link(connection, [article]) if isinstance(o, Linked)]
        scored = score(weights(""), analyse("rules", linked))
        with connection.transaction():
            write(connection, scored)
        done += [one for one in scored if isinstance(one, Scored)]
    return done


def reports(*texts: str) -> list[Article]:
    return [
        make_article(number, title, text, fetched=NOW + timedelta(minutes=number))
        for number, (title, text) in enumerate(zip(TITLES, texts, strict=False))
    ]


def alerts(connection: Connection) -> list[Alert]:
    """Every revision, as it waits for the relay."""
    rows = connection.execute("SELECT value FROM outbox WHERE topic = %s ORDER BY id", (ALERTS,)).fetchall()
    return [codec.decode(bytes(row[0]), Alert) for row in rows]  # type: ignore[call-overload]


def latest(connection: Connection) -> dict[str, Alert]:
    return {alert.alert_id: alert for alert in alerts(connection)}


def assert_counted_up(connection: Connection) -> None:
    seen: dict[str, int] = {}
    for alert in alerts(connection):
        assert alert.revision == seen.get(alert.alert_id, 0) + 1
        seen[alert.alert_id] = alert.revision


def partition(connection: Connection) -> set[frozenset[str]]:
    """Which articles stand together, by title."""
    rows = connection.execute(
        "SELECT array_agg(DISTINCT title) FROM incident_stories JOIN findings USING (story_id) JOIN articles USING (version_id) GROUP BY incident_id"
    ).fetchall()
    return {frozenset(row[0]) for row in rows}  # type: ignore[call-overload]


def test_a_bridge_report_merges_two_incidents_and_the_loser_s_alert_names_the_survivor(connection: Connection) -> None:
    hotel, convoy, bridge = reports(HOTEL, CONVOY, BRIDGE)
    tell(connection, hotel, convoy)
    first, second = latest(connection).values()
    tell(connection, bridge)
    closed, survivor = latest(connection)[second.alert_id], latest(connection)[first.alert_id]
    assert (closed.change, closed.in_scope, closed.merged_into) == ("merged", False, survivor.alert_id)
    assert survivor.alert_id in closed.changes[0]
    assert survivor.in_scope
    assert {s.article_id for s in survivor.sources} == {a.article_id for a in (hotel, convoy, bridge)}
    assert any(second.alert_id in line for line in survivor.changes)
    (change,) = shifts.of_incidents(connection, [first.incident])
    assert (change.kind, change.by, change.came_from, change.went_to) == (
        "merge",
        "stream",
        second.incident,
        first.incident,
    )
    assert_counted_up(connection)


def test_a_revision_that_removes_the_bridge_parts_them_and_the_closed_alert_comes_back(connection: Connection) -> None:
    hotel, convoy, bridge = reports(HOTEL, CONVOY, BRIDGE)
    tell(connection, hotel, convoy, bridge)
    first, second = dict.fromkeys(alert.alert_id for alert in alerts(connection))
    corrected = make_article(2, TITLES[0], NO_BRIDGE, fetched=NOW + timedelta(hours=1))
    assert corrected.article_id == bridge.article_id
    tell(connection, corrected)
    kept, back = latest(connection)[first], latest(connection)[second]
    assert (back.change, back.in_scope, back.merged_into) == ("split", True, None)
    assert {s.article_id for s in back.sources} == {convoy.article_id}
    assert kept.change == "split"
    assert {s.article_id for s in kept.sources} == {hotel.article_id, bridge.article_id}
    assert first in back.changes[0]
    assert_counted_up(connection)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_the_reports_does_not_change_the_incidents(connection: Connection, order: Sequence[int]) -> None:
    told = reports(HOTEL, CONVOY, BRIDGE)
    tell(connection, *(told[place] for place in order))
    assert partition(connection) == {frozenset(TITLES)}
    alive = [alert for alert in latest(connection).values() if alert.in_scope]
    assert len(alive) == 1
    assert len(alive[0].sources) == 3


def test_the_record_of_changes_leaves_with_what_is_purged(connection: Connection) -> None:
    tell(connection, *reports(HOTEL, CONVOY, BRIDGE))
    connection.execute("UPDATE incident_changes SET at = now() - interval '40 days'")
    assert purge(connection, 30)["incident_changes"] == 1
