"""The sources' commands: `tocsin feeds` on the store, and offline `tocsin feed`, `tocsin url`, `tocsin text`."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from connectors.sources.document import FeedDocument, FeedEntry
from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.errors import TocsinError
from pipeline.lines import Line, error_line, run_lines

if TYPE_CHECKING:  # the offline commands need neither the store nor a client for it
    from connectors.sources.feedstore import FeedStatus

COLUMN_CHARS_MAX = 60
"""Width that a column is padded to at most."""
DOCUMENT_BYTES_MAX = 64 * 1024 * 1024
"""Largest file that `feed parse` reads."""

feed = typer.Typer(no_args_is_help=True, help="Offline: parse a feed, find a page's feeds.")
url = typer.Typer(no_args_is_help=True, help="Offline: clean addresses.")
feeds = typer.Typer(no_args_is_help=True, help="List and check the feeds.")
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


AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")]


@feeds.command("list")
def feeds_list(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """The feeds that are polled, with what the operator said of them."""
    rows = [row for row in _statuses(config) if row.active]
    if as_json:
        _print_json(rows, ("feed", "source", "url", "title", "tags", "grade"))
        return
    _print_table(
        ("feed", "grade", "tags", "url"), [(row.feed, row.grade or "", ", ".join(row.tags), row.url) for row in rows]
    )


@feeds.command("status")
def feeds_status(
    config: ConfigFile = None,
    as_json: AsJson = False,
    failing: Annotated[bool, typer.Option("--failing", help="Only those whose last poll failed.")] = False,
) -> None:
    """How each feed does: what its last poll brought, or why it failed, and when it is asked again."""
    from connectors.sources.feedstore import FeedStatus

    rows = [row for row in _statuses(config) if row.active and (row.outcome == "failed" or not failing)]
    if as_json:
        _print_json(rows, FeedStatus.__struct_fields__)
        return
    now = datetime.now(UTC)
    _print_table(
        ("feed", "state", "articles", "last new", "next poll", "why"),
        [
            (
                row.feed,
                _state_word(row),
                str(row.articles),
                _ago(row.last_new_at, now),
                _ago(row.next_poll_at, now),
                f"{row.reason}: {row.message}" if row.outcome == "failed" else "",
            )
            for row in rows
        ],
    )


def _statuses(path: Path | None) -> "list[FeedStatus]":
    from connectors.sources.feedstore import FeedStore

    store = FeedStore(need_store(load_config(path)))
    try:
        return store.list_feeds()
    finally:
        store.close()


def _state_word(row: "FeedStatus") -> str:
    if row.outcome is None:
        return "waiting"
    return f"failing ({row.failures})" if row.outcome == "failed" else row.outcome


def _ago(moment: datetime | None, now: datetime) -> str:
    """`3 min ago`, `in 2 h`; a dash when it is not known."""
    if moment is None:
        return "-"
    seconds = (now - moment).total_seconds()
    amount = abs(seconds)
    size, unit = next(((s, u) for s, u in ((86_400, "d"), (3_600, "h"), (60, "min")) if amount >= s), (1, "s"))
    words = f"{int(amount // size)} {unit}"
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def _print_json(rows: "list[FeedStatus]", fields: tuple[str, ...]) -> None:
    for row in rows:
        whole = msgspec.to_builtins(row)
        sys.stdout.buffer.write(msgspec.json.encode({name: whole[name] for name in fields}) + b"\n")
    sys.stdout.buffer.flush()


def _print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """In columns; in a terminal one line a row, cut at its edge, elsewhere whole, for grep."""
    cells = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [min(max(len(row[column]) for row in cells), COLUMN_CHARS_MAX) for column in range(len(head))]
    edge = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        typer.echo(line[:edge])


def printable(text: str) -> str:
    """Without control characters: a feed's words must not steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
