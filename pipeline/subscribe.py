"""Subscriber: alerts for a Python program, each at least once, in order per alert, going on where it stopped.

    from pipeline.subscribe import Subscriber

    with Subscriber({"bootstrap_servers": "localhost:9092"}, group="soc") as alerts:
        for alert in alerts:
            print(alert.severity, alert.what)

An alert counts as handled when the next one is asked for. If the body of the loop raises, or the process is killed, the alert
in hand comes again; `(alert_id, revision)` tells a repetition. Only committed messages are read (`read_committed`).
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import structlog
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition

from pipeline.errors import RejectedError, RetryableError
from pipeline.records import Alert
from pipeline.records.codec import decode
from pipeline.records.topics import ALERTS

COMMIT_S_MAX = 1.0
"""Handled alerts are committed at least so often."""
POLL_MS = 200
SESSION_TIMEOUT_MS = 10_000
"""After so long the group takes a killed member for gone and gives its partitions away; Kafka's default keeps a restarted
subscriber waiting for 45 s."""
HEARTBEAT_MS = 3_000

log = structlog.get_logger()


class Subscriber:
    """Yields alerts from the given topics.

    `group`: the consumer group that remembers the position; None: nothing is remembered. `since`: where a subscriber without
    a position begins; None: with the next alert. `stop_when_quiet`: end the iteration at the end of the topics instead of
    waiting for more.
    """

    def __init__(
        self,
        client_options: dict[str, object],
        *,
        group: str | None = None,
        topics: Sequence[str] = (ALERTS,),
        since: datetime | None = None,
        stop_when_quiet: bool = False,
    ) -> None:
        self._since = since
        self._stop_when_quiet = stop_when_quiet
        self._handled: dict[TopicPartition, int] = {}
        self._committed_at = time.monotonic()
        self._stopped = False
        self._group = group
        try:
            self._consumer = KafkaConsumer(
                **client_options,
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="latest" if since is None else "earliest",
                isolation_level="read_committed",
                session_timeout_ms=SESSION_TIMEOUT_MS,
                heartbeat_interval_ms=HEARTBEAT_MS,
            )
            self._begin(topics)
        except KafkaError as error:
            raise RetryableError(f"Kafka can't be reached: {error}") from error

    def _begin(self, topics: Sequence[str]) -> None:
        partitions = [
            TopicPartition(t, p) for t in topics for p in sorted(self._consumer.partitions_for_topic(t) or ())
        ]
        if self._group is not None:
            self._consumer.subscribe(list(topics))
            return
        self._consumer.assign(partitions)
        if self._since is None:
            self._consumer.seek_to_end(*partitions)
            return
        found = self._consumer.offsets_for_times({at: int(self._since.timestamp() * 1000) for at in partitions})
        for at in partitions:
            if found.get(at) is None:
                self._consumer.seek_to_end(at)
            else:
                self._consumer.seek(at, found[at].offset)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Alert]:
        """Alerts, for ever, or until `stop` (or the end, with `stop_when_quiet`)."""
        while not self._stopped:
            polled = self._consumer.poll(timeout_ms=POLL_MS)
            for at, records in polled.items():
                for record in records:
                    alert = self._decode(record.value, at, record.offset)
                    if alert is not None and not self._is_before(alert):
                        yield alert
                    self._handled[at] = record.offset + 1
                    self._commit(COMMIT_S_MAX)
            self._commit(COMMIT_S_MAX)
            if not polled and self._stop_when_quiet and self._at_end():
                return

    def _is_before(self, alert: Alert) -> bool:
        # A group without a position starts at the beginning of the topic, and what was last seen earlier is not asked for.
        return self._since is not None and self._group is not None and alert.last_seen < self._since

    def _decode(self, raw: bytes | None, at: TopicPartition, offset: int) -> Alert | None:
        try:
            return decode(raw, Alert, step="subscribe") if raw else None
        except RejectedError as error:
            log.error("alert_unreadable", topic=at.topic, partition=at.partition, offset=offset, error=str(error))
            return None

    def _at_end(self) -> bool:
        partitions = self._consumer.assignment()
        if not partitions:
            return False
        ends = self._consumer.end_offsets(list(partitions))
        return all(self._consumer.position(at) >= ends[at] for at in partitions)

    def _commit(self, age_s: float) -> None:
        if self._group is None or not self._handled or time.monotonic() - self._committed_at < age_s:
            return
        try:
            self._consumer.commit({at: OffsetAndMetadata(offset, "", -1) for at, offset in self._handled.items()})
        except KafkaError as error:
            # The partitions may have moved to another member, which then reads on from the last commit.
            log.warning("commit_failed", error=str(error))
        self._handled.clear()
        self._committed_at = time.monotonic()

    def stop(self) -> None:
        """End the iteration at the next alert or poll; may be called from a signal handler."""
        self._stopped = True

    def close(self) -> None:
        """Remember what was handled, and leave the group."""
        self._commit(0.0)
        self._consumer.close()
