"""Which worker may commit offsets for which partition.

Workers read fixed shares of the partitions (`--worker k/N`). While their number changes, two may read one partition: that
is harmless, because every step is idempotent, but only one may commit, or an offset could jump over articles that the other
still holds. The later claim wins; the earlier worker notices at its next commit.
"""

import threading
from typing import LiteralString

import psycopg
import structlog

from pipeline.errors import RetryableError
from pipeline.process.retry import while_away
from pipeline.store.connection import Connection, connect

CLAIM = """
INSERT INTO partition_owner AS o (topic, partition, worker, epoch) VALUES (%s, %s, %s, 1)
ON CONFLICT (topic, partition) DO UPDATE SET worker = excluded.worker, epoch = o.epoch + 1, since = now()
RETURNING epoch
"""
ASK = "SELECT epoch FROM partition_owner WHERE topic = %s AND partition = %s"

log = structlog.get_logger()


class PartitionOwnership:
    """Claims partitions of a topic for this worker and tells whether the claim still stands."""

    def __init__(self, url: str, topic: str, worker: str) -> None:
        self._url = url
        self._topic = topic
        self._worker = worker
        self._lock = threading.Lock()
        self._epochs: dict[int, object] = {}
        self._connection: Connection | None = None

    def claim(self, partition: int) -> None:
        """Become the owner of a partition. Raises `RetryableError` when the store stays away."""
        row = self._ask(CLAIM, (self._topic, partition, self._worker))
        self._epochs[partition] = row[0] if row else None

    def owns(self, partition: int) -> bool:
        """Whether this process is the partition's owner still.

        Raises `RetryableError` when the store stays away: then nothing may be committed.
        """
        row = self._ask(ASK, (self._topic, partition))
        still = row is not None and row[0] == self._epochs.get(partition)
        if not still:
            log.warning("partition_lost", topic=self._topic, partition=partition, worker=self._worker)
        return still

    def _ask(self, query: LiteralString, values: tuple[object, ...]) -> tuple[object, ...] | None:
        with self._lock:  # waits: who asks is about to commit an offset, and Beam does not ask a second time
            return while_away("store (ownership)", lambda: self._ask_once(query, values))

    def _ask_once(self, query: LiteralString, values: tuple[object, ...]) -> tuple[object, ...] | None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._url, application="ownership", autocommit=True)
            return self._connection.execute(query, values).fetchone()
        except psycopg.OperationalError as error:
            self._connection = None
            raise RetryableError(f"the store does not tell who owns {self._topic}: {error}") from error
