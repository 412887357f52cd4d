"""`tocsin alerts`: follow the stream of alerts as a person, or as a program."""

import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pipeline.commands.mark import mark
from pipeline.commands.options import ConfigFile, load_config, need_kafka, parse_since
from pipeline.errors import UsageError
from pipeline.process.logs import start_logging
from pipeline.records import SEVERITIES, Alert
from pipeline.records.codec import encode
from pipeline.records.topics import ALERTS, TOPICS, topic_named, watch_topic

if TYPE_CHECKING:
    from pipeline.commands.alertview import Detail

alerts = typer.Typer(no_args_is_help=True, help="Follow alerts in the terminal or as JSON Lines.")


@alerts.callback()
def _alerts() -> None:
    """Follow alerts in the terminal or as JSON Lines."""


def wanted(alert: Alert, severity: str | None, actors: list[str], categories: Sequence[str] = ()) -> bool:
    """Whether the alert is at least so severe, of a category, and names one of the actors (by id, or by a word of the name)."""
    if severity and SEVERITIES.index(alert.severity) < SEVERITIES.index(severity):
        return False
    if categories and alert.category not in categories:
        return False
    if not actors:
        return True
    names = [n.casefold() for m in (*alert.actors, *alert.targets) for n in (m.id or "", m.text)]
    names += [n.casefold() for c in alert.claims for n in (c.claimant_id or "", c.claimant or "", c.agent or "")]
    return any(actor.casefold() in name for actor in actors for name in names)


def _topics(rules: list[str] | None, topic: str | None) -> tuple[str, ...]:
    """The topics to follow: those of watch rules, or one by its last word, or all alerts."""
    if rules:
        return tuple(watch_topic(rule).name for rule in rules)
    if topic is None:
        return (ALERTS,)
    named = topic if topic.startswith(f"{ALERTS}.") else f"{ALERTS}.{topic}"
    if topic_named(named) is None:
        there = [t.name.removeprefix(f"{ALERTS}.") for t in TOPICS if t.name.startswith(f"{ALERTS}.")]
        raise UsageError(f"--topic {topic!r} is none of {', '.join(there)}; a rule's topic is followed with --watch")
    return (named,)


@alerts.command()
def follow(  # noqa: PLR0913 - one parameter an option
    config: ConfigFile = None,
    severity: Annotated[str | None, typer.Option(help=f"At least this: {', '.join(SEVERITIES)}.")] = None,
    actor: Annotated[
        list[str] | None, typer.Option(help="Only alerts that name it; id or part of a name. Repeatable.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only of these: conflict, cyber, unrest, disaster, other. Repeatable.")
    ] = None,
    watch: Annotated[list[str] | None, typer.Option(help="Follow this watch rule's topic. Repeatable.")] = None,
    topic: Annotated[
        str | None, typer.Option(help="Follow critical, conflict, cyber or latest instead of all.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line each.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every claim, quote, source and reason.")] = False,
    bell: Annotated[str | None, typer.Option(help="Ring the terminal's bell for alerts at least so severe.")] = None,
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

    for option, value in (("--severity", severity), ("--bell", bell)):
        if value and value not in SEVERITIES:
            raise UsageError(f"{option} {value!r} is none of {', '.join(SEVERITIES)}")
    topics = _topics(watch, topic)
    detail: Detail = "brief" if quiet else "full" if verbose else "usual"
    start_logging("alerts")
    begin = parse_since(since, datetime.now(UTC)) if since else None
    console = Console(highlight=False, soft_wrap=True)
    options = need_kafka(load_config(config))
    with Subscriber(options, group=group, topics=topics, since=begin, stop_when_quiet=exit_at_end) as subscriber:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: subscriber.stop())
        for alert in subscriber:
            if not wanted(alert, severity, actor or [], category or []):
                continue
            if bell and SEVERITIES.index(alert.severity) >= SEVERITIES.index(bell):
                sys.stderr.write("\a")
                sys.stderr.flush()
            if as_json:
                sys.stdout.buffer.write(encode(alert) + b"\n")
                sys.stdout.buffer.flush()
            else:
                console.print(show(alert, detail))


alerts.command()(mark)
