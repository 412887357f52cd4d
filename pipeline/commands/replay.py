"""`tocsin replay`: the stored articles once more with other weights, rules, or another model; the difference, and on request its use."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from pipeline.commands.options import ConfigFile, load_config, need_store, parse_since
from pipeline.errors import ConfigError
from pipeline.incidents.wording import clean

COLOURS = {"+": "green", "-": "red", "~": "yellow"}


def replay(
    since: Annotated[str, typer.Option(help="How far back: an age (30d) or a time (RFC 3339).")],
    config: ConfigFile = None,
    rules: Annotated[Path | None, typer.Option(help="Watch rules (TOML), new or changed.")] = None,
    weights: Annotated[Path | None, typer.Option(help="A table of weights.")] = None,
    model: Annotated[str, typer.Option(help='Analyse again with this model ("rules": without one).')] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Write it: what differs becomes revisions.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The difference as one JSON object.")] = False,
) -> None:
    """Print which alerts would be new (+), gone (-) or different (~). Nothing changes without --apply."""
    from pipeline.store.connection import connect
    from pipeline.upkeep.replay import Asked
    from pipeline.upkeep.replay import replay as run

    asked = Asked(
        since=parse_since(since, datetime.now(UTC)),
        rules=_read(rules),
        weights=str(weights or ""),
        model=model,
        apply=apply,
    )
    loaded = load_config(config)
    bar = Console(stderr=True)
    with (
        connect(need_store(loaded), application="replay", autocommit=True, limits=False) as connection,
        Progress(console=bar, transient=True, disable=not bar.is_terminal) as progress,
    ):
        task = progress.add_task("replay", total=None)
        diff = run(connection, asked, loaded, lambda done, total: progress.update(task, completed=done, total=total))
    if as_json:
        typer.echo(msgspec.json.encode(diff).decode())
        return
    show(Console(highlight=False, soft_wrap=True), diff)
    if apply and (weights or model):
        typer.echo(
            "New articles keep the configured weights and model: set score.weights or extract.model too.", err=True
        )


def show(console: Console, diff: object) -> None:
    """The difference, a line each, then the count."""
    from rich.text import Text

    from pipeline.upkeep.replay import Diff

    assert isinstance(diff, Diff)  # noqa: S101 - typed loosely so that this module loads without the replay
    for line in diff.lines:
        on = f" on watch.{line.rule}" if line.rule else ""
        console.print(
            Text(
                f"{line.sign} {line.severity:<8} {clean(line.what)}  {line.alert_id[:18]}{on}", style=COLOURS[line.sign]
            )
        )
        for change in line.changes:
            console.print(Text(f"    {clean(change)}"))
    signs = [line.sign for line in diff.lines]
    done = "applied" if diff.applied else "nothing was changed; --apply does it" if diff.lines else "nothing differs"
    console.print(
        f"{signs.count('+')} new, {signs.count('-')} gone, {signs.count('~')} changed "
        f"of {diff.incidents} incidents since {diff.since:%Y-%m-%d %H:%M} UTC ({diff.articles} articles read again); {done}",
        markup=False,
    )


def _read(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: can't be read: {error}") from error
