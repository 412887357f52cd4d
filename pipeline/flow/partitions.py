"""One consumer for all the partitions that a process reads.

Why: the runner asks for each partition in turn, and a wait of its own for each would make a quiet stream slow and a busy one
unfair. So the partitions of a process share one consumer, one short wait for data, and an order in which the partition that
has waited longest comes first.

Guarantee: `take` hands out messages of a partition in order from the offset asked for, and forgets nothing: asked again for
an earlier offset, it reads that again. `commit` never takes a committed offset back, and commits only for the partition's
owner (`Owner`). Who begins to read a partition claims it: on a cluster that is another process than the one that was asked where
to begin. A broker that is away makes `take` return nothing until it is back; a claim, and the other calls, raise `RetryableError` after
`ASK_TIMEOUT_MS`.
"""

import threading
import time
from collections import deque
from math import inf
from typing import Protocol

import structlog
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition
from msgspec import Struct

from pipeline.errors import RetryableError
from pipeline.process import probes
from pipeline.process.metrics import LAG

BATCH_MESSAGES_MAX = 64
BATCH_BYTES_MAX = 4 * 1024 * 1024
FETCH_BYTES_MAX = 256 * 1024
"""What one fetch brings of a partition (or one message, if that is larger): small, so that a partition with a backlog does
not keep the others' articles waiting behind its own."""
BUFFER_MESSAGES_MAX = 1024
"""Messages held in all; above it nothing is fetched. The consumer's own pausing is not used: kafka-python 3.0.12 was seen
to stop fetching a partition that was resumed (2 of 4 runs of 5,000 messages over 12 partitions)."""
BUFFER_BYTES_MAX = 64 * 1024 * 1024
WAIT_MS = 200
"""One wait for data a round, shared by all partitions; data that arrives ends it. The in-process runner ignores resume
delays, so this wait is what keeps a quiet stream from spinning."""
COMMIT_TIMEOUT_MS = 10_000
COMMIT_AGAIN_S = 1.0
CLAIM_AGAIN_S = 30.0
"""A partition that others have claimed, and that we are still asked for after so long, has come back to us: a cluster's runner moves it between
processes. While two are asked for it, as when the number of workers changes, each claim is good for so long."""
ASK_TIMEOUT_MS = 60_000
"""How long a question to the broker (committed offset, first offset, commit) may take before the process gives up."""

log = structlog.get_logger()


class Message(Struct, frozen=True):
    """A message as it stood in its partition."""

    topic: str
    partition: int
    offset: int
    value: bytes


class Owner(Protocol):
    """Who may commit offsets for a partition."""

    def claim(self, partition: int) -> None:
        """Become its owner; whoever was it before is it no longer."""

    def owns(self, partition: int) -> bool:
        """Whether this process is the partition's owner still."""


class _Partition:
    """What is held of one partition."""

    def __init__(self, offset: int) -> None:
        self.buffer: deque[Message] = deque()
        self.next_offset = offset  # what the next `take` is expected to ask for
        self.served_at = 0.0  # monotonic seconds

    def cut(self) -> list[Message]:
        """Take a batch off the front."""
        batch: list[Message] = []
        size = 0
        while self.buffer and len(batch) < BATCH_MESSAGES_MAX:
            size += len(self.buffer[0].value)
            if batch and size > BATCH_BYTES_MAX:
                break
            batch.append(self.buffer.popleft())
        self.next_offset = batch[-1].offset + 1
        self.served_at = time.monotonic()
        return batch


class PartitionReader:
    """Reads partitions of one topic for one consumer group; safe to use from several threads."""

    def __init__(self, client_options: dict[str, object], topic: str, group: str, owner: Owner) -> None:
        self._topic = topic
        self._owner = owner
        self._lock = threading.RLock()
        self._partitions: dict[int, _Partition] = {}
        self._committed: dict[int, int] = {}
        self._late: dict[int, tuple[int, float]] = {}  # offsets whose commit failed, and when (monotonic seconds)
        self._lost: dict[int, float] = {}  # partitions that others have claimed since, and when that was found
        self._answered: set[int] = set()  # partitions that were told "nothing" since the last wait
        try:
            self._consumer = KafkaConsumer(
                **client_options,
                group_id=group,
                client_id=f"{group}-reader",
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                fetch_max_wait_ms=WAIT_MS,
                max_partition_fetch_bytes=FETCH_BYTES_MAX,
            )
        except KafkaError as error:
            raise RetryableError(f"Kafka can't be reached: {error}") from error

    def start_offset(self, partition: int) -> int:
        """Where reading begins: the committed offset, or else the first one there is."""
        with self._lock:
            self._claim(partition)
            return self._committed[partition]

    def take(self, partition: int, offset: int, turns: int) -> list[Message]:
        """At most a batch of messages from `offset` on; none when there are none now, or when others come first.

        `turns` is how many batches the caller still wants in this round: a partition yields while at least so many others
        have data and have waited longer.
        """
        probes.beat()
        with self._lock:
            mine = self._follow(partition, offset)
            self._commit_late(partition)
            if not mine.buffer:
                self._fill(partition)
            if not mine.buffer or self._waiting_before(partition) >= turns:
                return []
            return mine.cut()

    def commit(self, partition: int, offset: int) -> None:
        """Commit that everything before `offset` is done; nothing happens when that is no news or not ours to say."""
        at = TopicPartition(self._topic, partition)
        with self._lock:
            self._late[partition] = (offset, time.monotonic())  # until it is known to be done, or not ours
            if offset > self._committed.get(partition, -1):
                if self._owner.owns(partition):
                    self._consumer.commit({at: OffsetAndMetadata(offset, "", -1)}, timeout_ms=COMMIT_TIMEOUT_MS)
                    self._committed[partition] = offset
                    self._tell_lag(at)
                else:
                    self._lost.setdefault(partition, time.monotonic())
            del self._late[partition]

    def _commit_late(self, partition: int) -> None:
        """Try a commit again that failed: on a stream that has gone quiet no later one would make up for it."""
        offset, tried_at = self._late.get(partition, (0, 0.0))
        if not offset or time.monotonic() - tried_at < COMMIT_AGAIN_S:
            return
        try:
            self.commit(partition, offset)
        except (KafkaError, RetryableError) as error:
            log.warning("commit_failed", topic=self._topic, partition=partition, offset=offset, error=str(error))

    def close(self) -> None:
        """Close the consumer."""
        with self._lock:
            self._consumer.close()

    def _claim(self, partition: int) -> None:
        """Become the owner, and learn how far it is committed, or else where it begins."""
        at = TopicPartition(self._topic, partition)
        self._owner.claim(partition)
        self._lost.pop(partition, None)
        try:
            offset = self._consumer.committed(at, timeout_ms=ASK_TIMEOUT_MS)
            if offset is None:
                offset = self._consumer.beginning_offsets([at])[at]
        except KafkaError as error:
            raise RetryableError(f"Kafka does not tell where to begin in {at}: {error}") from error
        self._committed[partition] = int(offset)

    def _follow(self, partition: int, offset: int) -> _Partition:
        """The partition's buffer, made to begin at `offset`."""
        mine = self._partitions.get(partition)
        if partition not in self._committed or time.monotonic() > self._lost.get(partition, inf) + CLAIM_AGAIN_S:
            self._claim(partition)
        if mine is not None and mine.next_offset == offset:
            return mine
        at = TopicPartition(self._topic, partition)
        if mine is None:
            self._consumer.assign([*self._consumer.assignment(), at])
        self._consumer.seek(at, offset)
        self._partitions[partition] = mine = _Partition(offset)
        return mine

    def _fill(self, partition: int) -> None:
        """Fetch what has arrived; wait for data only if there is none at all, once a round of the partitions."""
        held = [message for p in self._partitions.values() for message in p.buffer]
        idle = not held
        if idle and self._answered and partition not in self._answered:
            self._answered.add(partition)
            return
        if len(held) > BUFFER_MESSAGES_MAX or sum(len(m.value) for m in held) > BUFFER_BYTES_MAX:
            return
        try:
            records = self._consumer.poll(timeout_ms=WAIT_MS if idle else 0, max_records=BUFFER_MESSAGES_MAX)
        except KafkaError as error:
            if not error.retriable:
                raise RetryableError(f"Kafka can't be read: {type(error).__name__}: {error}") from error
            log.warning("fetch_failed", topic=self._topic, error=f"{type(error).__name__}: {error}")
            time.sleep(WAIT_MS / 1000)  # the wait that the failed call did not make
            return
        self._answered = {partition} if idle else set()
        for at, found in records.items():
            self._keep(at.partition, [Message(self._topic, at.partition, r.offset, r.value or b"") for r in found])
            self._tell_lag(at)

    def _keep(self, partition: int, found: list[Message]) -> None:
        mine = self._partitions[partition]
        due = mine.buffer[-1].offset + 1 if mine.buffer else mine.next_offset
        if found[0].offset > due:
            # Articles are not written in transactions, so a gap means that retention was faster than we were.
            log.error("messages_gone", topic=self._topic, partition=partition, expected=due, found=found[0].offset)
        mine.buffer.extend(message for message in found if message.offset >= due)

    def _tell_lag(self, at: TopicPartition) -> None:
        """The lag as the last fetch told the partition's end."""
        end, done = self._consumer.highwater(at), self._committed.get(at.partition)
        if end is not None and done is not None:
            LAG.labels(at.partition).set(max(0, end - done))

    def _waiting_before(self, partition: int) -> int:
        """How many other partitions have data and have waited longer."""
        turn = (self._partitions[partition].served_at, partition)
        return sum(1 for p, other in self._partitions.items() if other.buffer and (other.served_at, p) < turn)
