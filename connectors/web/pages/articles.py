"""Articles looked for by their words, whether they alerted or not; and each with what was found in it, or why nothing came of it."""

from typing import cast

import msgspec
from aiohttp import web

from connectors.web.highlight import Span, cut
from connectors.web.query import PAGE, asked, named, with_query
from connectors.web.render import page
from connectors.web.storage import STORAGE
from pipeline.records import Assessment, Findings, VersionId
from pipeline.store import articles as kept
from pipeline.store.connection import Connection
from pipeline.store.search import FoundArticle, find_articles, findings_of
from pipeline.store.stories import recorded

ASSESSMENT = "SELECT assessment FROM findings WHERE version_id = %s"
ALERT = """
SELECT al.alert_id FROM findings f JOIN incident_stories s USING (story_id) JOIN alerts al USING (incident_id) WHERE f.version_id = %s
"""

routes = web.RouteTableDef()
_assessment = msgspec.json.Decoder(Assessment)


@routes.get("/articles")
async def articles(request: web.Request) -> web.Response:
    """The latest articles with the words asked for."""
    words, feed, after = (asked(request, name) for name in ("q", "feed", "after"))

    def read(connection: Connection) -> list[FoundArticle]:
        return find_articles(connection, words, feed=feed or None, after=VersionId(after) or None, most=PAGE + 1)

    found = await request.app[STORAGE].run(read)
    more = with_query(request, after=found[PAGE - 1].article.version_id) if len(found) > PAGE else None
    return page(request, "articles.html", {"found": found[:PAGE], "more": more, "query": request.query})


@routes.get("/articles/{version}")
async def article(request: web.Request) -> web.Response:
    """One version of one article, with everything that was found in it marked."""
    version = VersionId(named(request, "version"))

    def read(connection: Connection) -> dict[str, object] | None:
        found = kept.get(connection, version)
        if found is None:
            return None
        assessed = connection.execute(ASSESSMENT, (version,)).fetchone()
        alert = connection.execute(ALERT, (version,)).fetchone()
        return {
            "article": found,
            "parts": cut(found.text, spans_of(findings_of(connection, version))),
            "assessment": _assessment.decode(cast("bytes", assessed[0])) if assessed else None,
            "link": recorded(connection, version),
            "alert_id": alert[0] if alert else None,
        }

    values = await request.app[STORAGE].run(read)
    if values is None:
        raise web.HTTPNotFound(text="There is no such article; it may have left with store.keep_days.")
    return page(request, "article.html", values)


def spans_of(findings: Findings | None) -> list[Span]:
    """Everything found, as spans of the text; none of a text that was not analysed."""
    if findings is None:
        return []
    spans = [Span(e.start, e.end, "entity", e.name or e.label) for e in findings.entities]
    spans += [Span(i.start, i.end, "indicator", f"{i.type}, {i.verdict}") for i in findings.indicators]
    spans += [Span(c.start, c.end, "claim", c.kind) for c in findings.claims]
    return spans + [Span(e.start, e.end, "event", e.subtype or e.type) for e in findings.events]
