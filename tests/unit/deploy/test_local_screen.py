"""What is shown: complete, and safe against text from feeds."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from deploy.local.children import Death
from deploy.local.screen import LogScreen, TerminalScreen, clean, render_status
from deploy.local.status import FailingFeed, Figures, LatestAlert, ProcessStatus, Status

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
FIGURES = Figures(
    feeds_ok=4,
    feeds_failing=1,
    failing=(FailingFeed("north", "connection refused"),),
    articles=120,
    articles_per_second=2.04,
    lag=7,
    rejects=3,
    alerts={"critical": 2, "low": 5},
    latest=(
        LatestAlert(updated=NOW, severity="critical", revision=2, what="Rockets hit \x1b[31mNorthport\u202e"),
        LatestAlert(updated=NOW.replace(hour=11), severity="low", revision=1, what="A [bold]protest[/] in Eastvale"),
    ),
)
STATUS = Status(
    version="1",
    phase="running",
    pid=1,
    since=NOW,
    updated=NOW,
    data_dir="/data",
    kafka="127.0.0.1:19092",
    store="",
    processes=(
        ProcessStatus(name="supervisor", state="running", pid=1, memory_bytes=50_000_000),
        ProcessStatus(name="relay", state="waiting", restarts=3),
    ),
    figures=FIGURES,
)


def draw(console_width: int = 120) -> str:
    console = Console(width=console_width, record=True, file=io.StringIO())
    console.print(render_status(STATUS))
    return console.export_text()


def test_the_view_shows_every_figure() -> None:
    text = draw()
    for part in (
        "feeds 4 ok 1 failing", "north: connection refused", "articles 120 (2.0/s)", "lag 7", "rejects 3", "critical 2",
        "low 5", "r2", "supervisor 50 MB", "relay waiting restarts 3", "= 50 MB", "127.0.0.1:19092",
    ):  # fmt: skip
        assert part in text


def test_unknown_figures_are_dashes_not_zeroes() -> None:
    console = Console(width=120, record=True, file=io.StringIO())
    from msgspec.structs import replace

    console.print(render_status(replace(STATUS, figures=Figures())))
    assert "feeds - ok" in (text := console.export_text())
    assert "lag -" in text


def test_text_from_feeds_cannot_write_to_the_terminal_nor_use_markup() -> None:
    text = draw()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]protest[/]" in text


@pytest.mark.parametrize("bad", ["a\x00b", "a\nb", "a\x9bb", "a\u202eb", "a\u2028b"])
def test_clean_replaces_what_is_not_printable(bad: str) -> None:
    assert clean(bad) == "a b"


def test_is_well_only_when_everything_runs() -> None:
    from msgspec.structs import replace

    assert not STATUS.is_well
    well = replace(STATUS, processes=STATUS.processes[:1])
    assert well.is_well
    assert not replace(well, phase="stopping").is_well


def test_lines_tell_each_alert_once_and_oldest_first() -> None:
    with capture_logs() as lines:
        screen = LogScreen()
        screen.show(STATUS)
        screen.show(STATUS)
    alerts = [line["severity"] for line in lines if line["event"] == "alert"]
    assert alerts == ["low", "critical"]
    assert len([line for line in lines if line["event"] == "figures"]) == 1
    assert not any("\x1b" in str(line) for line in lines)


def test_a_death_is_told_with_its_reason() -> None:
    death = Death("relay", -9, 0.5, ("last", "words\x1b[2J"))
    with capture_logs() as lines:
        LogScreen().show_death(death)
    assert lines[0]["reason"] == "killed by SIGKILL"
    assert lines[0]["log"] == "last | words [2J"


def test_the_terminal_view_goes_from_steps_to_figures() -> None:
    console = Console(width=100, record=True, file=io.StringIO(), force_terminal=True)
    screen = TerminalScreen(console)
    screen.show_step("kafka", "preparing")
    screen.show_download(3, 46)
    screen._live.refresh()
    screen.show_death(Death("relay", 1, None, ("why",)))
    screen.show(STATUS)
    screen.close()
    text = console.export_text()
    assert "fetching jars 3/46" in text
    assert "relay ended with code 1" in text
    assert "feeds 4 ok" in text
