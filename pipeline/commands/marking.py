"""Behind `tocsin alerts mark`: the mark is kept, a change proposed, its effect shown, and on a yes it is in force."""

from datetime import UTC, datetime, timedelta

import msgspec
import typer
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from pipeline.commands.options import need_store
from pipeline.commands.replay import show
from pipeline.config import Config
from pipeline.errors import UsageError
from pipeline.records import Alert
from pipeline.store import changes
from pipeline.store.connection import Connection, connect
from pipeline.store.current_knowledge import AREA, knowledge_in_force
from pipeline.store.incidents import alerts_beginning
from pipeline.store.marked_warnings import keep_marked, marked
from pipeline.store.marks import MARK_CHARS_MAX, Mark, keep_mark, verdicts
from pipeline.store.snapshots import Kind, change, latest
from pipeline.upkeep.corrections import Patch, Toll, add_name, drop_name, exclude_word, toll, warn_of
from pipeline.upkeep.replay import Asked, Diff, replay

LAST_MONTH = timedelta(days=30)
RULES = "SELECT topic FROM alert_topics WHERE alert_id = %s AND topic LIKE 'tocsin.alerts.watch.%%'"


class Wish(Struct, frozen=True):
    """What a person says is wrong, or means; see the options of `tocsin alerts mark`."""

    because: str
    indicator: str | None = None
    actor: str | None = None
    alias: str | None = None
    rule: str | None = None
    without: str | None = None


def mark_alert(config: Config, alert_id: str, verdict: str, wish: Wish, *, answer: bool | None) -> None:
    """Keep the mark, and accept the change that is proposed; `answer`: True or False, or None to ask."""
    console = Console(highlight=False, soft_wrap=True)
    with connect(need_store(config), application="mark", autocommit=True, limits=False) as connection:
        alert = find_alert(connection, alert_id)
        patch = _propose(connection, alert, wish)
        accepted = False
        if patch is None:
            console.print(_handles(connection, alert), markup=False)
        else:
            _show_effect(console, connection, config, patch, {alert.alert_id: verdict})
            accepted = typer.confirm("Accept?", default=False) if answer is None else answer
            if accepted:
                _accept(connection, config, patch, wish.because)
        keep_mark(connection, alert, Mark(verdict, wish.because, patch.says if patch else None, accepted))
    console.print(f"marked {verdict}" + ("; accepted: in force within 10 s" if accepted else ""), markup=False)


def find_alert(connection: Connection, start: str) -> Alert:
    """The alert whose id begins so. Raises `UsageError` when there is none, or more than one."""
    found = alerts_beginning(connection, start if start.startswith("alert:") else f"alert:{start}")
    if len(found) != 1:
        raise UsageError(f"{len(found)} alerts begin with {start!r}; `tocsin alerts follow --since 7d` shows the ids")
    return found[0]


def _propose(connection: Connection, alert: Alert, wish: Wish) -> Patch | None:
    def content(kind: Kind) -> str | None:
        snapshot = latest(connection, kind)
        return snapshot.content if snapshot else None

    if sum(bool(given) for given in (wish.indicator, wish.actor, wish.alias, wish.rule)) > 1:
        raise UsageError("one change at a time: --indicator, --actor, --alias, or --rule with --without")
    if bool(wish.rule) != bool(wish.without):
        raise UsageError("--rule and --without belong together")
    if wish.indicator:
        return warn_of(alert, wish.indicator, wish.because, marked(connection))
    if wish.actor:
        return drop_name(alert, wish.actor, wish.because, knowledge_in_force(connection))
    if wish.alias:
        return add_name(wish.alias, wish.because, knowledge_in_force(connection))
    return exclude_word(wish.rule, wish.without, content("watch")) if wish.rule and wish.without else None


def _handles(connection: Connection, alert: Alert) -> str:
    """What a change could take hold of."""
    actors = [f'--actor "{m.text}" ({m.id})' for m in (*alert.actors, *alert.targets) if m.id]
    indicators = [f"--indicator {i.value}" for i in alert.indicators]
    rules = [
        f"--rule {str(t).rpartition('.')[2]} --without WORD" for (t,) in connection.execute(RULES, (alert.alert_id,))
    ]
    found = [*actors, *indicators, *rules, '--alias "NAME=ID"']
    return "No change was asked for. What could be changed here:\n" + "\n".join(f"  {one}" for one in found)


def _replay(connection: Connection, config: Config, patch: Patch, *, apply: bool) -> Diff:
    asked = Asked(
        since=datetime.now(UTC) - LAST_MONTH,
        rules=patch.rules,
        knowledge=patch.content if patch.kind == "knowledge" else None,
        warnings=msgspec.json.decode(patch.content, type=tuple[str, ...]) if patch.kind == "warnings" else None,
        only=patch.about,
        apply=apply,
    )
    return replay(connection, asked, config)


def _show_effect(console: Console, connection: Connection, config: Config, patch: Patch, now: dict[str, str]) -> None:
    console.print(patch.says, markup=False, style="bold")
    diff = _replay(connection, config, patch, apply=False)
    marks = verdicts(connection) | now
    touched = {line.alert_id: line.sign for line in diff.lines}
    console.print(_toll_words(toll(marks, touched)), markup=False)
    console.print("On the last month:", markup=False)
    show(console, diff)


def _toll_words(count: Toll) -> str:
    lost = f" ({', '.join(a[:18] for a in count.right_lost)})" if count.right_lost else ""
    return (
        f"On the marks: of {count.right} marked right {len(count.right_lost)} would be gone{lost}; "
        f"of {count.wrong} marked wrong {len(count.wrong_gone)} would be gone or different."
    )


def _accept(connection: Connection, config: Config, patch: Patch, because: str) -> None:
    note = f"{patch.says}: {because}"[:MARK_CHARS_MAX]
    if patch.kind == "knowledge":
        changes.add(connection, AREA, note, patch.content.encode())
    elif patch.kind == "warnings":
        keep_marked(connection, msgspec.json.decode(patch.content, type=list[str]))
    else:
        change(connection, patch.kind, lambda _: patch.content, note)
    _replay(connection, config, replace(patch, content="") if patch.kind == "knowledge" else patch, apply=True)
