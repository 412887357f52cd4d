"""Starting and stopping the processes of one machine.

Guarantees: a started process ends with its supervisor (see `deploy.local.launch`), doesn't see the terminal's Ctrl-C (it
has a session of its own, the supervisor alone decides the order), and is gone when `stop` returns. Call `start` from the main
thread.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self

from msgspec import Struct

from deploy.local import launch
from pipeline.errors import RetryableError

KILL_WAIT_SECONDS = 5.0
"""After SIGKILL a process ends at once, unless it waits for a disk that does not answer."""
POLL_SECONDS = 0.05
START_ERROR_LINES = 15
TAIL_BYTES = 64 * 1024
LOG_MODE = 0o600
"""Logs may quote feeds and addresses: for their owner only."""


class StartError(RetryableError):
    """A process did not come up; the message ends with the last lines of its log."""

    def __init__(self, what: str, log: Path) -> None:
        lines = "\n".join(f"    {line}" for line in read_last_lines(log, START_ERROR_LINES))
        super().__init__(f"{what}; the end of {log}:\n{lines}" if lines else f"{what}; {log} is empty")


class PortTakenError(StartError):
    """Another program bound a port between our choice and the server's start; on another port it may work."""


PORT_TAKEN = "Address already in use"
"""What both servers write (strerror of EADDRINUSE)."""


def explain_end(what: str, log: Path) -> StartError:
    """The error for a server that ended while starting, by what the end of its log says."""
    taken = any(PORT_TAKEN in line for line in read_last_lines(log, START_ERROR_LINES))
    return (PortTakenError if taken else StartError)(what, log)


class User(Struct, frozen=True):
    """The system user that a process runs as."""

    uid: int
    gid: int

    @classmethod
    def current(cls) -> Self:
        """Stay the user that we are."""
        return cls(-1, -1)


class Process:
    """A child process with its name and log file."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._popen = popen

    @property
    def pid(self) -> int:
        """The process id; the launcher becomes the program, so it is the program's."""
        return self._popen.pid

    def exit_code(self) -> int | None:
        """None while it runs; -N when signal N ended it."""
        return self._popen.poll()

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.exit_code() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal; harmless when the process has ended."""
        self._popen.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        try:
            self._popen.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the process and whatever it started in its session."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._popen.kill()
        self.wait(KILL_WAIT_SECONDS)

    def stop(self, seconds: float, *, first: signal.Signals = signal.SIGTERM) -> bool:
        """Ask with `first`, kill after `seconds`. Whether it went by itself."""
        if self.is_running():
            self.send(first)
        if self.wait(seconds):
            return True
        self.kill()
        return False

    def last_lines(self, count: int = 20) -> list[str]:
        """The end of its log."""
        return read_last_lines(self.log, count)


def start(
    name: str,
    program: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: User | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    directory: Path | None = None,
) -> Process:
    """Start `program` (an absolute path and its arguments), standard output and error appended to `log`.

    `death_signal` is what the kernel sends it when this thread ends. Raises OSError when the launcher can't be started; a program
    that can't be executed shows as a process that ended at once, with the reason in its log.
    """
    user = user or User.current()
    words = (os.getpid(), int(death_signal), user.uid, user.gid)
    command = [sys.executable, "-I", "-S", str(launch.__file__), *map(str, words), *program]
    log.parent.mkdir(parents=True, exist_ok=True)
    # Append mode, so that the log can be cut while the child holds it open (see deploy.local.logs).
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE)
    # Blocked until the launcher hears them: a signal that comes earlier waits, even where we ourselves ignore it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, launch.HEARD)
    try:
        popen = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            cwd=directory,
            start_new_session=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(descriptor)
    return Process(name, popen, log)


class Server(Protocol):
    """What the embedded servers have in common."""

    name: str
    log: Path
    process: Process | None

    def prepare(self) -> None:
        """What comes before a start and may take long; any thread."""

    def start(self) -> None:
        """Start and return at once; main thread only."""

    def move(self) -> None:
        """Take other ports at the next `prepare` and `start`."""

    def is_ready(self) -> bool:
        """Whether clients are served; raises `StartError` or `PortTakenError` when it has ended."""

    def stop(self, seconds: float) -> bool:
        """Stop within `seconds`; whether it went by itself."""


def wait_ready(server: Server, seconds: float) -> None:
    """Wait until the server is ready. Raises `StartError` when it ends, or isn't ready within `seconds`."""
    deadline = time.monotonic() + seconds
    while not server.is_ready():
        if time.monotonic() > deadline:
            raise StartError(f"{server.name} was not ready within {seconds:.0f} s", server.log)
        time.sleep(POLL_SECONDS)


def read_last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a text file that may be large; none when it isn't there."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return text.splitlines()[-count:]
