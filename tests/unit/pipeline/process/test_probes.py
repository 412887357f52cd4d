"""The addresses that a supervisor asks, and what a process says to systemd."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.process import probes


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_ready_needs_a_beat_and_live_only_patience() -> None:
    clock = Clock()
    heart = probes.Heart(clock)
    assert heart.is_live()
    assert not heart.is_ready(), "it still starts"
    heart.beat()
    assert heart.is_ready()
    clock.now += probes.READY_S_MAX
    assert heart.is_live()
    assert not heart.is_ready(), "no progress"
    clock.now += probes.LIVE_S_MAX
    assert not heart.is_live(), "stuck"
    heart.beat()
    assert heart.is_live()
    assert heart.is_ready()


def test_a_process_that_never_gets_going_is_stuck_in_the_end() -> None:
    clock = Clock()
    heart = probes.Heart(clock)
    clock.now += probes.LIVE_S_MAX
    assert not heart.is_live()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        yield listening


def test_the_first_beat_is_readiness_and_each_feeds_the_watchdog(systemd: socket.socket) -> None:
    clock = Clock()
    heart = probes.Heart(clock)
    heart.beat()
    assert systemd.recv(100) == b"READY=1\nWATCHDOG=1"
    heart.beat()  # at once: systemd need not hear of it
    clock.now += probes.NOTIFY_S
    heart.beat()
    assert systemd.recv(100) == b"WATCHDOG=1"
    systemd.settimeout(0.1)
    with pytest.raises(TimeoutError):
        systemd.recv(100)


def test_a_socket_that_is_gone_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    probes.Heart().beat()


@pytest.mark.parametrize("listen", ["9464", "127.0.0.1", "127.0.0.1:http", ":9464", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused_by_name(listen: str) -> None:
    with pytest.raises(ConfigError, match=r"metrics\.listen"):
        probes.parse_address(listen)


def test_addresses_of_both_families() -> None:
    assert probes.parse_address("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert probes.parse_address("[::1]:9464") == ("::1", 9464)


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_served_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    heart = probes.Heart()
    monkeypatch.setattr(probes, "HEART", heart)
    monkeypatch.setattr(probes, "_served", [])
    monkeypatch.delenv(probes.VARIABLE, raising=False)
    assert probes.serve() is None, "nothing says where"
    port = probes.serve("127.0.0.1:0")
    assert port
    assert get(port, "/health/live")[0] == 200
    assert get(port, "/health/ready")[0] == 503
    heart.beat()
    assert get(port, "/health/ready") == (200, "ok\n")
    status, text = get(port, "/metrics")
    assert status == 200
    assert "# TYPE tocsin_articles_total counter" in text
    assert 'tocsin_build_info{version="' in text
    assert get(port, "/")[0] == 404
    assert probes.serve("127.0.0.1:0") is None, "once a process"


def test_an_address_that_is_taken_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_served", [])
    monkeypatch.delenv(probes.VARIABLE, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"127\.0\.0\.1:{port}"):
            probes.serve(f"127.0.0.1:{port}")
