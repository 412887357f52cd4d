"""Small disks that can be filled: a tmpfs where we may mount one, and honest stand-ins where we may not."""

import contextlib
import os
import resource
import subprocess
from pathlib import Path

import psutil

MB = 1024 * 1024
FILLER = "filler"


class Disk:
    """A directory that is a file system of its own, if possible."""

    def __init__(self, path: Path, size_mb: int) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=755", "tmpfs", str(path)]
        self.is_mounted = (
            os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
        )

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.path / FILLER).open("ab") as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * MB)
                file.flush()

    def clear(self) -> None:
        """Give the room back."""
        (self.path / FILLER).unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount it."""
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=False)
            self.is_mounted = False


def limit_file_size(pid: int, path: Path) -> None:
    """The stand-in without a mount: the process may not make `path`, or any other file, larger than it is now."""
    size = path.stat().st_size if path.exists() else 0
    psutil.Process(pid).rlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def lift_file_size(pid: int) -> None:
    """Take the limit away."""
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
