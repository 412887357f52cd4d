"""What holds for every registered sink, over a receiver that does everything receivers do: `tests/support/sinks.py`."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.registry import SINKS
from connectors.sinks.sink import BATCH_SINGLE_MAX, AwayError, Sink
from pipeline.errors import RetryableError
from pipeline.records import Alert
from tests.support.alerts import hostile, make, on_wire, rich
from tests.support.memory import DictMemory
from tests.support.receiver import Fault
from tests.support.sinks import ARRANGE, SILENCE_S, Arrangement, Delivered, PostgresArrangement

OVER_NETWORK = [kind for kind, arrangement in ARRANGE.items() if arrangement.away]
SLOW_S_MAX = 120.0
"""No fault may hold a sink up for longer, with the short time limits of these tests, on a machine with much else to do."""


@pytest.fixture(params=sorted(SINKS))
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Arrangement]:
    if request.param == "postgres":
        PostgresArrangement.url = request.getfixturevalue("postgres_server").url
    made = ARRANGE[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def memory() -> DictMemory:
    return DictMemory()


def assert_delivered(scene: Arrangement, sink: Sink, alerts: Sequence[Alert]) -> None:
    """These alerts stand at the receiver, as its way with revisions has it: all in order, or the latest of each."""
    if sink.revisions == "update":
        assert sorted(scene.delivered()) == sorted({a.alert_id: a.revision for a in alerts}.items())
    else:
        wanted: Delivered = list(dict.fromkeys((a.alert_id, a.revision) for a in alerts))
        assert scene.delivered() == wanted


def test_every_sink_is_arranged() -> None:
    assert set(ARRANGE) == set(SINKS)


def test_every_alert_is_delivered_or_refused_in_order(scene: Arrangement, memory: DictMemory) -> None:
    sink = scene.make(memory)
    alerts = [make(n) for n in range(1, 31)] + [make(3, revision=2)]
    refused = {(r.alert.alert_id, r.alert.revision) for r in sink.write(alerts)}
    sink.close()
    assert_delivered(scene, sink, [a for a in alerts if (a.alert_id, a.revision) not in refused])


def test_what_was_written_is_safe_without_closing(scene: Arrangement, memory: DictMemory) -> None:
    sink = scene.make(memory)
    sink.write([make(1)])
    assert_delivered(scene, sink, [make(1)])
    sink.close()


def test_a_revision_met_again_is_harmless_over_a_restart(scene: Arrangement, memory: DictMemory) -> None:
    alerts = [make(1), make(1, revision=2), make(2)]
    for _ in range(2):  # the daemon died after the first write, before it remembered it
        sink = scene.make(memory)
        sink.write(alerts[:2])
        sink.write(alerts)
        sink.close()
    if sink.revisions == "update":
        assert_delivered(scene, sink, alerts)
    else:
        assert sorted(scene.delivered()) == sorted((a.alert_id, a.revision) for a in alerts)


def test_every_change_is_told(scene: Arrangement, memory: DictMemory) -> None:
    sink = scene.make(memory)
    life = [
        rich(1, n, change=change, in_scope=change != "retracted")
        for n, change in enumerate(("created", "revised", "corroborated", "disputed", "merged", "split", "retracted", "closed"), 1)
    ]  # fmt: skip
    assert list(sink.write([on_wire(a) for a in life])) == []
    sink.close()
    assert_delivered(scene, sink, life)


def test_hostile_texts_come_whole_and_cost_nothing(scene: Arrangement, memory: DictMemory) -> None:
    sink = scene.make(memory)
    alerts = hostile()
    assert list(sink.write(alerts)) == []
    sink.close()
    assert_delivered(scene, sink, alerts)


def test_nothing_is_nothing(scene: Arrangement, memory: DictMemory) -> None:
    sink = scene.make(memory)
    assert list(sink.write([])) == []
    sink.close()


def test_the_configuration_shows_no_secret(scene: Arrangement, memory: DictMemory) -> None:
    shown = repr(scene.make(memory).config)
    for key, value in scene.options().items():
        if key.endswith(("secret", "secrets", "password", "token", "hook_url", "api_key", "routing_key")):
            for secret in [value] if isinstance(value, str) else value:
                assert secret not in shown


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        pytest.param(kind, fault, marks=[pytest.mark.slow] if fault == "silence" else [])
        for kind in OVER_NETWORK
        for fault in ARRANGE[kind].away
    ],
    ids=str,
)
def test_a_receiver_that_is_away_is_tried_again_and_nothing_is_lost(
    kind: str, fault: Fault, tmp_path: Path, memory: DictMemory
) -> None:
    scene = ARRANGE[kind](tmp_path)
    if fault == "silence":
        scene.timeout_s = SILENCE_S
    try:
        sink = scene.make(memory)
        assert list(sink.write([make(1)])) == []
        alerts = [make(2), make(3)]
        scene.fail(fault)
        began = time.monotonic()
        with pytest.raises(RetryableError) as raised:
            sink.write(alerts)
        assert time.monotonic() - began < SLOW_S_MAX
        if isinstance(raised.value, AwayError):
            assert not raised.value.refusals
            alerts_left = alerts[raised.value.safe :]
            if fault == (429, {"Retry-After": "7"}):
                assert raised.value.asked_s == 7
            if fault in (401, 403, 404, 410):
                assert raised.value.is_setup
        else:
            alerts_left = alerts
        assert list(sink.write(alerts_left)) == []
        sink.close()
        assert_delivered(scene, sink, [make(1), make(2), make(3)])
    finally:
        scene.close()


@pytest.mark.parametrize(
    ("kind", "fault"), [(kind, fault) for kind in OVER_NETWORK for fault in ARRANGE[kind].refuses], ids=str
)
def test_what_is_refused_for_good_is_told_and_costs_no_other(
    kind: str, fault: Fault, tmp_path: Path, memory: DictMemory
) -> None:
    scene = ARRANGE[kind](tmp_path)
    try:
        sink = scene.make(memory)
        scene.fail(fault)
        alerts = [make(1), make(2), make(3)]
        refused = sink.write(alerts)
        sink.close()
        assert refused
        assert all(r.reason for r in refused)
        gone = {r.alert.alert_id for r in refused}
        assert_delivered(scene, sink, [a for a in alerts if a.alert_id not in gone])
        if sink.batch_max == BATCH_SINGLE_MAX:
            assert gone == {make(1).alert_id}
    finally:
        scene.close()
