"""`tocsin score`: the table of weights, and how an alert would change with another one, or other sources."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec.structs import replace
from rich.console import Console

from pipeline.commands.marking import find_alert
from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.errors import UsageError
from pipeline.incidents.alerts import compose
from pipeline.incidents.members import Member
from pipeline.incidents.wording import clean, name_alert
from pipeline.records import Alert, Reason
from pipeline.store import incidents
from pipeline.store.connection import connect
from pipeline.text.scoring import Weights, assess, load_weights
from pipeline.text.scoring.weights import with_value

score = typer.Typer(no_args_is_help=True, help="The table of weights, and what would change an alert.")


@score.command()
def weights(config: ConfigFile = None) -> None:
    """Print the table of weights in force as JSON: every number that a score is made of."""
    table = load_config(config).score.weights
    typer.echo(
        msgspec.json.format(msgspec.json.encode(load_weights(Path(table) if table else None)), indent=2).decode()
    )


@score.command(name="what-if")
def what_if(
    alert_id: Annotated[str, typer.Argument(help="The alert's id, or the first characters of it.")],
    config: ConfigFile = None,
    table: Annotated[Path | None, typer.Option("--weights", help="Another table of weights.")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="KEY=NUMBER, as in signs.actor=0.2. Repeatable.")
    ] = None,
    grade: Annotated[list[str] | None, typer.Option(help="FEED=A: as if the feed were graded so. Repeatable.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="As if this feed had not reported. Repeatable.")] = None,
) -> None:
    """How an alert's severity, score and credibility would change. Changes nothing."""
    loaded = load_config(config)
    before_table = load_weights(Path(loaded.score.weights) if loaded.score.weights else None)
    after_table = load_weights(table) if table else before_table
    for entry in values or ():
        key, _, number = entry.partition("=")
        after_table = with_value(after_table, key.strip(), number.strip())
    with connect(need_store(loaded), application="what-if", autocommit=True) as connection:
        alert = find_alert(connection, alert_id)
        members = incidents.members(connection, alert.incident)
    before = compose(alert.incident, members)
    changed = _graded(members, grade or [])
    after = compose(alert.incident, [_again(m, after_table) for m in changed if m.article.feed not in (drop or ())])
    for feed in drop or ():
        if feed not in {m.article.feed for m in members}:
            raise UsageError(
                f"{feed!r} does not report this; there are: {', '.join(sorted({m.article.feed for m in members}))}"
            )
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for line in compare(before or alert, after):
        console.print(clean(line))


def compare(before: Alert, after: Alert | None) -> list[str]:
    """Both side by side, and the reasons that differ."""
    if after is None:
        return [f"{before.severity} -> no alert: no report is worth one"]
    lines = [name_alert(before)]
    for name in ("severity", "score", "credibility", "independent_sources", "category"):
        was, now = getattr(before, name), getattr(after, name)
        lines.append(f"{name.replace('_', ' '):<20}{_show(was)}" + (f" -> {_show(now)}" if was != now else ""))
    for title, was, now in (
        ("severity", before.reasons, after.reasons),
        ("credibility", before.credibility_reasons, after.credibility_reasons),
    ):
        lines.append(f"{title}, reason by reason")
        lines += _reasons(was, now)
    return lines


def _reasons(was: tuple[Reason, ...], now: tuple[Reason, ...]) -> list[str]:
    old, new = {r.rule: r.points for r in was}, {r.rule: r.points for r in now}
    lines = []
    for rule in dict.fromkeys([*old, *new]):
        a, b = old.get(rule), new.get(rule)
        shown = f"{a:+.2f}" if a is not None else "  -  "
        lines.append(f"  {shown}{'' if a == b else f' -> {b:+.2f}' if b is not None else ' -> gone'}  {rule}")
    return lines


def _show(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _again(member: Member, table: Weights) -> Member:
    return replace(member, assessment=assess(member.article, member.findings, weights=table))


def _graded(members: list[Member], grades: list[str]) -> list[Member]:
    wanted = dict(entry.partition("=")[::2] for entry in grades)
    for feed, grade in wanted.items():
        if grade not in {"A", "B", "C", "D", "E", "F"}:
            raise UsageError(f"--grade {feed}={grade}: grades are A to F")
    return [
        replace(m, article=replace(m.article, grade=wanted[m.article.feed])) if m.article.feed in wanted else m
        for m in members
    ]
