"""Programs out of Debian's packages, unpacked into the cache: nothing is installed, no service is started, nothing of this machine is changed.

apt checks what it fetches by the hashes of its signed lists. Where there is no apt, or nothing to fetch from, `NotHereError` says so.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = Path.home() / ".cache" / "tocsin" / "tools"
APT_S_MAX = 600
"""For each call of apt."""


class NotHereError(Exception):
    """The program can't be had here; the message says why."""


@contextmanager
def alone() -> Iterator[None]:
    """Only one process of ours asks apt at a time: the others find what it has brought."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def unpack(*packages: str) -> Path:
    """The folder with the files of these packages, as they would lie below `/`. Raises `NotHereError`."""
    target = CACHE / "debian" / "+".join(packages)
    with alone():
        if not target.exists():
            _fetch(packages, target)
    return target


def apt(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run apt-get with nobody at the keyboard."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=APT_S_MAX,
        cwd=folder,
    )


def _fetch(packages: tuple[str, ...], target: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise NotHereError("no apt here")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        done = apt("download", *packages, folder=folder)
        if done.returncode != 0:  # lists that are not there yet, or too old
            apt("update")
            done = apt("download", *packages, folder=folder)
        if done.returncode != 0:
            raise NotHereError(f"apt can't fetch {', '.join(packages)}: {done.stderr.strip()[-300:]}")
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, folder / "root"], check=True, capture_output=True)
        (folder / "root").rename(target)
