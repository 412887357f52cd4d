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
from pipeline.incidents.matching import Traits, traits
from pipeline.incidents.roundup import parts
from pipeline.process.jsonlines import Line, run_lines, run_whole
from pipeline.records import Article, Linked, StoryId, identity
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
    stream: Annotated[
        bool,
        typer.Option(help="Print each line at once, with the incident as it stands at that moment."),
    ] = False,
) -> None:
    """Link articles to stories and stories to incidents: JSON Lines in arrival order in, one verdict a line out.

    Later reports may join two incidents or part them, so lines are printed after the last input, with the incidents as they then
    stand: `incident` is the one that a report is mainly about (null: of none), `incidents` are all that it tells of, each with what
    the report is to it (report, toll, claim, denial, reaction, arrest, hearing, retrospective).

    A line in has "id" and "text"; "title", "url", "guid", "feed" and "published" (RFC 3339) may be left out.

    \b
    In:  {"id": "1", "text": "Nine people were hurt when a wall fell at Kell."}
    In:  {"id": "2", "text": "Nine people were hurt when a wall fell at Kell."}
    Out: {"id": "1", "story": "story:c0…", "verdict": "new", "of": null,
          "similarity": null, "reason": "nothing like it within the horizon",
          "incident": null, "incidents": []}
    Out: {"id": "2", "story": "story:c0…", "verdict": "exact", "of": "1",
          "similarity": 1.0, "reason": "the same words", "incident": null,
          "incidents": []}

    Verdicts: new, exact, near, revision, related. "of" is the "id" of the earlier line.
    """
    linker = _Linker(with_incidents=incidents)
    if stream or not incidents:
        raise typer.Exit(run_lines(linker.handle, files or []))
    raise typer.Exit(run_whole(linker.handle, linker.finish, files or []))


class _Linker:
    """What one run of the command remembers."""

    def __init__(self, *, with_incidents: bool) -> None:
        self._index = MemoryIndex()
        self._first_line: dict[str, str] = {}  # by version
        self._reader = _IncidentReader() if with_incidents else None
        self._story_of_line: list[StoryId] = []

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
        self._story_of_line.append(linked.story)
        return out | (self._reader.read(linked) if self._reader else {})

    def finish(self, answers: list[Line]) -> list[Line]:
        """The lines with the incidents as they stand after the last input."""
        told = iter(self._story_of_line)
        return [
            out if "error" in out or self._reader is None else out | self._reader.stands(next(told)) for out in answers
        ]


class _IncidentReader:
    """Tells the incident of each story, with the functions of the stream over incidents in memory."""

    def __init__(self) -> None:
        from pipeline.text.findings import Analyzer  # spaCy takes a second to load

        self._analyzer = Analyzer()
        self._incidents = MemoryIncidents()
        self._relation: dict[StoryId, str] = {}
        self._parts: dict[StoryId, list[Traits]] = {}

    def read(self, linked: Linked) -> Line:
        """`incident` as it stands at this moment, and the verdict `related` for a report of an incident that was told before."""
        story = linked.story
        if story in self._relation:
            return {"incident": self._incidents.incident(story)}
        (findings,) = self._analyzer.analyse([linked.article])
        assessment = assess(linked.article, findings)
        mine = traits(linked.article, findings, assessment)
        self._relation[story] = mine.relation
        self._parts[story] = parts(linked.article, findings, assessment)
        incident, why = self._incidents.join(story, mine)
        return {"incident": incident} | ({"verdict": "related", "reason": why} if why else {})

    def stands(self, story: StoryId) -> Line:
        """`incident` and `incidents` of a story as they stand now, the main one first."""
        main = self._incidents.incident(story)
        relation = self._relation.get(story, "report")
        others = self._incidents.mentioned(self._parts.get(story, ()), main)
        every = [*([main] if main else []), *others]
        return {"incident": every[0] if every else None, "incidents": [{"id": i, "relation": relation} for i in every]}


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
