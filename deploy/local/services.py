"""Brings the embedded servers up side by side: what takes long runs in threads, what must be in the main thread does not.

(The kernel ends a child with the thread that started it: see `deploy.local.launch`.)
"""

import time
from collections.abc import Callable, Sequence

from deploy.local import background
from deploy.local.process import PortTakenError, Server, StartError

READY_SECONDS_MAX = 120
"""From the start of a server's process. 3-7 s as a rule; a broker killed with much unflushed data reads its logs first."""
POLL_SECONDS = 0.05
MOVES_MAX = 3
"""How often a server goes to another port because somebody was quicker."""


class Stopped(Exception):  # noqa: N818 - no error: somebody asked
    """A stop was asked for before everything was up."""


class Starting:
    """One server on its way up: being prepared, then started, then ready; on other ports if its own were taken meanwhile."""

    def __init__(self, server: Server, show: Callable[[str, str], None]) -> None:
        self._server = server
        self._show = show
        self._moves = 0
        self.is_ready = False
        self._prepare()

    def step(self) -> bool:
        """Go on as far as possible without waiting; whether it became ready just now. Raises `StartError`, `JarError`."""
        if self.is_ready:
            return False
        if self._deadline is None:
            self._start_if_prepared()
            return False
        try:
            self.is_ready = self._server.is_ready()
        except PortTakenError:
            if self._moves == MOVES_MAX:
                raise
            self._move()
            return False
        if self.is_ready:
            self._show(self._server.name, "ready")
        elif time.monotonic() > self._deadline:
            raise StartError(f"{self._server.name} was not ready within {READY_SECONDS_MAX} s", self._server.log)
        return self.is_ready

    def _prepare(self) -> None:
        self._deadline: float | None = None
        self._prepared = background.run(self._server.prepare, name=f"prepare-{self._server.name}")

    def _start_if_prepared(self) -> None:
        if not self._prepared.done():
            return
        self._prepared.result()
        self._show(self._server.name, "starting")
        self._server.start()
        self._deadline = time.monotonic() + READY_SECONDS_MAX

    def _move(self) -> None:
        self._moves += 1
        self._show(self._server.name, "its port was taken: on to another one")
        self._server.move()
        self._prepare()


def bring_up(
    servers: Sequence[Server],
    *,
    show: Callable[[str, str], None],
    on_ready: Callable[[Server], None],
    is_stopping: Callable[[], bool],
) -> None:
    """Prepare and start each server, calling `on_ready` for each. Main thread only.

    Raises `StartError` or `JarError` when one does not come up, `Stopped` when `is_stopping` says so; servers already started are left
    for the caller to stop.
    """
    starting = [(server, Starting(server, show)) for server in servers]
    while not all(one.is_ready for _, one in starting):
        if is_stopping():
            raise Stopped
        for server, one in starting:
            if one.step():
                on_ready(server)
        time.sleep(POLL_SECONDS)
