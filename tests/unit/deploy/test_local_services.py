"""Bringing servers up side by side, with servers that only pretend."""

import threading
import time
from pathlib import Path

import pytest

from deploy.local import background, services
from deploy.local.process import PortTakenError, StartError, explain_end
from deploy.local.services import Stopped


class PretendServer:
    """Ready at its third look; notes what was done to it, and in which thread it was started."""

    def __init__(self, name: str, tmp_path: Path, *, dies: bool = False) -> None:
        self.name = name
        self.log = tmp_path / f"{name}.log"
        self.process = None
        self.started_in: threading.Thread | None = None
        self.prepared_in: threading.Thread | None = None
        self._looks = 0
        self.moves = 0
        self.taken = 0  # so many starts find the port taken
        self._dies = dies

    def prepare(self) -> None:
        self.prepared_in = threading.current_thread()

    def move(self) -> None:
        self.moves += 1

    def start(self) -> None:
        self.started_in = threading.current_thread()

    def is_ready(self) -> bool:
        if self._dies:
            raise StartError(f"{self.name} ended", self.log)
        if self.moves < self.taken:
            raise PortTakenError(f"{self.name}: port taken", self.log)
        self._looks += 1
        return self._looks == 3

    def stop(self, seconds: float) -> bool:
        return True


def bring_up(*servers: PretendServer, stopping: bool = False) -> list[str]:
    ready: list[str] = []
    services.bring_up(
        servers,
        show=lambda name, what: None,
        on_ready=lambda server: ready.append(server.name),
        is_stopping=lambda: stopping,
    )
    return ready


def test_processes_are_started_in_the_main_thread_and_prepared_outside_it(tmp_path: Path) -> None:
    a, b = PretendServer("a", tmp_path), PretendServer("b", tmp_path)
    assert sorted(bring_up(a, b)) == ["a", "b"]
    for server in (a, b):
        assert server.started_in is threading.main_thread()
        assert server.prepared_in is not threading.main_thread()


def test_one_that_dies_ends_the_start_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="b ended"):
        bring_up(PretendServer("a", tmp_path), PretendServer("b", tmp_path, dies=True))


def test_a_port_taken_meanwhile_is_left_to_its_owner(tmp_path: Path) -> None:
    server = PretendServer("a", tmp_path)
    server.taken = services.MOVES_MAX
    assert bring_up(server) == ["a"]
    assert server.moves == services.MOVES_MAX


def test_ports_taken_again_and_again_end_the_start(tmp_path: Path) -> None:
    server = PretendServer("a", tmp_path)
    server.taken = services.MOVES_MAX + 1
    with pytest.raises(PortTakenError):
        bring_up(server)


def test_the_log_tells_a_taken_port_from_other_ends(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("LOG:  could not bind IPv4 address: Address already in use\nFATAL: no sockets\n")
    assert isinstance(explain_end("it ended", log), PortTakenError)
    log.write_text("FATAL: data directory has wrong ownership\n")
    assert not isinstance(explain_end("it ended", log), PortTakenError)


def test_what_fails_in_preparation_is_raised_here(tmp_path: Path) -> None:
    server = PretendServer("a", tmp_path)

    def fail() -> None:
        raise StartError("no room", server.log)

    server.prepare = fail  # type: ignore[method-assign]
    with pytest.raises(StartError, match="no room"):
        bring_up(server)
    assert server.started_in is None


def test_a_stop_is_noticed_before_all_is_up(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        bring_up(PretendServer("a", tmp_path), stopping=True)


def test_nothing_to_start_is_up_at_once() -> None:
    assert bring_up() == []


def test_background_work_keeps_order_and_limits_threads() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(n: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
        return n * n

    futures = background.run_each(work, range(20), threads=3, name="test")
    assert [f.result(60) for f in futures] == [n * n for n in range(20)]
    assert 1 < most <= 3


def test_cancelled_work_is_not_begun() -> None:
    begun: list[int] = []
    go = threading.Event()

    def work(n: int) -> None:
        begun.append(n)
        go.wait(60)

    futures = background.run_each(work, range(3), threads=1, name="test")
    while not begun:
        time.sleep(0.005)
    assert futures[1].cancel()
    assert futures[2].cancel()
    go.set()
    futures[0].result(60)
    assert begun == [0]
