"""The main job's processes over a real broker and store, each started by the command that an operator would type."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.structs import TopicPartition
from msgspec import Struct, field

from pipeline.config import Config, Extract, Kafka, Pipeline, Store, dump_toml
from pipeline.records import Alert, Article, codec, topics
from pipeline.records.identity import article_id, version_id
from pipeline.store import migrate

TRY_AGAIN = 75
WAIT_S = 300.0
"""How long anything is waited for on a busy machine; a test fails with what was missing."""


def wait_until(what: str, is_so: Callable[[], bool], seconds: float = WAIT_S) -> None:
    """Wait; fail with `what` when it does not come."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"after {seconds:g} s still not: {what}"
        time.sleep(0.1)


def make_article(
    number: int, title: str, text: str, *, feed: str | None = None, fetched: datetime | None = None
) -> Article:
    """An invented article; `number` makes its address."""
    url = f"https://paper-{number}.example/story"
    article = article_id(feed="", url=url)
    return Article(
        article_id=article,
        version_id=version_id(article, title, text),
        feed=feed or f"paper-{number}",
        title=title,
        text=text,
        url=url,
        fetched=fetched or datetime.now(UTC),
        published=fetched or datetime.now(UTC),
    )


class Stack(Struct):
    """A configuration with a fresh store and fresh topics, and the processes started on it."""

    config: Config
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, tuple[str, ...]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)  # of every process, beside our own
    ends: list[tuple[str, int]] = field(
        default_factory=list
    )  # each process that `tend` started anew, with its exit code

    @property
    def options(self) -> dict[str, object]:
        """For Kafka clients."""
        return self.config.kafka.client_options()

    def start(self, name: str, *words: str, fail_at: str = "", module: str = "pipeline.cli") -> subprocess.Popen[bytes]:
        """Start `tocsin WORDS --config …`; its output goes to `NAME.log`."""
        command = [sys.executable, "-m", module, *words, "--config", str(self.folder / "tocsin.toml")]
        environment = os.environ | self.environment | ({"TOCSIN_FAIL_AT": fail_at} if fail_at else {})
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self.commands[name] = (module, *words)
        return self.processes[name]

    def tend(self, may_end_with: Collection[int] = (TRY_AGAIN,)) -> None:
        """Start anew what ended with "try again", as a supervisor would; any other end fails the test."""
        for name, process in list(self.processes.items()):
            if (code := process.poll()) is not None:
                assert code in may_end_with, f"{name} ended with {code}: {self.log(name)}"
                self.ends.append((name, code))
                module, *words = self.commands[name]
                self.start(name, *words, module=module)

    def end(self, name: str, number: int = signal.SIGTERM) -> int:
        """Signal a process and wait for its end; the exit code."""
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(WAIT_S)

    def wait_killed(self, name: str) -> None:
        """Wait until a process has been ended by SIGKILL at its fail point."""
        wait_until(
            f"{name} killed at its point; its log: {self.log(name)}", lambda: self.processes[name].poll() is not None
        )
        assert self.processes.pop(name).returncode == -signal.SIGKILL, self.log(name)

    def log(self, name: str) -> str:
        """The end of a process's log."""
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")[-2000:]

    def publish(self, articles: list[Article], raw: list[bytes] = []) -> None:  # noqa: B006 - only read
        """Append articles, and raw bytes, to the articles' topic."""
        producer = KafkaProducer(**self.options, acks="all", enable_idempotence=True)
        for article in articles:
            producer.send(topics.ARTICLES, key=article.article_id.encode(), value=codec.encode(article))
        for value in raw:
            producer.send(topics.ARTICLES, key=b"raw", value=value)
        producer.flush()
        producer.close()

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows from the store."""
        with psycopg.connect(self.config.store.url) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]

    def count(self, sql: str) -> int:
        """The one number that a query gives."""
        return int(str(self.query(sql)[0][0]))

    def alerts(self, topic: str = topics.ALERTS) -> list[Alert]:
        """All committed alert revisions on the topic, in order per partition."""
        return [codec.decode(raw, Alert) for raw in self.read_committed(topic)]

    def read_committed(self, topic: str) -> list[bytes]:
        """All committed values on a topic, as a subscriber with `read_committed` sees them."""
        consumer = KafkaConsumer(
            **self.options, isolation_level="read_committed", enable_auto_commit=False, group_id=None
        )
        at = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(at)
        consumer.seek_to_beginning(*at)
        ends = consumer.end_offsets(at)
        values: list[bytes] = []
        while any(consumer.position(p) < ends[p] for p in at):
            for records in consumer.poll(timeout_ms=200).values():
                values += [r.value for r in records if r.value is not None]
        consumer.close()
        return values

    def lag(self) -> int:
        """Articles on the topic whose offset is not committed."""
        consumer = KafkaConsumer(**self.options, group_id=self.config.pipeline.group, enable_auto_commit=False)
        at = [TopicPartition(topics.ARTICLES, p) for p in sorted(consumer.partitions_for_topic(topics.ARTICLES) or ())]
        ends = consumer.end_offsets(at)
        lag = sum(ends[p] - (consumer.committed(p) or 0) for p in at)
        consumer.close()
        return int(lag)


@contextmanager
def open_stack(bootstrap: str, url: str, folder: Path, *, partitions: int = 2, model: str = "rules") -> Iterator[Stack]:
    """A stack with empty topics and an empty, migrated store; ends all its processes."""
    config = Config(
        kafka=Kafka(bootstrap_servers=bootstrap, partitions=partitions),
        store=Store(url=url),
        pipeline=Pipeline(),
        extract=Extract(model=model),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tocsin.toml").write_text(dump_toml(config), encoding="utf-8")
    migrate.upgrade(url)
    clear_topics(config)
    stack = Stack(config, folder)
    try:
        yield stack
    finally:
        for process in stack.processes.values():
            process.kill()
        for process in stack.processes.values():
            process.wait()


def clear_topics(config: Config) -> None:
    """Delete and create the topics; the group's offsets go with them."""
    admin = KafkaAdminClient(**config.kafka.client_options())
    names = {topic.name for topic in topics.TOPICS}
    there = names & set(admin.list_topics())
    if there:
        admin.delete_topics(list(there))
        wait_until("the topics are gone", lambda: not names & set(admin.list_topics()))
    admin.close()
    topics.ensure(config.kafka.client_options(), partitions=config.kafka.partitions)
