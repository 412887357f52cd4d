"""`tocsin store`: create and upgrade the tables."""

from typing import Annotated

import typer

from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.errors import UsageError
from pipeline.store import migrate as migrations

store = typer.Typer(no_args_is_help=True, help="Create and upgrade the store's tables.")


@store.command()
def migrate(config: ConfigFile = None) -> None:
    """Bring the tables to what this version needs."""
    url = need_store(load_config(config))
    migrations.upgrade(url)
    typer.echo(f"The store is at revision {migrations.current(url)}.", err=True)


@store.command()
def downgrade(
    to: Annotated[str, typer.Argument(help="The revision to go back to, as `revision` told before the upgrade.")],
    config: ConfigFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only tell.")] = False,
) -> None:
    """Take the tables back to an earlier revision; what only the later tables held is lost."""
    url = need_store(load_config(config))
    if not migrations.knows(to):
        raise UsageError(f"there is no revision {to!r}; the store is at {migrations.current(url) or 'none'}")
    if not yes:
        typer.echo(f"Would go from {migrations.current(url)} back to {to}. Stop tocsin, back up, and say --yes.")
        return
    migrations.downgrade(url, to)
    typer.echo(f"The store is at revision {migrations.current(url)}.", err=True)


@store.command()
def revision(config: ConfigFile = None) -> None:
    """Print the revision the store stands at, and the one this version needs."""
    url = need_store(load_config(config))
    typer.echo(f"store {migrations.current(url) or 'empty'}, needed {migrations.newest()}")
