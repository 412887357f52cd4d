"""Kafka's part: who stands where, what lies between two positions, and putting it back.

Failure: `RetryableError` when the broker can't be reached or refuses.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition

from pipeline.backup.archive import Message, Offsets, Positions
from pipeline.errors import RetryableError
from pipeline.process.retry import while_away
from pipeline.records.codec import MESSAGE_BYTES_MAX
from pipeline.records.topics import ALERTS, ALERTS_LATEST

POLL_MS = 500
SILENCE_S_MAX = 60.0
"""How long a partition that is not read to its end may bring nothing."""
SEND_TIMEOUT_S = 60.0

T = TypeVar("T")


class Topics:
    """One broker, asked about topics and groups; close it after use (or use it as a context)."""

    def __init__(self, client_options: dict[str, object]) -> None:
        self._options = client_options
        with _told():
            self._admin = KafkaAdminClient(**client_options)
            self._consumer = KafkaConsumer(
                **client_options, isolation_level="read_committed", enable_auto_commit=False, group_id=None
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()
        self._admin.close()

    def cluster(self) -> str:
        """The id that the broker's cluster was made with."""
        with _told():
            return str(self._admin.describe_cluster()["cluster_id"])

    def beginnings(self, topic: str) -> Offsets:
        """The first offset there is of each partition; empty when there is no such topic."""
        with _told():
            return _by_partition(self._consumer.beginning_offsets(self._partitions(topic)))

    def ends(self, topic: str) -> Offsets:
        """The offset behind the last committed message of each partition."""
        with _told():
            return _by_partition(self._consumer.end_offsets(self._partitions(topic)))

    def groups(self) -> list[str]:
        """The names of all consumer groups."""
        with _told():
            return sorted(str(group["group_id"]) for group in self._admin.list_groups())

    def alert_topics(self) -> list[str]:
        """The topics that carry revisions of alerts, but for the compacted one."""
        with _told():
            return sorted(name for name in self._admin.list_topics() if is_alert_topic(name))

    def committed(self, group: str) -> Positions:
        """What a group has committed, where it has."""
        found = _patiently(lambda: self._admin.list_group_offsets({group: None})[group])
        positions: Positions = {}
        for at, offset in found.items():
            if offset.offset >= 0:
                positions.setdefault(at.topic, {})[at.partition] = offset.offset
        return positions

    def move(self, group: str, topic: str, offsets: Offsets) -> None:
        """Commit these offsets for a group, which must have no members."""
        if not offsets:
            return
        wanted = {TopicPartition(topic, p): OffsetAndMetadata(o, "", -1) for p, o in offsets.items()}
        done = _patiently(lambda: self._admin.alter_group_offsets(group, wanted))
        refused = sorted({error.__name__ for error in done.values() if error.errno != 0})
        if refused:
            raise RetryableError(
                f"Kafka does not move group {group}: {', '.join(refused)}; is one of its members running?"
            )

    def read(self, topic: str, starts: Offsets, ends: Offsets) -> Iterator[Message]:
        """The committed messages of a topic from `starts` up to `ends`, as far as they are kept."""
        first = self.beginnings(topic)
        begins = {p: max(starts.get(p, 0), first[p]) for p in ends if p in first}
        due = {TopicPartition(topic, p): ends[p] for p, begin in begins.items() if begin < ends[p]}
        with _told():
            self._consumer.assign(list(due))
            for at in due:
                self._consumer.seek(at, begins[at.partition])
            heard = time.monotonic()
            while any(self._consumer.position(at) < end for at, end in due.items()):
                for at, records in self._consumer.poll(timeout_ms=POLL_MS).items():
                    heard = time.monotonic()
                    yield from (
                        Message(topic, at.partition, r.offset, r.key, r.value) for r in records if r.offset < due[at]
                    )
                if time.monotonic() - heard > SILENCE_S_MAX:
                    raise RetryableError(f"{topic} can't be read to its end")

    def publish(self, topic: str, pairs: Iterable[tuple[bytes | None, bytes | None]]) -> int:
        """Append keys and values; how many, once all are acknowledged."""
        with _told():
            producer = KafkaProducer(
                **self._options, acks="all", enable_idempotence=True, max_request_size=2 * MESSAGE_BYTES_MAX
            )
            try:
                sent = [producer.send(topic, key=key, value=value) for key, value in pairs]
                producer.flush(timeout=SEND_TIMEOUT_S)
                for future in sent:
                    future.get(timeout=SEND_TIMEOUT_S)
            finally:
                producer.close(timeout=SEND_TIMEOUT_S)
        return len(sent)

    def _partitions(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, p) for p in sorted(self._consumer.partitions_for_topic(topic) or ())]


def is_alert_topic(name: str) -> bool:
    """Whether a topic carries revisions one after the other."""
    return name != ALERTS_LATEST and (name == ALERTS or name.startswith(f"{ALERTS}."))


def _message(record: Any) -> Message:
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers or () if value is not None}
    return Message(record.topic, record.partition, record.offset, record.key, record.value, headers)


def _by_partition(found: dict[Any, int]) -> Offsets:
    return {at.partition: int(offset) for at, offset in found.items()}


def _patiently(ask: Callable[[], T]) -> T:
    """Ask, and ask again for a while: a new broker makes its coordinator of groups when it is first asked for one."""

    def once() -> T:
        with _told():
            return ask()

    return while_away("Kafka (groups)", once)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise RetryableError(f"Kafka: {type(error).__name__}: {error}") from error
