"""What must hold before anything is started, each with a message that says what to do."""

import os
import platform
import shutil
import sys
from pathlib import Path

import psutil

from deploy.local.layout import Layout
from pipeline.errors import UsageError

PYTHON_MIN = (3, 11)
DISK_BYTES_MIN = 2 * 1024**3
"""Fresh, broker and database take 120 MB; the rest is room for some weeks of articles."""
MEMORY_BYTES_WARN = 1_500 * 1024**2
"""Broker 200-350 MB, database 50 MB, each Python process 100-300 MB (measured)."""


def check(layout: Layout) -> list[str]:
    """Make the data directory and check the machine; warnings to show. Raises `UsageError` when it can't work."""
    _check_python()
    _check_directory(layout)
    _check_disk(layout.root)
    return [*_warn_of_platform(), *_warn_of_memory()]


def _check_python() -> None:
    if sys.version_info < PYTHON_MIN:
        wanted = ".".join(map(str, PYTHON_MIN))
        raise UsageError(f"Python {wanted} or later is needed, and this is {platform.python_version()}.")


def _check_directory(layout: Layout) -> None:
    try:
        layout.make()
        probe = layout.lock.parent / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UsageError(
            f"the data directory {layout.root} can't be written ({error.strerror or error}). "
            "Choose another one with --data-dir or TOCSIN_DATA_DIR."
        ) from error


def _check_disk(root: Path) -> None:
    free = shutil.disk_usage(root).free
    if free < DISK_BYTES_MIN:
        raise UsageError(
            f"{root} has {_in_gb(free)} free, and {_in_gb(DISK_BYTES_MIN)} are needed. "
            "Make room, or choose another disk with --data-dir."
        )


def _warn_of_platform() -> list[str]:
    if sys.platform == "linux":
        return []
    return [
        "not Linux: when the supervisor itself is killed with SIGKILL, its processes stay and must be stopped by hand"
    ]


def _warn_of_memory() -> list[str]:
    free = psutil.virtual_memory().available
    if free >= MEMORY_BYTES_WARN:
        return []
    return [f"only {_in_gb(free)} of memory are available; {_in_gb(MEMORY_BYTES_WARN)} are advised"]


def _in_gb(count: int) -> str:
    return f"{count / 1024**3:.1f} GB"


def count_workers(configured: int, asked: int | None) -> int:
    """How many pipeline workers: as asked, else as configured, else one less than there are cores, at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return asked or configured or max(1, cores - 1)
