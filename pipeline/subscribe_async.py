"""AsyncSubscriber: the same as `Subscriber`, for programs that run on asyncio.

    async with AsyncSubscriber({"bootstrap_servers": "localhost:9092"}, group="soc") as alerts:
        async for alert in alerts:
            await notify(alert)

The Kafka client lives in a thread of its own, and only there. An alert counts as handled when the next one is asked for; if
the body raises or the task is cancelled, the alert in hand comes again.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

from pipeline.records import Alert
from pipeline.records.topics import ALERTS
from pipeline.subscribe import Subscriber


class AsyncSubscriber:
    """Yields alerts from the given topics; the arguments are those of `Subscriber`."""

    def __init__(
        self,
        client_options: dict[str, object],
        *,
        group: str | None = None,
        topics: Sequence[str] = (ALERTS,),
        since: datetime | None = None,
        stop_when_quiet: bool = False,
    ) -> None:
        self._make = partial(
            Subscriber, client_options, group=group, topics=topics, since=since, stop_when_quiet=stop_when_quiet
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tocsin-subscriber")
        self._subscriber: Subscriber | None = None

    async def __aenter__(self) -> Self:
        """Connect. Raises `RetryableError` when Kafka can't be reached."""
        try:
            self._subscriber = await asyncio.get_running_loop().run_in_executor(self._thread, self._make)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Alert]:
        """Alerts, for ever, or until `stop` (or the end, with `stop_when_quiet`)."""
        if self._subscriber is None:
            raise RuntimeError("use `async with AsyncSubscriber(...) as alerts`")
        alerts = iter(self._subscriber)
        loop = asyncio.get_running_loop()
        while (alert := await loop.run_in_executor(self._thread, _next, alerts)) is not None:
            yield alert

    def stop(self) -> None:
        """End the iteration at the next alert or poll."""
        if self._subscriber is not None:
            self._subscriber.stop()

    async def close(self) -> None:
        """Remember what was handled, and leave the group; a poll that is under way ends first."""
        if self._subscriber is not None:
            self._subscriber.stop()
            await asyncio.get_running_loop().run_in_executor(self._thread, self._subscriber.close)
            self._subscriber = None
        self._thread.shutdown(wait=False)


def _next(alerts: Iterator[Alert]) -> Alert | None:
    """The next alert; None at the end, because a StopIteration can't cross into a coroutine."""
    return next(alerts, None)
