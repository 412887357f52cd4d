"""`tocsin dedupe`: link articles in JSON Lines to stories, in input order.

The same functions as the running pipeline over an index in memory, without a horizon. The index lives as long as the
command, so an article is compared with every earlier line of the input.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipeline import identity
from pipeline.lines import Line, run_lines
from pipeline.records import Article
from pipeline.text.dedupe.index import MemoryIndex
from pipeline.text.dedupe.link import link


class DedupeLine(msgspec.Struct, frozen=True):
    """One input line of the contract; other fields are ignored."""

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    guid: str | None = None
    feed: str | None = None
    published: str | None = None


def dedupe(
    files: Annotated[
        list[Path] | None, typer.Argument(help="JSON Lines files; standard input when none is named.")
    ] = None,
) -> None:
    """Link articles to stories: JSON Lines in arrival order in, one verdict a line out."""
    index = MemoryIndex()
    lines: dict[str, str] = {}

    def handle(raw: Line) -> Line:
        line = msgspec.convert(raw, DedupeLine)
        linked = link(_article(line), index)
        first = lines.setdefault(linked.article.version_id, line.id)
        if first != line.id:  # the very same version once more: a reprint of itself, as far as a batch is concerned
            return {
                "id": line.id,
                "story": linked.story,
                "verdict": "exact",
                "of": first,
                "similarity": 1.0,
                "reason": "the same version",
            }
        return {
            "id": line.id,
            "story": linked.story,
            "verdict": linked.verdict,
            "of": lines[linked.of] if linked.of else None,
            "similarity": linked.similarity,
            "reason": linked.reason,
        }

    raise typer.Exit(run_lines(handle, files or []))


def _article(line: DedupeLine) -> Article:
    """An article of the line; without link and guid the line's own id stands for them, so that no two lines are one article."""
    article_id = identity.article_id(feed=line.feed or "", url=line.url, guid=line.guid or line.id)
    return Article(
        article_id=article_id,
        version_id=identity.version_id(article_id, line.title, line.text),
        feed=line.feed or "",
        title=line.title,
        text=line.text,
        url=line.url,
        guid=line.guid,
        fetched=datetime.now(UTC),
    )


if __name__ == "__main__":
    typer.run(dedupe)
