"""The processes under the supervisor: which there are, and how each is kept running.

`Child` is a small state machine without a clock or a thread of its own: `tick(now)` starts, notices a death, waits and starts again. A
death is reported once, with the last lines of its log. A process that ends with exit code 2 has a configuration it can't work with;
starting it again would change nothing, so it stays down until the configuration is read again.
"""

import enum
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

import pipeline
from deploy.local import process
from deploy.local.backoff import Backoff
from deploy.local.layout import Layout
from deploy.local.plan import Member
from deploy.local.process import Process
from pipeline.cli import EXIT_USAGE
from pipeline.process import probes

REPORT_LINES = 8

ENVIRONMENT = {
    "PYTHONUNBUFFERED": "1",
    "PYTHONFAULTHANDLER": "1",
    "MALLOC_ARENA_MAX": "2",  # glibc keeps an arena per thread otherwise: tens of MB in a process with many threads
}


class State(enum.StrEnum):
    """Of a child."""

    RUNNING = "running"
    WAITING = "waiting"  # died; starts again later
    REFUSED = "refused"  # its configuration is wrong; stays down
    STOPPED = "stopped"


class Death(Struct, frozen=True):
    """A child ended without being asked to."""

    name: str
    exit_code: int
    again_in: float | None  # seconds; None: not before the configuration is read again
    last_lines: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The exit code in words."""
        if self.exit_code < 0:
            return f"killed by {signal.Signals(-self.exit_code).name}"
        return f"ended with code {self.exit_code}"


class Child:
    """One process that should run, and its history."""

    def __init__(
        self,
        name: str,
        start: Callable[[], Process],
        *,
        first_signal: signal.Signals = signal.SIGTERM,
        backoff: Backoff | None = None,
    ) -> None:
        """`start` is called in the main thread, for the first start and every one after a death."""
        self.name = name
        self.state = State.STOPPED
        self.restarts = 0
        self.last_death: Death | None = None
        self._start = start
        self._first_signal = first_signal
        self._backoff = backoff or Backoff()
        self._process: Process | None = None
        self._since = 0.0
        self._due = 0.0
        self._must_reload = False  # the process that runs was told to, after it had started

    @property
    def pid(self) -> int | None:
        """None unless it runs."""
        return self._process.pid if self._process and self.state is State.RUNNING else None

    def adopt(self, running: Process, now: float) -> None:
        """Take over a process that was started already."""
        self._process = running
        self._since = now
        self._must_reload = False
        self.state = State.RUNNING

    def start(self, now: float) -> None:
        """Start it now."""
        self.adopt(self._start(), now)

    def tick(self, now: float) -> Death | None:
        """Notice a death, start again when it is time. A death is returned once.

        Raises OSError when it can't be started (no memory, too many processes); it is tried again later.
        """
        if self.state is State.WAITING and now >= self._due:
            try:
                self.start(now)
            except OSError:
                self._due = now + self._backoff.wait_after(0.0)
                raise
            self.restarts += 1
        elif self.state is State.RUNNING and self._process and (code := self._process.exit_code()) is not None:
            return self._die(code, now)
        return None

    def reload(self) -> None:
        """Pass SIGHUP on; one that refused its configuration gets another chance.

        Guarantee: whatever the process is at, what runs afterwards has read the configuration as it is now. One that listens
        reads it again; one that does not is ended by the signal and started again; one that had refused the configuration
        before, without our having noticed yet, is started again as well.
        """
        if self.state is State.RUNNING and self._process:
            self._must_reload = True
            self._process.send(signal.SIGHUP)
        elif self.state in (State.REFUSED, State.WAITING):
            self._backoff.forget()
            self._due = 0.0
            self.state = State.WAITING

    def begin_stop(self) -> None:
        """Ask it to end; see `finish_stop`."""
        if self.state is State.RUNNING and self._process:
            self._process.send(self._first_signal)
        self.state = State.STOPPED

    def finish_stop(self, seconds: float) -> bool:
        """Wait, then kill. Whether it went by itself."""
        if self._process is None or self._process.wait(seconds):
            return True
        self._process.kill()
        return False

    def _die(self, code: int, now: float) -> Death | None:
        ran = now - self._since
        lines = tuple(self._process.last_lines(REPORT_LINES)) if self._process else ()
        wait = None
        if code == -signal.SIGHUP or (code == EXIT_USAGE and self._must_reload):
            # Asked to read its configuration again before it could listen, or after it had refused the one before:
            # starting does that.
            self._due = now
            self.state = State.WAITING
            return None
        if code == EXIT_USAGE:
            self.state = State.REFUSED
        else:
            wait = self._backoff.wait_after(ran)
            self._due = now + wait
            self.state = State.WAITING
        self.last_death = Death(self.name, code, wait, lines)
        return self.last_death


def stop_together(children: Iterable[Child], seconds: float, clock: Callable[[], float]) -> list[str]:
    """Ask all at once, wait at most `seconds` for all together; the names of those that had to be killed."""
    wanted = list(children)
    for child in wanted:
        child.begin_stop()
    deadline = clock() + seconds
    return [child.name for child in wanted if not child.finish_stop(max(0.0, deadline - clock()))]


def make_command(*words: str) -> list[str]:
    """The command line of a `tocsin` subcommand in this very Python, whatever the working directory holds."""
    return [sys.executable, "-P", "-m", "pipeline.cli", *words]


def make_environment() -> dict[str, str]:
    """The environment of a child: ours, with the package found as we found it."""
    root = Path(pipeline.__file__).parent.parent
    environment = {**os.environ, **ENVIRONMENT}
    if root.name != "site-packages":  # run from a checkout that isn't installed
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), environment.get("PYTHONPATH"))))
    return environment


def make_child(member: Member, layout: Layout) -> Child:
    """The child that runs a member of the plan with the effective configuration."""
    configured = ("--config", str(layout.config)) if member.is_configured else ()
    command = make_command(*member.words, *configured)
    environment = make_environment() | ({probes.VARIABLE: member.metrics} if member.metrics else {})
    return Child(
        member.name,
        lambda: process.start(member.name, command, log=layout.log(member.name), environment=environment),
    )
