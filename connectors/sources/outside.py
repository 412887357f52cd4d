"""The store and Kafka as the daemon's event loop calls them: in threads, and patiently while they are away."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from connectors.publish import Publisher
from connectors.sources.feedstore import FeedStore
from connectors.sources.source import Poll
from connectors.sources.subscriptions import SubscriptionStore
from connectors.threads import Threads
from pipeline.errors import RetryableError
from pipeline.process.metrics import PUBLISH_S
from pipeline.process.retry import PAUSE_S_FIRST, PAUSE_S_MAX
from pipeline.records import Health

PUBLISHING_MAX = 4
"""At once."""
CLOSE_S_MAX = 1.0
"""For each of the store's and the producer's last words."""

T = TypeVar("T")
log = structlog.get_logger()


class Outside:
    """One thread for the store, a few for Kafka."""

    def __init__(
        self,
        store: FeedStore,
        publisher: Publisher,
        subscriptions: SubscriptionStore | None,
        *,
        stopping: asyncio.Event,
        away_s_max: float,
    ) -> None:
        """`stopping` ends the waiting; so does `away_s_max`, in seconds."""
        self.store = store
        self.subscriptions = subscriptions
        self._publisher = publisher
        self._stopping = stopping
        self._away_s_max = away_s_max
        self._store_thread = Threads(1, "feed-store")
        self._kafka_threads = Threads(PUBLISHING_MAX, "publish")

    async def ask(self, what: str, attempt: Callable[[], T]) -> T:
        """What `attempt` gives, in the store's thread. Raises `RetryableError` when the store stays away."""
        return await self._patiently(what, self._store_thread, attempt)

    async def ask_once(self, attempt: Callable[[], T]) -> T | None:
        """As `ask`, tried once; None, and a line in the log, when the store is away."""
        try:
            return await self._store_thread.run(attempt)
        except RetryableError as error:
            log.warning("chore_failed", error=str(error))
            return None

    async def publish(self, poll: Poll, health: tuple[Health, ...]) -> None:
        """Returns once Kafka has acknowledged it all. Raises `RetryableError` when Kafka stays away."""

        def attempt() -> None:
            try:
                with PUBLISH_S.time():
                    self._publisher.publish(poll.articles, health)
            except RetryableError:
                self._publisher.reset()
                raise

        await self._patiently("publish articles", self._kafka_threads, attempt)

    async def close(self) -> None:
        """Let go of both; neither is waited for longer than `CLOSE_S_MAX`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._store_thread.run(self._close_store), CLOSE_S_MAX)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._kafka_threads.run(lambda: self._publisher.close(CLOSE_S_MAX)), CLOSE_S_MAX)
        self._store_thread.close()
        self._kafka_threads.close()

    def _close_store(self) -> None:
        self.store.close()
        if self.subscriptions is not None:
            self.subscriptions.close()

    async def _patiently(self, what: str, threads: Threads, attempt: Callable[[], T]) -> T:
        """The result of `attempt` in a thread, tried again while it raises `RetryableError`, up to the bound."""
        deadline = time.monotonic() + self._away_s_max
        pause_s = PAUSE_S_FIRST
        while True:
            try:
                return await threads.run(attempt)
            except RetryableError as error:
                if self._stopping.is_set():
                    raise
                if time.monotonic() + pause_s >= deadline:
                    raise RetryableError(f"{what}: still failing after {self._away_s_max:g} s: {error}") from error
                log.warning("waiting", what=what, pause_s=round(pause_s, 1), error=str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause_s)
                pause_s = min(pause_s * 2, PAUSE_S_MAX)
