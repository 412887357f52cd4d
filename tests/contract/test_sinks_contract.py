"""What holds for every registered sink.

A new sink adds a line to `ARRANGE`: its configuration, and how to read back what it delivered.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.registry import SINKS, load
from connectors.sinks.sink import Sink
from pipeline.records import Alert, AlertId, IncidentId

Delivered = list[tuple[str, int]]


def read_lines(path: Path) -> Delivered:
    return [(line["alert_id"], line["revision"]) for line in map(json.loads, path.read_bytes().splitlines())]


ARRANGE: dict[str, tuple[Callable[[Path], dict[str, Any]], Callable[[Path], Delivered]]] = {
    "jsonl": (lambda p: {"type": "jsonl", "path": str(p / "out.jsonl")}, lambda p: read_lines(p / "out.jsonl")),
}


def alert(number: int, revision: int = 1) -> Alert:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    return Alert(
        alert_id=AlertId(f"alert:{number}"), revision=revision, change="revised", incident=IncidentId(f"inc:{number}"),
        category="cyber", severity="low", score=0.2, credibility=0.5, what="w", first_seen=now, last_seen=now,
    )  # fmt: skip


@pytest.fixture(params=sorted(SINKS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def make(kind: str, tmp_path: Path) -> Sink:
    shape, built = load(SINKS, kind, "test")
    sink: Sink = built("example", msgspec.convert(ARRANGE[kind][0](tmp_path), shape))
    sink.open()
    return sink


def test_every_sink_is_arranged() -> None:
    assert set(ARRANGE) == set(SINKS)


def test_every_alert_is_delivered_or_refused_in_order(kind: str, tmp_path: Path) -> None:
    sink = make(kind, tmp_path)
    alerts = [alert(n) for n in range(50)] + [alert(3, revision=2)]
    refused = sink.write(alerts)
    sink.close()
    wanted = [(a.alert_id, a.revision) for a in alerts if a not in [r.alert for r in refused]]
    assert ARRANGE[kind][1](tmp_path) == wanted


def test_what_was_written_is_safe_without_closing(kind: str, tmp_path: Path) -> None:
    sink = make(kind, tmp_path)
    sink.write([alert(1)])
    assert ARRANGE[kind][1](tmp_path) == [("alert:1", 1)]
    sink.close()


def test_a_revision_met_again_is_harmless_over_a_restart(kind: str, tmp_path: Path) -> None:
    for _ in range(2):
        sink = make(kind, tmp_path)
        sink.write([alert(1), alert(1, revision=2)])
        sink.write([alert(1), alert(1, revision=2), alert(2)])
        sink.close()
    assert sorted(ARRANGE[kind][1](tmp_path)) == [("alert:1", 1), ("alert:1", 2), ("alert:2", 1)]


def test_nothing_is_nothing(kind: str, tmp_path: Path) -> None:
    sink = make(kind, tmp_path)
    assert list(sink.write([])) == []
    sink.close()
