"""`tocsin feeds add` and `set`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.feeds.checking import print_inspection
from connectors.feeds.options import (
    Allow,
    Attachments,
    Exclude,
    FullText,
    Grade,
    Include,
    Tags,
    checked,
    name_of,
    open_list,
)
from pipeline.commands.options import ConfigFile
from pipeline.errors import UsageError

if TYPE_CHECKING:  # `--help` needs neither a client nor the parsers
    from connectors.sources.feedlist import Added, FeedList


def add(  # noqa: PLR0913 - one parameter an option
    url: Annotated[str, typer.Argument(help="The feed's address, or that of a page that names it.")],
    config: ConfigFile = None,
    name: Annotated[str | None, typer.Option(help="Its name here; else made from its address.")] = None,
    tag: Tags = None,
    grade: Grade = None,
    full_text: FullText = None,
    attachments: Attachments = None,
    include: Include = None,
    exclude: Exclude = None,
    allow: Allow = None,
    username: Annotated[str, typer.Option(help="For HTTP basic authentication.")] = "",
    password_file: Annotated[str, typer.Option(help="A file with its password.")] = "",
    token_file: Annotated[str, typer.Option(help="A file with a bearer token.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look.")] = False,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Add it without a look, as it is.")] = False,
) -> None:
    """Find the feed at an address, check it, and poll it from now on.

    Secrets stay in their files, which the connectors must be able to read; the store has only the paths.
    """
    from connectors.sources.feedlist import Added

    options: dict[str, Any] = {
        "type": "rss",
        "url": url if "://" in url else f"https://{url}",
        "tags": tag or [],
        "grade": grade,
        "full_text": full_text,
        "attachments": attachments,
        "include": include or [],
        "exclude": exclude or [],
        "allow": allow or [],
        "username": username,
        "password_file": str(Path(password_file).resolve()) if password_file else "",
        "token_file": str(Path(token_file).resolve()) if token_file else "",
    }
    options = {key: value for key, value in options.items() if value not in (None, [], "")}
    store = None if dry_run else open_list(config)
    try:
        if not unchecked:
            from connectors.feeds.look import look_for

            found = asyncio.run(look_for(options))
            print_inspection(found)
            if not found.is_feed:
                raise UsageError(f"no feed found at {options['url']}; nothing was added")
            options["url"] = found.url
        if store is None:
            return
        made = checked(Added(name=name or name_of(options["url"]), options=options))
        _refuse_known(store, made)
        if not store.add([made]):
            raise UsageError(f"a feed called {made.name!r} is there already: choose another with --name")
    finally:
        if store is not None:
            store.close()
    typer.echo(f"added {made.name}; `tocsin feeds status` shows its first poll")


def _refuse_known(store: "FeedList", made: "Added") -> None:
    from pipeline.records.identity import canonical_link

    wanted = canonical_link(made.url)
    same = next(
        (r.feed for r in store.all() if r.active and canonical_link(r.url) == wanted and r.feed != made.name), None
    )
    if same:
        raise UsageError(f"{made.url} is polled already, as {same}")


def set_options(  # noqa: PLR0913 - one parameter an option
    name: Annotated[str, typer.Argument(help="A feed that was added.")],
    config: ConfigFile = None,
    tag: Tags = None,
    grade: Grade = None,
    full_text: FullText = None,
    attachments: Attachments = None,
    include: Include = None,
    exclude: Exclude = None,
) -> None:
    """Change a feed's tags, grade or rules; what is named replaces what was there. `--tag ''` takes all tags away."""
    from connectors.sources.feedlist import Added

    changes = {
        "tags": tag,
        "grade": grade,
        "full_text": full_text,
        "attachments": attachments,
        "include": include,
        "exclude": exclude,
    }
    changes = {
        key: [v for v in value if v] if isinstance(value, list) else value
        for key, value in changes.items()
        if value is not None
    }
    if not changes:
        raise UsageError("nothing to change: name --tag, --grade, --full-text, --attachments, --include or --exclude")
    store = open_list(config)
    try:
        row = next((row for row in store.all() if row.active and row.feed == name), None)
        if row is None:
            raise UsageError(f"no feed {name!r}; see `tocsin feeds list`")
        if row.options is None:
            raise UsageError(f"{name}: stands in the configuration: change it there")
        made = checked(Added(name=name, options=row.options | changes))
        store.change(made)
    finally:
        store.close()
    typer.echo(f"changed {name}")
