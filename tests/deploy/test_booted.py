"""The units under a real systemd: booted as process 1 of namespaces of its own, on a copy-on-write view of this machine.

The services run as their own user under all their restrictions, the alerts come, what is killed is started again, and stopping the target stops all.
"""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import Postgres
from tests.chaos.history import check
from tests.chaos.proxy import Proxy
from tests.chaos.test_kill import invent, settle
from tests.support import pods
from tests.support.stack import Stack, open_stack, wait_until

ROOT = Path(__file__).parents[2]
SYSTEMD = Path("/usr/lib/systemd/systemd")
BOOT = ROOT / "tests" / "support" / "boot.sh"
SERVICES = ("tocsin-relay", "tocsin-jobs", "tocsin-pipeline@0", "tocsin-connectors")
"""Those that this configuration gives something to do."""
NEEDED = ("unshare", "nsenter", "pivot_root", "systemctl")
WRAPPER = """#!/bin/sh
export PYTHONPATH=/opt/src:/opt/src/{site} LD_LIBRARY_PATH=/opt/python/lib
exec /opt/python/bin/python3 -m pipeline.cli "$@"
"""


def why_not() -> str | None:
    """Why no systemd can be booted here, or None."""
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        return f"{', '.join(missing)} missing"
    return pods.why_not() if SYSTEMD.exists() else "systemd is not installed"


pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(why_not()), reason=f"no systemd can be booted here: {why_not()}"),
]


class Machine:
    """The booted system."""

    def __init__(self, pod: pods.Pod, folder: Path) -> None:
        command = ["unshare", "--fork", "--pid", "--mount", "--cgroup", "--uts", "--ipc", "--kill-child", "sh"]
        prefix = sys.base_prefix
        self._log = folder / "boot.log"
        self._process = pod.start("systemd", [*command, str(BOOT), str(folder), str(ROOT), prefix], self._log)

    def systemctl(self, *words: str) -> str:
        """What systemctl says within it."""
        enter = ["nsenter", "-t", str(self._first()), "-m", "-p", "-u", "-i", "-C", "-n"]
        done = subprocess.run([*enter, "systemctl", *words], capture_output=True, text=True, timeout=180)
        return done.stdout.strip()

    def is_up(self) -> bool:
        """Whether it answers."""
        assert self._process.is_running(), self._log.read_text(encoding="utf-8", errors="replace")[-3000:]
        try:
            return self.systemctl("is-active", "tocsin.target") == "active"
        except (FileNotFoundError, subprocess.SubprocessError):
            return False

    def journal(self, unit: str) -> str:
        """The end of a unit's journal."""
        return self.systemctl("status", unit, "--no-pager", "-l", "-n", "30")

    def power_off(self) -> None:
        """End it with all that runs in it."""
        self._process.kill()

    def _first(self) -> int:
        """The process that is number 1 there: the child of unshare, which is the program that we started."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not children:
            raise FileNotFoundError("not yet forked")
        return int(children[0])


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def machine(stack: Stack, kafka_bootstrap: str, postgres_server: Postgres, tmp_path: Path) -> Iterator[Machine]:
    (tmp_path / "etc-tocsin").mkdir()
    shutil.copyfile(stack.folder / "tocsin.toml", tmp_path / "etc-tocsin" / "tocsin.toml")
    units = tmp_path / "units"
    units.mkdir()
    for path in (ROOT / "deploy" / "systemd").glob("tocsin*.*"):
        if path.suffix in {".service", ".target"}:
            shutil.copyfile(path, units / path.name)
    site = Path(pytest.__file__).parents[1].relative_to(ROOT)
    (tmp_path / "tocsin").write_text(WRAPPER.format(site=site), encoding="utf-8")
    ports = [int(kafka_bootstrap.rpartition(":")[2]), postgres_server.port]
    with pods.make_pods("machine") as (pod,):
        proxies = [Proxy(port, pod.listen(port)) for port in ports]
        booted = Machine(pod, tmp_path)
        try:
            yield booted
        finally:
            booted.power_off()
            for proxy in proxies:
                proxy.close()


def test_the_services_run_are_started_again_and_stop_together(machine: Machine, stack: Stack) -> None:
    wait_until("systemd is up", machine.is_up)
    for service in SERVICES:
        wait_until(
            f"{service} is ready: {machine.journal(service)}",
            lambda service=service: machine.systemctl("is-active", service) == "active",  # type: ignore[misc]
        )
        assert machine.systemctl("show", "-p", "User", "--value", service) == "tocsin"
    stack.publish(invent(40))
    settle(stack, 40)
    for service in ("tocsin-relay", "tocsin-pipeline@0"):
        machine.systemctl("kill", f"--signal={int(signal.SIGKILL)}", service)
        wait_until(
            f"{service} is started again",
            lambda service=service: machine.systemctl("show", "-p", "NRestarts", "--value", service) == "1",  # type: ignore[misc]
        )
    stack.publish(invent(40, first=40))
    settle(stack, 80)
    check(stack, invent(80))
    began = time.monotonic()
    machine.systemctl("stop", "tocsin.target", *SERVICES)
    assert time.monotonic() - began < 60
    for service in SERVICES:
        assert machine.systemctl("is-active", service) == "inactive", machine.journal(service)
