"""`tocsin up` with the real broker and database, and stand-ins for the stages (see local_stand_ins).

Each test has a data directory of its own; the first start formats Kafka's storage and initialises the database, a few seconds each.
"""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local.layout import Layout

pytestmark = pytest.mark.integration

SUPERVISED = Path(__file__).parent / "local_stand_ins" / "supervised.py"
UP_SECONDS = 300
STOP_SECONDS_MAX = 15 + 15
"""What is promised, and as much again for a busy machine."""
SERVERS = {"kafka", "postgres"}


class Run:
    """A data directory, and the `tocsin` commands on it."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.environment = {**os.environ, "STAND_IN_ROOT": str(root), "TOCSIN_DATA_DIR": str(root)}
        root.mkdir()

    def behave(self, stage: str, how: str) -> None:
        path = self.layout.root / "behave" / stage
        path.parent.mkdir(exist_ok=True)
        path.write_text(how)

    def start(self, *arguments: str) -> None:
        output = (self.layout.root / "output").open("ab")
        command = [sys.executable, str(SUPERVISED), "up", "--no-samples", *arguments]
        self.supervisor = subprocess.Popen(command, env=self.environment, stdout=output, stderr=output)
        output.close()

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SUPERVISED), *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=UP_SECONDS, check=False
        )

    def status(self) -> dict:
        return json.loads(self.call("status", "--json").stdout)

    def read_state(self) -> dict:
        try:
            return json.loads(self.layout.state.read_bytes())
        except FileNotFoundError:
            return {"phase": None, "processes": []}

    def is_up(self) -> bool:
        assert self.supervisor is not None
        assert self.supervisor.poll() is None, self.output()
        state = self.read_state()  # one that was killed leaves its last
        return state["phase"] == "running" and state["pid"] == self.supervisor.pid and len(state["processes"]) > 1

    def pids(self) -> dict[str, int]:
        return {p["name"]: p["pid"] for p in self.read_state()["processes"] if p.get("pid")}

    def events(self) -> list[str]:
        path = self.layout.root / "events"
        return path.read_text().splitlines() if path.exists() else []

    def output(self) -> str:
        return (self.layout.root / "output").read_text()

    def stop(self) -> float:
        """Seconds that SIGTERM took."""
        assert self.supervisor is not None
        began = time.monotonic()
        self.supervisor.send_signal(signal.SIGTERM)
        assert self.supervisor.wait(120) == 0, self.output()
        return time.monotonic() - began

    def family(self) -> list[psutil.Process]:
        """Every process that belongs to this data directory, found by what the kernel knows of it."""
        root = str(self.layout.root)
        found = []
        for one in psutil.process_iter():
            try:
                if any(root in word for word in one.cmdline()) or one.environ().get("STAND_IN_ROOT") == root:
                    found.append(one)
            except psutil.Error:
                continue
        return [p for p in found if p.pid != os.getpid()]


@pytest.fixture
def run(services_dir: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    run = Run(services_dir / request.node.name)
    yield run
    left = run.family()
    for one in left:
        one.kill()
    psutil.wait_procs(left, 10)


def wait_until(is_true: Callable[[], bool], seconds: float = UP_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def test_runs_restarts_and_stops_in_order(run: Run) -> None:
    run.start("--workers", "2")
    wait_until(run.is_up)
    wait_until(lambda: len(run.events()) == 6)
    assert set(run.pids()) == {"supervisor", "relay", "jobs", "pipeline-0", "pipeline-1", "connectors", "web", *SERVERS}

    # A second one says so and leaves the first alone.
    second = run.call("up")
    assert second.returncode == 2
    assert "already runs" in second.stderr
    assert str(run.supervisor.pid) in second.stderr  # type: ignore[union-attr]

    # A stage that dies is started again, and the death is reported.
    old = run.pids()["relay"]
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: run.pids().get("relay", old) != old)
    assert "killed by SIGKILL" in run.output()

    # So are the servers, on the same ports and with their data.
    before = run.pids()
    for name in SERVERS:
        os.kill(before[name], signal.SIGKILL)
    wait_until(lambda: all(run.pids().get(n, before[n]) != before[n] for n in SERVERS))
    wait_until(lambda: run.read_state()["figures"].get("articles") is not None)

    status = run.status()
    assert status["running"]
    wait_until(lambda: run.call("status").returncode == 0)
    assert "password" not in json.dumps(status)

    assert run.stop() < STOP_SECONDS_MAX
    stopped = [e.split()[0] for e in run.events() if e.endswith("stopped")]
    assert (stopped[:3], sorted(stopped[3:5])) == (["connectors", "pipeline", "pipeline"], ["pipeline", "relay"])
    assert stopped[5:] == ["web"]
    assert run.family() == []
    assert run.call("status").returncode == 3


def test_stubborn_stages_do_not_hold_up_the_stop(run: Run) -> None:
    for stage in ("connectors", "pipeline", "relay"):
        run.behave(stage, "stubborn")
    run.start()
    wait_until(run.is_up)
    wait_until(lambda: len(run.events()) == 5)
    assert run.stop() < STOP_SECONDS_MAX
    assert "connectors had to be killed" in run.output()
    assert run.family() == []


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_one_starts(run: Run) -> None:
    run.start()
    wait_until(run.is_up)
    ports = run.layout.ports.read_text()
    run.supervisor.kill()  # type: ignore[union-attr]
    run.supervisor.wait()  # type: ignore[union-attr]
    wait_until(lambda: run.family() == [])
    assert run.call("status").returncode == 3

    run.start()
    wait_until(run.is_up)
    assert run.layout.ports.read_text() == ports
    run.stop()


def test_a_stage_that_refuses_its_configuration_waits_for_sighup(run: Run) -> None:
    run.behave("relay", "refuse")
    run.start()
    wait_until(run.is_up)
    wait_until(lambda: "the key `x` is unknown" in run.output())
    wait_until(lambda: run.call("status").returncode == 1)
    run.behave("relay", "")
    run.supervisor.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    wait_until(lambda: "relay started" in run.events())
    wait_until(lambda: "connectors reloaded" in run.events())
    run.stop()


def test_sighup_starts_and_stops_what_the_configuration_now_says(run: Run) -> None:
    config = run.layout.root / "tocsin.toml"
    config.write_text("[pipeline]\nworkers = 1\n")
    run.start("--config", str(config))
    wait_until(run.is_up)
    config.write_text('[pipeline]\nworkers = 2\n[sinks.file]\ntype = "jsonl"\n')
    run.supervisor.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    wait_until(lambda: {"pipeline-0", "pipeline-1", "sinks"} <= set(run.pids()))
    config.write_text("[pipeline]\nworkres = 1\n")
    run.supervisor.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    wait_until(lambda: "unknown key" in run.output())
    assert run.is_up()
    run.stop()


def test_servers_of_the_operators_own_are_used_and_left_alone(
    run: Run, kafka_bootstrap: str, postgres_url: str
) -> None:
    config = run.layout.root / "tocsin.toml"
    config.write_text(
        f'[kafka]\nbootstrap_servers = "{kafka_bootstrap}"\npartitions = 2\n[store]\nurl = "{postgres_url}"\n'
    )
    run.start("--config", str(config))
    wait_until(run.is_up)
    assert set(run.pids()) == {"supervisor", "relay", "jobs", "pipeline-0", "connectors", "web"}
    assert not run.layout.kafka.exists()
    assert not run.layout.postgres.exists()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM alerts").fetchone() == (0,)
    assert run.stop() < STOP_SECONDS_MAX
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def start_on_terminal(run: Run) -> tuple[int, int, list[bytes]]:
    """Process id, our end of its terminal, and what it shows there."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = [sys.executable, str(SUPERVISED), "up", "--no-samples"]
        os.execve(command[0], command, {**run.environment, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"})
    shown: list[bytes] = []
    threading.Thread(target=read_all, args=(terminal, shown), daemon=True).start()
    wait_until(lambda: run.read_state()["phase"] == "running")
    return pid, terminal, shown


def test_ctrl_c_on_a_terminal_stops_everything_and_leaves_the_view_standing(run: Run) -> None:
    pid, terminal, shown = start_on_terminal(run)
    os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    wait_until(lambda: b"stopped" in b"".join(shown))
    os.close(terminal)
    text = b"".join(shown).decode()
    assert os.waitstatus_to_exitcode(status) == 0, text
    assert "tocsin starts" in text
    assert run.family() == []


def test_closing_the_terminal_stops_everything(run: Run) -> None:
    pid, terminal, _ = start_on_terminal(run)
    os.kill(pid, signal.SIGHUP)  # with the terminal still there: read the configuration again
    wait_until(lambda: "connectors reloaded" in run.events())
    os.close(terminal)
    os.waitpid(pid, 0)
    assert "connectors stopped" in run.events()
    assert run.family() == []


def read_all(terminal: int, shown: list[bytes]) -> None:
    """As a terminal does: a view that nobody reads would block."""
    with contextlib.suppress(OSError):  # Linux answers the end of the other side with EIO
        while chunk := os.read(terminal, 65536):
            shown.append(chunk)


def test_detached_it_goes_on_until_down(run: Run) -> None:
    began = run.call("up", "--no-samples", "--detach")
    assert began.returncode == 0, began.stderr
    assert run.status()["status"]["phase"] == "running"
    ended = run.call("down")
    assert ended.returncode == 0, ended.stderr
    assert run.family() == []


def test_a_failed_start_says_why_and_leaves_nothing(run: Run) -> None:
    data = run.layout.postgres / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    run.start()
    assert run.supervisor is not None
    assert run.supervisor.wait(UP_SECONDS) == 75
    assert "PostgreSQL" in run.output()
    wait_until(lambda: run.family() == [])  # what was being prepared dies with the supervisor, a moment later
