"""`tocsin watch`: write, check, try and keep watch rules."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pipeline.commands.options import ConfigFile, load_config, need_store, parse_since
from pipeline.errors import ConfigError, RetryableError, UsageError
from pipeline.incidents.wording import clean
from pipeline.store.connection import Connection, connect
from pipeline.watch.backtest import Forecast
from pipeline.watch.compiled import CompiledRule, compile_rules
from pipeline.watch.rules import WatchRule, Where, read_rules, to_toml
from pipeline.watch.wordfiles import with_words

watch = typer.Typer(no_args_is_help=True, help="Write, check, try and keep watch rules.")

EXAMPLES_SHOWN = 8
BACKTEST_SINCE = "30d"
DAY = timedelta(days=1)

LISTED = """
SELECT (SELECT count(DISTINCT alert_id) FROM watch_sent WHERE rule = %(rule)s AND at > now() - interval '1 day'),
       (SELECT max(at) FROM watch_sent WHERE rule = %(rule)s),
       (SELECT count(*) FROM watch_pending WHERE rule = %(rule)s)
"""

RulesFile = Annotated[Path, typer.Argument(help="A TOML file with [watch.NAME] tables.")]
Since = Annotated[str, typer.Option(help="How far back: an age (30d) or a time (RFC 3339).")]


@watch.command()
def check(file: RulesFile) -> None:
    """Check rules without connecting to anything, and say what each name was taken for."""
    rules, compiled = _read(file)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for rule in compiled:
        console.print(f"{rule.name}: good")
        for note in rule.notes:
            console.print(f"  {note}")
    off = sorted(name for name, rule in rules.items() if not rule.enabled)
    if off:
        console.print(f"not enabled: {', '.join(off)}")


@watch.command()
def add(
    file: RulesFile,
    config: ConfigFile = None,
    since: Since = BACKTEST_SINCE,
    anyway: Annotated[bool, typer.Option("--anyway", help="Keep a rule that would flood.")] = False,
) -> None:
    """Keep the rules of a file, new or changed, after telling what each would have rung for. In force within ten seconds."""
    from pipeline.store.watch import keep_rules
    from pipeline.upkeep.backtests import would_ring

    loaded = load_config(config)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    with connect(need_store(loaded), application="watch", autocommit=True) as connection:
        rules, compiled = _read(file, connection)
        told = _forecasts(connection, compiled, since)
        floods = []
        for rule in compiled:
            _tell(console, rule, told[rule.name])
            if flood := told[rule.name].flood:
                floods.append(f"{rule.name} would flood: {flood}")
        if floods and not anyway:
            raise UsageError(
                "; ".join(floods) + ". Nothing was kept. Narrow the rule, give it a digest, or say --anyway"
            )
        version = keep_rules(connection, rules, f"added {', '.join(rules)}", would_ring(told))
    _make_topics(
        loaded.kafka.client_options() if loaded.kafka.bootstrap_servers else None, list(rules), loaded.kafka.replication
    )
    console.print(f"kept: {', '.join(rules)}; rules are now at version {version}, in force within 10 s")


@watch.command(name="list")
def list_rules(config: ConfigFile = None) -> None:
    """List the rules in force, when each last rang, and what it holds back just now."""
    table = Table("rule", "about", "deliver", "cap", "24 h", "last (UTC)", "waiting", box=None, pad_edge=False)
    with connect(need_store(load_config(config)), application="watch", autocommit=True) as connection:
        rules = _stored(connection)
        for name, rule in sorted(rules.items()):
            row = connection.execute(LISTED, {"rule": name}).fetchone() or (0, None, 0)
            last = f"{row[1]:%m-%d %H:%M}" if isinstance(row[1], datetime) else "never"
            how = rule.deliver if rule.enabled else "off"
            table.add_row(name, clean(rule.about), how, rule.cap, str(row[0]), last, str(row[2]))
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(table if rules else "no rules: write one (docs/watch.md) and `tocsin watch add FILE`")


@watch.command()
def show(name: Annotated[str, typer.Argument(help="A rule's name.")], config: ConfigFile = None) -> None:
    """Print a rule as TOML."""
    with connect(need_store(load_config(config)), application="watch", autocommit=True) as connection:
        sys.stdout.write(to_toml(name, _named(_stored(connection), name)))


@watch.command()
def remove(name: Annotated[str, typer.Argument(help="A rule's name.")], config: ConfigFile = None) -> None:
    """End a rule. What it published stays on its topic until the topic's retention ends."""
    from pipeline.store.watch import remove_rule

    with connect(need_store(load_config(config)), application="watch", autocommit=True) as connection:
        _named(_stored(connection), name)
        version = remove_rule(connection, name, f"removed {name}")
    typer.echo(f"{name} is removed; rules are now at version {version}, in force within 10 s")


@watch.command(name="test")
def try_rule(
    rule: Annotated[str, typer.Argument(help="A rule's name, or a TOML file with rules.")],
    config: ConfigFile = None,
    since: Since = BACKTEST_SINCE,
) -> None:
    """Back-test: what a rule would have rung for on the stored articles, how often, with examples."""
    with connect(need_store(load_config(config)), application="watch", autocommit=True) as connection:
        if rule.endswith(".toml") or Path(rule).exists():
            compiled = _read(Path(rule), connection)[1]
        else:
            stored = {rule: replace(_named(_stored(connection), rule), enabled=True)}
            compiled = _compile(stored, connection)
        told = _forecasts(connection, compiled, since)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for one in compiled:
        _tell(console, one, told[one.name])


def _read(file: Path, connection: Connection | None = None) -> tuple[dict[str, WatchRule], tuple[CompiledRule, ...]]:
    """The rules of a file; names are looked up in the store's knowledge base, or in the shipped one without a store."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: can't be read: {error}") from error
    rules = {
        name: with_words(rule, file.parent, Where(str(file), text, name))
        for name, rule in read_rules(text, str(file)).items()
    }
    return rules, _compile(rules, connection, str(file), text)


def _compile(
    rules: Mapping[str, WatchRule], connection: Connection | None, source: str = "the rules", text: str = ""
) -> tuple[CompiledRule, ...]:
    from pipeline.store.current_knowledge import knowledge_in_force
    from pipeline.text.knowledge import default_knowledge

    knowledge = knowledge_in_force(connection) if connection else default_knowledge()
    return compile_rules(rules, knowledge, source=source, text=text).rules


def _stored(connection: Connection) -> dict[str, WatchRule]:
    from pipeline.store.watch import stored_rules

    return stored_rules(connection)


def _named(rules: Mapping[str, WatchRule], name: str) -> WatchRule:
    if name not in rules:
        there = ", ".join(sorted(rules)) or "none"
        raise UsageError(f"no rule is called {name!r}; there are: {there}")
    return rules[name]


def _forecasts(connection: Connection, rules: tuple[CompiledRule, ...], since: str) -> dict[str, Forecast]:
    """What each rule would have done, with progress on a terminal."""
    from pipeline.upkeep.backtests import forecasts

    until = datetime.now(UTC)
    bar = Console(stderr=True)
    with Progress(console=bar, transient=True, disable=not bar.is_terminal) as progress:
        task = progress.add_task("back-test", total=None)
        begin = parse_since(since, until)
        return forecasts(
            connection, rules, begin, until, lambda done, total: progress.update(task, completed=done, total=total)
        )


def _make_topics(options: dict[str, object] | None, names: list[str], replication: int) -> None:
    """Make the topics now, so that a subscriber may come before the first alert; the relay makes them later otherwise."""
    from pipeline.records.topics import ensure, watch_topic

    if options is None:
        return
    try:
        ensure(options, [watch_topic(name) for name in names], replication=replication)
    except RetryableError as error:
        typer.echo(f"the topics will be made with the first alert ({error})", err=True)


def _tell(console: Console, rule: CompiledRule, told: Forecast) -> None:
    console.print(f"{rule.name}: {rule.rule.about}" if rule.rule.about else f"{rule.name}:")
    for note in rule.notes:
        console.print(f"  {clean(note)}")
    span = f"{told.since:%Y-%m-%d %H:%M} to {told.until:%Y-%m-%d %H:%M} UTC"
    console.print(f"  {span}: {told.incidents} incidents, {told.matched} match")
    day, most = told.busiest_day
    busiest = f", most on {day}: {most}" if most else ""
    console.print(
        f"  would have rung for {len(told.new)} alerts ({told.per_day:.1f} a day{busiest}) with {len(told.bells)} messages"
    )
    if told.held_back:
        console.print(f"  {told.held_back} held back by its pace")
    for bell in told.new[-EXAMPLES_SHOWN:]:
        console.print(f"  {bell.at:%m-%d %H:%M}  {bell.severity:<8} {clean(bell.what)}")
        console.print(f"               because: {clean('; '.join(bell.why))}")
    if len(told.new) > EXAMPLES_SHOWN:
        console.print(f"  the latest {EXAMPLES_SHOWN} are shown")
    if told.flood:
        console.print(f"  would flood: {told.flood}")
