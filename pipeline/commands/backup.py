"""`tocsin backup`: the store, and what of Kafka belongs to it, into a directory; while everything runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.commands.options import ConfigFile, load_config, need_kafka, need_store

Report = Callable[[str], None]
PgBin = Annotated[
    Path | None, typer.Option("--pg-bin", help="Directory of pg_dump and pg_restore; else those of the package.")
]


def backup(
    folder: Annotated[Path, typer.Argument(help="Where to put it; each backup is a directory of its own in there.")],
    config: ConfigFile = None,
    pg_bin: PgBin = None,
) -> None:
    """Back up the store and the messages that are not done with; nothing needs to be stopped."""
    from pipeline.backup.make import make

    loaded = load_config(config)
    options, url = need_kafka(loaded), need_store(loaded)
    with progress() as report:
        path, manifest = make(options, url, loaded.pipeline.group, folder, binaries=pg_bin, report=report)
    size = sum(file.bytes for file in manifest.files.values())
    counts = ", ".join(f"{count} messages of {topic}" for topic, count in manifest.messages.items()) or "no messages"
    typer.echo(f"store at revision {manifest.revision}, {counts}; {size / 1e6:.1f} MB", err=True)
    typer.echo(path)


@contextmanager
def progress() -> Iterator[Report]:
    """What is being done, on standard error: a line that changes in a terminal, else a line each."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield console.print
        return
    with console.status("") as status:
        yield status.update
