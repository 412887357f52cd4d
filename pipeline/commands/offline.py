"""The offline stages of the flow: `tocsin extract` and `tocsin assess` (and `dedupe`), on JSON Lines, without a broker.

They call the functions of the running pipeline and print what docs/records.md says.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from pipeline.commands.knowledge_log import FileLog, knowledge_with
from pipeline.commands.offline_dedupe import dedupe
from pipeline.config import default_data_dir
from pipeline.errors import UsageError
from pipeline.process.jsonlines import Line, run_batches, run_lines
from pipeline.records import Article, Findings, identity
from pipeline.text.line import evidence_of, plain_line, stated
from pipeline.text.scoring import assess as assess_findings
from pipeline.text.scoring import describe, headline_of, load_weights

__all__ = ["assess", "dedupe", "extract"]

if TYPE_CHECKING:
    from pipeline.text.indicators.warnings import Warnings

Files = Annotated[list[Path] | None, typer.Argument(help="JSON Lines files; standard input when none is named.")]
SHIPPED = "tocsin_en"
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""When an article without a time was fetched: never used to resolve dates, because `published` is None then too."""


ECHOED = ("id", "title", "url", "published", "feed", "grade", "authors")
"""Fields of the article that `extract` hands on, so that `assess` knows them."""


class ArticleLine(msgspec.Struct, frozen=True):
    """One input line; other fields are ignored."""

    id: str
    text: str
    title: str | None = None
    url: str | None = None
    published: str | None = None
    feed: str | None = None
    grade: str | None = None
    authors: tuple[str, ...] = ()


def article_of(line: ArticleLine) -> Article:
    """The article in a line. Raises ValueError for a time that is none."""
    published = datetime.fromisoformat(line.published) if line.published else None
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    article_id = identity.article_id(feed=line.feed or "", url=line.url, guid=line.id, title=line.title, text=line.text)
    return Article(
        article_id=article_id,
        version_id=identity.version_id(article_id, line.title, line.text),
        feed=line.feed or "",
        title=line.title,
        text=line.text,
        url=line.url,
        published=published,
        fetched=published or NO_TIME,
        grade=line.grade,
        authors=line.authors,
    )


def _warnings(files: list[Path] | None) -> "Warnings":
    """The lists in the files; else the copy that `tocsin warnings import` keeps in the data directory; else ours alone."""
    from pipeline.text.indicators import warnings as lists

    kept = default_data_dir() / lists.SNAPSHOT_FILE
    if files:
        return lists.read_files(files)
    return lists.read_snapshot(kept) if kept.exists() else lists.own_warnings()


def extract(
    files: Files = None,
    model: Annotated[
        str, typer.Option(help='The shipped pipeline, an installed spaCy pipeline, a folder, or "rules".')
    ] = SHIPPED,
    knowledge: Annotated[
        Path | None, typer.Option(help="Changes to the knowledge base, as `tocsin entities … --file` keeps them.")
    ] = None,
    warnings: Annotated[
        list[Path] | None,
        typer.Option(
            help="A warning list (MISP JSON, Tranco CSV, one name a line) beside the shipped one; may be given again. "
            "Else the imported lists in the data directory, if there are any."
        ),
    ] = None,
    check: Annotated[
        str | None, typer.Option(help="A second opinion on events: package.module:function, see docs/events.md.")
    ] = None,
) -> None:
    """Entities, indicators, events and claims of each article: JSON Lines in, JSON Lines out.

    A line in has "id" and "text"; "title", "url", "published" (RFC 3339), "feed", "grade" (A to F) and "authors" may be left out.

    \b
    In:  {"id": "1", "text": "Gunmen killed 12 people in Mogadishu, police said."}
    Out: {"id": "1", "text": "Gunmen killed 12 people in Mogadishu, police said.",
          "language": "en", "entities": [{"text": "Mogadishu", "label": "GPE",
          "start": 27, "end": 36, "id": "geo:53654", "name": "Mogadishu"}],
          "indicators": [], "events": […], "claims": […], …}

    What all of it means: docs/records.md.
    """
    from pipeline.text.events.check import load_check
    from pipeline.text.findings import Analyzer  # spaCy takes a second to load, and `assess` does not need it

    if knowledge is not None and not knowledge.exists():
        raise UsageError(f"{knowledge}: no such file")
    analyzer = Analyzer(
        model,
        knowledge=knowledge_with(FileLog(knowledge).in_force()) if knowledge is not None else None,
        warnings=_warnings(warnings),
    )
    if check is not None:
        analyzer.use(check=load_check(check))

    def handle(lines: list[Line]) -> list[Line]:
        read = [msgspec.convert(line, ArticleLine) for line in lines]
        found = analyzer.analyse([article_of(line) for line in read])
        return [
            {name: raw[name] for name in ECHOED if name in raw} | {"text": line.text} | msgspec.to_builtins(findings)
            for raw, line, findings in zip(lines, read, found, strict=True)
        ]

    raise typer.Exit(run_batches(handle, files or []))


def assess(
    files: Files = None,
    weights: Annotated[Path | None, typer.Option(help="A table of weights instead of the shipped one.")] = None,
) -> None:
    """What each article is worth: what `extract` printed in, an alert or why there is none out.

    A line in is one that `extract` printed: tocsin extract articles.jsonl | tocsin assess

    \b
    In:  {"id": "1", "text": "Gunmen killed 12 people in Mogadishu, police said.",
          "language": "en", "entities": […], "indicators": [], "events": […], …}
    Out: {"id": "1", "alert": {"category": "conflict", "severity": "medium",
          "score": 0.46, "credibility": 0.5, "reasons": […], "headline": "…",
          "line": {"what": "Attack", …}, "line_evidence": […]},
          "why_not": null}
    Out: {"id": "2", "alert": null, "why_not": "no event, no indicator …"}
    """
    table = load_weights(weights)

    def handle(raw: Line) -> Line:
        article = article_of(msgspec.convert(raw, ArticleLine))
        found = msgspec.convert(raw, Findings)
        assessment = assess_findings(article, found, weights=table)
        if assessment.severity is None:
            return {"id": raw["id"], "alert": None, "why_not": assessment.why_not}
        alert = {
            name: msgspec.to_builtins(getattr(assessment, name))
            for name in ("category", "severity", "score", "credibility", "reasons")
        }
        told = describe(article, found, weights=table)
        line = stated(found.line, table.level) if found.reader else None
        alert["headline"] = headline_of(article)
        alert["line"] = plain_line(line, told) if line is not None else None
        alert["line_evidence"] = evidence_of(line) if line is not None else []
        return {"id": raw["id"], "alert": alert, "why_not": None}

    raise typer.Exit(run_lines(handle, files or []))
