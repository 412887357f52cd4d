"""One store connection per process and purpose, opened when needed and opened anew when it was lost."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

import psycopg

from pipeline.errors import RetryableError, TocsinError
from pipeline.process.retry import while_away
from pipeline.store.connection import TRANSACTION_TIMEOUT_S, Connection, connect

PART_MAX = 64
"""Items that a transaction takes at most; fewer after one that took long."""
PART_S = TRANSACTION_TIMEOUT_S / 5
"""What a transaction of a whole part should take at most: the others wait for its lock so long."""

T = TypeVar("T")
Item = TypeVar("Item")


class StoreLimitError(TocsinError):
    """A value that the store can't take (an address too long for its index, say); trying again will not help."""


class Session:
    """Runs transactions one at a time on a connection that it keeps."""

    def __init__(self, url: str, application: str) -> None:
        self._url = url
        self._application = application
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._part = PART_MAX

    def transact_in_parts(self, items: Sequence[Item], work: Callable[[Connection, Sequence[Item]], T]) -> list[T]:
        """The results of `work` on parts of the items, in order, each in a transaction of its own; otherwise as `transact`.

        For work whose items need not be committed together. A slow store (or a busy machine) would end the transaction of a
        large batch for lasting too long, again and again: so parts shrink with the time that the last one took.
        """
        found: list[T] = []
        done = taken = 0
        began = 0.0

        def work_on_part(connection: Connection) -> T:
            nonlocal taken, began
            began = time.monotonic()  # of this attempt
            part = items[done : done + self._part]
            taken = len(part)
            return work(connection, part)

        while done < len(items):
            found.append(self.transact(work_on_part))
            done += taken
            self._adapt(time.monotonic() - began)
        return found

    def _adapt(self, seconds: float) -> None:
        """Size the next part by how long this one took: halved or doubled, so that one hiccup is soon forgotten."""
        if seconds > PART_S:
            self._part = max(1, self._part // 2)
        elif seconds < PART_S / 4:
            self._part = min(PART_MAX, self._part * 2)

    def transact(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` in a transaction that was committed.

        A transaction that fails because the store is away, because it met another (deadlock, serialisation), or because the
        server ended it (this process was paused), is tried again; `work` must therefore be harmless to repeat. Raises
        `RetryableError` when the store stays away, `StoreLimitError` when what `work` brings will never fit.
        """
        with self._lock:
            return while_away(f"store ({self._application})", lambda: self._once(work))

    def _once(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, application=self._application)
        try:
            with self._connection.transaction():
                return work(self._connection)
        except psycopg.errors.ProgramLimitExceeded as error:
            raise StoreLimitError(str(error).strip()) from error
        except (psycopg.OperationalError, psycopg.InternalError) as error:
            # The time-outs that end a paused process's transaction (25P03, 25P04) come as internal errors.
            self._connection.close()
            if isinstance(error, psycopg.errors.TransactionTimeout):
                self._part = max(1, self._part // 4)
            raise RetryableError(str(error).strip()) from error


@cache
def session(url: str, application: str) -> Session:
    """The session that everything in this process with the same purpose shares."""
    return Session(url, application)
