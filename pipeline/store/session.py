"""One store connection per process and purpose, opened when needed and opened anew when it was lost."""

import threading
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import psycopg

from pipeline.store.connection import Connection, connect
from pipeline.waiting import while_away

T = TypeVar("T")


class Session:
    """Runs transactions one at a time on a connection that it keeps."""

    def __init__(self, url: str, application: str) -> None:
        self._url = url
        self._application = application
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def transact(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` in a transaction that was committed.

        A transaction that fails because the store is away, or because it met another (deadlock, serialisation), is tried
        again; `work` must therefore be harmless to repeat. Raises `RetryableError` when the store stays away.
        """
        with self._lock:
            return while_away(f"store ({self._application})", lambda: self._once(work))

    def _once(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, application=self._application)
        try:
            with self._connection.transaction():
                return work(self._connection)
        except psycopg.OperationalError:
            self._connection.close()
            raise


@cache
def session(url: str, application: str) -> Session:
    """The session that everything in this process with the same purpose shares."""
    return Session(url, application)
