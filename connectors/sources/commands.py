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
    drafts: Annotated[bool, typer.Option("--drafts", help="What the stream makes of it, a line an entry.")] = False,
) -> None:
    """Print each feed document (RSS, Atom, JSON Feed, news sitemap) as one line of JSON.

    \b
    Out: {"id": "feed.xml", "format": "rss2", "title": "Quay", "language": null,
          "entries": [{"guid": "1", "url": "https://n.example/1", "title": "One",
          "published": "2026-03-02T09:00:00Z", "updated": null, "authors": [],
          "summary": "Text.", "content": null, "categories": []}],
          "warnings": []}

    With --drafts a line an entry, of what the stream makes of it, or why it is skipped:

    \b
    Out: {"id": "feed.xml", "entry": 0, "guid": "1", "base": "https://n.example/1",
          "article_id": "art:5d83…", "identity": "link",
          "url": "https://n.example/1", "title": "One", "text": "Text.",
          "published": "2026-03-02T09:00:00Z", "updated": null, "links": [],
          "skipped": null}

    A document that is no feed gives {"id": …, "error": {"type": …, "message": …}} and exit code 1.
    """
    from connectors.sources.parse import parse_feed

    code = 0
    for name, read in _documents(files or []):
        try:
            document = parse_feed(read(), url=url, content_type=content_type)
            lines = draft_lines(name, document, url) if drafts else [feed_line(name, document)]
        except (TocsinError, OSError) as error:
            lines, code = [error_line(name, error)], 1
        except Exception as error:  # noqa: BLE001 - the outermost place of an offline command: one bad file must not cost the others
            lines, code = [error_line(name, error)], 1
        sys.stdout.buffer.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
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


def draft_lines(name: str, document: FeedDocument, url: str | None) -> list[Line]:
    """What becomes of each entry in the stream, in the document's order; ids are those of a feed named by its address."""
    from connectors.sources.articles import identify, remember
    from connectors.sources.drafts import Draft, Reading, base_of, drafts_of

    made = drafts_of(document, url)
    kept = tuple(one for one in made if isinstance(one, Draft))
    ids = iter(identify(Reading(entries=len(made), drafts=kept, link=document.link), url or name, remember([])))
    lines: list[Line] = []
    for number, (entry, one) in enumerate(zip(document.entries, made, strict=True)):
        base = entry.content_base or entry.summary_base or base_of(entry, document, url)
        line: Line = {"id": name, "entry": number, "guid": entry.guid, "base": base}
        if isinstance(one, Draft):
            identity = next(ids)
            line |= {"article_id": identity, "identity": _identified_by(identity, one, url or name), "url": one.url}
            line |= {
                "title": one.title,
                "text": one.text,
                "published": rfc3339(one.published),
                "updated": rfc3339(one.updated),
            }
            line |= {"links": [block.href for block in one.blocks if block.kind == "link"], "skipped": None}
        else:
            line |= {
                "article_id": None,
                "identity": None,
                "url": entry.url,
                "title": None,
                "text": None,
                "skipped": one,
            }
        lines.append(line)
    return lines


def _identified_by(identity: str, draft: Any, feed: str) -> str:
    """Whether the id was made from the link, the guid, or the words."""
    from connectors.sources.articles import guid_key
    from pipeline.records.identity import article_id

    if draft.url and identity == article_id(feed=feed, url=draft.url):
        return "link"
    return "guid" if draft.guid and identity == article_id(feed=feed, guid=guid_key(draft.guid)) else "words"


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
    """Print the feeds that each page points to, best first.

    A line in has "id" and "html"; "url", the page's address, makes the feeds' absolute.

    \b
    In:  {"id": "1", "html": "<a href='/rss'>RSS</a>", "url": "https://n.example/"}
    Out: {"id": "1", "feeds": [{"url": "https://n.example/rss", "title": "RSS",
          "type": "xml"}]}
    """
    from connectors.sources.discover import discover_feeds

    def handle(line: Line) -> Line:
        found = discover_feeds(_needed(line, "html"), _string(line, "url"))
        return {"id": line.get("id"), "feeds": [f._asdict() for f in found]}

    raise typer.Exit(run_lines(handle, files or []))


@url.callback()
def _url() -> None:
    """Offline: clean addresses."""


@url.command("clean")
def url_clean(files: Files = None) -> None:
    """Print each address as an article is known by it: unwrapped, without what only tracks.

    A line in has "id" and "url"; "base", the page that a relative one stands on, and "feed", the feed's address, may be left out.

    \b
    In:  {"id": "1", "url": "https://n.example/a?utm_source=x"}
    Out: {"id": "1", "url": "https://n.example/a"}
    """
    from connectors.sources.urls import clean_url

    def handle(line: Line) -> Line:
        cleaned = clean_url(_needed(line, "url"), base=_string(line, "base"), feed=_string(line, "feed"))
        return {"id": line.get("id"), "url": cleaned}

    raise typer.Exit(run_lines(handle, files or []))


@text.callback()
def _text() -> None:
    """Offline: the article text of pages."""


@text.command("extract")
def text_extract(files: Files = None) -> None:
    """Print the article of each page: its text without the page around it.

    A line in has "id" and "html"; "url" may be left out.

    \b
    In:  {"id": "1", "html": "<h1>One</h1><p>Nine people were hurt at Kell.</p>"}
    Out: {"id": "1", "title": "One", "text": "Nine people were hurt at Kell.",
          "language": null, "published": null}
    """
    from connectors.sources.page import extract_page

    def handle(line: Line) -> Line:
        page = extract_page(_needed(line, "html"), url=_string(line, "url"))
        return {
            "id": line.get("id"),
            "title": page.title,
            "text": page.text,
            "language": page.language,
            "published": rfc3339(page.published),
        }

    raise typer.Exit(run_lines(handle, files or []))


def _needed(line: Line, key: str) -> str:
    value = _string(line, key)
    if value is None:
        raise ValueError(f"{key} is missing")
    return value


def _string(line: Line, key: str) -> str | None:
    value = line.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is no string")
    return value
