"""Dead letters: alerts that a receiver refused for good, on the topic of the rejects, and their way back to that one sink."""

from collections.abc import Sequence
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors.sinks.sink import Refusal
from pipeline.errors import RejectedError, RetryableError
from pipeline.process.retry import AWAY_S_MAX
from pipeline.publish.dead_letters import REQUEST_BYTES_MAX, read_rejects
from pipeline.records import Alert, Reject
from pipeline.records.codec import decode, encode
from pipeline.records.outcomes import reject
from pipeline.records.topics import ALERTS_AGAIN, REJECTS

SINK_HEADER = "sink"
STEP = "sink {name}"

log = structlog.get_logger()


class DeadLetters:
    """Where one sink puts what it can't deliver, before the offset is committed."""

    def __init__(self, sink: str, client_options: dict[str, object]) -> None:
        self._sink = sink
        self._options = client_options
        self._producer: Any = None

    def refuse(self, refusal: Refusal) -> None:
        """An alert that the receiver refused. Raises `RetryableError`."""
        step = STEP.format(name=self._sink)
        error = CrashedError(refusal.reason) if refusal.crashed else RejectedError(step, refusal.reason)
        self.send(encode(refusal.alert), error)

    def send(self, payload: bytes, error: Exception, position: tuple[str, int, int] | None = None) -> None:
        """A message with what is wrong with it. Raises `RetryableError`."""
        log.error("alert_rejected", sink=self._sink, error=str(error), position=position)
        record = reject(STEP.format(name=self._sink), error, payload=payload, position=position)
        try:
            if self._producer is None:
                self._producer = _producer(self._options)
            self._producer.send(REJECTS, key=record.reject_id.encode(), value=encode(record)).get(timeout=AWAY_S_MAX)
        except KafkaError as failure:
            self.close()
            raise RetryableError(f"Kafka did not take the reject: {failure}") from failure

    def close(self) -> None:
        """Let go of the producer; everything is sent."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=1)


class CrashedError(Exception):
    """An error in a sink that nobody expected."""


def addressee(headers: Sequence[tuple[str, bytes]]) -> str:
    """The sink that an alert sent again is for; empty when it says none."""
    return next((value.decode("utf-8", "replace") for key, value in headers or () if key == SINK_HEADER), "")


def send_again(client_options: dict[str, object], sink: str, rejects: Sequence[Reject]) -> int:
    """Put refused alerts back before the one sink, in order; how many. Raises `RejectedError` when a payload is no alert."""
    alerts = [decode(r.payload, Alert, step=STEP.format(name=sink)) for r in rejects]
    producer = _producer(client_options)
    try:
        headers = [(SINK_HEADER, sink.encode())]
        sent = [producer.send(ALERTS_AGAIN, key=a.alert_id.encode(), value=encode(a), headers=headers) for a in alerts]
        producer.flush()
        for future in sent:
            future.get(timeout=AWAY_S_MAX)
    except KafkaError as error:
        raise RetryableError(f"Kafka did not take the alerts: {error}") from error
    finally:
        producer.close()
    return len(alerts)


def read_letters(client_options: dict[str, object], sink: str) -> list[Reject]:
    """The sink's dead letters that are kept, oldest first, each once."""
    found = {r.reject_id: r for r in read_rejects(client_options) if r.step == STEP.format(name=sink)}
    return list(found.values())


def _producer(client_options: dict[str, object]) -> Any:
    return KafkaProducer(**client_options, acks="all", enable_idempotence=True, max_request_size=REQUEST_BYTES_MAX)
