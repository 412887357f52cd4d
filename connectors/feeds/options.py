"""What the commands of `tocsin feeds` share: their options, and the list of feeds in the store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import load_config, need_store
from pipeline.errors import ConfigError

if TYPE_CHECKING:  # `--help` needs neither a client nor the parsers
    from connectors.sources.feedlist import Added, FeedList, FeedStatus

AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")]
Names = Annotated[list[str], typer.Argument(help="Names, as `tocsin feeds list` shows them.", metavar="NAME...")]
Tags = Annotated[list[str] | None, typer.Option("--tag", "-t", help="A tag; may be repeated.")]
Grade = Annotated[str | None, typer.Option(help="How reliable the outlet is: Admiralty code A to F.")]
Include = Annotated[
    list[str] | None, typer.Option(help='Only entries with these words ("title:attack*"); may be repeated.')
]
Exclude = Annotated[list[str] | None, typer.Option(help="No entries with these words; may be repeated.")]
Allow = Annotated[list[str] | None, typer.Option(help="An address beyond the public internet that it may reach.")]
FullText = Annotated[bool | None, typer.Option("--full-text/--no-full-text", help="Fetch the articles' pages too.")]
Attachments = Annotated[
    bool | None,
    typer.Option("--attachments/--no-attachments", help="Fetch the lists of indicators that articles link to."),
]


def open_list(config: Path | None) -> "FeedList":
    """The list of feeds in the configured store; close it after use. Raises `ConfigError` without a store."""
    from connectors.sources.feedlist import FeedList

    return FeedList(need_store(load_config(config)))


def active(config: Path | None) -> "list[FeedStatus]":
    """The feeds that are polled."""
    store = open_list(config)
    try:
        return [row for row in store.all() if row.active]
    finally:
        store.close()


def checked(made: "Added") -> "Added":
    """The same, as its source reads it. Raises `ConfigError` as the connectors would."""
    from msgspec.structs import replace

    from connectors.registry import make_source

    feeds = make_source(made.name, made.options).feeds()
    if len(feeds) != 1:
        raise ConfigError(f"{made.name}: not one feed but several: put it into the configuration")
    return replace(made, is_spaced=feeds[0].is_spaced)


def name_of(url: str) -> str:
    """A short name for a feed at this address."""
    from connectors.sources.rss import slug

    return slug(url)
