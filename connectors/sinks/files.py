"""Files that are replaced whole: a reader sees the old one or the new one, and what was written stays after a power cut."""

import os
from pathlib import Path

from pipeline.errors import RetryableError


def replace_file(path: Path, raw: bytes) -> None:
    """Put the bytes under this name. Raises `RetryableError` (disk full, no right to write)."""
    aside = path.with_name(f".{path.name}.new")
    try:
        with aside.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise RetryableError(f"{path}: {error}") from error


def sync_directory(path: Path) -> None:
    """Make names that were added or replaced durable."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
