"""The Python client goes on where it stopped, also after SIGKILL, and an alert whose handling failed comes again."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaProducer

from pipeline.records import Alert, AlertId, IncidentId, codec, topics
from pipeline.subscribe import Subscriber
from tests.support.stack import Stack, open_stack, wait_until

pytestmark = pytest.mark.integration

CHILD = """
import sys
from datetime import UTC, datetime
from pipeline.subscribe import Subscriber
with Subscriber({"bootstrap_servers": sys.argv[1]}, group=sys.argv[2], since=datetime(2000, 1, 1, tzinfo=UTC)) as alerts:
    for alert in alerts:
        print(alert.alert_id, flush=True)
"""


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as opened:
        yield opened


def make(number: int) -> Alert:
    now = datetime.now(UTC)
    return Alert(
        alert_id=AlertId(f"alert:{number}"),
        revision=1,
        change="created",
        incident=IncidentId(f"inc:{number}"),
        category="conflict",
        severity="high",
        score=0.5,
        credibility=0.5,
        what=f"Invented {number}",
        first_seen=now,
        last_seen=now,
    )


def publish(stack: Stack, alerts: list[Alert]) -> None:
    producer = KafkaProducer(**stack.options, acks="all")
    for alert in alerts:
        producer.send(topics.ALERTS, key=alert.alert_id.encode(), value=codec.encode(alert))
    producer.flush()
    producer.close()


def test_killed_subscriber_goes_on_and_misses_nothing(stack: Stack, tmp_path: Path) -> None:
    address = stack.config.kafka.bootstrap_servers
    wanted = {f"alert:{i}" for i in range(60)}
    seen = tmp_path / "seen"

    def start() -> subprocess.Popen[bytes]:
        with seen.open("ab") as out:
            return subprocess.Popen([sys.executable, "-c", CHILD, address, "soc"], stdout=out)

    publish(stack, [make(i) for i in range(30)])
    child = start()
    try:
        wait_until("some alerts", lambda: len(seen.read_text().split()) >= 10)
        child.kill()
        child.wait()
        publish(stack, [make(i) for i in range(30, 60)])
        child = start()
        wait_until("all alerts", lambda: set(seen.read_text().split()) == wanted)
    finally:
        child.kill()
        child.wait()
    with Subscriber(
        stack.options, group="another", since=datetime(2000, 1, 1, tzinfo=UTC), stop_when_quiet=True
    ) as alerts:
        assert {alert.alert_id for alert in alerts} == wanted


def test_alert_whose_handling_raises_comes_again(stack: Stack) -> None:
    publish(stack, [make(i) for i in range(5)])
    begin = datetime(2000, 1, 1, tzinfo=UTC)
    handled: list[str] = []
    failing = ""
    with pytest.raises(RuntimeError), Subscriber(stack.options, group="soc", since=begin) as alerts:
        for alert in alerts:
            if len(handled) == 2:
                failing = alert.alert_id
                raise RuntimeError("the receiver is away")
            handled.append(alert.alert_id)
    with Subscriber(stack.options, group="soc", since=begin, stop_when_quiet=True) as alerts:
        rest = [alert.alert_id for alert in alerts]
    assert failing in rest
    assert sorted(handled + rest) == sorted(f"alert:{i}" for i in range(5))


def test_without_a_group_reading_begins_at_the_time_asked_for(stack: Stack) -> None:
    publish(stack, [make(1)])
    middle = datetime.now(UTC)
    publish(stack, [make(2)])
    with Subscriber(stack.options, since=middle, stop_when_quiet=True) as alerts:
        assert [alert.alert_id for alert in alerts] == ["alert:2"]
