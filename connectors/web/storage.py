"""The store as pages read it: a few threads with a connection each, and one clear answer when it is away."""

import threading
from collections.abc import Callable
from typing import TypeVar

import psycopg
from aiohttp import web

from connectors.threads import Threads
from pipeline.config import Config
from pipeline.errors import RetryableError
from pipeline.store.connection import Connection, connect

READERS = 4

T = TypeVar("T")


class Storage:
    """Runs functions of a connection, in threads, each in a transaction of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._threads = Threads(READERS, "web-store")
        self._local = threading.local()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives. Answers 503 when the store can't be reached."""
        try:
            return await self._threads.run(lambda: self._transact(work))
        except (RetryableError, psycopg.OperationalError) as error:
            raise web.HTTPServiceUnavailable(
                text=f"The store does not answer: {str(error).strip()}\nThis page works again as soon as it does.",
                headers={"Retry-After": "5"},
            ) from error

    def close(self) -> None:
        """End the threads; their connections end with them."""
        self._threads.close()

    def _transact(self, work: Callable[[Connection], T]) -> T:
        fresh = getattr(self._local, "connection", None) is None or self._local.connection.closed
        if fresh:
            self._local.connection = connect(self._url, application="web")
        try:
            with self._local.connection.transaction():
                return work(self._local.connection)
        except psycopg.OperationalError:
            self._local.connection.close()
            if fresh:
                raise
            # The one we kept had been ended by the server; nothing was done on it.
            return self._transact(work)


STORAGE: web.AppKey[Storage] = web.AppKey("storage", Storage)
CONFIG: web.AppKey[Config] = web.AppKey("config", Config)
