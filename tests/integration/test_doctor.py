"""`tocsin doctor` and `tocsin top` on the real broker and database: what is well, what is not, and what to do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import msgspec
import psycopg
import pytest
from msgspec.structs import replace
from rich.console import Console

from connectors.sinks.memory import StoreMemory
from deploy.doctor import broker, store
from deploy.doctor.verdict import Finding
from deploy.local.top import render
from pipeline.cli import main
from pipeline.config import Config, Kafka, Pipeline, Store, dump_toml
from pipeline.store import migrate
from tests.support.stack import open_stack

pytestmark = pytest.mark.integration


@pytest.fixture
def config(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Config]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=2) as stack:
        yield replace(stack.config, data_dir=str(tmp_path))


def by_name(found: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.about: finding for finding in found}


def test_all_is_well_but_for_feeds_that_nobody_has_added(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(dump_toml(config))
    main_exits(["doctor", "--json", "--config", str(path)], 0)
    lines = [msgspec.json.decode(line, type=Finding) for line in capsys.readouterr().out.splitlines()]
    assert {f.about for f in lines if f.state == "ok"} >= {
        *(
            "Python",
            "configuration",
            "model",
            "disk",
            "Kafka",
            "topics",
            "backlog",
            "store",
            "clock",
            "relay",
            "rejects",
        ),
    }
    assert [(f.about, f.state) for f in lines if f.state not in {"ok", "not asked"}] == [("feeds", "warning")]
    main_exits(["doctor", "--strict", "--config", str(path)], 1)
    out = capsys.readouterr().out
    assert "tocsin feeds add URL" in out
    assert "1 warning" in out, out


def main_exits(words: list[str], code: int) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert (stop.value.code or 0) == code


def test_servers_that_do_not_answer_are_said_with_what_to_do(config: Config) -> None:
    away = Config(kafka=Kafka(bootstrap_servers="127.0.0.1:1"), store=Store(url="postgresql://x:geheim@127.0.0.1:1/x"))
    for found in (by_name(broker.look(away))["Kafka"], by_name(store.look(away))["store"]):
        assert found.state == "failed"
        assert found.do
        assert "geheim" not in found.says
    nothing = Config()
    assert "tocsin up" in by_name(broker.look(nothing))["Kafka"].do
    assert "tocsin up" in by_name(store.look(nothing))["store"].do
    assert config.store.url


def test_topics_that_are_missing_and_partitions_too_few(config: Config) -> None:
    from kafka.admin import KafkaAdminClient

    few = replace(config, pipeline=Pipeline(workers=5))
    assert by_name(broker.look(few))["partitions"].state == "warning"
    admin = KafkaAdminClient(**config.kafka.client_options())
    admin.delete_topics(["tocsin.health"])
    admin.close()
    found = by_name(broker.look(config))["topics"]
    assert (found.state, "tocsin.health" in found.says) == ("failed", True)


def test_a_store_of_another_version_is_told_and_nothing_more_asked(config: Config) -> None:
    migrate.downgrade(config.store.url, "0010_subscriptions")
    found = by_name(store.look(config))
    assert found["tables"].state == "failed"
    assert found["tables"].do == "`tocsin store migrate`"
    assert "relay" not in found
    with psycopg.connect(config.store.url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    assert "later version" in by_name(store.look(config))["tables"].says


def test_what_waits_fails_and_is_refused_is_told(config: Config) -> None:
    with psycopg.connect(config.store.url) as connection:
        connection.execute(
            "INSERT INTO outbox (topic, key, value, created_at) VALUES ('t', 'k', '', now() - interval '1 hour')"
        )
        connection.execute(
            "INSERT INTO written (version_id, outcome) SELECT 'v' || n, 'reject' FROM generate_series(1, 60) n"
        )
        connection.execute(
            "INSERT INTO attempts (version_id, count, last_at) VALUES ('v', 1, now() - interval '1 hour')"
        )
        connection.execute(
            "INSERT INTO feeds (feed, source, url, host, spaced, outcome, reason, failures)"
            " VALUES ('a', 's', 'https://a.example', 'a.example', true, 'failed', 'timeout', 3)"
        )
    memory = StoreMemory(config.store.url, "soc")
    memory.tell("setup", "a wrong key")
    memory.close()
    watched = replace(config, sinks={"soc": {"type": "jsonl", "path": "x"}, "new": {"type": "jsonl", "path": "y"}})
    found = by_name(store.look(watched))
    states = {name: found[name].state for name in ("relay", "rejects", "attempts", "feeds", "sink soc", "sink new")}
    assert states == {
        "relay": "failed",
        "rejects": "warning",
        "attempts": "warning",
        "feeds": "warning",
        "sink soc": "failed",
        "sink new": "warning",
    }
    assert "timeout" in found["feeds"].says
    assert "a wrong key" in found["sink soc"].says


def test_top_shows_figures_and_sinks(config: Config) -> None:
    from connectors.sinks.memory import read_states
    from deploy.local.figures import Reader

    memory = StoreMemory(config.store.url, "soc")
    memory.tell("away", "HTTP 503", delivered=7)
    memory.close()
    screen = Console(file=StringIO(), width=120)
    screen.print(render(Reader(config).read_once(), list(read_states(config.store.url)), datetime.now(UTC)))
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    for words in ("lag", "rejects", "soc", "away", "HTTP 503"):
        assert words in shown
