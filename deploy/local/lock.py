"""One supervisor per data directory.

A lock of the kernel (`flock`) on a file that holds the owner's process id: it goes with the process however that ends, so a stale file
means nothing, and a process id is believed only while the lock is held.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.errors import UsageError


class AlreadyRunningError(UsageError):
    """Another supervisor has the data directory."""

    def __init__(self, root: Path, pid: int | None) -> None:
        whom = f"process {pid}" if pid else "another process"
        super().__init__(
            f"tocsin already runs on {root} ({whom}). `tocsin status` shows how it does, `tocsin down` stops it; "
            "with another --data-dir a second one can run beside it."
        )
        self.pid = pid


class Lock:
    """Held from `__enter__` to `__exit__`, or to the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take it. Raises `AlreadyRunningError`."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunningError(self._path.parent.parent, _read_pid(self._path)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def find_owner(path: Path) -> int | None:
    """The process id of the supervisor that holds the lock; None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_pid(path)
    else:
        return None
    finally:
        os.close(descriptor)


def _read_pid(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
