"""Back up while it runs, destroy, restore, go on: nothing lost silently. Real servers, the commands that an operator types."""

import json
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from kafka.admin import KafkaAdminClient
from msgspec.structs import replace

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from pipeline.backup import archive, dump
from pipeline.config import dump_toml
from pipeline.errors import ConfigError, UsageError
from pipeline.records import Alert, Article, Reject, codec, topics
from pipeline.store import migrate
from tests.chaos.history import check, revisions
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

TOWNS = ("Mogadishu", "Kabul", "Maiduguri", "Goma", "Quetta", "Mosul")
READER = "night-shift"


def invent(first: int, count: int) -> list[Article]:
    found = []
    for i in range(first, first + count):
        town = TOWNS[i % len(TOWNS)]
        text = f"A car bomb killed at least {10 + i} people at a market in {town} on Monday, police said."
        found.append(make_article(i, f"Bomb in {town} ({i})", text))
    return found


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def other_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A new, empty broker: the one that replaces a lost one."""
    server = Kafka(tmp_path / "kafka", log=tmp_path / "kafka.log")
    server.prepare()
    server.start()
    try:
        wait_ready(server, 120)
        yield server
    finally:
        server.stop(5)


def tocsin(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline.cli", *words, "--config", str(stack.folder / "tocsin.toml")]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def back_up(stack: Stack) -> Path:
    done = tocsin(stack, "backup", str(stack.folder / "backups"))
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def start(stack: Stack) -> None:
    stack.start("relay", "relay", "run")
    stack.start("worker", "pipeline", "run")


def stop(stack: Stack) -> None:
    for name in list(stack.processes):
        stack.end(name, signal.SIGKILL)


def settle(stack: Stack, versions: set[str]) -> None:
    def is_settled() -> bool:
        stack.tend()
        done = {str(row[0]) for row in stack.query("SELECT version_id FROM written")}
        return versions <= done and stack.count("SELECT count(*) FROM outbox") == 0 and stack.lag() == 0

    wait_until("every article is written and every alert published", is_settled, 300)


def versions_of(articles: list[Article]) -> set[str]:
    return {article.version_id for article in articles}


def members(stack: Stack) -> dict[str, frozenset[str]]:
    """The articles of each alert: its final state."""
    alerts = [codec.decode(raw, Alert) for (raw,) in stack.query("SELECT alert FROM alerts") if isinstance(raw, bytes)]
    return {alert.alert_id: frozenset(source.version_id for source in alert.sources) for alert in alerts}


def wreck(stack: Stack) -> None:
    """Lose the store: another, empty one is found in its place."""
    migrate.downgrade(stack.config.store.url, "base")


def test_a_lost_store_is_restored_beside_its_kafka_and_no_revision_is_told_twice(stack: Stack) -> None:
    before, during, after = invent(0, 24), invent(24, 12), invent(36, 12)
    stack.publish(before, raw=[b"no article"])
    start(stack)
    wait_until("some alerts are out", lambda: len(stack.alerts()) > 0)
    stack.publish(during)  # the backup is made in the middle of it
    backup = back_up(stack)
    stack.publish(after)
    settle(stack, versions_of([*before, *during, *after]))
    refused = tocsin(stack, "restore", str(backup), "--replace")
    assert refused.returncode == 2
    assert "stop tocsin first" in refused.stderr
    stop(stack)
    told, state = revisions(stack.alerts()), members(stack)
    wreck(stack)

    done = tocsin(stack, "restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert "articles since the backup will be read again" in done.stdout
    start(stack)
    more = invent(48, 6)
    stack.publish(more)
    settle(stack, versions_of([*before, *during, *after, *more]))
    seen = check(stack, [*before, *during, *after, *more])  # every revision once, counting up, over the restore
    assert all(seen[alert][: len(numbers)] == numbers for alert, numbers in told.items())
    assert {a: members(stack)[a] >= versions for a, versions in state.items()} == dict.fromkeys(state, True)
    rejects = [codec.decode(raw, Reject).payload for raw in stack.read_committed(topics.REJECTS)]
    assert rejects == [b"no article"], "told once, before the restore"


def test_with_store_and_kafka_lost_what_was_not_done_goes_on_in_new_ones(stack: Stack, other_kafka: Kafka) -> None:
    done_with, waiting = invent(0, 18), invent(18, 18)
    stack.publish(done_with, raw=[b"no article"])
    start(stack)
    settle(stack, versions_of(done_with))
    subscribe = (
        "from pipeline.subscribe import Subscriber\nfrom datetime import datetime, UTC\nimport sys\n"
        "with Subscriber({'bootstrap_servers': sys.argv[1]}, group=sys.argv[2], since=datetime(2020, 1, 1, tzinfo=UTC)) as s:\n"
        "    for n, alert in enumerate(s):\n        if n == 2: break\n"
    )
    bootstrap = stack.config.kafka.bootstrap_servers
    subprocess.run([sys.executable, "-c", subscribe, bootstrap, READER], check=True, timeout=300)  # two are read
    told = revisions(stack.alerts())
    stop(stack)
    stack.publish(waiting)  # acknowledged, and nobody has worked on them
    backup = back_up(stack)
    wreck(stack)

    config = replace(stack.config, kafka=replace(stack.config.kafka, bootstrap_servers=other_kafka.bootstrap_servers))
    (stack.folder / "tocsin.toml").write_text(dump_toml(config), encoding="utf-8")
    moved = Stack(config, stack.folder)
    restored = tocsin(moved, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    assert f"{len(waiting)} articles published again" in restored.stdout
    try:
        start(moved)
        settle(moved, versions_of([*done_with, *waiting]))
        seen = revisions(moved.alerts())
        stored = {str(a): int(str(n)) for a, n in moved.query("SELECT alert_id, revision FROM alerts")}
        unread = sum(map(len, told.values())) - 2
        again = sum(n in told.get(a, ()) for a, numbers in seen.items() for n in numbers)
        assert again == unread, "what the reader had not read is told again, and nothing else"
        for alert, numbers in seen.items():
            assert numbers == list(range(numbers[0], stored[alert] + 1)), f"{alert}: {numbers}"
        assert {a.alert_id: a.revision for a in moved.alerts(topics.ALERTS_LATEST)} == stored
        assert [codec.decode(r, Reject).payload for r in moved.read_committed(topics.REJECTS)] == [b"no article"]
        admin = KafkaAdminClient(bootstrap_servers=other_kafka.bootstrap_servers)
        placed = admin.list_group_offsets({READER: None})[READER]
        assert {at.partition: o.offset for at, o in placed.items()} == dict.fromkeys(range(2), 0)
        admin.close()
        moved.publish([], raw=[b"bad at the same place"])
        wait_until("the new reject is out", lambda: len(moved.read_committed(topics.REJECTS)) == 2)
    finally:
        stop(moved)


def test_with_kafka_lost_the_store_fills_a_new_one(stack: Stack, other_kafka: Kafka) -> None:
    written, unread = invent(0, 12), invent(12, 6)
    stack.publish(written)
    start(stack)
    settle(stack, versions_of(written))
    stop(stack)
    url = stack.config.store.url
    with psycopg.connect(url) as connection:  # begun and never finished; and seen in a feed, but read by no worker
        begun = make_article(90, "Bomb in Herat", "A bomb killed 9 people in Herat on Monday, police said.")
        values = (begun.version_id, begun.article_id, begun.feed, begun.fetched, codec.encode(begun))
        connection.execute(
            "INSERT INTO articles (version_id, article_id, feed, fetched, record) VALUES (%s, %s, %s, %s, %s)", values
        )
        connection.execute(
            "INSERT INTO feeds (feed, source, url, etag) VALUES ('paper', 'papers', 'https://p.example', 'e')"
        )
        for article in [*written, *unread]:
            connection.execute(
                "INSERT INTO feed_seen VALUES ('paper', %s, %s, NULL, 't', now())",
                (article.version_id, article.article_id),
            )
    config = replace(stack.config, kafka=replace(stack.config.kafka, bootstrap_servers=other_kafka.bootstrap_servers))
    (stack.folder / "tocsin.toml").write_text(dump_toml(config), encoding="utf-8")
    moved = Stack(config, stack.folder)
    done = tocsin(moved, "restore", "--keep-store")
    assert done.returncode == 0, done.stderr
    assert "1 articles without an outcome published again" in done.stdout
    assert f"{len(unread)} entries had been seen" in done.stdout
    seen = {str(row[0]) for row in moved.query("SELECT wording FROM feed_seen")}
    assert seen == versions_of(written)
    assert moved.query("SELECT etag, next_poll_at <= now() FROM feeds") == [(None, True)]
    try:
        start(moved)
        settle(moved, versions_of([*written, begun]))
        stored = {str(a): int(str(n)) for a, n in moved.query("SELECT alert_id, revision FROM alerts")}
        assert {a: n[-1] for a, n in revisions(moved.alerts()).items()} == stored
        assert {a.alert_id: a.revision for a in moved.alerts(topics.ALERTS_LATEST)} == stored
    finally:
        stop(moved)


@pytest.fixture
def roomy() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="tocsin-tests-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_the_embedded_servers_are_started_for_a_restore(stack: Stack, roomy: Path, tmp_path: Path) -> None:
    articles = invent(0, 6)
    stack.publish(articles)
    start(stack)
    settle(stack, versions_of(articles))
    stop(stack)
    backup = back_up(stack)
    empty = roomy / "own"  # not below pytest's own directory, which only we may enter
    restore = ["restore", str(backup), "--data-dir", str(empty)]
    command = [sys.executable, "-m", "pipeline.cli", *restore]
    (tmp_path / "none.toml").write_text("", encoding="utf-8")
    done = subprocess.run(
        [*command, "--config", str(tmp_path / "none.toml")], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    server = Postgres(empty / "postgres", log=tmp_path / "own.log")
    server.prepare()
    server.start()
    try:
        wait_ready(server, 60)
        with psycopg.connect(server.url) as connection:
            rows = connection.execute("SELECT version_id FROM written").fetchall()
        assert {row[0] for row in rows} == versions_of(articles)
    finally:
        server.stop(5)


def test_a_backup_that_was_altered_or_cut_is_refused_before_anything_is_touched(stack: Stack) -> None:
    backup = back_up(stack)
    for name in (archive.STORE, archive.MESSAGES):
        path = backup / name
        good = path.read_bytes()
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        refused = tocsin(stack, "restore", str(backup), "--replace")
        assert refused.returncode == 2
        assert name in refused.stderr
        path.write_bytes(good)
    refused = tocsin(stack, "restore", str(backup))
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    manifest = json.loads((backup / archive.MANIFEST).read_text())
    (backup / archive.MANIFEST).write_text(json.dumps(manifest | {"revision": "9999"}))
    later = tocsin(stack, "restore", str(backup), "--replace")
    assert later.returncode == 2
    assert re.search(r"9999[\s\S]*upgrade", later.stderr)
    assert migrate.current(stack.config.store.url) == migrate.newest()


def test_a_backup_is_for_its_owner_only_and_an_unfinished_one_is_none(stack: Stack, tmp_path: Path) -> None:
    backup = back_up(stack)
    assert {oct(path.stat().st_mode & 0o777) for path in backup.iterdir()} == {"0o600"}
    assert backup.stat().st_mode & 0o777 == 0o700
    (backup / archive.MANIFEST).unlink()
    with pytest.raises(UsageError, match="no backup"):
        archive.read(backup)


def test_the_password_goes_by_the_environment_and_never_by_the_command_line() -> None:
    password = secrets.token_hex(8)
    address, variables = dump.split(f"postgresql://u:{password}@127.0.0.1:5/d?sslmode=verify-full")
    assert password not in address
    assert variables == {"PGPASSWORD": password}
    with pytest.raises(ConfigError) as error:
        dump.split(f"postgresql//u:{password}@127.0.0.1")
    assert password not in str(error.value)
