"""The command: findings as they come, one a line, and an exit code for whoever watches."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from deploy.doctor.verdict import Finding
from deploy.local.layout import Layout
from pipeline.commands.options import ConfigFile, load_config
from pipeline.config import Config, default_data_dir
from pipeline.incidents.wording import clean

EXIT_FAILED = 1
MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "bold red"), "not asked": ("·", "dim")}


def doctor(
    config: ConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines, one a finding.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings, too.")] = False,
) -> None:
    """Look at everything that tocsin needs, and say what to do. Exit code 0 when nothing has failed, else 1."""
    loaded = load_config(config)
    console = Console(highlight=False, soft_wrap=True)
    counts: dict[str, int] = {}
    for finding in look(loaded, config):
        counts[finding.state] = counts.get(finding.state, 0) + 1
        if as_json:
            sys.stdout.buffer.write(msgspec.json.encode(finding) + b"\n")
        else:
            console.print(_line(finding))
    if not as_json:
        told = [
            f"{n} {state}{'s' if state == 'warning' and n > 1 else ''}" for state in MARKS if (n := counts.get(state))
        ]
        console.print("\n" + ", ".join(told), style="bold")
    if counts.get("failed") or (strict and counts.get("warning")):
        raise typer.Exit(EXIT_FAILED)


def look(config: Config, path: Path | None) -> Iterator[Finding]:
    """All findings, in the order in which things depend on each other."""
    from deploy.doctor import broker, machine, store  # clients and models: not for `--help`

    root = Path(config.data_dir) if config.data_dir else default_data_dir()
    yield from machine.look(config, path, Layout(root.expanduser().absolute()))
    yield from broker.look(config)
    yield from store.look(config)


def _line(finding: Finding) -> Text:
    mark, style = MARKS[finding.state]
    line = Text.assemble((f"{mark} ", style), (f"{finding.about:<14}", "bold"), clean(finding.says))
    if finding.do:
        line.append(f"\n  {'':<14}→ {clean(finding.do)}", style="yellow" if finding.state == "warning" else "red")
    return line
