"""The relay: the one process that publishes. What the store committed stands on the topics exactly once, in order per alert.

    number   the waiting outbox rows become batch n, committed in PostgreSQL
    send     batch n in one Kafka transaction, with the record {store id, n} on `tocsin.relay`
    done     batch n is marked and its rows removed

After a crash the last committed record on `tocsin.relay` tells whether batch n went out. A cursor over the rows' sequence
would not do: a lower number can become visible after a higher one. The advisory lock lets one relay publish; the fixed
transactional id fences a twin that was paused and wakes. If Kafka knows a later batch, or another store, than the store
does (a restore from a backup, a swapped broker), the relay refuses: `RelayRefusedError`.
"""

import threading
import time
from typing import cast

import msgspec
import psycopg
import structlog
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition
from msgspec import Struct

from pipeline.errors import RetryableError, TocsinError
from pipeline.process.failpoints import reach
from pipeline.process.metrics import OUTBOX, OUTBOX_S, RELAY_ACTIVE, RELAYED
from pipeline.process.probes import beat
from pipeline.records.codec import MESSAGE_BYTES_MAX
from pipeline.records.topics import RELAY, TOPICS, ensure, topic_named
from pipeline.store.connection import CONNECT_TIMEOUT_S, RELAY_LOCK, Connection
from pipeline.store.outbox import CHANNEL
from pipeline.store.purge import purge

BATCH_ROWS_MAX = 500
BATCH_BYTES_MAX = 1024 * 1024
BEAT_S = 2.0
"""How often the lock's connection is used at least."""
SILENCE_S_MAX = 10
"""The server ends a lock's connection that was silent for so long: a paused relay loses the lock and its twin goes on."""
STANDBY_S = 1.0
SEND_TIMEOUT_S = 30.0
TRANSACTION_TIMEOUT_MS = 60_000
LOOK_BACK_OFFSETS = 1000
"""How far from the end of `tocsin.relay` its last record is looked for at first; then from the start."""
READ_TIMEOUT_S = 30.0
TRANSACTIONAL_ID = "tocsin-relay"
HISTORY_KEPT = "7 days"
PURGE_S = 3600.0
"""How often what is older than `store.keep_days` is deleted, when there is nothing to publish."""

WAITING = """
SELECT id FROM (
    SELECT id, sum(length(value) + length(key)) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS place
    FROM (SELECT id, key, value FROM outbox WHERE batch IS NULL ORDER BY id LIMIT %s) AS first
) AS sized WHERE bytes <= %s OR place = 1
"""
WAITING_ROWS = "SELECT count(*) FROM outbox"
NUMBER = "UPDATE outbox SET batch = %s WHERE id = ANY(%s)"
OPEN = (
    "INSERT INTO relay_batches (batch, rows) SELECT coalesce(max(batch), 0) + 1, %s FROM relay_batches RETURNING batch"
)
ROWS = "SELECT topic, key, value, headers FROM outbox WHERE batch = %s ORDER BY id"
DONE = "UPDATE relay_batches SET done_at = now() WHERE batch = %s"
REMOVE = "DELETE FROM outbox WHERE batch = %s"
FORGET = (
    "DELETE FROM relay_batches WHERE done_at < now() - %s::interval AND batch < (SELECT max(batch) FROM relay_batches)"
)
OPEN_BATCH = "SELECT min(batch) FROM relay_batches WHERE done_at IS NULL"
LAST_BATCH = "SELECT coalesce(max(batch), 0) FROM relay_batches"

log = structlog.get_logger()


class RelayRefusedError(TocsinError):
    """Kafka and the store do not belong together; publishing would lose or repeat alerts."""


class Position(Struct, frozen=True):
    """What stands on `tocsin.relay`: the last batch of which store."""

    store: str
    batch: int


class Relay:
    """Publishes until told to stop."""

    def __init__(
        self, client_options: dict[str, object], store_url: str, *, keep_days: int, replication: int = 1
    ) -> None:
        self._options = client_options
        self._keep_days = keep_days
        self._replication = replication  # of watch rules' topics, which are made when they are first needed
        self._topics = {topic.name for topic in TOPICS}
        self._purged_at = -PURGE_S
        self._url = store_url
        self._stop = threading.Event()

    def stop(self) -> None:
        """Finish the batch in hand and return from `run`."""
        self._stop.set()

    def run(self) -> None:
        """Wait for the lock, then publish. Raises `RetryableError` when the store or Kafka fails: start it anew."""
        try:
            with self._connect() as connection:
                if not self._wait_for_lock(connection):
                    return
                log.info("relay_active")
                RELAY_ACTIVE.set(1)
                self._publish(connection)
        except psycopg.Error as error:
            raise RetryableError(f"the relay lost the store: {str(error).strip()}") from error
        except KafkaError as error:
            raise RetryableError(f"the relay lost Kafka: {error}") from error

    def _connect(self) -> Connection:
        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="tocsin-relay",
            options=f"-c idle_session_timeout={SILENCE_S_MAX}s -c idle_in_transaction_session_timeout={SILENCE_S_MAX}s",
        )

    def _wait_for_lock(self, connection: Connection) -> bool:
        while not self._stop.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (RELAY_LOCK,)).fetchone()
            if row and row[0]:
                return True
            beat()
            self._stop.wait(STANDBY_S)
        return False

    def _publish(self, connection: Connection) -> None:
        store = str(_one(connection, "SELECT store_id FROM store"))
        producer = KafkaProducer(
            **self._options,
            transactional_id=TRANSACTIONAL_ID,
            enable_idempotence=True,
            acks="all",
            max_request_size=2 * MESSAGE_BYTES_MAX,
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
        )
        try:
            producer.init_transactions()  # ends a transaction that a dead relay left open, and fences a living twin
            self._catch_up(connection, producer, store)
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stop.is_set():
                beat()
                if not self._publish_next(connection, producer, store):
                    for _ in connection.notifies(timeout=BEAT_S, stop_after=1):
                        pass
                    OUTBOX.set(cast("int", _one(connection, WAITING_ROWS)))  # the lock's connection is used: the beat
                    self._purge(connection)
        finally:
            producer.close(timeout=SEND_TIMEOUT_S)

    def _purge(self, connection: Connection) -> None:
        """Clean the store now and then: this is the one place of which there is exactly one."""
        if time.monotonic() - self._purged_at >= PURGE_S:
            self._purged_at = time.monotonic()
            purge(connection, self._keep_days, is_stopped=self._stop.is_set)

    def _catch_up(self, connection: Connection, producer: KafkaProducer, store: str) -> None:
        """Finish the batch that a crash left open, after asking Kafka whether it went out."""
        there = last_position(self._options)
        last = cast("int", _one(connection, LAST_BATCH))
        if there and (there.store != store or there.batch > last):
            raise RelayRefusedError(
                f"Kafka's last batch is {there.batch} of store {there.store}, but this store is {store} at batch {last}. "
                "Was one of them restored or replaced? `tocsin relay reconcile` explains and continues from here."
            )
        batch = _one(connection, OPEN_BATCH)
        if batch is None:
            return
        n = cast("int", batch)
        if there is None or there.batch < n:
            self._send(connection, producer, store, n)
        self._mark_done(connection, n)

    def _publish_next(self, connection: Connection, producer: KafkaProducer, store: str) -> bool:
        """Publish the next batch; False when nothing waits."""
        with connection.transaction():
            ids = [row[0] for row in connection.execute(WAITING, (BATCH_ROWS_MAX, BATCH_BYTES_MAX))]
            if not ids:
                return False
            n = cast("int", _one(connection, OPEN, (len(ids),)))
            connection.execute(NUMBER, (n, ids))
        reach("numbered")
        with OUTBOX_S.time():
            self._send(connection, producer, store, n)
            reach("sent")
            self._mark_done(connection, n)
        reach("done")
        return True

    def _send(self, connection: Connection, producer: KafkaProducer, store: str, n: int) -> None:
        rows = connection.execute(ROWS, (n,)).fetchall()
        self._make_topics({str(row[0]) for row in rows})
        # After an error in here it is not known whether the commit went through; the next start asks `tocsin.relay`.
        producer.begin_transaction()
        sent = [
            producer.send(str(topic), key=str(key).encode(), value=cast("bytes | None", value), headers=_wire(headers))
            for topic, key, value, headers in rows
        ]
        sent.append(producer.send(RELAY, key=store.encode(), value=msgspec.json.encode(Position(store, n))))
        producer.flush(timeout=SEND_TIMEOUT_S)
        for future in sent:
            future.get(timeout=SEND_TIMEOUT_S)
        reach("flushed")
        producer.commit_transaction()
        for topic, *_ in rows:
            RELAYED.labels(str(topic)).inc()
        log.debug("batch_published", batch=n, rows=len(rows))

    def _make_topics(self, names: set[str]) -> None:
        """Create the topics of new watch rules: a message for a topic that is not there would stop the stream."""
        missing = [topic for name in sorted(names - self._topics) if (topic := topic_named(name))]
        if missing and (created := ensure(self._options, missing, replication=self._replication)):
            log.info("topics_created", topics=created)
        self._topics |= names

    def _mark_done(self, connection: Connection, n: int) -> None:
        with connection.transaction():
            connection.execute(DONE, (n,))
            connection.execute(REMOVE, (n,))
            connection.execute(FORGET, (HISTORY_KEPT,))


def _wire(headers: object) -> list[tuple[str, bytes]]:
    return [(name, str(value).encode()) for name, value in cast("dict[str, str]", headers).items()]


def last_position(client_options: dict[str, object]) -> Position | None:
    """The last committed record on `tocsin.relay`; None on an empty topic. Call after `init_transactions`."""
    consumer = KafkaConsumer(
        **client_options, isolation_level="read_committed", enable_auto_commit=False, group_id=None
    )
    try:
        at = TopicPartition(RELAY, 0)
        consumer.assign([at])
        first, end = consumer.beginning_offsets([at])[at], consumer.end_offsets([at])[at]
        for start in dict.fromkeys((max(first, end - LOOK_BACK_OFFSETS), first)):
            if found := _read_last(consumer, at, start, end):
                return found
    finally:
        consumer.close()
    return None


def _read_last(consumer: KafkaConsumer, at: TopicPartition, start: int, end: int) -> Position | None:
    consumer.seek(at, start)
    last: Position | None = None
    deadline = time.monotonic() + READ_TIMEOUT_S
    while consumer.position(at) < end:
        if time.monotonic() > deadline:
            raise RetryableError(f"{RELAY} can't be read to its end")
        for records in consumer.poll(timeout_ms=500).values():
            last = msgspec.json.decode(records[-1].value, type=Position)
    return last


def reconcile(client_options: dict[str, object], store_url: str) -> tuple[Position | None, Position]:
    """Make the store continue after Kafka's position, whatever it is: before and after.

    For an operator who knows that store and broker belong together again (restored, replaced). Rows of an open batch that
    Kafka may have already are published again: rather twice than never.
    """
    there = last_position(client_options)
    with psycopg.connect(store_url) as connection:
        store = str(_one(connection, "SELECT store_id FROM store"))
        last = cast("int", _one(connection, LAST_BATCH))
        n = max(last, there.batch if there else 0) + 1
        connection.execute("UPDATE outbox SET batch = NULL")
        connection.execute("UPDATE relay_batches SET done_at = now() WHERE done_at IS NULL")
        connection.execute("INSERT INTO relay_batches (batch, rows, done_at) VALUES (%s, 0, now())", (n,))
    producer = KafkaProducer(**client_options, transactional_id=TRANSACTIONAL_ID, enable_idempotence=True, acks="all")
    try:
        producer.init_transactions()
        producer.begin_transaction()
        position = Position(store, n)
        producer.send(RELAY, key=store.encode(), value=msgspec.json.encode(position)).get(timeout=SEND_TIMEOUT_S)
        producer.commit_transaction()
    finally:
        producer.close()
    return there, position


def _one(connection: Connection, query: str, values: tuple[object, ...] = ()) -> object:
    row = connection.execute(query, values).fetchone()
    return row[0] if row else None
