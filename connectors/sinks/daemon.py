"""The daemon behind `tocsin sinks run`: each sink a consumer of its alert topics with a thread, a group, offsets and a pace of its own.

Offsets are committed after the sink has said that the batch is safe, so a sink sees every alert at least once and in order per alert; only
committed messages are read, and what the sink's memory calls delivered is not handed over again. A receiver that is away keeps its
offsets and is tried again for as long as it takes; the other sinks go on meanwhile. A receiver that refuses an alert for good, and a
message that is no alert, cost only that message: it goes to the rejects.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from kafka import KafkaConsumer
from kafka.errors import KafkaError

from connectors.sinks.letters import DeadLetters, addressee
from connectors.sinks.pace import Rest
from connectors.sinks.sink import AwayError, Memory, Refusal, Remembered, Sink, TimedSink
from pipeline.errors import ConfigError, RejectedError, RetryableError, TocsinError
from pipeline.process.metrics import DELIVERED, DELIVERY_S
from pipeline.process.probes import beat
from pipeline.process.retry import AWAY_S_MAX, while_away
from pipeline.records import Alert, AlertId
from pipeline.records.codec import decode
from pipeline.records.topics import ALERTS_AGAIN

POLL_MS = 500
STOP_S_MAX = 8.0
MAX_POLL_INTERVAL_MS = 900_000
"""Kafka takes a consumer for dead that does not ask for so long; a write of one by one may last minutes."""
REFUSED_IN_ROW_MAX = 50
"""So many alerts refused one after the other are no bad alerts: the sink stops, and keeps its place."""
GROUP = "tocsin-sink-{name}"

Clock = Callable[[], datetime]
log = structlog.get_logger()


class TellingMemory(Memory, Protocol):
    """A memory that also takes how the sink does."""

    def tell(self, state: str, reason: str = "", *, delivered: int = 0, refused: int = 0) -> None:
        """Say how the sink does; the counts are added to those before."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


class SinkLoop:
    """Moves alerts from the topics into one sink, until stopped."""

    def __init__(
        self,
        sink: Sink,
        client_options: dict[str, object],
        memory: TellingMemory,
        *,
        away_s_max: float = AWAY_S_MAX,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._sink = sink
        self._options = client_options
        self._memory = memory
        self._away_s_max = away_s_max
        self._clock = clock
        self._rest = Rest(sink.config.rest_s_max)
        self._letters = DeadLetters(sink.name, client_options)
        self._refused_in_row = 0
        self._has_paused = False
        self._stopping = threading.Event()
        self.error: TocsinError | None = None

    @property
    def name(self) -> str:
        """The sink's."""
        return self._sink.name

    def stop(self) -> None:
        """Finish the delivery in hand, and end."""
        self._stopping.set()

    def run(self) -> None:
        """Until stopped. Raises `RetryableError` when Kafka or the store stays away, `ConfigError` when the sink can't work."""
        try:
            self._open()
            while not self._stopping.is_set():
                consumer = while_away("reach Kafka", self._connect, away_s_max=self._away_s_max)
                try:
                    while not self._stopping.is_set() and self._move(consumer):
                        pass
                finally:
                    consumer.close(autocommit=False)
        finally:
            self._sink.close()
            self._letters.close()
            self._memory.close()

    def run_guarded(self) -> None:
        """As `run`, for a thread: the error is kept in `error`."""
        try:
            self.run()
        except TocsinError as error:
            self.error = error

    def _open(self) -> None:
        while not self._stopping.is_set():
            try:
                self._sink.open(self._memory)
            except RetryableError as error:
                until = time.monotonic() + self._failed(error)
                while not self._stopping.wait(POLL_MS / 1000) and time.monotonic() < until:
                    beat()
            else:
                self._tell("delivering")
                return

    def _connect(self) -> Any:
        self._has_paused = False
        try:
            return KafkaConsumer(
                *self._sink.config.topics,
                ALERTS_AGAIN,
                **self._options,
                client_id=f"tocsin-sink-{self.name}",
                group_id=GROUP.format(name=self.name),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                max_poll_records=self._sink.batch_max,
                max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
            )
        except KafkaError as error:
            raise RetryableError(f"Kafka can't be reached: {error}") from error

    def _move(self, consumer: Any) -> bool:
        """One batch: take, deliver, commit. False when it is time to connect anew."""
        beat()
        try:
            polled = consumer.poll(timeout_ms=POLL_MS, max_records=self._sink.batch_max)
            messages = [message for batch in polled.values() for message in batch]
            if messages:
                alerts = self._take(messages)
                if not self._deliver(consumer, alerts):
                    return False
                consumer.commit()
            if isinstance(self._sink, TimedSink) and not self._tick(consumer, self._sink):
                return False
        except KafkaError as error:
            raise RetryableError(f"Kafka: {type(error).__name__}: {error}") from error
        return not self._has_paused

    def _take(self, messages: list[Any]) -> list[Alert]:
        """The alerts of the messages that this sink is to deliver; what is no alert goes to the rejects."""
        found: list[tuple[Alert, bool]] = []
        for message in messages:
            again_for = addressee(message.headers) if message.topic == ALERTS_AGAIN else self.name
            if message.value is None or again_for != self.name:
                continue
            try:
                alert = decode(message.value, Alert, step=f"sink {self.name}")
            except RejectedError as error:
                self._letters.send(message.value, error, (message.topic, message.partition, message.offset))
                DELIVERED.labels(self.name, "refused").inc()
            else:
                found.append((alert, message.topic == ALERTS_AGAIN))
        known = self._ask_store(lambda: self._memory.know([self._key(a) for a, _ in found]))
        return self._select(found, {alert_id: r.revision for alert_id, r in known.items()})

    def _select(self, found: Sequence[tuple[Alert, bool]], known: dict[AlertId, int]) -> list[Alert]:
        chosen = []
        for alert, is_again in found:
            key = self._key(alert)
            revision = known.get(key)
            # One that was delivered is followed to its end; one sent again was chosen once already.
            if is_again or (alert.revision > revision if revision is not None else self._sink.config.wants(alert)):
                chosen.append(alert)
                known[key] = max(alert.revision, revision or 0)
        return chosen

    def _key(self, alert: Alert) -> AlertId:
        """Under which a delivery is remembered: once an alert, whichever topics carry it, or for some sinks once a watch rule."""
        is_apart = alert.watch is not None and getattr(self._sink, "per_rule", False)
        return AlertId(f"{alert.alert_id}@{alert.watch.rule}") if is_apart and alert.watch else alert.alert_id

    def _deliver(self, consumer: Any, alerts: Sequence[Alert]) -> bool:
        """Until all are safe. False when stopped, or when the partitions went to another: nothing may be committed then."""
        todo = list(alerts)
        while todo:
            if self._stopping.is_set():
                return False
            # After a failure one alert goes ahead alone.
            part = todo[:1] if self._rest.failures else todo
            try:
                refusals = self._write(part)
            except RetryableError as error:
                if isinstance(error, AwayError) and error.safe:
                    self._settle(part[: error.safe], error.refusals)
                    todo = todo[error.safe :]
                if not self._wait(consumer, self._failed(error)):
                    return False
            else:
                self._settle(part, refusals)
                todo = todo[len(part) :]
        return True

    def _write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        try:
            with DELIVERY_S.labels(self.name).time():
                return self._sink.write(alerts)
        except TocsinError:
            raise
        except Exception as error:  # the outermost place of a sink: a poison alert must not stop it
            if len(alerts) > 1:
                return [refusal for alert in alerts for refusal in self._write([alert])]
            log.exception("sink_crashed", sink=self.name, alert=alerts[0].alert_id)
            return [Refusal(alerts[0], f"{type(error).__name__}: {error}", crashed=True)]

    def _settle(self, alerts: Sequence[Alert], refusals: Sequence[Refusal]) -> None:
        """Remember what was delivered, and put what was refused where an operator finds it."""
        refused = {(r.alert.alert_id, r.alert.revision) for r in refusals}
        for refusal in refusals:
            self._letters.refuse(refusal)
        latest = {self._key(a): a.revision for a in alerts if (a.alert_id, a.revision) not in refused}
        self._ask_store(lambda: self._memory.remember({a: Remembered(revision) for a, revision in latest.items()}))
        delivered = len(alerts) - len(refused)
        self._refused_in_row = 0 if delivered else self._refused_in_row + len(refused)
        if self._rest.failures:
            log.info("sink_back", sink=self.name, failures=self._rest.failures)
        self._rest.succeeded()
        DELIVERED.labels(self.name, "delivered").inc(delivered)
        DELIVERED.labels(self.name, "refused").inc(len(refused))
        self._tell("delivering", delivered=delivered, refused=len(refused))
        log.debug("delivered", sink=self.name, alerts=delivered)
        if self._refused_in_row >= REFUSED_IN_ROW_MAX:
            raise ConfigError(
                f"sink {self.name}: {self._refused_in_row} alerts refused one after the other, the last: {refusals[-1].reason}; mend it,"
                f" restart, then `tocsin sinks replay {self.name}`"
            )

    def _failed(self, error: RetryableError) -> float:
        """Say that the receiver is away, once; how long it is to rest."""
        is_setup = isinstance(error, AwayError) and error.is_setup
        first = not self._rest.failures
        asked_s = error.asked_s if isinstance(error, AwayError) else None
        rest_s = self._rest.failed(asked_s, is_setup=is_setup)
        say = (log.error if is_setup else log.warning) if first else log.debug
        say("sink_away", sink=self.name, reason=str(error), rest_s=round(rest_s, 1))
        self._tell("setup" if is_setup else "away", str(error))
        return rest_s

    def _wait(self, consumer: Any, seconds: float) -> bool:
        """Rest, and stay in the group meanwhile. False when stopped or when the partitions went to another.

        The consumer is paused and never resumed: kafka-python 3.0.12 does not always fetch a resumed partition again. Once the batch is
        through, another one takes its place.
        """
        held = consumer.assignment()
        consumer.pause(*held)
        self._has_paused = True
        until = time.monotonic() + seconds
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            beat()
            polled = consumer.poll(timeout_ms=int(min(POLL_MS, left * 1000)) + 1, max_records=1)
            if polled or consumer.assignment() != held:
                log.info("sink_rebalanced", sink=self.name)
                return False
        return not self._stopping.is_set()

    def _tick(self, consumer: Any, sink: TimedSink) -> bool:
        """What the sink does at its times; a receiver that is away is left alone as for alerts."""
        while not self._stopping.is_set():
            try:
                sink.tick(self._clock())
            except RetryableError as error:
                if not self._wait(consumer, self._failed(error)):
                    return False
            else:
                if self._rest.failures:
                    self._settle((), ())
                return True
        return False

    def _ask_store(self, ask: Callable[[], Any]) -> Any:
        return while_away("reach the store", ask, away_s_max=self._away_s_max)

    def _tell(self, state: str, reason: str = "", *, delivered: int = 0, refused: int = 0) -> None:
        try:
            self._memory.tell(state, reason, delivered=delivered, refused=refused)
        except RetryableError as error:  # for people only: the delivery does not wait for it
            log.debug("sink_state_untold", sink=self.name, error=str(error))


def run_sinks(loops: Sequence[SinkLoop], stopping: threading.Event) -> None:
    """Run the loops side by side until `stopping` is set or none is left.

    A sink that can't work ends alone, with its error logged. Raises the first such error at the end, and `RetryableError` at once: without
    Kafka or the store none of them can go on.
    """
    threads = {
        loop: threading.Thread(target=loop.run_guarded, name=f"sink-{n}", daemon=True) for n, loop in enumerate(loops)
    }
    for thread in threads.values():
        thread.start()
    told: set[SinkLoop] = set()
    while not stopping.wait(0.2) and any(thread.is_alive() for thread in threads.values()):
        failed = [loop for loop, thread in threads.items() if not thread.is_alive() and loop.error is not None]
        for loop in failed:
            if loop not in told:
                log.error("sink_stopped", sink=loop.name, error=str(loop.error))
                told.add(loop)
        if any(isinstance(loop.error, RetryableError) for loop in failed):
            break
    for loop in loops:
        loop.stop()
    for thread in threads.values():
        thread.join(STOP_S_MAX)
    errors = [loop.error for loop in loops if loop.error is not None]
    if errors:
        raise next((e for e in errors if isinstance(e, RetryableError)), errors[0])
