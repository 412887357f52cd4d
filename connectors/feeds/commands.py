"""`tocsin feeds`: add, check, watch, change, pause and remove feeds. What is changed takes effect within a second, without a restart."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.feeds.changing import add, set_options
from connectors.feeds.checking import check
from connectors.feeds.lists import export_opml, import_opml
from connectors.feeds.options import AsJson, Names, active, open_list
from connectors.feeds.show import ago, print_json, print_table, state_word, why
from pipeline.commands.options import ConfigFile

feeds = typer.Typer(no_args_is_help=True, help="Add, check, watch, pause and remove feeds.")


@feeds.command("list")
def list_feeds(
    config: ConfigFile = None,
    as_json: AsJson = False,
    tag: Annotated[str | None, typer.Option("--tag", "-t", help="Only those with this tag.")] = None,
) -> None:
    """The feeds that are polled, with what the operator said of them."""
    rows = [row for row in active(config) if tag is None or tag in row.tags]
    if as_json:
        print_json(rows, ("feed", "source", "url", "title", "tags", "grade", "paused_at"))
        return
    print_table(
        ("feed", "grade", "tags", "state", "url"),
        [(row.feed, row.grade or "", ", ".join(row.tags), state_word(row), row.url) for row in rows],
    )


@feeds.command("status")
def status(
    config: ConfigFile = None,
    as_json: AsJson = False,
    failing: Annotated[bool, typer.Option("--failing", help="Only those whose last poll failed.")] = False,
    troubled: Annotated[bool, typer.Option("--troubled", help="Only those with anything wrong, silence too.")] = False,
) -> None:
    """How each feed does: what its last poll brought, or what is wrong, and when it is asked again."""
    rows = [row for row in active(config) if row.outcome == "failed" or not failing]
    rows = [row for row in rows if row.outcome == "failed" or row.conditions or not troubled]
    if as_json:
        fields = tuple(name for name in type(rows[0]).__struct_fields__ if name != "options") if rows else ()
        print_json(rows, fields)
        return
    now = datetime.now(UTC)
    print_table(
        ("feed", "state", "articles", "last new", "next poll", "why"),
        [
            (
                row.feed,
                state_word(row),
                str(row.articles),
                ago(row.last_new_at, now),
                "-" if row.paused_at else ago(row.next_poll_at, now),
                why(row),
            )
            for row in rows
        ],
    )


feeds.command("add")(add)
feeds.command("set")(set_options)


@feeds.command("pause")
def pause(names: Names, config: ConfigFile = None) -> None:
    """Poll these feeds no more, until `tocsin feeds resume`."""
    _with(config, lambda store: store.pause(names, datetime.now(UTC)))
    typer.echo(f"paused {', '.join(names)}")


@feeds.command("resume")
def resume(names: Names, config: ConfigFile = None) -> None:
    """Poll paused feeds again, at once."""
    _with(config, lambda store: store.pause(names, None))
    typer.echo(f"resumed {', '.join(names)}")


@feeds.command("poll")
def poll(names: Names, config: ConfigFile = None) -> None:
    """Poll these feeds now, as soon as their hosts' pace allows."""
    _with(config, lambda store: store.poll_now(names))
    typer.echo(f"due now: {', '.join(names)}")


@feeds.command("remove")
def remove(names: Names, config: ConfigFile = None) -> None:
    """Poll these feeds no more, and list them no more; their articles stay."""
    _with(config, lambda store: store.remove(names))
    typer.echo(f"removed {', '.join(names)}")


def _with(config: Path | None, act: Any) -> None:
    store = open_list(config)
    try:
        act(store)
    finally:
        store.close()


feeds.command("import")(import_opml)
feeds.command("export")(export_opml)
feeds.command("check")(check)
