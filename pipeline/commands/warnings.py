"""`tocsin warnings`: import, list, show, find, remove and undo warning lists (names that are usually no indicator of an attack)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.config import Config, default_data_dir
from pipeline.errors import UsageError
from pipeline.store import warnings as stored
from pipeline.store.connection import Connection, connect
from pipeline.text.indicators.listfiles import read_list
from pipeline.text.indicators.lists import Lists, WarningList, names_of
from pipeline.text.indicators.warnings import SNAPSHOT_FILE, own_warnings, save_snapshot, with_lists

HISTORY_ROWS = 20
SHOWN_ENTRIES = 20
SUFFIXES = (".json", ".csv", ".txt", ".lst", ".list", ".zip", "")

warnings = typer.Typer(
    no_args_is_help=True,
    help="Warning lists: names that are usually no indicator of an attack (MISP JSON, Tranco CSV, plain lists).",
)

Meaning = Literal["benign", "shared"]


@warnings.command(name="import")
def import_lists(
    files: Annotated[
        list[Path], typer.Argument(help="Files, or folders that are searched for them (a checkout of MISP's lists).")
    ],
    name: Annotated[
        str | None, typer.Option(help="What to call it (one file only); else the list's own or the file's name.")
    ] = None,
    meaning: Annotated[
        Meaning | None,
        typer.Option(
            help='What being listed means: "benign", or "shared" by strangers (clouds, shorteners); else told from the name.'
        ),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Put lists in force; one of the same name is replaced. The running pipeline takes them up within ten seconds."""
    settings = load_config(config)
    url = need_store(settings)
    found = list(_files(files))
    if name and len(found) != 1:
        raise UsageError(f"--name names one list, and {len(found)} files were found")
    console = Console(stderr=True, highlight=False)
    refused = 0
    with connect(url, application="warnings", autocommit=True) as connection:
        for path in track(found, description="Importing", console=console, transient=True, disable=len(found) < 2):
            try:
                one, names = read_list(path, name=name, meaning=meaning)
            except UsageError as error:
                if len(found) == 1:
                    raise
                refused += 1
                console.print(f"not taken: {error}", markup=False)
                continue
            with connection.transaction():
                version = stored.put(connection, one, names)
            console.print(
                f"{one.name}: {one.entries:,} entries of {one.dated}, {one.meaning} (set {version})", markup=False
            )
        _mirror(settings, connection)
    if refused:
        console.print(f"{refused} of {len(found)} files were not taken, for the reasons above.")
        raise typer.Exit(1)


@warnings.command(name="list")
def list_lists(config: ConfigFile = None) -> None:
    """The lists in force, with where and when each comes from."""
    table = Table("name", "entries", "meaning", "dated", "imported", "from", box=None)
    own = own_warnings()
    table.add_row("(shipped)", f"{len(own.entries):,}", "", own.version, "", "tocsin")
    with connect(need_store(load_config(config)), application="warnings", autocommit=True) as connection:
        for one in _in_force(connection):
            table.add_row(one.name, f"{one.entries:,}", one.meaning, one.dated, one.imported, one.source)
    Console(highlight=False, markup=False).print(table)


@warnings.command()
def show(
    name: Annotated[str, typer.Argument(help="The list's name, as `list` prints it.")],
    limit: Annotated[int, typer.Option(help="How many entries to print; 0: all.")] = SHOWN_ENTRIES,
    config: ConfigFile = None,
) -> None:
    """One list: provenance, date, content digest, and its entries."""
    with connect(need_store(load_config(config)), application="warnings", autocommit=True) as connection:
        listed = stored.find(connection, name)
        one, entries = stored.load(connection, listed.digest), names_of(stored.names(connection, listed.digest))
    for label, value in (
        ("name", one.name),
        ("meaning", one.meaning),
        ("reason", one.reason),
        ("from", one.source),
        ("dated", one.dated),
        ("imported", one.imported),
        ("digest", one.digest),
        ("entries", f"{one.entries:,}"),
    ):
        typer.echo(f"{label:<9} {value}")
    shown = entries if limit == 0 else entries[:limit]
    for entry in shown:
        typer.echo(f"  {entry}")
    if len(shown) < len(entries):
        typer.echo(f"  … {len(entries) - len(shown):,} more (--limit 0 prints all)")


@warnings.command()
def find(
    values: Annotated[list[str], typer.Argument(help="Hosts, addresses, digests or file names.")],
    config: ConfigFile = None,
) -> None:
    """Which list has a name; exit 1 when none has any of them."""
    with connect(need_store(load_config(config)), application="warnings", autocommit=True) as connection:
        current = with_lists(own_warnings(), "", Lists(tuple(_in_force(connection))))
    hits = 0
    for value in values:
        hit = current.find(value)
        hits += hit is not None
        typer.echo(f"{value}: {f'{hit[0]}: {hit[1]}' if hit else 'on no list'}")
    if not hits:
        raise typer.Exit(1)


@warnings.command()
def remove(name: Annotated[str, typer.Argument(help="The list's name.")], config: ConfigFile = None) -> None:
    """Take a list out of force; `undo` brings it back."""
    settings = load_config(config)
    with connect(need_store(settings), application="warnings", autocommit=True) as connection:
        with connection.transaction():
            version = stored.remove(connection, name)
        _mirror(settings, connection)
    typer.echo(f"{name} is no longer in force (set {version}); `tocsin warnings undo` brings it back.", err=True)


@warnings.command()
def undo(
    to: Annotated[
        int | None, typer.Option(help="A set's number, as `history` prints it, instead of the one before.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Put the set before the last change in force again. A second undo redoes the change."""
    settings = load_config(config)
    with connect(need_store(settings), application="warnings", autocommit=True) as connection:
        with connection.transaction():
            snapshot = stored.undo(connection, to)
        _mirror(settings, connection)
    names = ", ".join(listed.name for listed in snapshot.lists) or "none but the shipped one"
    typer.echo(f"{snapshot.why}: set {snapshot.version} is in force; lists: {names}.", err=True)


@warnings.command()
def history(limit: Annotated[int, typer.Option(help="How many.")] = HISTORY_ROWS, config: ConfigFile = None) -> None:
    """The changes, newest first."""
    table = Table("number", "set", "at", "lists", "why", box=None)
    with connect(need_store(load_config(config)), application="warnings", autocommit=True) as connection:
        for one in stored.history(connection, limit):
            table.add_row(str(one.id), one.version, one.made_at[:19], str(len(one.lists)), one.why)
    Console(highlight=False, markup=False).print(table)


def _files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named: of a folder that has MISP's `list.json` files, those alone."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(path.rglob("list.json")) or sorted(
            one
            for one in path.rglob("*")
            if one.is_file() and one.suffix.lower() in SUFFIXES and not one.name.startswith(".")
        )
        if not inside:
            raise UsageError(f"{path}: no files in it")
        yield from inside


def _in_force(connection: Connection) -> list[WarningList]:
    snapshot = stored.latest(connection)
    return [stored.load(connection, listed.digest) for listed in (snapshot.lists if snapshot else ())]


def _mirror(settings: Config, connection: Connection) -> None:
    """Copy the set in force into the data directory, where the offline commands find it."""
    snapshot = stored.latest(connection)
    folder = Path(settings.data_dir) if settings.data_dir else default_data_dir()
    if snapshot is not None and folder.is_dir():
        save_snapshot(folder / SNAPSHOT_FILE, snapshot.version, tuple(_in_force(connection)))
