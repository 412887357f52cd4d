"""`tocsin dedupe`: link articles in JSON Lines to stories, in input order.

The same functions as the running pipeline over an index in memory, without a horizon. The index lives as long as the
command, so an article is compared with every earlier line of the input. A new report that tells of what an earlier one told is
`related`, and `incident` names the cluster of stories.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipeline.incidents.clustering import MemoryIncidents
from pipeline.incidents.matching import traits
from pipeline.process.jsonlines import Line, run_lines
from pipeline.records import Article, Linked, identity
from pipeline.text.dedupe.index import MemoryIndex
from pipeline.text.dedupe.link import link
from pipeline.text.scoring import assess


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
    incidents: Annotated[
        bool,
        typer.Option(help="Also read new reports for what happened, and tell which are about one incident (slower)."),
    ] = True,
) -> None:
    """Link articles to stories and stories to incidents: JSON Lines in arrival order in, one verdict a line out.

    A line in has "id" and "text"; "title", "url", "guid", "feed" and "published" (RFC 3339) may be left out.

    \b
    In:  {"id": "1", "text": "Nine people were hurt when a wall fell at Kell."}
    In:  {"id": "2", "text": "Nine people were hurt when a wall fell at Kell."}
    Out: {"id": "1", "story": "story:c0…", "verdict": "new", "of": null,
          "similarity": null, "reason": "nothing like it within the horizon",
          "incident": null}
    Out: {"id": "2", "story": "story:c0…", "verdict": "exact", "of": "1",
          "similarity": 1.0, "reason": "the same words", "incident": null}

    Verdicts: new, exact, near, revision, related. "of" is the "id" of the earlier line.
    """
    linker = _Linker(with_incidents=incidents)
    raise typer.Exit(run_lines(linker.handle, files or []))


class _Linker:
    """What one run of the command remembers."""

    def __init__(self, *, with_incidents: bool) -> None:
        self._index = MemoryIndex()
        self._first_line: dict[str, str] = {}  # by version
        self._reader = _IncidentReader() if with_incidents else None

    def handle(self, raw: Line) -> Line:
        line = msgspec.convert(raw, DedupeLine)
        article = _article(line)
        linked = link(article, self._index)
        first = self._first_line.setdefault(article.version_id, line.id)
        out: Line = {
            "id": line.id,
            "story": linked.story,
            "verdict": linked.verdict,
            "of": self._first_line[linked.of] if linked.of else None,
            "similarity": linked.similarity,
            "reason": linked.reason,
        }
        if first != line.id:  # the very same version once more: a reprint of itself, as far as a batch is concerned
            out |= {"verdict": "exact", "of": first, "similarity": 1.0, "reason": "the same version"}
        return out | (self._reader.read(linked) if self._reader else {})


class _IncidentReader:
    """Tells the incident of each story, with the functions of the stream over incidents in memory."""

    def __init__(self) -> None:
        from pipeline.text.findings import Analyzer  # spaCy takes a second to load

        self._analyzer = Analyzer()
        self._incidents = MemoryIncidents()

    def read(self, linked: Linked) -> Line:
        """`incident` for the output line, and the verdict `related` for a report of an incident that was told before."""
        known = self._incidents.incident(linked.story)
        if known is not None or linked.verdict != "new":
            return {"incident": known}
        (findings,) = self._analyzer.analyse([linked.article])
        assessment = assess(linked.article, findings)
        if assessment.severity is None:
            return {"incident": None}
        incident, why = self._incidents.join(linked.story, traits(linked.article, findings, assessment))
        return {"incident": incident} | ({"verdict": "related", "reason": why} if why else {})


def _article(line: DedupeLine) -> Article:
    """The article in a line; without link and guid the line's own id stands for them, so that no two lines are one article."""
    article_id = identity.article_id(feed=line.feed or "", url=line.url, guid=line.guid or line.id)
    published = datetime.fromisoformat(line.published) if line.published else None
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return Article(
        article_id=article_id,
        version_id=identity.version_id(article_id, line.title, line.text),
        feed=line.feed or "",
        title=line.title,
        text=line.text,
        url=line.url,
        guid=line.guid,
        published=published,
        fetched=published or datetime.now(UTC),
    )


if __name__ == "__main__":
    typer.run(dedupe)
