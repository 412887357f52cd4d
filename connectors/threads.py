"""Threads for clients that block, which the process does not wait for when it ends.

A broker or a database that was paused holds a call for as long as it likes; `concurrent.futures` would join that thread at the end of the
process, and a stop in bounded time would be none.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Threads:
    """A few daemon threads that take calls in turn."""

    def __init__(self, count: int, name: str) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self._count = count
        for number in range(count):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    async def run(self, call: Callable[[], T]) -> T:
        """The call's result, made in one of the threads; a cancelled caller leaves a call that runs to its end."""
        future: Future[T] = Future()
        self._calls.put((future, call))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """End the threads once they are free; nobody waits."""
        for _ in range(self._count):
            self._calls.put(None)

    def _work(self) -> None:
        while (taken := self._calls.get()) is not None:
            future, call = taken
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - it is the caller's, who waits in another thread
                future.set_exception(error)
