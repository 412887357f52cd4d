"""The files and tables: formulas, columns, half-written rows, and the feed as feed readers and tocsin itself read it."""

import csv
import io
import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import msgspec
import psycopg
import pyarrow.parquet as pq
import pytest

from connectors.registry import SINKS, load
from connectors.sinks.rows import COLUMNS
from connectors.sinks.sink import AwayError, Sink
from connectors.sources.parse import parse_feed
from deploy.local.postgres import Postgres
from pipeline.errors import ConfigError
from pipeline.records import Alert
from pipeline.records.codec import decode
from tests.support.alerts import hostile, make, on_wire, rich
from tests.support.memory import DictMemory


def sink(kind: str, memory: DictMemory | None = None, **options: Any) -> Sink:
    shape, built = load(SINKS, kind, "test")
    made: Sink = built("out", msgspec.convert(options, shape))
    made.open(memory or DictMemory())
    return made


def test_no_cell_of_a_csv_begins_a_formula(tmp_path: Path) -> None:
    made = sink("csv", path=str(tmp_path / "a.csv"))
    made.write(alerts := hostile())
    made.close()
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == len(alerts) + 1
    assert all(len(row) == len(rows[0]) for row in rows)
    for row in rows:
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r"))
            assert not cell.startswith("-") or cell.replace(".", "").lstrip("-").isdigit()
            assert "\x1b" not in cell
    assert rows[1][rows[0].index("what")].startswith("'=HYPERLINK")


def test_a_csv_row_cut_short_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    made = sink("csv", path=str(path))
    made.write([make(1)])
    made.close()
    with path.open("ab") as file:
        file.write(b'alert:torn,1,"half')
    made = sink("csv", path=str(path))
    made.write([make(1), make(2)])
    made.close()
    with path.open(newline="", encoding="utf-8") as file:
        assert [row["alert_id"] for row in csv.DictReader(file)] == [make(1).alert_id, make(2).alert_id]


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    return postgres_server.url


def test_a_row_has_the_whole_alert_in_every_kind_of_table(tmp_path: Path, postgres_url: str) -> None:
    alert = on_wire(rich(1, 2))
    sink("sqlite", path=str(tmp_path / "a.sqlite")).write([alert])
    sink("parquet", path=str(tmp_path / "lake")).write([alert])
    sink("postgres", url=postgres_url, table="alerts").write([alert])
    with sqlite3.connect(tmp_path / "a.sqlite") as db:
        db.row_factory = sqlite3.Row
        first = dict(db.execute("SELECT * FROM alerts").fetchone())
    (second,) = pq.read_table(tmp_path / "lake").to_pylist()
    with psycopg.connect(postgres_url, row_factory=psycopg.rows.dict_row) as connection:
        third = connection.execute("SELECT * FROM alerts").fetchone()
    assert third is not None
    for row in (first, second, third):
        assert list(row) == list(COLUMNS)
        assert decode(row["alert"].encode(), Alert) == alert
        assert (row["place"], row["country"], row["latitude"]) == ("Oskel", "XX", 1.5)
        assert row["claims"] == "captured at least 12 guards - claims The militia; killed 3 to 5 - says The ministry"
    assert second["last_seen"] == third["last_seen"] == datetime.fromisoformat(first["last_seen"]) == alert.last_seen


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_tables_keep_the_latest_or_all(kind: str, tmp_path: Path, postgres_url: str) -> None:
    where = {"path": str(tmp_path / "a.sqlite")} if kind == "sqlite" else {"url": postgres_url}
    for keep in ("latest", "all"):
        made = sink(kind, **where, table=f"t_{keep}", keep=keep)
        made.write([make(1, 2)])
        made.write([make(1), make(2)])
        made.close()
    connection: Any = sqlite3.connect(tmp_path / "a.sqlite") if kind == "sqlite" else psycopg.connect(postgres_url)
    found = {
        t: sorted(connection.execute(f"SELECT alert_id, revision FROM {t}").fetchall()) for t in ("t_latest", "t_all")
    }
    connection.close()
    assert found["t_latest"] == [(make(1).alert_id, 2), (make(2).alert_id, 1)]
    assert found["t_all"] == [(make(1).alert_id, 1), (make(1).alert_id, 2), (make(2).alert_id, 1)]


@pytest.mark.parametrize("table", ["alerts; DROP TABLE x", 'a"b', "A", "", "a.b.c"])
def test_no_name_of_a_table(table: str) -> None:
    with pytest.raises(ConfigError, match="table"):
        sink("sqlite", path="x", table=table)
    with pytest.raises(ConfigError, match="table"):
        sink("postgres", url="postgresql://h/d", table=table)


def test_a_database_that_is_away_and_one_that_does_not_know_us(postgres_url: str) -> None:
    with pytest.raises(AwayError) as raised:
        sink("postgres", url="postgresql://127.0.0.1:1/x", timeout_s=2).write([make(1)])
    assert not raised.value.is_setup
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE other (x int)")
    with pytest.raises(AwayError, match="alert_id") as raised:
        sink("postgres", url=postgres_url, table="other").write([make(1)])
    assert raised.value.is_setup


def test_a_lost_connection_is_made_anew(postgres_url: str) -> None:
    made = sink("postgres", url=postgres_url)
    made.write([make(1)])
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tocsin-sink-out'"
        )
    with pytest.raises(AwayError):
        made.write([make(2)])
    made.write([make(2)])
    made.close()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM alerts").fetchone() == (2,)


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_a_feed_is_read_by_tocsin_and_by_feed_readers(form: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.feed"
    memory = DictMemory()
    sink("feed", memory, path=str(path), format=form, entries_max=30, link="https://desk.example/").write(hostile())
    sink("feed", memory, path=str(path), format=form, entries_max=30).write(
        [on_wire(rich(1, 2, what="Corrected.", change="retracted"))]
    )
    raw = path.read_bytes()
    ours = parse_feed(raw, url="https://desk.example/feed")
    assert len(ours.entries) == len(hostile())
    assert ours.entries[0].title == "[HIGH conflict] retracted: Corrected."
    assert len({e.guid for e in ours.entries}) == len(hostile())
    if form == "json":
        theirs = [item["content_html"] for item in json.loads(raw)["items"]]
    else:
        parsed = feedparser.parse(io.BytesIO(raw))
        assert not parsed.bozo
        theirs = [e.summary if form == "rss" else e.content[0].value for e in parsed.entries]
    assert len(theirs) == len(hostile())
    assert not any("<script" in html or "<img" in html for html in theirs)


def test_a_feed_keeps_the_latest_only(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    memory = DictMemory()
    made = sink("feed", memory, path=str(path), format="json", entries_max=3)
    for n in range(1, 11):
        made.write([make(n)])
    made.write([make(9, 2)])
    ids = [item["id"] for item in json.loads(path.read_bytes())["items"]]
    assert ids == [f"urn:tocsin:{make(n).alert_id}" for n in (9, 10, 8)]
    assert len(memory.keeping) == 3
