"""`tocsin store`: create and upgrade the tables."""

import typer

from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.store import migrate as migrations

store = typer.Typer(no_args_is_help=True, help="Create and upgrade the store's tables.")


@store.command()
def migrate(config: ConfigFile = None) -> None:
    """Bring the tables to what this version needs."""
    url = need_store(load_config(config))
    migrations.upgrade(url)
    typer.echo(f"The store is at revision {migrations.current(url)}.", err=True)


@store.command()
def revision(config: ConfigFile = None) -> None:
    """Print the revision the store stands at, and the one this version needs."""
    url = need_store(load_config(config))
    typer.echo(f"store {migrations.current(url) or 'empty'}, needed {migrations.newest()}")
