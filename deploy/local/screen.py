"""What `tocsin up` shows: a live view on a terminal, structured log lines anywhere else.

Text that comes from feeds is shown without its control characters: an article must not be able to write to the terminal.
"""

import contextlib
import time
from datetime import UTC, datetime
from typing import Protocol

import structlog
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.local.children import Death
from deploy.local.status import Figures, ProcessStatus, Status
from pipeline.records import SEVERITIES

SUMMARY_SECONDS = 60.0
"""Between two lines of figures where there is no terminal."""
REPORTS_KEPT = 5
REDRAWS_PER_SECOND = 4

STYLES = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}
STATE_STYLES = {"running": "green", "waiting": "bold yellow", "refused": "bold red", "stopped": "dim"}


class Screen(Protocol):
    """Where the supervisor shows itself."""

    def show_step(self, name: str, what: str) -> None:
        """A part of the start has come this far."""

    def show_download(self, done: int, total: int) -> None:
        """Jars that are there, of all; called from another thread."""

    def report(self, level: str, event: str, **fields: object) -> None:
        """Something happened that an operator wants to know; `level` is info, warning or error."""

    def show_death(self, death: Death) -> None:
        """A process ended without being asked to."""

    def show(self, now: Status) -> None:
        """How everything does, about once a second."""

    def is_gone(self) -> bool:
        """Whether nobody can see it any more: the terminal was closed."""

    def close(self) -> None:
        """Nothing more comes."""


def clean(text: str, length_max: int = 400) -> str:
    """Text for a terminal or a log: on one line, control and direction characters replaced."""
    kept = "".join(c if c.isprintable() else " " for c in text[:length_max])
    return " ".join(kept.split())


class LogScreen:
    """One structured line for each thing that happens."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("tocsin.up")
        self._summary_due = 0.0
        self._alerts_until: datetime | None = None
        self._download_due = 0.0

    def show_step(self, name: str, what: str) -> None:
        """A line for each step."""
        self._log.info("step", part=name, state=what)

    def show_download(self, done: int, total: int) -> None:
        """A line every few seconds, and the last."""
        if done == total or time.monotonic() > self._download_due:
            self._download_due = time.monotonic() + 5
            self._log.info("jars", ready=done, of=total)

    def report(self, level: str, event: str, **fields: object) -> None:
        """A line."""
        getattr(self._log, level)(event, **fields)

    def show_death(self, death: Death) -> None:
        """A line with the end of the log."""
        lines = " | ".join(clean(line) for line in death.last_lines)
        self._log.error("process died", process=death.name, reason=death.reason, again_in=death.again_in, log=lines)

    def show(self, now: Status) -> None:
        """New alerts as they come; figures once a minute."""
        self._log_alerts(now.figures)
        is_known = now.figures != Figures()
        if now.phase != "running" or not is_known or time.monotonic() < self._summary_due:
            return
        self._summary_due = time.monotonic() + SUMMARY_SECONDS
        found = now.figures
        total = sum(p.memory_bytes or 0 for p in now.processes)
        self._log.info(
            "figures",
            feeds_ok=found.feeds_ok,
            feeds_failing=found.feeds_failing,
            articles=found.articles,
            articles_per_second=_round(found.articles_per_second),
            lag=found.lag,
            alerts=sum(found.alerts.values()) if found.alerts is not None else None,
            memory_mb=round(total / 1e6),
            problem=found.problem,
        )

    def is_gone(self) -> bool:
        """A log is never gone."""
        return False

    def close(self) -> None:
        """Nothing to give back."""

    def _log_alerts(self, found: Figures) -> None:
        new = [a for a in found.latest if self._alerts_until is None or a.updated > self._alerts_until]
        for alert in sorted(new, key=lambda a: a.updated):
            self._log.info("alert", severity=alert.severity, revision=alert.revision, what=clean(alert.what))
            self._alerts_until = alert.updated


class TerminalScreen:
    """The live view."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._steps: dict[str, str] = {}
        self._reports: list[tuple[str, Text]] = []
        self._status: Status | None = None
        self._live = Live(
            console=self._console,
            get_renderable=self._render,
            refresh_per_second=REDRAWS_PER_SECOND,
            vertical_overflow="crop",
        )
        self._live.start()

    def show_step(self, name: str, what: str) -> None:
        """In the table of steps."""
        self._steps[name] = what

    def show_download(self, done: int, total: int) -> None:
        """Beside Kafka's step."""
        self._steps["kafka"] = "formatting" if done == total else f"fetching jars {done}/{total}"

    def report(self, level: str, event: str, **fields: object) -> None:
        """Below the view, the last few."""
        style = {"warning": "yellow", "error": "bold red"}.get(level, "")
        details = " ".join(f"{key}={value}" for key, value in fields.items())
        self._add(Text(clean(f"{event} {details}"), style=style))

    def show_death(self, death: Death) -> None:
        """Below the view, with the end of its log."""
        again = "not started again before its configuration is read again (SIGHUP)"
        if death.again_in is not None:
            again = f"starts again in {death.again_in:.1f} s"
        self._add(Text(f"{death.name} {death.reason}; {again}", style="bold red"))
        for line in death.last_lines[-3:]:
            self._add(Text(f"  {clean(line)}", style="red"))

    def show(self, now: Status) -> None:
        """The next redraw shows it."""
        self._status = now

    def is_gone(self) -> bool:
        """A closed terminal is a terminal no more."""
        return not self._console.file.isatty()

    def close(self) -> None:
        """Leave the last view standing."""
        with contextlib.suppress(OSError):  # the terminal is gone
            self._live.stop()

    def _add(self, text: Text) -> None:
        self._reports.append((datetime.now().astimezone().strftime("%H:%M:%S"), text))
        del self._reports[:-REPORTS_KEPT]

    def _render(self) -> RenderableType:
        parts: list[RenderableType] = []
        if self._status is None or self._status.phase == "starting":
            parts.append(render_steps(self._steps))
        else:
            parts.append(render_status(self._status))
            parts.append(
                Text("Ctrl-C stops; `tocsin alerts follow` elsewhere shows alerts with their evidence", style="dim")
            )
        parts.extend(Text.assemble((f"{at} ", "dim"), text) for at, text in self._reports)
        return Group(*parts)


def render_steps(steps: dict[str, str]) -> RenderableType:
    """The start, part by part."""
    table = Table.grid(padding=(0, 2))
    for name, what in steps.items():
        style = "green" if what in ("ready", "started") or what.endswith("created") else "yellow"
        table.add_row(Text(name), Text(what, style=style))
    return Group(Text("tocsin starts", style="bold"), table)


def render_status(now: Status) -> RenderableType:
    """The live view: figures, the latest alerts, the processes."""
    alerts: list[RenderableType] = [Text(), render_alerts(now.figures), Text()] if now.figures.latest else [Text()]
    return Group(_render_head(now), render_figures(now.figures), *alerts, _render_processes(now))


def _render_head(now: Status) -> RenderableType:
    up = datetime.now(UTC) - now.since
    minutes, seconds = divmod(int(up.total_seconds()), 60)
    return Text.assemble(
        ("tocsin ", "bold"),
        (f"{now.version} {now.phase} {minutes}:{seconds:02d}", "bold green" if now.is_well else "bold yellow"),
        (f"  {now.web}" if now.web else "", "bold cyan"),
        (f"  kafka {now.kafka}  data {now.data_dir}", "dim"),
    )


def render_figures(found: Figures) -> RenderableType:
    """Feeds, articles, backlog, rejects, alerts."""
    feeds = f"{_or_dash(found.feeds_ok)} ok"
    line = Text.assemble(
        ("feeds ", "dim"),
        feeds,
        (f" {found.feeds_failing} failing" if found.feeds_failing else "", "yellow"),
        ("   articles ", "dim"),
        _or_dash(found.articles),
        (f" ({_or_dash(_round(found.articles_per_second))}/s)", ""),
        ("   lag ", "dim"),
        _or_dash(found.lag),
        ("   rejects ", "dim"),
        _or_dash(found.rejects),
        ("   alerts ", "dim"),
    )
    alerts = found.alerts or {}
    for severity in reversed(SEVERITIES):
        if count := alerts.get(severity):
            line.append(f" {severity} {count} ", STYLES[severity])
    if not alerts:
        line.append("none yet" if found.alerts is not None else "-")
    failing = [Text(f"  {clean(f.name, 40)}: {clean(f.reason, 120)}", style="dim yellow") for f in found.failing]
    problem = [Text(clean(found.problem), style="yellow")] if found.problem else []
    return Group(line, *failing, *problem)


def render_alerts(found: Figures) -> RenderableType:
    """The latest alerts, one a line."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for alert in found.latest:
        at = alert.updated.astimezone().strftime("%H:%M:%S")
        style = STYLES.get(alert.severity, "")
        table.add_row(
            Text(at, style="dim"),
            Text(alert.severity, style=style),
            Text(f"r{alert.revision}"),
            Text(clean(alert.what)),
        )
    return table


def _render_processes(now: Status) -> RenderableType:
    line = Text()
    for process in now.processes:
        line.append(_describe(process), STATE_STYLES.get(process.state, ""))
        line.append("  ")
    total = sum(p.memory_bytes or 0 for p in now.processes)
    line.append(f"= {total / 1e6:,.0f} MB", "dim")
    return line


def _describe(process: ProcessStatus) -> str:
    memory = f" {process.memory_bytes / 1e6:.0f} MB" if process.memory_bytes else ""
    state = "" if process.state == "running" else f" {process.state}"
    again = f" restarts {process.restarts}" if process.restarts else ""
    return f"{process.name}{state}{memory}{again}"


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
