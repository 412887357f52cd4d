"""Back-tests and replays on the sample archive: exactly the alerts that differ, worked out one by one beside it; then applied."""

import json
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from connectors.samples.load import load_samples
from connectors.samples.stream import Stream
from deploy.local.postgres import Postgres
from pipeline.cli import build
from pipeline.config import Config, Extract, Store, dump_toml
from pipeline.flow.dedupe import link
from pipeline.flow.score import score, weights
from pipeline.flow.write import write
from pipeline.incidents.alerts import compose
from pipeline.incidents.changes import revise
from pipeline.incidents.members import Member
from pipeline.records import Alert, Analysed, Linked, codec
from pipeline.records.topics import ALERTS, watch_topic
from pipeline.store import incidents, jobs, migrate
from pipeline.store.connection import Connection, connect
from pipeline.store.marked_warnings import marked
from pipeline.text.findings import Analyzer
from pipeline.text.knowledge import default_knowledge
from pipeline.text.scoring import assess, load_weights
from pipeline.upkeep.backtests import forecasts
from pipeline.upkeep.jobs import handlers
from pipeline.upkeep.lifecycle import Tending
from pipeline.upkeep.replay import Asked
from pipeline.upkeep.replay import replay as replay_archive
from pipeline.watch.compiled import compile_rules
from pipeline.watch.match import Case, match
from pipeline.watch.rules import read_rules
from tests.support.databases import drop_database, make_database
from tests.support.rehearsal import START, make_article

pytestmark = pytest.mark.integration

CONFIG = Config(extract=Extract(model="rules"))
SINCE = START - timedelta(days=30)  # some samples were published, and seen, before the stream begins
STRICTER = "[thresholds]\ninfo = 0.30\nlow = 0.34\n[signs]\nactor = 0.30\n"
RULES = """
[watch.horn]
places = ["Somalia"]
counts = ["killed >= 3"]

[watch.jihad]
actors = ["al-Qaida", "Islamic State"]

[watch.vpn]
products = ["EdgeGate"]
cves = ["CVE-*"]
"""


@pytest.fixture(scope="module")
def archive(postgres_server: Postgres) -> str:
    """A database with all samples written, in order of publication; the name."""
    name = f"archive_{secrets.token_hex(4)}"
    url = make_database(postgres_server, name)
    migrate.upgrade(url)
    analyzer = Analyzer("rules")
    with connect(url, application="test", autocommit=True) as connection:
        for publication in Stream(load_samples(), START).publications:
            with connection.transaction():
                linked = [o for o in link(connection, [make_article(publication)]) if isinstance(o, Linked)]
            found = analyzer.analyse([one.article for one in linked])
            scored = score(weights(""), [Analysed(o, f) for o, f in zip(linked, found, strict=True)])
            with connection.transaction():
                write(connection, scored)
        connection.execute("UPDATE alerts SET updated_at = now()")
    return name


@pytest.fixture
def url(postgres_server: Postgres, archive: str) -> Iterator[str]:
    """The address of a copy of the archive."""
    name = f"copy_{secrets.token_hex(4)}"
    yield make_database(postgres_server, name, template=archive)
    drop_database(postgres_server, name)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    with connect(url, application="test", autocommit=True) as opened:
        yield opened


@pytest.fixture
def stricter(tmp_path: Path) -> str:
    path = tmp_path / "weights.toml"
    path.write_text(STRICTER, encoding="utf-8")
    return str(path)


def latest(connection: Connection) -> list[tuple[Alert, list[Member]]]:
    """Every alert that stands, with its reports."""
    rows = connection.execute("SELECT alert FROM alerts ORDER BY alert_id").fetchall()
    alerts = [codec.decode(bytes(row[0]), Alert) for row in rows]  # type: ignore[arg-type]
    return [(alert, incidents.members(connection, alert.incident)) for alert in alerts if alert.in_scope]


def expected(connection: Connection, table: str) -> set[tuple[str, str]]:
    """Which alerts another table of weights takes away or changes, worked out one by one."""
    other = load_weights(Path(table))
    found: set[tuple[str, str]] = set()
    for alert, members in latest(connection):
        again = [replace(m, assessment=assess(m.article, m.findings, weights=other)) for m in members]
        draft = compose(alert.incident, again)
        if draft is None:
            found.add(("-", alert.alert_id))
        elif revise(alert, draft) is not None:
            found.add(("~", alert.alert_id))
    return found


def matching(connection: Connection) -> set[tuple[str, str]]:
    """Which alerts each rule matches as they stand."""
    rules = compile_rules(read_rules(RULES, "rules.toml"), default_knowledge()).rules
    return {
        (rule.name, alert.alert_id)
        for alert, members in latest(connection)
        for rule in rules
        if match(rule, Case(alert, members)) is not None
    }


def published(connection: Connection, topic: str = ALERTS) -> list[Alert]:
    rows = connection.execute("SELECT value FROM outbox WHERE topic = %s ORDER BY id", (topic,))
    return [codec.decode(bytes(row[0]), Alert) for row in rows]  # type: ignore[arg-type]


def test_with_nothing_changed_nothing_differs(connection: Connection) -> None:
    assert replay_archive(connection, Asked(since=SINCE), CONFIG).lines == ()
    again = replay_archive(connection, Asked(since=SINCE, model="rules"), CONFIG)
    assert again.lines == ()
    assert again.articles > 60


def test_other_weights_give_the_exact_difference_and_change_nothing(connection: Connection, stricter: str) -> None:
    before = connection.execute("SELECT * FROM alerts ORDER BY alert_id").fetchall()
    diff = replay_archive(connection, Asked(since=SINCE, weights=stricter), CONFIG)
    assert {(line.sign, line.alert_id) for line in diff.lines} == expected(connection, stricter)
    assert {line.sign for line in diff.lines} == {"-", "~"}
    assert connection.execute("SELECT * FROM alerts ORDER BY alert_id").fetchall() == before


def test_applied_it_becomes_revisions_and_then_nothing_differs(connection: Connection, stricter: str) -> None:
    before = len(published(connection))
    diff = replay_archive(connection, Asked(since=SINCE, weights=stricter, apply=True), CONFIG)
    came = published(connection)[before:]
    assert sorted(a.alert_id for a in came) == sorted(line.alert_id for line in diff.lines)
    assert {a.alert_id for a in came if a.change == "retracted"} == {x.alert_id for x in diff.lines if x.sign == "-"}
    assert all("replayed" in a.changes for a in came if a.change != "retracted")
    assert replay_archive(connection, Asked(since=SINCE, weights=stricter), CONFIG).lines == ()
    back = replay_archive(connection, Asked(since=SINCE, weights=str(shipped())), CONFIG)
    assert {x.alert_id for x in back.lines if x.sign == "+"} == {x.alert_id for x in diff.lines if x.sign == "-"}


def shipped() -> Path:
    import pipeline.text.scoring

    return Path(pipeline.text.scoring.__file__).parent / "weights.toml"


def test_rules_give_the_exact_difference_and_their_topics_get_it(connection: Connection) -> None:
    diff = replay_archive(connection, Asked(since=SINCE, rules=RULES), CONFIG)
    assert {(line.rule, line.alert_id) for line in diff.lines} == matching(connection)
    applied = replay_archive(connection, Asked(since=SINCE, rules=RULES, apply=True), CONFIG)
    assert applied.lines == diff.lines
    for name in ("horn", "jihad", "vpn"):
        came = published(connection, watch_topic(name).name)
        assert {a.alert_id for a in came} == {line.alert_id for line in diff.lines if line.rule == name}
        assert came
    narrower = RULES.replace("killed >= 3", "killed >= 10000")
    gone = replay_archive(connection, Asked(since=SINCE, rules=narrower), CONFIG)
    assert {line.sign for line in gone.lines} <= {"-"}


def test_a_back_test_tells_exactly_what_would_have_rung(connection: Connection) -> None:
    rules = compile_rules(read_rules(RULES, "rules.toml"), default_knowledge()).rules
    until = START + timedelta(days=3)
    seen: list[tuple[int, int]] = []
    found = forecasts(connection, rules, SINCE, until, lambda done, total: seen.append((done, total)))
    for rule in rules:
        rang = {bell.alert_id for bell in found[rule.name].new}
        assert rang >= {alert for name, alert in matching(connection) if name == rule.name}
        assert all(bell.why for bell in found[rule.name].new)
        assert [bell.at for bell in found[rule.name].bells] == sorted(bell.at for bell in found[rule.name].bells)
    assert seen[-1][0] == seen[-1][1] == len(seen)
    assert all(forecast.flood is None for forecast in found.values())


def test_a_job_does_the_same_for_those_who_can_only_ask(url: str, connection: Connection, stricter: str) -> None:
    number = jobs.ask(connection, "replay", Asked(since=SINCE, weights=stricter))
    failing = jobs.ask(connection, "replay", Asked(since=SINCE, weights="/nowhere/weights.toml"))
    tending = Tending(
        url, close_days=7, handlers=handlers(Config(store=Store(url=url), extract=Extract(model="rules")))
    )
    tending.round()
    ended = {job.job_id: job for job in jobs.latest(connection, 5)}
    assert (ended[number].state, ended[failing].state) == ("done", "failed")
    assert ended[number].done == ended[number].total > 0
    result = json.loads(ended[number].result or "")
    assert len(result["lines"]) == len(replay_archive(connection, Asked(since=SINCE, weights=stricter), CONFIG).lines)
    assert "/nowhere/weights.toml" in (ended[failing].error or "")


@pytest.fixture
def config(url: str, tmp_path: Path) -> str:
    path = tmp_path / "tocsin.toml"
    path.write_text(dump_toml(Config(store=Store(url=url), extract=Extract(model="rules"))), encoding="utf-8")
    return str(path)


def call(command: str, *words: str) -> str:
    done = CliRunner().invoke(build(command), [command, *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_watch_commands_from_check_to_remove(connection: Connection, config: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULES, encoding="utf-8")
    assert "al-Qaida: group:al-qaida and its branches" in call("watch", "check", str(file))
    age = f"{(datetime.now(START.tzinfo) - SINCE).days + 1}d"
    assert "would have rung for" in call("watch", "test", str(file), "-c", config, "--since", age)
    assert "kept: horn, jihad, vpn" in call("watch", "add", str(file), "-c", config, "--since", age)
    listed = call("watch", "list", "-c", config)
    assert all(name in listed for name in ("horn", "jihad", "vpn"))
    assert read_rules(call("watch", "show", "horn", "-c", config), "shown").keys() == {"horn"}
    call("watch", "remove", "horn", "-c", config)
    assert "horn" not in call("watch", "list", "-c", config)
    matches = connection.execute("SELECT DISTINCT rule FROM watch_matches").fetchall()
    assert ("jihad",) in matches, "a new rule learns from what is stored"


def test_a_wrong_indicator_is_taken_back_when_the_change_is_accepted(connection: Connection, config: str) -> None:
    alert, value = next(
        (a, i.value)
        for a in reversed(published(connection))
        for i in a.indicators
        if i.verdict == "malicious" and i.type in {"domain", "url", "ipv4", "sha256"}
    )
    said = call("alerts", "mark", alert.alert_id, "wrong", "--because", "our own sinkhole", "-c", config)
    assert f"--indicator {value}" in said
    words = ("mark", alert.alert_id, "wrong", "--because", "our own sinkhole", "--indicator", value, "-c", config)
    said = call("alerts", *words, "--no")
    assert "of 1 marked wrong" in said
    assert "marked wrong" in said
    assert marked(connection) == [], "nothing was accepted"
    assert "accepted" in call("alerts", *words, "--yes")
    assert marked(connection) == [value.lower()]
    marks = connection.execute("SELECT verdict, because, accepted FROM marks ORDER BY mark_id").fetchall()
    assert marks == [("wrong", "our own sinkhole", accepted) for accepted in (False, False, True)]


def test_what_if_shows_both_sides(connection: Connection, config: str) -> None:
    alert = next(a for a in published(connection) if a.category == "conflict" and a.severity == "critical")
    said = call("score", "what-if", alert.alert_id, "--set", "thresholds.critical=1.5", "-c", config)
    assert "critical -> high" in said
    said = call("score", "what-if", alert.alert_id, "--grade", f"{alert.sources[0].feed}=A", "-c", config)
    assert "source graded A" in said
    assert json.loads(call("score", "weights"))["thresholds"]["info"] == 0.15


def test_explain_tells_who_was_told_and_shows_the_words(connection: Connection, config: str) -> None:
    replay_archive(connection, Asked(since=SINCE, rules=RULES, apply=True), CONFIG)
    alert = published(connection, watch_topic("jihad").name)[0]
    said = call("explain", alert.alert_id, "--text", "-c", config)
    assert "publish   tocsin.alerts" in said
    assert "tocsin.alerts.watch.jihad since" in said
    assert "earned points" in said
