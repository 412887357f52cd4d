"""From one version to the next: the store with the data of the version before, and workers replaced one by one.

`tests/data/store/REVISION.sql` is what a store of that revision held after a few invented articles and a reject. A release adds
its own: `TOCSIN_UPDATE_GOLDEN=1 pytest tests/integration/test_upgrades.py`. Files that are there are never written anew: they
are what users have, and every later version must read them.
"""

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from deploy.local.postgres import _find_binaries
from pipeline.commands.explain import explain_version
from pipeline.errors import RejectedError
from pipeline.flow.dedupe import link
from pipeline.flow.extract import analyse
from pipeline.flow.score import score, weights
from pipeline.flow.write import write
from pipeline.records import Alert, Article, Linked, Mention, Reject, codec
from pipeline.records.outcomes import reject
from pipeline.store import articles, migrate, search
from pipeline.store.connection import Connection, connect
from pipeline.store.stories import keep_partitions
from tests.chaos.history import check
from tests.support.alerts import rich
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = pytest.mark.integration

STORES = Path(__file__).parents[1] / "data" / "store"
DAY = date(2026, 3, 2)
"""When the stores in the files were written."""
TOLD = ("12 people were killed", "A hospital official said 14 people had been killed", "14 people were killed")
Rows = dict[str, list[tuple[object, ...]]]


def invent() -> list[Article]:
    at = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)
    found = []
    for i, told in enumerate(TOLD):
        text = f"{told} when a car bomb exploded at a market in Mogadishu on Monday, police said. Nobody claimed it."
        found.append(make_article(i, f"Bomb at a market in Mogadishu ({i})", text, fetched=at))
    found.append(make_article(9, "Cup final", "The team won the cup on Sunday after extra time.", fetched=at))
    return found


def process(connection: Connection, article: Article) -> list[str]:
    """One article through the steps; what became of it."""
    with connection.transaction():
        linked = [o for o in link(connection, [article]) if isinstance(o, Linked)]
    scored = score(weights(""), analyse("rules", linked))
    with connection.transaction():
        return [str(written.kind) for written in write(connection, scored)]


def fill(url: str) -> None:
    """A store as a running tocsin leaves it: alerts with revisions, a quiet article, a reject, a feed with its memory."""
    with connect(url, application="test", autocommit=True, limits=False) as connection:
        with connection.transaction():
            bad = reject(
                "read", RejectedError("read", "no article"), payload=b"\x00", position=("tocsin.articles", 0, 7)
            )
            write(connection, [bad])
        for article in invent():
            process(connection, article)
        connection.execute(
            "INSERT INTO feeds (feed, source, url, etag) VALUES ('paper-0', 'papers', 'https://p.example', 'e')"
        )
        connection.execute(
            "INSERT INTO feed_seen SELECT 'paper-0', version_id, article_id, NULL, title, fetched FROM articles"
        )
        connection.execute(
            "INSERT INTO partition_owner (topic, partition, worker, epoch) VALUES ('tocsin.articles', 0, 'w', 3)"
        )


def dump(url: str) -> str:
    """The rows, as statements that go through the partitioned tables."""
    server = psycopg.conninfo.conninfo_to_dict(url)
    words = ["--data-only", "--column-inserts", "--load-via-partition-root", "--exclude-table=alembic_version"]
    done = subprocess.run(
        [str(_find_binaries() / "pg_dump"), *words, psycopg.conninfo.make_conninfo(**{**server, "password": None})],
        env=os.environ | {"PGPASSWORD": str(server["password"])},
        capture_output=True,
        text=True,
        check=True,
    )
    kept = [line for line in done.stdout.splitlines() if line and not line.startswith(("--", "SET ", "\\"))]
    text = "\n".join(line for line in kept if "set_config" not in line) + "\n"
    return text.replace(f"{datetime.now(UTC):%Y-%m-%d}", str(DAY))


def load(url: str, revision: str) -> None:
    """Make the store of a revision with the data in its file."""
    migrate.upgrade(url, revision)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM store")
        keep_partitions(connection, DAY)
        connection.execute((STORES / f"{revision}.sql").read_bytes())


def read(url: str) -> Rows:
    """Every row of every table that is no partition, by column name, so that added columns don't matter."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'"
        ).fetchall()
        return {
            str(name): sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=str)  # type: ignore[arg-type]
            for (name,) in names
        }


def revisions() -> list[str]:
    """Every revision, oldest first."""
    found = ScriptDirectory(str(migrate.MIGRATIONS)).walk_revisions()
    return [script.revision for script in found][::-1]


KEPT = sorted(path.stem for path in STORES.glob("*.sql"))


@pytest.mark.skipif(not os.environ.get("TOCSIN_UPDATE_GOLDEN"), reason="writes the file of the newest revision")
def test_write_the_newest_store(postgres_url: str) -> None:
    path = STORES / f"{migrate.newest()}.sql"
    assert not path.exists(), "what users have is not written anew"
    migrate.upgrade(postgres_url)
    with connect(postgres_url, application="test", autocommit=True, limits=False) as connection:
        keep_partitions(connection, DAY)
    fill(postgres_url)
    path.write_text(dump(postgres_url), encoding="utf-8")


def test_there_is_a_store_to_upgrade_from() -> None:
    assert KEPT
    assert set(KEPT) <= set(revisions())


@pytest.mark.parametrize("revision", KEPT)
def test_a_store_of_an_earlier_version_is_upgraded_and_its_data_still_read(postgres_url: str, revision: str) -> None:
    load(postgres_url, revision)
    before = read(postgres_url)
    assert len(before["articles"]) == 4
    assert before["alerts"]
    assert {row[1] for row in before["written"]} == {"alert", "quiet", "reject"}
    migrate.upgrade(postgres_url)
    after = read(postgres_url)
    assert {t: len(rows) for t, rows in after.items() if t in before} == {t: len(rows) for t, rows in before.items()}
    with connect(postgres_url, application="test", autocommit=True, limits=False) as connection:
        for version, *_ in before["written"]:
            article = None if str(version).startswith("rej:") else articles.get(connection, version)  # type: ignore[arg-type]
            if article is not None:
                lines = "\n".join(explain_version(connection, article))
                assert "extract " in lines
                assert "done " in lines
        kinds: dict[str, type[Alert | Reject]] = {"tocsin.rejects": Reject}
        for topic, value in connection.execute("SELECT topic, value FROM outbox"):
            assert isinstance(value, bytes)
            codec.decode(value, kinds.get(str(topic), Alert))


@pytest.mark.parametrize("revision", KEPT)
def test_an_upgraded_store_goes_on_and_repeats_nothing(postgres_url: str, revision: str) -> None:
    load(postgres_url, revision)
    migrate.upgrade(postgres_url)
    with connect(postgres_url, application="test", autocommit=True, limits=False) as connection:
        (alert,) = [codec.decode(bytes(raw), Alert) for (raw,) in connection.execute("SELECT alert FROM alerts")]  # type: ignore[arg-type]
        with connection.transaction():
            assert link(connection, invent()) == [], "what was written leaves the flow"
        more = make_article(20, "Bomb in Mogadishu kills 15", TOLD[2].replace("14", "15") + " by a bomb in Mogadishu.")
        assert process(connection, more) == ["alert"]
        revised = [codec.decode(bytes(raw), Alert) for (raw,) in connection.execute("SELECT alert FROM alerts")]  # type: ignore[arg-type]
        assert alert.alert_id in {a.alert_id for a in revised}


@pytest.mark.parametrize("revision", KEPT)
def test_an_upgrade_can_be_taken_back_with_the_data_of_before(postgres_url: str, revision: str) -> None:
    load(postgres_url, revision)
    with psycopg.connect(postgres_url) as connection:  # a feed that was polled: one that never was becomes due
        connection.execute("UPDATE feeds SET next_poll_at = '2026-03-02 10:00:00+00'")
    before = read(postgres_url)
    migrate.upgrade(postgres_url)
    migrate.downgrade(postgres_url, revision)
    assert read(postgres_url) == before
    migrate.upgrade(postgres_url)
    assert migrate.current(postgres_url) == migrate.newest()


def test_every_step_goes_back_and_forth_with_data(postgres_url: str) -> None:
    load(postgres_url, KEPT[-1])
    migrate.upgrade(postgres_url)
    steps = revisions()
    for earlier in [*steps[:-1][::-1], "base"]:
        migrate.downgrade(postgres_url, earlier)
        assert migrate.current(postgres_url) == (None if earlier == "base" else earlier)
    assert {t for t, rows in read(postgres_url).items() if rows} == set(), "a downgrade to nothing leaves nothing"
    for later in steps:
        migrate.upgrade(postgres_url, later)
    fill(postgres_url)


def test_what_is_there_is_found_by_its_words_after_the_upgrade(postgres_url: str) -> None:
    migrate.upgrade(postgres_url, "0011_incident_changes")
    told = rich(1, what="Guards \0 captured near Oskel \\u0000", actors=(Mention("The \0 militia", 0, 3),))
    text = make_article(1, "Guards", "Guards were captured \0 near Oskel, the ministry said.")
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "INSERT INTO alerts (alert_id, incident_id, revision, category, severity, what, alert) VALUES (%s, %s, 1, 'conflict', 'high', %s, %s)",
            (told.alert_id, told.incident, told.what.replace("\0", " "), codec.encode(told)),
        )
        connection.execute(
            "INSERT INTO articles (version_id, article_id, feed, fetched, title, record) VALUES (%s, %s, 'f', now(), 'Guards', %s)",
            (text.version_id, text.article_id, codec.encode(text)),
        )
    migrate.upgrade(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        by_words = search.find_alerts(
            connection, search.Wanted(words="guard capture", country="XX", actor="the   militia")
        )
        assert [found.alert for found in by_words] == [told]
        assert [found.article for found in search.find_articles(connection, "ministry")] == [text]


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=4) as opened:
        yield opened


@pytest.mark.timeout(1200)
def test_a_rolling_restart_of_workers_repeats_nothing(stack: Stack) -> None:
    towns = ("Mogadishu", "Kabul", "Maiduguri", "Goma", "Quetta", "Mosul")
    everything: list[Article] = []

    def publish(count: int) -> None:
        for i in range(len(everything), len(everything) + count):
            town = towns[i % len(towns)]
            text = f"A car bomb killed at least {10 + i} people at a market in {town} on Monday, police said."
            everything.append(make_article(i, f"Bomb in {town} ({i})", text))
        stack.publish(everything[-count:])

    def written() -> int:
        return stack.count("SELECT count(*) FROM written")

    def is_written(count: int) -> bool:
        return written() >= count

    stack.start("relay", "relay", "run")
    workers = {f"w{k}": f"{k}/2" for k in range(2)}
    for name, share in workers.items():
        stack.start(name, "pipeline", "run", "--worker", share)
    publish(40)
    wait_until("work is under way", lambda: written() > 0)
    # One by one, three at last: while the new shares are taken up, two workers read some of the partitions.
    order = random.Random(5)
    for share_of in (workers, {f"w{k}": f"{k}/3" for k in range(3)}):
        for name in order.sample(sorted(share_of), len(share_of)):
            publish(10)
            if name in stack.processes:
                assert stack.end(name) in (0, -signal.SIGTERM)  # the latter if it was still starting
            stack.start(name, "pipeline", "run", "--worker", share_of[name])
            enough = (len(everything) + written()) // 2
            wait_until(f"articles are written beside {name}", partial(is_written, enough))

    def is_settled() -> bool:
        stack.tend()
        is_empty = stack.count("SELECT count(*) FROM outbox") == 0
        return written() >= len(everything) and is_empty and stack.lag() == 0

    wait_until("all is written and published", is_settled)
    seen = check(stack, everything)
    assert sum(map(len, seen.values())) >= len(towns)
    assert stack.count("SELECT count(*) FROM written") == len(everything)
    assert stack.count("SELECT count(*) FROM findings") == len(everything)
    assert stack.count("SELECT count(*) FROM story_links") == len(everything), "a version linked twice"
