"""The data directory: its lock, its logs, the configuration in force, what the machine must have."""

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.local import effective, kafka, logs, prerequisites, status
from deploy.local.layout import Layout
from deploy.local.lock import AlreadyRunningError, Lock, find_owner
from pipeline.config import Config, Kafka, Store, Web, load
from pipeline.errors import UsageError


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "data")
    layout.make()
    return layout


class TestLock:
    def test_one_at_a_time(self, layout: Layout) -> None:
        assert find_owner(layout.lock) is None
        with Lock(layout.lock):
            assert find_owner(layout.lock) == os.getpid()
            with (
                pytest.raises(AlreadyRunningError, match=rf"already runs on {layout.root} \(process {os.getpid()}\)"),
                Lock(layout.lock),
            ):
                pass
            assert find_owner(layout.lock) == os.getpid()
        assert find_owner(layout.lock) is None

    def test_a_file_left_over_means_nothing(self, layout: Layout) -> None:
        layout.lock.write_text("1\n")
        assert find_owner(layout.lock) is None
        with Lock(layout.lock):
            assert find_owner(layout.lock) == os.getpid()


class TestRotate:
    def test_large_logs_are_cut_and_the_last_ones_kept(self, tmp_path: Path) -> None:
        log = tmp_path / "x.log"
        with log.open("ab", buffering=0) as child:  # holds it open and appends, as a child does
            for n in range(5):
                child.write(f"{n}".encode() * 11)
                assert logs.rotate(log, bytes_max=10, keep=2)
            child.write(b"new")
        assert log.read_bytes() == b"new"
        assert {p.name: p.read_bytes()[:1] for p in tmp_path.iterdir()} == {
            "x.log": b"n",
            "x.log.1": b"4",
            "x.log.2": b"3",
        }

    def test_small_and_missing_logs_are_left_alone(self, tmp_path: Path) -> None:
        log = tmp_path / "x.log"
        assert not logs.rotate(log)
        log.write_bytes(b"short")
        assert not logs.rotate(log)
        assert log.read_bytes() == b"short"


class TestEffective:
    def test_what_is_written_is_what_the_processes_read(self, layout: Layout) -> None:
        own = Config(store=Store(keep_days=7), sources={"mine": {"type": "rss", "url": "https://example.org/ü"}})
        config = effective.make(
            own,
            layout,
            kafka="127.0.0.1:1",
            store="postgresql://u:p@127.0.0.1:2/d",
            web="127.0.0.1:3",
            workers=3,
            samples={"s": {"type": "rss"}},
        )
        effective.write(config, layout)
        assert load(layout.config) == config
        assert config.store.keep_days == 7
        assert config.web.listen == "127.0.0.1:3"
        assert set(config.sources) == {"mine", "s"}
        assert config.pipeline.workers == 3
        assert stat.S_IMODE(layout.config.stat().st_mode) == 0o600, "it holds a password"

    def test_an_address_of_the_screen_that_the_operator_chose_stands(self, layout: Layout) -> None:
        own = Config(web=Web(listen="127.0.0.1:9999"))
        made = effective.make(own, layout, kafka="k:1", store="x", web="127.0.0.1:3", workers=1, samples={})
        assert made.web.listen == "127.0.0.1:9999"

    def test_a_source_of_the_operators_own_wins_over_a_sample(self, layout: Layout) -> None:
        own = Config(kafka=Kafka(bootstrap_servers="k:1"), sources={"s": {"type": "mine"}})
        config = effective.make(
            own, layout, kafka="k:1", store="x", web="127.0.0.1:1", workers=1, samples={"s": {"type": "sample"}}
        )
        assert config.sources["s"] == {"type": "mine"}


class TestPrerequisites:
    def test_a_directory_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        in_the_way = tmp_path / "file"
        in_the_way.write_text("")
        with pytest.raises(UsageError, match=r"file/data can't be written .*--data-dir"):
            prerequisites.check(Layout(in_the_way / "data"))

    def test_a_full_disk_is_named_with_what_is_needed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(prerequisites.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 1024**2))
        with pytest.raises(UsageError, match=r"has 0\.0 GB free, and 2\.0 GB are needed"):
            prerequisites.check(Layout(tmp_path))

    def test_an_old_python_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(prerequisites, "PYTHON_MIN", (9, 9))
        with pytest.raises(UsageError, match=r"Python 9\.9 or later is needed"):
            prerequisites.check(Layout(tmp_path))

    def test_little_memory_is_a_warning(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(prerequisites.psutil, "virtual_memory", lambda: SimpleNamespace(available=1024**3))
        assert any("1.0 GB of memory" in line for line in prerequisites.check(Layout(tmp_path)))

    def test_workers_asked_for_win_over_configured_over_cores(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
        assert prerequisites.count_workers(0, None) == 5
        assert prerequisites.count_workers(3, None) == 3
        assert prerequisites.count_workers(3, 2) == 2
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
        assert prerequisites.count_workers(0, None) == 1


def test_kafkas_settings_survive_any_path(tmp_path: Path) -> None:
    server = kafka.Kafka(tmp_path / "a b=c\\d ü 🌍", log=tmp_path / "log", port=1, controller_port=2)
    server.directory.mkdir()
    server._write_settings()
    text = (server.directory / "server.properties").read_text("ascii")
    assert text.splitlines()[-1].endswith("/a b=c\\\\d \\u00fc \\ud83c\\udf0d/data")
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:1\n" in text


def test_a_cluster_id_is_never_taken_for_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter([b"\xf8" * 16, b"\x00" * 16])
    monkeypatch.setattr(kafka.uuid, "uuid4", lambda: SimpleNamespace(bytes=next(ids)))
    assert kafka._make_cluster_id() == "A" * 22


def test_a_state_file_of_another_version_is_no_state(layout: Layout) -> None:
    assert status.read(layout) is None
    layout.state.write_text('{"version": "0"}')
    assert status.read(layout) is None
