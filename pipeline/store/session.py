"""One store connection per process and purpose, opened when needed and opened anew when it was lost."""

import threading
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import psycopg

from pipeline.errors import RetryableError, TocsinError
from pipeline.store.connection import Connection, connect
from pipeline.waiting import while_away

T = TypeVar("T")


class StoreLimitError(TocsinError):
    """A value that the store can't take (an address too long for its index, say); trying again will not help."""


class Session:
    """Runs transactions one at a time on a connection that it keeps."""

    def __init__(self, url: str, application: str) -> None:
        self._url = url
        self._application = application
        self._lock = threading.Lock()
        self._connection: Connection | None = None

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
            raise RetryableError(str(error).strip()) from error


@cache
def session(url: str, application: str) -> Session:
    """The session that everything in this process with the same purpose shares."""
    return Session(url, application)
