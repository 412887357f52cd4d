"""Warning lists on a real store: imported, shown, removed, brought back, and taken up by the analysis."""

import json
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.store import migrate
from pipeline.store.current_warnings import make_current
from pipeline.store.session import Session
from pipeline.text.findings import Analyzer
from pipeline.text.indicators.warnings import SNAPSHOT_FILE, own_warnings
from tests.support.stack import make_article

pytestmark = pytest.mark.integration


@pytest.fixture
def config(postgres_url: str, tmp_path: Path) -> Path:
    migrate.upgrade(postgres_url)
    path = tmp_path / "tocsin.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n[store]\nurl = "{postgres_url}"\n')
    return path


@pytest.fixture
def kettles(tmp_path: Path) -> Path:
    folder = tmp_path / "lists" / "kettles"
    folder.mkdir(parents=True)
    (folder / "list.json").write_text(
        json.dumps({"name": "Kettle sites", "version": 20260115, "list": ["kettle-works.com"]})
    )
    return folder.parent


def run(config: Path, *words: str) -> int:
    try:
        main(["warnings", *words, "--config", str(config)])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_life_of_a_list(config: Path, kettles: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    current, store = make_current(fresh_s=0), Session(postgres_url, "test")
    assert current.refresh_or_keep(store.transact) is own_warnings()

    assert run(config, "import", str(kettles)) == 0
    taken_up = current.refresh_or_keep(store.transact)
    assert taken_up.version.startswith(own_warnings().version + "+")
    analyzer = Analyzer("rules")
    analyzer.use(warnings=taken_up)
    (found,) = analyzer.analyse([make_article(1, "t", "The malware talks to kettle-works.com.")])
    assert (found.warnings, found.indicators[0].verdict) == (taken_up.version, "benign")
    assert "kettle-sites, 2026-01-15" in found.indicators[0].reason
    assert (config.parent / SNAPSHOT_FILE).exists()

    capsys.readouterr()
    assert run(config, "list") == 0
    assert "kettle-sites" in capsys.readouterr().out
    assert run(config, "show", "kettle-sites") == 0
    shown = capsys.readouterr().out
    assert "2026-01-15" in shown
    assert "kettle-works.com" in shown
    assert run(config, "find", "a.kettle-works.com") == 0
    assert run(config, "find", "tea.com") == 1

    assert run(config, "remove", "kettle-sites") == 0
    assert current.refresh_or_keep(store.transact).find("kettle-works.com") is None
    assert run(config, "undo") == 0
    assert current.refresh_or_keep(store.transact).find("kettle-works.com")
    assert current.refresh_or_keep(store.transact).version == taken_up.version
    assert run(config, "undo") == 0  # redoes the removal
    assert current.refresh_or_keep(store.transact).find("kettle-works.com") is None
    capsys.readouterr()
    assert run(config, "history") == 0
    assert "remove kettle-sites" in capsys.readouterr().out


def test_what_can_not_be_done_is_said(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text("{")
    assert run(config, "import", str(tmp_path / "bad.json")) == 2
    assert "bad.json" in "".join(capsys.readouterr().err.split())  # however its long path is wrapped
    assert run(config, "show", "nothing") == 2
    assert "none was imported" in capsys.readouterr().err
    assert run(config, "undo") == 2


def test_the_store_is_asked_seldom_and_may_be_away(config: Path, kettles: Path, postgres_url: str) -> None:
    run(config, "import", str(kettles))

    class Counting(Session):
        asked = 0

        def transact(self, work):  # type: ignore[no-untyped-def]
            Counting.asked += 1
            return super().transact(work)

    current, store = make_current(fresh_s=60), Counting(postgres_url, "test")
    for _ in range(5):
        assert current.refresh_or_keep(store.transact).find("kettle-works.com")
    assert Counting.asked == 1
