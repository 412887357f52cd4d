"""The sink `jsonl`."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.sinks.jsonl import Config, JsonlSink
from pipeline.errors import ConfigError, RetryableError
from pipeline.records import Alert, AlertId, IncidentId, Severity
from tests.support.memory import DictMemory

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def alert(number: int, revision: int = 1, severity: Severity = "high", what: str = "w") -> Alert:
    return Alert(
        alert_id=AlertId(f"alert:{number}"), revision=revision, change="created", incident=IncidentId(f"inc:{number}"),
        category="conflict", severity=severity, score=0.5, credibility=0.5, what=what, first_seen=NOW, last_seen=NOW,
    )  # fmt: skip


def sink(path: Path) -> JsonlSink:
    made = JsonlSink("file", Config(path=str(path)))
    made.open(DictMemory())
    return made


def written(path: Path) -> list[tuple[str, int]]:
    return [(line["alert_id"], line["revision"]) for line in map(json.loads, path.read_bytes().splitlines())]


def test_alerts_are_appended_as_lines(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.jsonl"
    one = sink(path)
    assert one.write([alert(1, what="two\nlines\u2028"), alert(2)]) == ()
    assert one.write([alert(1, revision=2)]) == ()
    one.close()
    assert written(path) == [("alert:1", 1), ("alert:2", 1), ("alert:1", 2)]


def test_a_revision_met_again_is_written_once_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for _ in range(3):
        one = sink(path)
        one.write([alert(1), alert(1, revision=2), alert(1), alert(2)])
        one.close()
    assert written(path) == [("alert:1", 1), ("alert:1", 2), ("alert:2", 1)]


@pytest.mark.parametrize("torn", [b'{"alert_id": "alert:9", "rev', b"\x00" * 5000])
def test_a_line_cut_short_by_a_crash_is_taken_back(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "a.jsonl"
    one = sink(path)
    one.write([alert(1)])
    one.close()
    with path.open("ab") as file:
        file.write(torn)
    two = sink(path)
    two.write([alert(2)])
    two.close()
    assert written(path) == [("alert:1", 1), ("alert:2", 1)]


def test_a_file_of_nothing_but_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"alert')
    one = sink(path)
    one.write([alert(1)])
    one.close()
    assert written(path) == [("alert:1", 1)]


def test_a_full_disk_is_tried_again_and_leaves_no_half_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    one = sink(path)
    one.write([alert(1)])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RetryableError, match="No space left"):
            one.write([alert(2), alert(3)])
    assert written(path) == [("alert:1", 1)]
    one.write([alert(2), alert(3)])
    one.close()
    assert written(path) == [("alert:1", 1), ("alert:2", 1), ("alert:3", 1)]


def test_a_twin_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    one = sink(path)
    with pytest.raises(ConfigError, match="another process"):
        sink(path)
    one.close()
    sink(path).close()


def test_a_path_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be written"):
        sink(tmp_path)
