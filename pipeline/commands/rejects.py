"""`tocsin rejects`: what was refused, why, and another try."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.commands.options import ConfigFile, load_config, need_kafka
from pipeline.errors import UsageError
from pipeline.incidents.wording import clean
from pipeline.publish.dead_letters import SINK_STEP, publish_again, read_rejects
from pipeline.records import Reject

LIST_MAX = 50
PAYLOAD_CHARS_SHOWN = 4000

rejects = typer.Typer(no_args_is_help=True, help="List, show and replay what was refused.")


@rejects.command("list")
def list_rejects(
    config: ConfigFile = None,
    step: Annotated[str | None, typer.Option(help="Only those refused at this step.")] = None,
    most: Annotated[int, typer.Option("--max", help="The latest so many.")] = LIST_MAX,
) -> None:
    """List the latest rejects, one a line."""
    found = [r for r in read_rejects(need_kafka(load_config(config))) if step in {None, r.step}]
    table = Table("reject", "at (UTC)", "step", "error", "message", box=None, pad_edge=False)
    for reject in found[-most:]:
        message = clean(reject.message)[:100]
        table.add_row(
            clean(reject.reject_id[:16]),
            f"{reject.at:%m-%d %H:%M:%S}",
            clean(reject.step),
            clean(reject.error),
            message,
        )
    console = Console(highlight=False, markup=False)
    if found:
        console.print(table)
    console.print(f"{len(found)} rejects" + (f", the latest {most} shown" if len(found) > most else ""))


@rejects.command()
def show(
    reject_id: Annotated[str, typer.Argument(help="Its id, or the first characters of it.")], config: ConfigFile = None
) -> None:
    """Show one reject whole: where it came from, the error, the original bytes."""
    reject = _find(need_kafka(load_config(config)), reject_id)
    console = Console(highlight=False, markup=False)
    for name in ("reject_id", "step", "error", "message", "crashed", "article_id", "at", "code_version"):
        console.print(f"{name:<13}{clean(str(getattr(reject, name)))}")
    if reject.topic:
        console.print(f"{'position':<13}{reject.topic}, partition {reject.partition}, offset {reject.offset}")
    if reject.stack:
        console.print()
        for line in reject.stack.splitlines():
            console.print(clean(line))
    text = reject.payload.decode("utf-8", "backslashreplace")
    console.print("\n" + clean(text[:PAYLOAD_CHARS_SHOWN]))


@rejects.command()
def replay(
    reject_id: Annotated[str | None, typer.Argument(help="Its id; or --all.")] = None,
    config: ConfigFile = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every reject (of --step).")] = False,
    step: Annotated[str | None, typer.Option(help="With --all: only those refused at this step.")] = None,
) -> None:
    """Publish the original bytes on the articles' topic again, after what refused them was mended."""
    options = need_kafka(load_config(config))
    if not all_of_them and not reject_id:
        raise UsageError("name a reject, or say --all")
    found = (
        [r for r in read_rejects(options) if step in {None, r.step}]
        if all_of_them
        else [_find(options, reject_id or "")]
    )
    if found and all(r.step.startswith(SINK_STEP) for r in found):
        raise UsageError(f"{found[0].step} refused it: `tocsin sinks replay {found[0].step.removeprefix(SINK_STEP)}`")
    typer.echo(f"{publish_again(options, found)} replayed.")


def _find(options: dict[str, object], start: str) -> Reject:
    found = {
        r.reject_id: r
        for r in read_rejects(options)
        if r.reject_id.startswith(start) or r.reject_id.startswith(f"rej:{start}")
    }
    if len(found) != 1:
        raise UsageError(f"{len(found)} rejects begin with {start!r}; `tocsin rejects list` shows the ids")
    return next(iter(found.values()))
