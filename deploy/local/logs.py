"""Keeping the logs of the processes small.

A child holds its log open, so the log is copied and then cut to nothing (children append, see `deploy.local.process`). Lines written
between copy and cut are lost, at worst some milliseconds' worth; a pipe through the supervisor instead would let a stuck
supervisor block its children.
"""

import os
import shutil
from pathlib import Path

LOG_BYTES_MAX = 10 * 1024 * 1024
OLD_LOGS_KEPT = 3


def rotate(path: Path, *, bytes_max: int = LOG_BYTES_MAX, keep: int = OLD_LOGS_KEPT) -> bool:
    """Cut the log when it is larger than `bytes_max`, keeping the last `keep` as NAME.log.1, .2, …; whether it was."""
    try:
        if path.stat().st_size <= bytes_max:
            return False
    except OSError:
        return False
    for number in range(keep, 1, -1):
        older = _numbered(path, number - 1)
        if older.exists():
            older.replace(_numbered(path, number))
    if keep:
        shutil.copy2(path, _numbered(path, 1))
    os.truncate(path, 0)
    return True


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
