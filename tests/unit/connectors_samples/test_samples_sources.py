"""How the configuration and the command line see the samples."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from connectors.samples import make_sources, write_sources
from connectors.samples.commands import samples
from connectors.samples.load import load_samples
from connectors.samples.placeholders import fill_in
from connectors.samples.stream import Stream
from connectors.sources.rss import Config, RssSource
from pipeline.config import convert, parse

ADDRESS = "http://127.0.0.1:4711"
RUNNER = CliRunner()


def test_one_source_a_feed() -> None:
    made = make_sources(ADDRESS + "/")
    assert set(made) == {f"sample-{name}" for name in load_samples().outlets}
    assert made["sample-meridian"]["url"] == f"{ADDRESS}/meridian/feed.xml"
    assert made["sample-frontline-ledger"]["url"] == f"{ADDRESS}/frontline-ledger/feed.json"
    assert made["sample-meridian"]["full_text"] is False
    assert made["sample-harbour"]["full_text"] is True, "a feed of summaries needs the pages"
    assert all(table["allow"] == ["127.0.0.0/8"] for table in made.values())


def test_the_connector_takes_every_source() -> None:
    for name, table in make_sources(ADDRESS).items():
        source = RssSource(name, convert(table, Config, name="samples"))
        assert [feed.name for feed in source.feeds()] == [name]


def test_the_toml_is_the_tables() -> None:
    assert parse(write_sources(ADDRESS), "samples.toml").sources == make_sources(ADDRESS)


def test_articles_are_input_of_the_offline_commands() -> None:
    result = RUNNER.invoke(samples, ["articles", "--start", "2026-03-04T12:00:00", "--expected"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in lines] == [sample.name for sample in load_samples().samples]
    first = next(line for line in lines if line["id"] == "meridian/baidoa-checkpoint")
    assert "on Wednesday morning" in first["text"]
    assert first["published"] == "2026-03-04T12:00:00Z"
    assert first["expected"]["incident"] == "baidoa-checkpoint"
    again = RUNNER.invoke(samples, ["articles", "--start", "2026-03-04T12:00:00", "--expected"])
    assert again.stdout == result.stdout


def test_list_names_every_outlet() -> None:
    result = RUNNER.invoke(samples, ["list"], env={"COLUMNS": "250"})
    assert result.exit_code == 0
    assert all(name in result.stdout for name in load_samples().outlets)


def test_config_prints_what_the_configuration_reads() -> None:
    result = RUNNER.invoke(samples, ["config", ADDRESS])
    assert result.stdout == write_sources(ADDRESS)


@pytest.mark.parametrize(
    ("text", "language", "filled"),
    [
        ("on {weekday}, {date}", "en", "on Wednesday, 4 March 2026"),
        ("{weekday-1} {date+30}", "fr", "mardi 3 avril 2026"),
        ("{weekday} {date}", "es", "miércoles 4 de marzo de 2026"),
        ("{isodate-365} {month-30} {year-70}", "en", "2025-03-04 February 2025"),
        ("{other} {}", "en", "{other} {}"),
    ],
)
def test_placeholders(text: str, language: str, filled: str) -> None:
    assert fill_in(text, datetime(2026, 3, 4, tzinfo=UTC).date(), language) == filled


def test_speed_does_not_move_what_is_already_published() -> None:
    start = datetime(2026, 3, 4, 12, tzinfo=UTC)
    slow, fast = (Stream(load_samples(), start, speed).publications for speed in (1.0, 60.0))
    early = [p.name for p in slow if p.updated <= start]
    assert [p.updated for p in fast if p.name in early] == [p.updated for p in slow if p.name in early]
    assert max(p.updated for p in fast) < max(p.updated for p in slow)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_tells_its_port_and_stops_on_a_signal(tmp_path: Path, number: int) -> None:
    port_file = tmp_path / "port"
    words = [sys.executable, "-m", "pipeline.cli", "samples", "serve", "--port-file", str(port_file), "--speed", "10"]
    child = subprocess.Popen(words, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        deadline = time.monotonic() + 120
        while not (port_file.exists() and port_file.read_text().strip()):
            assert child.poll() is None, child.stderr.read() if child.stderr else ""
            assert time.monotonic() < deadline
            time.sleep(0.05)
        address = f"http://127.0.0.1:{port_file.read_text().strip()}"
        with urllib.request.urlopen(f"{address}/frontline-ledger/feed.json", timeout=60) as response:
            feed = msgspec.json.decode(response.read())
        assert feed["items"][0]["url"].startswith(address)
        child.send_signal(number)
        assert child.wait(timeout=60) == 0
    finally:
        child.kill()
        child.communicate()


def test_a_port_that_is_taken_is_a_clear_error(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = [sys.executable, "-m", "pipeline.cli", "samples", "serve", "--port", port]
        done = subprocess.run(words, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 2
    assert f"can't listen on 127.0.0.1:{port}" in " ".join(done.stderr.split())
