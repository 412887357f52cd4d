"""`tocsin feeds import` and `export`: OPML."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.feeds.options import Grade, Tags, active, checked, name_of, open_list
from connectors.feeds.show import printable
from pipeline.commands.options import ConfigFile
from pipeline.errors import ConfigError


def import_opml(
    file: Annotated[str, typer.Argument(help='An OPML file; "default": the shipped list.')],
    config: ConfigFile = None,
    tag: Tags = None,
    grade: Grade = None,
) -> None:
    """Add every feed of an OPML file; folders and categories become tags. Feeds that are polled already are left as they are."""
    from connectors.feeds import find_default_list
    from connectors.sources.feedlist import Added
    from connectors.sources.opml import read_opml
    from pipeline.records.identity import canonical_link

    outlines = read_opml(find_default_list() if file == "default" else Path(file))
    store = open_list(config)
    try:
        known = {canonical_link(row.url) for row in store.all() if row.active}
        wanted: dict[str, Added] = {}
        refused = 0
        for outline in outlines:
            if canonical_link(outline.url) in known:
                continue
            known.add(canonical_link(outline.url))
            tags = list(dict.fromkeys((*(tag or ()), *outline.tags)))
            options: dict[str, Any] = {"type": "rss", "url": outline.url, "tags": tags}
            if chosen := grade or outline.grade:
                options["grade"] = chosen
            try:
                made = checked(Added(name=name_of(outline.url), options=options))
            except ConfigError as error:
                typer.echo(f"refused: {printable(str(error))}", err=True)
                refused += 1
                continue
            wanted[made.name] = made
        added = store.add(list(wanted.values()))
    finally:
        store.close()
    typer.echo(
        f"added {len(added)} feeds, {len(outlines) - len(added) - refused} were there already, {refused} refused"
    )
    raise typer.Exit(1 if refused else 0)


def export_opml(
    file: Annotated[Path | None, typer.Argument(help="The file to write; else standard output.")] = None,
    config: ConfigFile = None,
) -> None:
    """Write all feeds as OPML: a folder for each first tag, the other tags as categories."""
    from connectors.sources.opml import Outline, write_opml

    rows = [row for row in active(config) if row.url.startswith("http")]
    raw = write_opml([Outline(row.url, row.title or row.feed, row.tags, row.grade) for row in rows])
    if file is None:
        sys.stdout.buffer.write(raw)
        return
    file.write_bytes(raw)
    typer.echo(f"{len(rows)} feeds in {file}")
