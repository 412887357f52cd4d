"""The units: what systemd itself says of them, on a root of our own with stand-ins for the programs they name."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stack import Stack, open_stack

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
BASE = Path("/usr/lib/systemd/system")
EXPOSURE_MAX = 20
"""Tenths of points of `systemd-analyze security`, of 100."""

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root directory with the units in place, systemd's own targets, and empty programs."""
    units = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(UNITS, units)
    (tmp_path / "usr/lib/systemd").mkdir(parents=True)
    if BASE.is_dir():
        shutil.copytree(BASE, tmp_path / "usr/lib/systemd/system", symlinks=True)
    for program in ("opt/tocsin/bin/tocsin", "bin/kill"):
        path = tmp_path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return tmp_path


def named(service: str) -> str:
    return service.replace("@.", "@0.")


@needs_systemd
@pytest.mark.parametrize("unit", ["tocsin.target", *SERVICES])
def test_systemd_accepts_the_unit(root: Path, unit: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={root}", named(unit)],
        capture_output=True,
        text=True,
    )
    ours = [line for line in done.stderr.splitlines() if "tocsin" in line]
    assert not ours
    assert done.returncode == 0, done.stderr


@needs_systemd
@pytest.mark.parametrize("service", SERVICES)
def test_the_service_is_hardened(root: Path, service: str) -> None:
    done = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--root={root}",
            f"--threshold={EXPOSURE_MAX}",
            named(service),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_service_starts_is_a_command(service: str) -> None:
    text = (UNITS / service).read_text(encoding="utf-8")
    found = re.search(r"^ExecStart=/opt/tocsin/bin/tocsin (\S+) (\S+)", text, re.MULTILINE)
    assert found
    done = subprocess.run(["tocsin", found[1], found[2], "--help"], capture_output=True, env=_environment())
    assert done.returncode == 0, done.stderr


def _environment() -> dict[str, str]:
    import sys

    return os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=1) as opened:
        yield opened


@pytest.mark.integration
@pytest.mark.parametrize(("name", "words"), [("worker", ("pipeline", "run")), ("relay", ("relay", "run"))])
def test_a_process_tells_systemd_when_it_is_ready(
    stack: Stack, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(120)
        stack.environment["NOTIFY_SOCKET"] = str(path)
        stack.start(name, *words)
        assert systemd.recv(100).startswith(b"READY=1")
        assert systemd.recv(100) == b"WATCHDOG=1"
