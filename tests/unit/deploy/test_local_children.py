"""How a child is kept running: a fake clock, and real but tiny processes."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local import children, plan, process
from deploy.local.backoff import LONGEST_SECONDS, STEADY_SECONDS, Backoff
from deploy.local.children import Child, State
from pipeline.config import Config, Pipeline, Web

SLEEP = "import time; time.sleep(600)"
WAIT_SECONDS = 120.0
"""How long anything is waited for on a busy machine."""


class TestBackoff:
    def test_waits_double_up_to_the_longest(self) -> None:
        backoff = Backoff()
        assert [backoff.wait_after(0.1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
        for _ in range(2_000):
            assert backoff.wait_after(0.1) == LONGEST_SECONDS

    def test_a_steady_run_begins_anew(self) -> None:
        backoff = Backoff()
        for _ in range(5):
            backoff.wait_after(1)
        assert backoff.wait_after(STEADY_SECONDS) == 0.5
        assert backoff.wait_after(STEADY_SECONDS - 1) == 1.0

    def test_it_can_forget(self) -> None:
        backoff = Backoff()
        for _ in range(5):
            backoff.wait_after(1)
        backoff.forget()
        assert backoff.wait_after(1) == 0.5


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Child]:
    def make(code: str) -> Child:
        log = tmp_path / "child.log"
        return Child("child", lambda: process.start("child", [sys.executable, "-c", code], log=log))

    return make


def tick_until_dead(child: Child, now: float) -> children.Death:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if death := child.tick(now):
            return death
        time.sleep(0.02)
    raise AssertionError("it did not die")


def test_a_death_is_reported_once_with_its_log_and_followed_by_a_start(make: Callable[[str], Child]) -> None:
    child = make("import sys; print('last words'); sys.exit(7)")
    child.start(100.0)
    death = tick_until_dead(child, 101.0)
    assert (death.reason, death.again_in, death.last_lines) == ("ended with code 7", 0.5, ("last words",))
    assert child.state is State.WAITING
    assert child.pid is None
    assert child.tick(101.4) is None
    assert child.state is State.WAITING
    child.tick(101.5)
    assert (child.state, child.restarts) == (State.RUNNING, 1)
    assert tick_until_dead(child, 102.0).again_in == 1.0


def test_one_that_cannot_be_started_is_tried_again_later(make: Callable[[str], Child]) -> None:
    child = make("import sys; sys.exit(7)")
    child.start(0.0)
    tick_until_dead(child, 1.0)
    tries = []

    def fail() -> process.Process:
        tries.append(1)
        raise OSError("no memory")

    child._start = fail
    with pytest.raises(OSError, match="no memory"):
        child.tick(2.0)
    for now in (2.1, 2.5, 2.9):
        child.tick(now)
    assert len(tries) == 1
    assert (child.state, child.restarts) == (State.WAITING, 0)
    with pytest.raises(OSError, match="no memory"):
        child.tick(3.0)


def test_one_that_refuses_its_configuration_stays_down_until_told(make: Callable[[str], Child]) -> None:
    child = make("import sys; sys.exit(2)")
    child.start(0.0)
    assert tick_until_dead(child, 1.0).again_in is None
    assert child.state is State.REFUSED
    child.tick(1e6)
    assert child.state is State.REFUSED
    child.reload()
    child.tick(1e6)
    assert child.state is State.RUNNING


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def tick_until_another(child: Child, first: int | None) -> None:
    def is_another() -> bool:
        assert child.tick(1.0) is None, "that is no death to report"
        return child.pid not in (first, None)

    wait_until(is_another)


@pytest.fixture(params=["listening", "ignored, as under nohup", "blocked"])
def inherited(request: pytest.FixtureRequest) -> Iterator[None]:
    """How the process that starts the children takes SIGHUP itself; they inherit it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if "ignored" in request.param else signal.SIG_DFL)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP] if request.param == "blocked" else [])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("inherited")
class TestOneThatCannotTakeSighupIsStartedAgainAtOnce:
    def test_while_the_launcher_has_not_become_the_program(self, make: Callable[[str], Child]) -> None:
        child = make(SLEEP)
        child.start(0.0)
        first = child.pid
        os.kill(first or 0, signal.SIGSTOP)  # wherever it is by now, there it stays
        child.reload()
        os.kill(first or 0, signal.SIGCONT)
        tick_until_another(child, first)
        children.stop_together([child], 5, time.monotonic)

    def test_while_the_program_runs(self, make: Callable[[str], Child], tmp_path: Path) -> None:
        ready = tmp_path / "ready"
        child = make(f"import pathlib; pathlib.Path({str(ready)!r}).touch(); {SLEEP}")
        child.start(0.0)
        first = child.pid
        wait_until(ready.exists)
        child.reload()
        tick_until_another(child, first)
        children.stop_together([child], 5, time.monotonic)


def test_one_that_refused_before_it_was_told_has_another_chance(make: Callable[[str], Child], tmp_path: Path) -> None:
    """It ended by the old configuration, nobody had looked yet, and the new one is there: SIGHUP finds no process."""
    mended = tmp_path / "mended"
    child = make(f"import pathlib, sys; pathlib.Path({str(mended)!r}).exists() or sys.exit(2); {SLEEP}")
    child.start(0.0)
    first = child.pid
    assert child._process
    assert child._process.wait(WAIT_SECONDS)
    mended.touch()
    child.reload()
    tick_until_another(child, first)
    assert child.tick(2.0) is None
    assert child.state is State.RUNNING
    children.stop_together([child], 5, time.monotonic)


def test_one_that_refuses_the_new_configuration_as_well_stays_down(make: Callable[[str], Child]) -> None:
    child = make("import sys; sys.exit(2)")
    child.start(0.0)
    assert child._process
    assert child._process.wait(WAIT_SECONDS)
    child.reload()
    assert child.tick(1.0) is None
    assert tick_until_dead(child, 2.0).again_in is None
    assert child.state is State.REFUSED


def test_what_ignores_sigterm_is_killed_in_time(make: Callable[[str], Child], tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = f"import signal, pathlib; signal.signal(15, signal.SIG_IGN); pathlib.Path({str(ready)!r}).touch(); {SLEEP}"
    stubborn, willing = make(deaf), make(SLEEP)
    stubborn.name = "stubborn"
    for child in (stubborn, willing):
        child.start(0.0)
    wait_until(ready.exists)
    assert children.stop_together([stubborn, willing], 2, time.monotonic) == ["stubborn"]
    assert not stubborn.tick(1e6)
    assert stubborn.state is State.STOPPED


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """Killed as `kill -9` would, a starter takes its child with it."""
    log, pid_file, running = tmp_path / "log", tmp_path / "pid", tmp_path / "running"
    program = f"import pathlib; pathlib.Path({str(running)!r}).touch(); {SLEEP}"
    code = (
        "import os, signal, sys, time; from pathlib import Path; from deploy.local import process\n"
        f"child = process.start('c', [sys.executable, '-c', {program!r}], log=Path({str(log)!r}))\n"
        f"while not Path({str(running)!r}).exists(): time.sleep(0.02)\n"
        f"Path({str(pid_file)!r}).write_text(str(child.pid))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = str(Path(process.__file__).parents[2])
    starter = process.start(
        "starter", [sys.executable, "-c", code], log=log, environment={**os.environ, "PYTHONPATH": root}
    )
    assert starter.wait(WAIT_SECONDS)
    assert starter.exit_code() == -signal.SIGKILL, log.read_text()
    pid = int(pid_file.read_text())
    wait_until(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_program_that_is_not_there_shows_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    started = process.start("nothing", ["/nowhere/at-all"], log=log)
    assert started.wait(WAIT_SECONDS)
    assert started.exit_code() != 0
    assert any("/nowhere/at-all" in line or "No such file" in line for line in started.last_lines())


class TestPlan:
    def test_every_worker_has_its_share(self) -> None:
        members = plan.make(Config(pipeline=Pipeline(workers=3)), samples_port=None)
        shares = [m.words[-1] for m in members if m.stage == "pipeline"]
        assert shares == ["0/3", "1/3", "2/3"]
        assert {m.name for m in members if m.stage != "pipeline"} == {"relay", "jobs", "connectors", "web"}

    def test_an_empty_address_means_no_screen(self) -> None:
        members = plan.make(Config(web=Web(listen="")), samples_port=None)
        assert "web" not in {m.name for m in members}

    def test_sinks_and_samples_run_when_there_are_any(self) -> None:
        members = {m.name: m for m in plan.make(Config(sinks={"a": {"type": "jsonl"}}), samples_port=18099)}
        assert members["samples"].words == ("samples", "serve", "--port", "18099")
        assert "sinks" in members

    def test_every_stage_has_its_place_in_the_stop(self) -> None:
        members = plan.make(Config(sinks={"a": {}}, pipeline=Pipeline(workers=1)), samples_port=1)
        assert {m.stage for m in members} | {"kafka", "postgres"} == set(plan.STOP_SECONDS)

    def test_the_stop_keeps_its_promise(self) -> None:
        assert sum(plan.STOP_SECONDS.values()) < 15
