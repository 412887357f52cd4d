"""`tocsin alerts`: follow the stream of alerts as a person, or as a program."""

import signal
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from pipeline.codec import encode
from pipeline.commands.options import ConfigFile, load_config, need_kafka, parse_since
from pipeline.errors import UsageError
from pipeline.logs import start_logging
from pipeline.records import SEVERITIES, Alert

alerts = typer.Typer(no_args_is_help=True, help="Follow alerts in the terminal or as JSON Lines.")


@alerts.callback()
def _alerts() -> None:
    """Follow alerts in the terminal or as JSON Lines."""


def wanted(alert: Alert, severity: str | None, actors: list[str]) -> bool:
    """Whether the alert is at least so severe and names one of the actors (by id, or by a word of the name)."""
    if severity and SEVERITIES.index(alert.severity) < SEVERITIES.index(severity):
        return False
    if not actors:
        return True
    names = [n.casefold() for m in (*alert.actors, *alert.targets) for n in (m.id or "", m.text)]
    names += [n.casefold() for c in alert.claims for n in (c.claimant_id or "", c.claimant or "", c.agent or "")]
    return any(actor.casefold() in name for actor in actors for name in names)


@alerts.command()
def follow(
    config: ConfigFile = None,
    severity: Annotated[str | None, typer.Option(help=f"At least this: {', '.join(SEVERITIES)}.")] = None,
    actor: Annotated[
        list[str] | None, typer.Option(help="Only alerts that name it; id or part of a name. Repeatable.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Begin there: an age (2h, 7d) or a time (RFC 3339).")] = None,
    group: Annotated[str | None, typer.Option(help="Remember the position under this name, and go on there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    exit_at_end: Annotated[
        bool, typer.Option("--exit-at-end", help="Stop at the end instead of waiting for more.")
    ] = False,
) -> None:
    """Print each alert revision as it is published."""
    from pipeline.commands.alertview import show
    from pipeline.subscribe import Subscriber

    if severity and severity not in SEVERITIES:
        raise UsageError(f"--severity {severity!r} is none of {', '.join(SEVERITIES)}")
    start_logging("alerts")
    begin = parse_since(since, datetime.now(UTC)) if since else None
    console = Console(highlight=False)
    options = need_kafka(load_config(config))
    with Subscriber(options, group=group, since=begin, stop_when_quiet=exit_at_end) as subscriber:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: subscriber.stop())
        for alert in subscriber:
            if not wanted(alert, severity, actor or []):
                continue
            if as_json:
                sys.stdout.buffer.write(encode(alert) + b"\n")
                sys.stdout.buffer.flush()
            else:
                console.print(show(alert))
