"""`tocsin config`: check a configuration without connecting to anything, and show it."""

import importlib
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipeline import config as configuration
from pipeline.commands.options import ConfigFile, load_config
from pipeline.config import Config

CHECK_CONNECTORS = "connectors.registry:check"
"""Checks the sources and sinks; found by name, because the pipeline does not import the connectors."""

config = typer.Typer(no_args_is_help=True, help="Check and show the configuration.")

File = Annotated[Path, typer.Argument(help="The configuration file.")]


def check_whole(path: Path) -> Config:
    """The configuration, with every source and sink checked against its type. Raises `ConfigError`."""
    loaded = configuration.load(path)
    module, _, name = CHECK_CONNECTORS.partition(":")
    getattr(importlib.import_module(module), name)(loaded, name=str(path), text=path.read_text(encoding="utf-8"))
    return loaded


@config.command()
def check(file: File) -> None:
    """Check everything that can be checked without a connection; exit 2 with file, line and key of what is wrong."""
    loaded = check_whole(file)
    typer.echo(f"{file}: good ({len(loaded.sources)} sources, {len(loaded.sinks)} sinks)")


@config.command()
def show(config: ConfigFile = None) -> None:
    """Print the configuration in force with its defaults, secrets masked, as JSON."""
    plain = configuration.masked(msgspec.to_builtins(load_config(config)))
    typer.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2).decode())
