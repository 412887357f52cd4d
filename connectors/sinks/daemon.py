"""The daemon behind `tocsin sinks run`: each sink a consumer of the alert topic with a group, offsets and pace of its own.

Offsets are committed after the sink has said that the batch is safe, so a sink sees every alert at least once and in order per alert; only
committed messages are read. A sink that is away is tried again for a minute, then the process ends to be started anew; one that refuses
an alert for good, and a message that is no alert, cost only that message: it goes to the rejects.
"""

import threading
from collections.abc import Sequence
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from connectors.sinks.sink import Sink
from pipeline.codec import decode, encode
from pipeline.errors import RejectedError, RetryableError, TocsinError
from pipeline.metrics import DELIVERED, DELIVERY_S
from pipeline.outcomes import reject
from pipeline.probes import beat
from pipeline.records import Alert
from pipeline.topics import ALERTS, REJECTS
from pipeline.waiting import AWAY_S_MAX, while_away

BATCH_MESSAGES_MAX = 500
POLL_MS = 500
STOP_S_MAX = 8.0
GROUP = "tocsin-sink-{name}"

log = structlog.get_logger()


class SinkLoop:
    """Moves alerts from the topic into one sink, until stopped."""

    def __init__(
        self,
        sink: Sink,
        client_options: dict[str, object],
        *,
        topics: Sequence[str] = (ALERTS,),
        away_s_max: float = AWAY_S_MAX,
    ) -> None:
        self._sink = sink
        self._options = client_options
        self._topics = topics
        self._away_s_max = away_s_max
        self._stopping = threading.Event()
        self.error: TocsinError | None = None

    def stop(self) -> None:
        """Finish the batch in hand, commit, and end."""
        self._stopping.set()

    def run(self) -> None:
        """Until stopped. Raises `RetryableError` when Kafka or the sink stays away, `ConfigError` when the sink can't work."""
        self._sink.open()
        try:
            consumer = while_away("reach Kafka", self._connect, away_s_max=self._away_s_max)
            try:
                while not self._stopping.is_set():
                    self._move(consumer)
            finally:
                consumer.close(autocommit=False)
        finally:
            self._sink.close()

    def run_guarded(self) -> None:
        """As `run`, for a thread: the error is kept in `error`."""
        try:
            self.run()
        except TocsinError as error:
            self.error = error

    def _connect(self) -> Any:
        try:
            return KafkaConsumer(
                *self._topics,
                **self._options,
                client_id=f"tocsin-sink-{self._sink.name}",
                group_id=GROUP.format(name=self._sink.name),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                max_poll_records=BATCH_MESSAGES_MAX,
            )
        except KafkaError as error:
            raise RetryableError(f"Kafka can't be reached: {error}") from error

    def _move(self, consumer: Any) -> None:
        """One batch: take, deliver, commit."""
        beat()
        try:
            polled = consumer.poll(timeout_ms=POLL_MS, max_records=BATCH_MESSAGES_MAX)
            messages = [message for batch in polled.values() for message in batch]
            if not messages:
                return
            alerts, bad = self._decode(messages)
            with DELIVERY_S.labels(self._sink.name).time():
                refused = while_away(
                    f"deliver to {self._sink.name}", lambda: self._sink.write(alerts), away_s_max=self._away_s_max
                )
            bad += [(encode(r.alert), RejectedError(f"sink {self._sink.name}", r.reason), None) for r in refused]
            if bad:
                self._reject(bad)
            consumer.commit()
        except KafkaError as error:
            raise RetryableError(f"Kafka: {type(error).__name__}: {error}") from error
        DELIVERED.labels(self._sink.name, "delivered").inc(len(alerts) - len(refused))
        DELIVERED.labels(self._sink.name, "refused").inc(len(bad))
        log.debug("delivered", sink=self._sink.name, alerts=len(alerts))

    def _decode(
        self, messages: list[Any]
    ) -> tuple[list[Alert], list[tuple[bytes, RejectedError, tuple[str, int, int] | None]]]:
        alerts: list[Alert] = []
        bad: list[tuple[bytes, RejectedError, tuple[str, int, int] | None]] = []
        for message in messages:
            if message.value is None:  # a tombstone: nothing to tell
                continue
            try:
                alerts.append(decode(message.value, Alert, step=f"sink {self._sink.name}"))
            except RejectedError as error:
                bad.append((message.value, error, (message.topic, message.partition, message.offset)))
        return alerts, bad

    def _reject(self, bad: list[tuple[bytes, RejectedError, tuple[str, int, int] | None]]) -> None:
        """Put what can't be delivered where an operator finds it, before its offset is committed."""
        producer = KafkaProducer(**self._options, acks="all", enable_idempotence=True)
        try:
            for payload, error, position in bad:
                log.error("alert_rejected", sink=self._sink.name, error=str(error), position=position)
                record = reject(error.step, error, payload=payload, position=position)
                producer.send(REJECTS, key=record.reject_id.encode(), value=encode(record)).get(timeout=AWAY_S_MAX)
        finally:
            producer.close()


def run_sinks(loops: Sequence[SinkLoop], stopping: threading.Event) -> None:
    """Run the loops side by side until `stopping` is set or one fails; raises what it failed of."""
    threads = [threading.Thread(target=loop.run_guarded, name=f"sink-{n}", daemon=True) for n, loop in enumerate(loops)]
    for thread in threads:
        thread.start()
    while not stopping.wait(0.2) and all(thread.is_alive() for thread in threads):
        pass
    for loop in loops:
        loop.stop()
    for thread in threads:
        thread.join(STOP_S_MAX)
    failed = next((loop.error for loop in loops if loop.error is not None), None)
    if failed is not None:
        raise failed
