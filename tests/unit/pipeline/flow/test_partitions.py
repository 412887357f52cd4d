"""The one consumer of a process: order, fairness, waits and commits, against a consumer that holds its topic in memory."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError
from kafka.structs import OffsetAndMetadata, TopicPartition
from msgspec import Struct

from pipeline.errors import RetryableError
from pipeline.flow import partitions
from pipeline.flow.partitions import BATCH_BYTES_MAX, BATCH_MESSAGES_MAX, BUFFER_MESSAGES_MAX, WAIT_MS, PartitionReader
from pipeline.flow.read import BUNDLE_BATCHES_MAX

TOPIC = "articles"
FETCH_MESSAGES = 300
"""What a fetch of a partition brings at most; the real limit is in bytes."""


class Record(Struct):
    offset: int
    value: bytes | None


class FakeConsumer:
    """What `PartitionReader` uses of a consumer; `arrives` puts messages where a broker would."""

    def __init__(self, **options: object) -> None:
        self.options = options
        self.stored: dict[int, list[Record]] = {}
        self.offsets: dict[int, int] = {}  # committed
        self.positions: dict[int, int] = {}
        self.waits: list[int] = []  # time-outs of the polls
        self.seeks: list[tuple[int, int]] = []
        self.fetched: Counter[int] = Counter()  # the poll that last brought something, by partition
        self.fails = False
        self.poll_fails: KafkaError | None = None

    def arrives(self, partition: int, count: int, *, first: int = 0, size: int = 1) -> None:
        stored = self.stored.setdefault(partition, [])
        start = stored[-1].offset + 1 if stored else first
        stored += [Record(start + i, b"x" * size) for i in range(count)]

    def assign(self, at: list[TopicPartition]) -> None:
        self.positions = {tp.partition: self.positions.get(tp.partition, 0) for tp in at}

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(TOPIC, p) for p in self.positions}

    def highwater(self, at: TopicPartition) -> int | None:
        """Where the partition ended when it last answered a fetch."""
        stored = self.stored.get(at.partition)
        return stored[-1].offset + 1 if stored else None

    def seek(self, at: TopicPartition, offset: int) -> None:
        self.seeks.append((at.partition, offset))
        self.positions[at.partition] = offset

    def poll(self, timeout_ms: int, max_records: int) -> Mapping[TopicPartition, list[Record]]:
        self.waits.append(timeout_ms)
        if self.poll_fails is not None:
            raise self.poll_fails
        found = {}
        for p in sorted(self.positions, key=lambda p: self.fetched[p]):  # fetches answer in turn, each with a little
            most = min(max_records, FETCH_MESSAGES)
            records = [r for r in self.stored.get(p, []) if r.offset >= self.positions[p]][:most]
            if records:
                found[TopicPartition(TOPIC, p)] = records
                self.positions[p] = records[-1].offset + 1
                self.fetched[p] = len(self.waits)
                max_records -= len(records)
        return found

    def committed(self, at: TopicPartition, timeout_ms: int) -> int | None:
        if self.fails:
            raise KafkaError("no coordinator")
        return self.offsets.get(at.partition)

    def beginning_offsets(self, at: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: next((r.offset for r in self.stored.get(tp.partition, [])), 0) for tp in at}

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata], timeout_ms: int) -> None:
        if self.fails:
            raise KafkaError("no coordinator")
        self.offsets |= {tp.partition: o.offset for tp, o in offsets.items()}


class FakeOwner:
    """Owns what was claimed until it is taken away."""

    def __init__(self) -> None:
        self.owned: set[int] = set()

    def claim(self, partition: int) -> None:
        self.owned.add(partition)

    def owns(self, partition: int) -> bool:
        return partition in self.owned


@pytest.fixture
def owner() -> FakeOwner:
    return FakeOwner()


@pytest.fixture
def reader(owner: FakeOwner, monkeypatch: pytest.MonkeyPatch) -> PartitionReader:
    monkeypatch.setattr(partitions, "KafkaConsumer", FakeConsumer)
    return PartitionReader({}, TOPIC, "group", owner)


@pytest.fixture
def consumer(reader: PartitionReader) -> Any:
    return reader._consumer


def offsets(reader: PartitionReader, partition: int, offset: int, turns: int = 1) -> list[int]:
    return [m.offset for m in reader.take(partition, offset, turns)]


def test_only_what_is_committed_is_read(consumer: FakeConsumer) -> None:
    assert consumer.options["isolation_level"] == "read_committed"
    assert consumer.options["enable_auto_commit"] is False
    assert consumer.options["auto_offset_reset"] == "earliest"


def test_batches_come_in_order_without_gap_or_repeat(reader: PartitionReader, consumer: FakeConsumer) -> None:
    consumer.arrives(0, 200)
    seen: list[int] = []
    while batch := offsets(reader, 0, len(seen)):
        assert len(batch) <= BATCH_MESSAGES_MAX
        seen += batch
    assert seen == list(range(200))
    assert consumer.seeks == [(0, 0)], "reading on needs no seek"


def test_a_batch_is_bounded_in_bytes_and_one_larger_message_passes_alone(
    reader: PartitionReader, consumer: FakeConsumer
) -> None:
    consumer.arrives(0, 3, size=BATCH_BYTES_MAX // 2)
    consumer.arrives(0, 1, size=BATCH_BYTES_MAX + 1)
    consumer.arrives(0, 1)
    assert offsets(reader, 0, 0) == [0, 1]
    assert offsets(reader, 0, 2) == [2]
    assert offsets(reader, 0, 3) == [3]
    assert offsets(reader, 0, 4) == [4]


@pytest.mark.parametrize("asked", [10, 100])
def test_another_offset_than_expected_is_sought(reader: PartitionReader, consumer: FakeConsumer, asked: int) -> None:
    consumer.arrives(0, 150)
    assert offsets(reader, 0, 0)[-1] == BATCH_MESSAGES_MAX - 1
    assert offsets(reader, 0, asked)[0] == asked
    assert consumer.seeks == [(0, 0), (0, asked)]


def test_a_gap_left_by_retention_is_passed(reader: PartitionReader, consumer: FakeConsumer) -> None:
    consumer.arrives(0, 2, first=50)
    assert offsets(reader, 0, 3) == [50, 51]
    assert offsets(reader, 0, 52) == []


def test_an_empty_message_is_handed_out(reader: PartitionReader, consumer: FakeConsumer) -> None:
    consumer.stored[0] = [Record(0, None)]
    assert [m.value for m in reader.take(0, 0, 1)] == [b""]


def test_quiet_partitions_share_one_wait_a_round(reader: PartitionReader, consumer: FakeConsumer) -> None:
    for _ in range(3):
        for partition in range(12):
            assert offsets(reader, partition, 0) == []
    assert consumer.waits == [WAIT_MS] * 3


def test_one_quiet_partition_alone_waits_each_time(reader: PartitionReader, consumer: FakeConsumer) -> None:
    for _ in range(3):
        offsets(reader, 0, 0)
    assert consumer.waits == [WAIT_MS] * 3


def test_nobody_waits_while_there_is_something_to_hand_out(reader: PartitionReader, consumer: FakeConsumer) -> None:
    offsets(reader, 1, 0)
    consumer.arrives(0, 200)
    assert not offsets(reader, 0, 0), "the round's one wait was partition 1's"
    assert offsets(reader, 0, 0)
    consumer.waits.clear()
    assert offsets(reader, 1, 0) == []
    assert consumer.waits == [0]


def test_a_backlog_does_not_keep_the_others_waiting(reader: PartitionReader, consumer: FakeConsumer) -> None:
    at = dict.fromkeys(range(4), 0)
    consumer.arrives(0, 100_000)
    consumer.arrives(1, 100_000)
    for partition in at:
        offsets(reader, partition, 0, turns=0)  # all assigned, nothing taken
    consumer.arrives(2, 1)
    consumer.arrives(3, 1)
    served: list[int] = []
    while not (at[2] and at[3]) and len(served) < 1000:
        turns = BUNDLE_BATCHES_MAX
        for partition in at:  # always in the same order, as the runner asks
            if turns and (batch := offsets(reader, partition, at[partition], turns)):
                at[partition] = batch[-1] + 1
                served.append(partition)
                turns -= 1
    buffered = 2 * BUFFER_MESSAGES_MAX // BATCH_MESSAGES_MAX  # what may have been fetched before
    assert len(served) <= buffered + len(at)
    assert abs(served.count(0) - served.count(1)) <= 1


def test_the_longest_waiting_comes_first_when_turns_are_few(reader: PartitionReader, consumer: FakeConsumer) -> None:
    consumer.arrives(0, 300)
    consumer.arrives(1, 300)
    at = {0: 0, 1: 0}
    offsets(reader, 1, 0, turns=0)
    served = []
    for _ in range(6):
        for partition in (0, 1):  # one turn a round: without yielding, partition 0 would have them all
            if batch := offsets(reader, partition, at[partition], turns=1):
                at[partition] = batch[-1] + 1
                served.append(partition)
                break
    assert served.count(0) == served.count(1) == 3


def test_what_is_held_is_bounded(reader: PartitionReader, consumer: FakeConsumer) -> None:
    for partition in range(8):
        offsets(reader, partition, 0)
        consumer.arrives(partition, 5 * BUFFER_MESSAGES_MAX)
    at = dict.fromkeys(range(8), 0)
    for _ in range(40):
        for partition in at:
            if batch := offsets(reader, partition, at[partition], turns=4):
                at[partition] = batch[-1] + 1
        held = sum(len(p.buffer) for p in reader._partitions.values())
        assert held <= 2 * BUFFER_MESSAGES_MAX
    assert all(at.values()), "and none starves for it"


def test_reading_begins_at_the_committed_offset_or_the_first(
    reader: PartitionReader, consumer: FakeConsumer, owner: FakeOwner
) -> None:
    consumer.arrives(0, 5, first=7)
    assert reader.start_offset(0) == 7
    consumer.offsets[0] = 9
    assert reader.start_offset(0) == 9
    assert owner.owned == {0}


def test_a_broker_that_does_not_answer_is_a_reason_to_try_again(
    reader: PartitionReader, consumer: FakeConsumer
) -> None:
    consumer.fails = True
    with pytest.raises(RetryableError, match="where to begin"):
        reader.start_offset(0)


def test_offsets_are_committed_forward_only(reader: PartitionReader, consumer: FakeConsumer) -> None:
    consumer.offsets[0] = 10
    reader.start_offset(0)
    reader.commit(0, 5)
    assert consumer.offsets[0] == 10
    reader.commit(0, 20)
    reader.commit(0, 15)
    assert consumer.offsets[0] == 20


def test_only_the_owner_commits(reader: PartitionReader, consumer: FakeConsumer, owner: FakeOwner) -> None:
    reader.start_offset(0)
    owner.owned.clear()
    reader.commit(0, 20)
    assert 0 not in consumer.offsets
    owner.claim(0)
    reader.commit(0, 20)
    assert consumer.offsets[0] == 20


def test_who_begins_to_read_claims_though_another_was_asked_where_to_begin(
    reader: PartitionReader, consumer: FakeConsumer, owner: FakeOwner
) -> None:
    consumer.offsets[0] = 10
    consumer.arrives(0, 5, first=12)
    reader.take(0, 12, 1)  # never asked for the start: a cluster's runner asks in another process
    assert owner.owned == {0}
    reader.commit(0, 9)
    assert consumer.offsets[0] == 10
    reader.commit(0, 17)
    assert consumer.offsets[0] == 17


def test_a_lost_partition_that_comes_back_is_claimed_again(
    reader: PartitionReader, consumer: FakeConsumer, owner: FakeOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.start_offset(0)
    reader.take(0, 0, 1)
    owner.owned.clear()
    reader.commit(0, 5)
    reader.take(0, 0, 1)
    assert not owner.owned, "another reads it"
    consumer.offsets[0] = 8  # what the other did meanwhile
    monkeypatch.setattr("pipeline.flow.partitions.CLAIM_AGAIN_S", 0.0)
    reader.take(0, 0, 1)
    assert owner.owned == {0}
    reader.commit(0, 7)
    assert consumer.offsets[0] == 8, "never back"


def test_a_commit_that_failed_is_tried_again_when_the_partition_is_next_asked_for(
    reader: PartitionReader, consumer: FakeConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.start_offset(0)
    commit = consumer.commit

    def away(*_: object, **__: object) -> None:
        raise KafkaConnectionError

    monkeypatch.setattr(consumer, "commit", away)
    with pytest.raises(KafkaConnectionError):
        reader.commit(0, 20)
    monkeypatch.setattr(consumer, "commit", commit)
    monkeypatch.setattr("pipeline.flow.partitions.COMMIT_AGAIN_S", 0.0)
    reader.take(0, 20, 1)
    assert consumer.offsets[0] == 20


def test_a_broker_that_goes_away_brings_nothing_until_it_is_back(
    reader: PartitionReader, consumer: FakeConsumer
) -> None:
    consumer.arrives(0, 3)
    consumer.poll_fails = KafkaConnectionError("socket disconnected")
    assert offsets(reader, 0, 0) == []
    consumer.poll_fails = None
    assert offsets(reader, 0, 0) == [0, 1, 2]


def test_a_broker_that_refuses_us_ends_the_reading(reader: PartitionReader, consumer: FakeConsumer) -> None:
    consumer.poll_fails = TopicAuthorizationFailedError("articles")
    with pytest.raises(RetryableError, match="TopicAuthorizationFailedError"):
        reader.take(0, 0, 1)
