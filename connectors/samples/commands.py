"""`tocsin samples`: serve the invented feeds, list what is in them, print them for the offline commands."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from connectors.samples.blocks import plain_text
from connectors.samples.documents import Site
from connectors.samples.load import load_samples
from connectors.samples.sources import write_sources
from connectors.samples.stream import Publication, Stream
from pipeline.errors import UsageError

LINES_ADDRESS = "http://127.0.0.1:18099"
"""Where the articles of `samples articles` would be served by `tocsin up`."""

samples = typer.Typer(no_args_is_help=True, help="Serve the invented sample feeds.")

Start = Annotated[
    datetime | None,
    typer.Option(help="When the stream begins, in UTC; default: now. The same start gives the same stream."),
]
Speed = Annotated[float, typer.Option(min=0.01, max=10_000, help="How many times as fast as written.")]


def make_stream(start: datetime | None, speed: float = 1.0) -> Stream:
    """The shipped samples played from `start` (default: now) on."""
    return Stream(load_samples(), start.replace(tzinfo=UTC) if start else datetime.now(UTC), speed)


@samples.command("serve")
def serve_samples(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 0,
    speed: Speed = 1.0,
    start: Start = None,
    port_file: Annotated[Path | None, typer.Option(help="Write the port here once the server listens.")] = None,
) -> None:
    """Publish the sample feeds until Ctrl-C: some at once, then an article every few seconds for ten minutes."""
    from connectors.samples.server import serve

    def announce(address: str) -> None:
        if port_file is not None:
            _write_port(port_file, address)
        typer.echo(f"sample feeds on {address}/", err=True)

    asyncio.run(serve(make_stream(start, speed), host, port, announce))


def _write_port(file: Path, address: str) -> None:
    # By rename: whoever waits for the file must not read half of it.
    partial = file.with_name(file.name + ".partial")
    try:
        partial.write_text(address.rpartition(":")[2] + "\n", encoding="ascii")
        partial.replace(file)
    except OSError as error:
        raise UsageError(f"{file}: can't be written: {error.strerror or error}") from error


@samples.command("list")
def list_samples() -> None:
    """Show the outlets, and every article with the time it is published and what is expected of it."""
    collection = load_samples()
    console = Console()
    outlets = Table("outlet", "format", "grade", "language", "articles", "what")
    for name, outlet in collection.outlets.items():
        count = sum(sample.outlet == name for sample in collection.samples)
        outlets.add_row(name, outlet.format, outlet.grade, outlet.language, str(count), outlet.description)
    articles = Table("second", "article", "alert", "incident", "title")
    for sample in collection.samples:
        expected = sample.front.expected
        alert = expected.alert if isinstance(expected.alert, str) else ("yes" if expected.alert else "no")
        articles.add_row(str(sample.front.offset_s), sample.name, alert, expected.incident or "", sample.front.title)
    console.print(outlets, articles)


@samples.command("config")
def print_config(
    address: Annotated[str, typer.Argument(help="Where the samples are served.")] = LINES_ADDRESS,
) -> None:
    """Print the `[sources.…]` tables that read the sample feeds."""
    typer.echo(write_sources(address), nl=False)


@samples.command("articles")
def print_articles(
    start: Start = None,
    expected: Annotated[bool, typer.Option("--expected", help="Add what an analyst expects of each.")] = False,
) -> None:
    """Print every article version as JSON Lines, in order of publication: input of dedupe, extract and assess."""
    stream = make_stream(start)
    for publication in stream.publications:
        sys.stdout.buffer.write(msgspec.json.encode(article_line(stream, publication, expected)) + b"\n")


def article_line(stream: Stream, publication: Publication, with_expected: bool = False) -> dict[str, object]:
    """An article version as the offline commands read it, its offsets those of the plain text."""
    site = Site(publication.outlet, stream.collection.outlets[publication.outlet], LINES_ADDRESS)
    line: dict[str, object] = {
        "id": publication.name,
        "title": publication.title,
        "text": plain_text(publication.blocks),
        "url": None if publication.malformed else site.link(publication),
        "feed": publication.outlet,
        "published": None if publication.malformed else publication.published,
    }
    return line | {"expected": publication.expected} if with_expected else line
