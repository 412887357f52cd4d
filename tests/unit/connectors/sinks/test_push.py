"""Push: limits held, an end closes what rang, a revision takes the place of the one before, and nights are quiet."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from connectors.registry import SINKS, load
from connectors.sinks import gotify, matrix, ntfy, opsgenie, pagerduty
from connectors.sinks.pushing import PushConfig, PushSink
from pipeline.errors import ConfigError
from pipeline.records import Alert
from tests.support.alerts import hostile, make, on_wire, rich
from tests.support.generated import alerts
from tests.support.memory import DictMemory
from tests.support.sinks import Gotify, Matrix, Ntfy, Opsgenie, PagerDuty

NIGHT, MORNING = datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 2, 6, 31, tzinfo=UTC)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(alerts())
def test_every_alert_that_can_exist_is_within_the_limits(alert: Alert) -> None:
    check_limits(on_wire(alert))


@pytest.mark.parametrize("alert", hostile(), ids=lambda a: ascii(a.what[:15]))
def test_hostile_ones_are_too(alert: Alert) -> None:
    check_limits(alert)
    event = matrix.make_message(alert)
    assert "<script" not in event["formatted_body"]
    assert "javascript:" not in event["formatted_body"]
    assert "@everyone" not in event["body"]


def check_limits(alert: Alert) -> None:
    told = ntfy.make_message(alert)
    assert len(told["message"].encode()) <= 4_096
    assert told["message"].endswith(f"{alert.alert_id} revision {alert.revision}")
    assert 1 <= told["priority"] <= 5
    assert len(json.dumps(matrix.make_message(alert)).encode()) < 65_536
    event = pagerduty.make_event(alert)
    assert 0 < len(event["payload"]["summary"]) <= 1_024
    assert len(msgspec.json.encode(event)) < 512_000
    opened = opsgenie.make_alert(alert)
    assert 0 < len(opened["message"]) <= 130
    assert len(opened["description"]) <= 15_000
    assert len(opsgenie.make_note(alert)) <= 25_000
    assert gotify.make_message(alert)["message"]


def test_an_end_resolves_the_incident_and_closes_the_alert(tmp_path: Path) -> None:
    for change in ("retracted", "closed", "merged"):
        assert pagerduty.make_event(rich(1, 2, change=change))["event_action"] == "resolve"
    assert pagerduty.make_event(rich(1, 2))["dedup_key"] == pagerduty.make_event(rich(1, 3))["dedup_key"]
    server = Opsgenie(tmp_path)
    try:
        sink = server.make(DictMemory())
        sink.write([make(1), make(1, 2), make(1, 3, change="retracted")])
        assert [r.path for r in server.receiver.taken] == [
            "/v2/alerts",
            f"/v2/alerts/{make(1).alert_id}/notes?identifierType=alias",
            f"/v2/alerts/{make(1).alert_id}/close?identifierType=alias",
        ]
        sink.close()
    finally:
        server.close()


def test_with_a_clients_token_a_revision_takes_the_message_before_away(tmp_path: Path) -> None:
    server = Gotify(tmp_path)
    try:
        sink = server.make(DictMemory(), client_token="C5ecre7")
        sink.write([make(1), make(2), make(1, 2)])
        assert sorted(server.delivered()) == [(make(1).alert_id, 2), (make(2).alert_id, 1)]
        sink.close()
    finally:
        server.close()


def test_a_revision_answers_in_the_thread_and_a_transaction_is_taken_once(tmp_path: Path) -> None:
    server = Matrix(tmp_path)
    try:
        sink = server.make(DictMemory())
        sink.write([make(1), make(1), make(1, 2)])
        first, second = server.events.values()
        assert "m.relates_to" not in first
        assert second["m.relates_to"]["event_id"] == f"$tocsin-{make(1).alert_id[6:]}-1"
        assert first["m.mentions"] == {}
        sink.close()
    finally:
        server.close()


def test_at_night_only_what_is_critical_rings_and_the_rest_in_the_morning(tmp_path: Path) -> None:
    server, memory = Ntfy(tmp_path), DictMemory()
    try:
        shape, built = load(SINKS, "ntfy", "test")
        options = server.options() | {"quiet": "22:00-06:30"}
        sink: PushSink = built("example", msgspec.convert(options, shape))
        sink._clock = lambda: NIGHT
        sink.open(memory)
        sink.write([make(1, severity="high"), make(2, severity="critical"), make(1, 2, severity="medium")])
        assert server.delivered() == [(make(2).alert_id, 1)]
        sink.write([make(2, 2, change="retracted", severity="high")])  # what rang is taken back at once
        assert server.delivered()[1:] == [(make(2).alert_id, 2)]
        sink.tick(NIGHT)
        assert len(server.delivered()) == 2
        sink.tick(MORNING)
        sink.tick(MORNING)
        assert server.delivered()[2:] == [(make(1).alert_id, 2)]  # the latest revision, once
        sink.close()
    finally:
        server.close()


def test_a_night_that_a_critical_revision_broke_rings_no_older_one_afterwards(tmp_path: Path) -> None:
    server, memory = PagerDuty(tmp_path), DictMemory()
    try:
        shape, built = load(SINKS, "pagerduty", "test")
        sink: PushSink = built("example", msgspec.convert(server.options() | {"quiet": "22:00-06:30"}, shape))
        sink._clock = lambda: NIGHT
        sink.open(memory)
        sink.write([make(1, severity="high"), make(1, 2, severity="critical")])
        sink.tick(MORNING)
        assert server.delivered() == [(make(1).alert_id, 2)]
        assert memory.held(9) == []
        sink.close()
    finally:
        server.close()


@pytest.mark.parametrize(
    ("at", "quiet", "zone", "expected"),
    [
        ("23:00", "22:00-06:30", "UTC", True), ("06:29", "22:00-06:30", "UTC", True), ("06:30", "22:00-06:30", "UTC", False),
        ("12:00", "09:00-13:00", "UTC", True), ("21:30", "22:00-06:30", "Europe/Oslo", True), ("05:45", "22:00-06:30", "Europe/Oslo", False),
        ("12:00", "", "UTC", False),
    ],
)  # fmt: skip
def test_hours_are_those_of_the_wall_in_their_zone(at: str, quiet: str, zone: str, expected: bool) -> None:
    now = datetime.fromisoformat(f"2026-03-01T{at}+00:00")
    assert PushConfig(type="x", quiet=quiet, quiet_zone=zone).is_quiet(now) is expected


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("ntfy", {"topic": "a b"}, "topic"), ("ntfy", {"topic": "a", "quiet": "night"}, "quiet"),
        ("ntfy", {"topic": "a", "quiet_zone": "Europe/Nowhere"}, "quiet_zone"), ("gotify", {"url": "https://x.example"}, "token"),
        ("matrix", {"url": "https://x.example", "token": "t", "room": "#alias:x"}, "room"), ("pagerduty", {}, "routing_key"),
        ("opsgenie", {"api": "here", "api_key": "k"}, "api"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_so_is_refused(kind: str, options: dict[str, Any], message: str) -> None:
    shape, built = load(SINKS, kind, "test")
    with pytest.raises(ConfigError, match=message):
        built("x", msgspec.convert(options, shape))
