"""Work in threads that nobody has to wait for at the end.

An executor's threads are joined when Python exits: Ctrl-C during a slow download would hang until it ends. These are daemon threads:
what they do must be harmless when cut short.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def run(function: Callable[[], R], *, name: str) -> "Future[R]":
    """Call `function` in a thread of its own."""
    return run_each(lambda _: function(), [None], threads=1, name=name)[0]


def run_each(function: Callable[[T], R], items: Iterable[T], *, threads: int, name: str) -> "list[Future[R]]":
    """Call `function` for every item, so many at a time, in their order; one future each. A cancelled one is left out."""
    pending = deque((item, Future[R]()) for item in items)
    futures = [future for _, future in pending]

    def work() -> None:
        while True:
            try:
                item, future = pending.popleft()
            except IndexError:
                return
            if future.set_running_or_notify_cancel():
                _settle(future, function, item)

    for number in range(threads):
        threading.Thread(target=work, name=f"{name}-{number}", daemon=True).start()
    return futures


def _settle(future: "Future[R]", function: Callable[[T], R], item: T) -> None:
    try:
        future.set_result(function(item))
    except BaseException as error:  # noqa: BLE001 - handed on to whoever asks for the result
        future.set_exception(error)
