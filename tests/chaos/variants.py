"""`python -m tests.chaos.variants NAME WORDS`: the command line with one known mistake put into it.

Each is a mistake that systems like this one are known for, and each must be caught by the checker. They live here, as patches,
so that no bad code is in the product.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable

import psycopg

from connectors.sources.outside import Outside
from connectors.sources.source import Poll
from pipeline.flow import write
from pipeline.flow.partitions import Message, PartitionReader
from pipeline.records import Health
from pipeline.store import outbox
from pipeline.store.connection import Connection

ACKNOWLEDGED_AFTER_S = 60.0


def commit_before_write() -> None:
    """The offset is committed when a batch is taken, not when it is written."""
    take = PartitionReader.take

    def take_and_commit(self: PartitionReader, partition: int, offset: int, turns: int) -> list[Message]:
        messages = take(self, partition, offset, turns)
        if messages:
            self.commit(partition, messages[-1].offset + 1)
        return messages

    PartitionReader.take = take_and_commit  # type: ignore[method-assign]


def outbox_without_transaction() -> None:
    """The message goes into the outbox beside the transaction that it tells of."""
    put = outbox._put

    def put_beside(connection: Connection, rows: Iterable[tuple[str, str, bytes]]) -> None:
        with psycopg.connect(connection.info.dsn, password=connection.info.password) as other:
            put(other, rows)

    outbox._put = put_beside


def state_before_acknowledgement() -> None:
    """A poll is saved as done before Kafka has its articles."""
    publish = Outside.publish

    kept = set()  # the event loop itself keeps no task alive

    async def publish_later(self: Outside, poll: Poll, health: tuple[Health, ...]) -> None:
        async def later() -> None:
            await asyncio.sleep(ACKNOWLEDGED_AFTER_S)
            await publish(self, poll, health)

        kept.add(asyncio.create_task(later()))

    Outside.publish = publish_later  # type: ignore[method-assign]


def write_without_check() -> None:
    """What was written already is written again."""
    write.DONE = write.DONE.replace("DO NOTHING", "DO UPDATE SET at = now()")  # type: ignore[attr-defined]


VARIANTS: dict[str, Callable[[], None]] = {
    "as-it-is": lambda: None,
    "commit-before-write": commit_before_write,
    "outbox-without-transaction": outbox_without_transaction,
    "state-before-acknowledgement": state_before_acknowledgement,
    "write-without-check": write_without_check,
}

if __name__ == "__main__":
    VARIANTS[sys.argv[1]]()
    from pipeline.cli import main

    main(sys.argv[2:])
