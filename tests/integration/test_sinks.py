"""The sinks' daemon on the real broker and the real store: outages, dead letters, memory."""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.structs import OffsetAndMetadata
from typer.testing import CliRunner

from connectors.commands import sinks as commands
from connectors.registry import make_sinks
from connectors.sinks.daemon import SinkLoop, run_sinks
from connectors.sinks.letters import read_letters, send_again
from connectors.sinks.memory import StoreMemory, read_states
from connectors.sinks.sink import Memory, Remembered
from pipeline.config import parse
from pipeline.errors import ConfigError
from pipeline.records import Alert, topics
from pipeline.records.codec import encode
from pipeline.store.migrate import upgrade
from tests.support.alerts import make, rich
from tests.support.memory import DictMemory
from tests.support.receiver import Receiver
from tests.support.sinks import SECRET, Mail

pytestmark = pytest.mark.integration
WAIT_S = 180


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class Desk:
    """A topic of its own, the configured sinks on it, and a thread that runs them."""

    def __init__(self, broker: str, store: str, path: Path) -> None:
        self.mark = secrets.token_hex(4)
        self.topic = f"tocsin.alerts.{self.mark}"
        self.options: dict[str, object] = {"bootstrap_servers": broker}
        self.store, self.path = store, path
        admin = KafkaAdminClient(bootstrap_servers=broker)
        admin.create_topics([NewTopic(self.topic, num_partitions=1, replication_factor=1)])
        admin.close()
        self.producer = KafkaProducer(bootstrap_servers=broker, acks="all")
        self.text = f'[kafka]\nbootstrap_servers = "{broker}"\n[store]\nurl = "{store}"\n'
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None
        self.error: Exception | None = None

    def name(self, name: str) -> str:
        return f"{name}-{self.mark}"

    def add(self, name: str, options: str) -> None:
        self.text += f'[sinks.{self.name(name)}]\ntopics = ["{self.topic}"]\nrest_s_max = 0.2\n{options}\n'

    def send(self, *alerts: Alert) -> None:
        for alert in alerts:
            self.producer.send(self.topic, key=alert.alert_id.encode(), value=encode(alert))
        self.producer.flush()

    def start(self) -> None:
        self.stopping.clear()
        made = make_sinks(parse(self.text, "desk"))
        loops = [SinkLoop(s, self.options, StoreMemory(self.store, s.name)) for s in made]
        self.thread = threading.Thread(target=self._run, args=(loops,))
        self.thread.start()

    def _run(self, loops: Sequence[SinkLoop]) -> None:
        try:
            run_sinks(loops, self.stopping)
        except Exception as error:  # noqa: BLE001 - looked at by the test
            self.error = error

    def stop(self) -> None:
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(WAIT_S)
            assert not self.thread.is_alive()
            self.thread = None

    def committed(self, name: str, *, move_to: int | None = None) -> int | None:
        consumer = KafkaConsumer(**self.options, group_id=f"tocsin-sink-{self.name(name)}", enable_auto_commit=False)
        at = TopicPartition(self.topic, 0)
        consumer.assign([at])
        if move_to is not None:
            consumer.commit({at: OffsetAndMetadata(move_to, "", -1)})
        offset: int | None = consumer.committed(at)
        consumer.close()
        return offset

    def run_command(self, *words: str) -> str:
        config = self.path / "tocsin.toml"
        config.write_text(self.text)
        result = CliRunner().invoke(commands, [*words, "--config", str(config)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def desk(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Desk]:
    topics.ensure({"bootstrap_servers": kafka_bootstrap}, partitions=3)
    upgrade(postgres_url)
    made = Desk(kafka_bootstrap, postgres_url, tmp_path)
    yield made
    made.stop()
    made.producer.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def lines(path: Path) -> list[tuple[str, int]]:
    if not path.exists():
        return []
    return [(line["alert_id"], line["revision"]) for line in map(json.loads, path.read_bytes().splitlines())]


def posted(receiver: Receiver) -> list[tuple[str, int]]:
    bodies: list[Any] = [json.loads(r.body)["data"] for r in receiver.taken]
    return [(body["alert_id"], body["revision"]) for body in bodies]


def webhook(receiver: Receiver, more: str = "") -> str:
    return f'type = "webhook"\nurl = "{receiver.url}"\nsecrets = ["{SECRET}"]\ntimeout_s = 0.5\n{more}'


def ids(*alerts: Alert) -> list[tuple[str, int]]:
    return [(a.alert_id, a.revision) for a in alerts]


def test_alerts_reach_the_file_once_over_restarts_and_a_bad_message_is_rejected(desk: Desk) -> None:
    path = desk.path / "alerts.jsonl"
    desk.add("file", f'type = "jsonl"\npath = "{path}"')
    alerts = [make(n) for n in range(1, 21)]
    desk.send(*alerts)
    desk.producer.send(desk.topic, key=b"x", value=b"{}")
    desk.start()
    wait_until(lambda: len(lines(path)) == 20 and desk.committed("file") == 21)
    desk.stop()
    # As if the process had died between the disk and the commit: the whole batch comes again.
    desk.committed("file", move_to=0)
    desk.send(make(3, revision=2))
    desk.start()
    wait_until(lambda: len(lines(path)) >= 21)
    desk.stop()
    assert desk.error is None
    assert lines(path) == ids(*alerts, make(3, revision=2))
    (letter, *_) = read_letters(desk.options, desk.name("file"))
    assert (letter.topic, letter.offset, letter.payload) == (desk.topic, 20, b"{}")


def test_an_outage_of_one_sink_holds_its_place_and_no_other_sink_and_loses_nothing(
    desk: Desk, receiver: Receiver
) -> None:
    path = desk.path / "alerts.jsonl"
    desk.add("file", f'type = "jsonl"\npath = "{path}"')
    desk.add("hook", webhook(receiver))
    alerts = [make(n) for n in range(1, 31)]
    receiver.faults.extend([500, "closed connection", 503, "silence", 429] * 2000)
    desk.send(*alerts)
    desk.start()
    wait_until(lambda: len(lines(path)) == 30 and len(receiver.requests) > 3)
    assert not desk.committed("hook")
    wait_until(lambda: any(s.state == "away" for s in read_states(desk.store)))
    assert "receiver away" in desk.run_command("status")
    receiver.faults.clear()
    wait_until(lambda: len(posted(receiver)) >= 30 and desk.committed("hook") == 30)
    alerts.append(make(31))
    desk.send(alerts[-1])  # and it goes on reading after the outage
    wait_until(lambda: len(posted(receiver)) >= 31 and desk.committed("hook") == 31)
    desk.stop()
    assert desk.error is None
    assert list(dict.fromkeys(posted(receiver))) == ids(*alerts)
    assert read_letters(desk.options, desk.name("hook")) == []
    assert {s.state for s in read_states(desk.store)} == {"delivering"}


def test_killed_in_the_middle_of_an_outage_it_goes_on_where_it_stood(desk: Desk, receiver: Receiver) -> None:
    desk.add("hook", webhook(receiver))
    alerts = [make(n) for n in range(1, 11)]
    receiver.answer_after(4, 503)
    desk.send(*alerts)
    desk.start()
    wait_until(lambda: len(receiver.requests) > 5)
    desk.stop()
    assert not desk.committed("hook")
    receiver.faults.clear()
    desk.start()
    wait_until(lambda: desk.committed("hook") == 10)
    desk.stop()
    assert posted(receiver) == ids(*alerts)  # the four were remembered: none came again


def test_what_is_refused_for_good_is_listed_and_replayed_to_that_sink_alone(desk: Desk, receiver: Receiver) -> None:
    path = desk.path / "alerts.jsonl"
    desk.add("file", f'type = "jsonl"\npath = "{path}"')
    desk.add("hook", webhook(receiver))
    receiver.faults.append(422)
    desk.send(make(1), make(2))
    desk.start()
    wait_until(lambda: posted(receiver) == ids(make(2)) and len(lines(path)) == 2)
    wait_until(lambda: len(read_letters(desk.options, desk.name("hook"))) == 1)
    listed = desk.run_command("dead-letters", desk.name("hook"))
    assert make(1).alert_id in listed
    assert "422" in listed
    assert "1 dead letters" in listed
    assert "1 sent" in desk.run_command("replay", desk.name("hook"), "--all")
    wait_until(lambda: len(posted(receiver)) == 2)
    desk.send(make(3))
    wait_until(lambda: len(posted(receiver)) == 3 and len(lines(path)) == 3)
    desk.stop()
    assert posted(receiver) == ids(make(2), make(1), make(3))
    assert lines(path) == ids(make(1), make(2), make(3))
    (state,) = [s for s in read_states(desk.store) if s.sink == desk.name("hook")]
    assert (state.delivered, state.refused) == (3, 1)


def test_alerts_are_chosen_by_severity_and_category_and_followed_to_their_end(desk: Desk, receiver: Receiver) -> None:
    desk.add("hook", webhook(receiver, 'severity_min = "high"\ncategories = ["cyber"]'))
    told = [
        make(1, category="cyber", severity="high"),
        make(1, 2, category="cyber", severity="low"),  # told once, so its end is told too
        make(1, 3, category="cyber", severity="low", change="retracted", in_scope=False),
    ]
    quiet = [
        make(2, category="cyber", severity="medium"),
        make(3, category="conflict", severity="critical"),
        make(4, category="cyber", severity="high", change="retracted", in_scope=False),
    ]
    desk.send(told[0], *quiet, *told[1:], last := make(5, category="cyber", severity="critical"))
    desk.start()
    wait_until(lambda: ids(last)[0] in posted(receiver))
    desk.stop()
    assert posted(receiver) == ids(*told, last)


def test_a_receiver_that_refuses_everything_stops_the_sink_and_not_the_others(desk: Desk, receiver: Receiver) -> None:
    path = desk.path / "alerts.jsonl"
    desk.add("hook", webhook(receiver))
    desk.add("file", f'type = "jsonl"\npath = "{path}"')
    receiver.faults.extend([422] * 500)
    desk.send(*[make(n) for n in range(1, 201)])
    desk.start()
    wait_until(lambda: len(read_letters(desk.options, desk.name("hook"))) >= 50 and len(lines(path)) == 200)
    desk.send(make(201))
    wait_until(lambda: len(lines(path)) == 201)
    desk.stop()
    assert isinstance(desk.error, ConfigError)
    assert "refused one after the other" in str(desk.error)
    assert len(read_letters(desk.options, desk.name("hook"))) < 100


def test_a_digest_is_sent_by_the_daemon_and_waits_out_an_outage(desk: Desk, tmp_path: Path) -> None:
    post = Mail(tmp_path)
    desk.add(
        "digest",
        f"""type = "mail"
host = "127.0.0.1"
port = {post.server.port}
security = "none"
sender = "tocsin@example.org"
recipients = ["soc@example.org"]
digest = "hourly"
timeout_s = 0.5""",
    )
    post.fail(451, "silence", 451)
    desk.send(make(1), make(2), make(1, 2))
    memory = StoreMemory(desk.store, desk.name("digest"))
    memory.write_note("digest sent for", datetime.now(UTC).replace(minute=0, second=0, microsecond=0).isoformat())
    desk.start()
    wait_until(lambda: len(memory.held(10)) == 2 and desk.committed("digest") == 3)
    assert post.box.mails == []
    memory.write_note("digest sent for", "")  # as if the hour were over
    wait_until(lambda: len(post.box.mails) == 1 and memory.held(10) == [])
    desk.send(make(3))
    wait_until(lambda: len(memory.held(10)) == 1)
    desk.stop()
    memory.close()
    post.close()
    assert "2 alerts" in post.box.mails[0]["Subject"]


def test_sent_again_to_a_sink_are_alerts_only(desk: Desk) -> None:
    assert send_again(desk.options, "nobody", []) == 0


@pytest.mark.parametrize("kind", ["store", "dict"])
def test_the_memory_and_its_stand_in_behave_alike(kind: str, postgres_url: str) -> None:
    upgrade(postgres_url)
    memory: Memory = StoreMemory(postgres_url, "a") if kind == "store" else DictMemory()
    one, two, later = make(1), rich(2), make(1, revision=2)
    assert memory.know([one.alert_id]) == {}
    memory.remember({one.alert_id: Remembered(2, "thread")})
    memory.remember({one.alert_id: Remembered(1)})
    assert memory.know([one.alert_id, two.alert_id]) == {one.alert_id: Remembered(2, "thread")}
    memory.hold([one, two])
    memory.hold([later])
    assert memory.held(10) == [two, later]
    assert memory.held(1) == [later]
    assert memory.know([one.alert_id, two.alert_id]) == {
        one.alert_id: Remembered(2, "thread"),
        two.alert_id: Remembered(0),
    }
    memory.let_go([one, two])
    assert memory.held(10) == [later]
    assert memory.note("k") == ""
    memory.write_note("k", "1")
    memory.write_note("k", "2")
    assert memory.note("k") == "2"
    memory.write_notes({"k": "3", "l": "4"})
    assert memory.read_notes(["k", "l", "m"]) == {"k": "3", "l": "4"}
    assert memory.read_notes([]) == {}
    named = memory.installation()
    assert named
    assert memory.installation() == named
    if kind == "store":
        assert StoreMemory(postgres_url, "b").know([one.alert_id]) == {}
        assert StoreMemory(postgres_url, "b").installation() == named
        assert StoreMemory(postgres_url, "b").read_notes(["k"]) == {}
