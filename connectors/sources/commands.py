"""The sources' offline commands: `tocsin feed`, `tocsin url`, `tocsin text`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from connectors.sources.document import FeedDocument, FeedEntry
from pipeline.errors import TocsinError
from pipeline.process.jsonlines import Line, error_line, run_lines

DOCUMENT_BYTES_MAX = 64 * 1024 * 1024
"""Largest file that `feed parse` reads."""

feed = typer.Typer(no_args_is_help=True, help="Offline: parse a feed, find a page's feeds.")
url = typer.Typer(no_args_is_help=True, help="Offline: clean addresses.")
text = typer.Typer(no_args_is_help=True, help="Offline: the article text of pages.")

Files = Annotated[list[Path] | None, typer.Argument(help="JSON Lines; standard input when none is named.", exists=True)]


@feed.command("parse")
def feed_parse(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Feed documents; standard input when none is named.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="The address it came from.")] = None,
    content_type: Annotated[str | None, typer.Option(help="What the response said it was.")] = None,
) -> None:
    """Print each feed document as one line of JSON."""
    from connectors.sources.parse import parse_feed

    code = 0
    for name, read in _documents(files or []):
        try:
            line = feed_line(name, parse_feed(read(), url=url, content_type=content_type))
        except (TocsinError, OSError) as error:
            line, code = error_line(name, error), 1
        except Exception as error:  # noqa: BLE001 - the outermost place of an offline command: one bad file must not cost the others
            line, code = error_line(name, error), 1
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()
    raise typer.Exit(code)


def _documents(files: list[Path]) -> Any:
    if not files:
        yield "-", lambda: sys.stdin.buffer.read(DOCUMENT_BYTES_MAX)
    for file in files:
        yield file.name, file.read_bytes


def feed_line(name: str, document: FeedDocument) -> Line:
    """A feed as `tocsin feed parse` prints it."""
    return {
        "id": name,
        "format": document.format,
        "title": document.title,
        "language": document.language,
        "entries": [_entry_line(entry) for entry in document.entries],
        "warnings": [
            *document.warnings,
            *([f"{document.cut} entries beyond the limit were not read"] if document.cut else []),
        ],
    }


def _entry_line(entry: FeedEntry) -> Line:
    return {
        "guid": entry.guid,
        "url": entry.url,
        "title": entry.title,
        "published": rfc3339(entry.published),
        "updated": rfc3339(entry.updated),
        "authors": entry.authors,
        "summary": entry.summary,
        "content": entry.content,
        "categories": entry.categories,
    }


def rfc3339(moment: datetime | None) -> str | None:
    """The moment in UTC with a Z, to the second unless it has a fraction."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@feed.command("discover")
def feed_discover(files: Files = None) -> None:
    """Print the feeds that each page points to. Input: {"id", "html", "url"}."""
    from connectors.sources.discover import discover_feeds

    def handle(line: Line) -> Line:
        found = discover_feeds(_string(line, "html") or "", _string(line, "url"))
        return {"id": line.get("id"), "feeds": [f._asdict() for f in found]}

    raise typer.Exit(run_lines(handle, files or []))


@url.callback()
def _url() -> None:
    """Offline: clean addresses."""


@url.command("clean")
def url_clean(files: Files = None) -> None:
    """Print each address without tracking parameters. Input: {"id", "url", "base"?, "feed"?}."""
    from connectors.sources.urls import clean_url

    def handle(line: Line) -> Line:
        cleaned = clean_url(_string(line, "url") or "", base=_string(line, "base"), feed=_string(line, "feed"))
        return {"id": line.get("id"), "url": cleaned}

    raise typer.Exit(run_lines(handle, files or []))


@text.callback()
def _text() -> None:
    """Offline: the article text of pages."""


@text.command("extract")
def text_extract(files: Files = None) -> None:
    """Print the article text of each page. Input: {"id", "html", "url"?}."""
    from connectors.sources.page import extract_page

    def handle(line: Line) -> Line:
        page = extract_page(_string(line, "html") or "", url=_string(line, "url"))
        return {
            "id": line.get("id"),
            "title": page.title,
            "text": page.text,
            "language": page.language,
            "published": rfc3339(page.published),
        }

    raise typer.Exit(run_lines(handle, files or []))


def _string(line: Line, key: str) -> str | None:
    value = line.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is no string")
    return value
