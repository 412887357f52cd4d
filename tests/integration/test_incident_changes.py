"""Incidents merged and split on a real PostgreSQL: by a bridge report, by its revision, by hand; and the alerts revised."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import build
from pipeline.errors import UsageError
from pipeline.flow.dedupe import link
from pipeline.flow.extract import analyse
from pipeline.flow.score import score, weights
from pipeline.flow.write import write
from pipeline.records import Alert, Article, IncidentId, Linked, Scored, StoryId, codec
from pipeline.records.topics import ALERTS
from pipeline.store import migrate
from pipeline.store import moves as shifts
from pipeline.store.connection import Connection, connect
from pipeline.store.purge import purge
from pipeline.upkeep import merging as byhand
from tests.support.stack import make_article

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOTEL = (
    "A car bomb killed at least 12 people at the Hamar Weyne hotel, witnesses said. Officers Dahir Warsame and Cabdi Xiirane "
    "searched the rubble of the Hamar Weyne hotel with dogs until midnight."
)
CONVOY = (
    "An explosion killed five soldiers of the Yaaq Bariwe garrison near the Tarabuun bridge, the army said. The garrison of Yaaq "
    "Bariwe closed the road at Tarabuun."
)
BRIDGE = (
    "The car bomb that killed at least 12 people at the Hamar Weyne hotel was the explosion that killed five soldiers of the Yaaq "
    "Bariwe garrison near the Tarabuun bridge, the army said. Witnesses said that the Hamar Weyne hotel stands beside Yaaq Bariwe "
    "at Tarabuun."
)
NO_BRIDGE = (
    "A car bomb killed at least 12 people at the Hamar Weyne hotel, the army said. An earlier version of this report wrongly named "
    "another place. Witnesses said that the Hamar Weyne hotel was hit at night."
)
TITLES = (
    "Car bomb at Hamar Weyne hotel",
    "Explosion at Yaaq Bariwe garrison by Tarabuun bridge",
    "Car bomb at Hamar Weyne hotel was explosion at Yaaq Bariwe garrison by Tarabuun bridge",
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


def incident_ids(connection: Connection) -> list[IncidentId]:
    rows = connection.execute(
        "SELECT DISTINCT incident_id, min(seen) FROM incident_stories GROUP BY 1 ORDER BY 2"
    ).fetchall()
    return [IncidentId(str(row[0])) for row in rows]


def stories(connection: Connection) -> dict[str, StoryId]:
    """The story of each article, by title."""
    rows = connection.execute("SELECT title, story_id FROM findings JOIN articles USING (version_id)").fetchall()
    return {str(title): StoryId(str(story)) for title, story in rows}


def test_a_merge_by_hand_stands_until_it_is_undone_and_the_undo_can_be_undone(connection: Connection) -> None:
    hotel, convoy = reports(HOTEL, CONVOY)
    tell(connection, hotel, convoy)
    before = partition(connection)
    one, other = incident_ids(connection)
    with connection.transaction():
        change, _ = byhand.merge(connection, one, other, "the same cell")
    assert partition(connection) == {frozenset(TITLES[:2])}
    closed = next(a for a in latest(connection).values() if a.incident == other)
    assert (closed.change, closed.in_scope) == ("merged", False)
    assert "the same cell" in closed.changes[0]
    tell(
        connection,
        make_article(7, TITLES[1] + " again", CONVOY + " A second report.", fetched=NOW + timedelta(hours=2)),
    )
    assert len(incident_ids(connection)) == 1  # the stream does not overrule it
    with connection.transaction():
        undone, _ = byhand.undo(connection)
    assert {frozenset(t for t in group if "again" not in t) for group in partition(connection)} >= {
        frozenset([TITLES[1]])
    }
    back = next(a for a in latest(connection).values() if a.incident == other)
    assert (back.change, back.in_scope) == ("split", True)
    with pytest.raises(UsageError, match=f"undone by change {undone}"), connection.transaction():
        byhand.undo(connection, change)
    with connection.transaction():
        byhand.undo(connection, undone)
    assert partition(connection) != before
    assert_counted_up(connection)


def test_a_split_by_hand_is_not_merged_again_by_the_stream(connection: Connection) -> None:
    hotel, convoy, bridge = reports(HOTEL, CONVOY, BRIDGE)
    tell(connection, hotel, convoy, bridge)
    with connection.transaction():
        change, shift = byhand.split(connection, [stories(connection)[TITLES[1]]])
    assert shift.kind == "split"
    assert partition(connection) == {frozenset([TITLES[1]]), frozenset([TITLES[0], TITLES[2]])}
    again = make_article(
        8,
        "Hamar Weyne hotel and Yaaq Bariwe garrison by Tarabuun bridge hit by one bomb",
        BRIDGE.replace("Witnesses", "Residents") + " Tarabuun was closed.",
        fetched=NOW + timedelta(hours=1),
    )
    tell(connection, again)
    found = stories(connection)
    assert byhand.home_of(connection, found[TITLES[1]]) != byhand.home_of(connection, found[TITLES[0]])
    with connection.transaction():
        byhand.undo(connection, change)
    assert byhand.home_of(connection, found[TITLES[1]]) == byhand.home_of(connection, found[TITLES[0]])
    assert_counted_up(connection)


def test_what_cannot_be_done_is_refused_and_changes_nothing(connection: Connection) -> None:
    tell(connection, *reports(HOTEL, CONVOY))
    count = len(alerts(connection))
    one, _ = incident_ids(connection)
    found = list(stories(connection).values())
    attempts: tuple[Callable[[], object], ...] = (
        lambda: byhand.merge(connection, one, one),
        lambda: byhand.merge(connection, one, IncidentId("inc:unknown")),
        lambda: byhand.split(connection, found[:1]),
        lambda: byhand.split(connection, found),
        lambda: byhand.undo(connection),
        lambda: byhand.undo(connection, 999),
    )
    for attempt in attempts:
        with pytest.raises(UsageError), connection.transaction():
            attempt()
    assert len(alerts(connection)) == count


def test_the_commands_tell_the_story_and_why_two_reports_were_joined(
    connection: Connection, postgres_url: str, tmp_path: Path
) -> None:
    hotel, convoy, bridge = reports(HOTEL, CONVOY, BRIDGE)
    tell(connection, hotel, convoy, bridge)
    tell(
        connection,
        make_article(0, TITLES[0], HOTEL.replace("12 people", "19 people"), fetched=NOW + timedelta(hours=1)),
    )
    config = tmp_path / "tocsin.toml"
    config.write_text(f'[store]\nurl = "{postgres_url}"\n', encoding="utf-8")

    def run(*words: str) -> str:
        result = CliRunner().invoke(build(words[0]), [*words, "--config", str(config)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    shown = run("story", "show", str(hotel.url))
    assert "number: “least 12 people” is now “least 19 people”" in shown
    assert "merge by stream" in shown
    told = run("explain", str(hotel.url), str(bridge.url))
    assert "one incident; between the two: both tell of" in told
    assert "compared by themselves: distinct" in told
    out = run("story", "split", str(convoy.url), "--why", "another attack")
    number = out.partition("change ")[2].partition(":")[0]
    assert "two incidents" in run("explain", str(hotel.url), str(convoy.url))
    assert "merge" in run("story", "undo", number)
    assert f"undone by change {int(number) + 1}" in run("story", "show", hotel.article_id[:14])
