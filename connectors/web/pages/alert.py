"""One alert: who says what, how it changed, who tells it independently, and the words that prove it."""

from collections.abc import Sequence

from aiohttp import web
from msgspec import Struct

from connectors.web.gate import SESSION, need
from connectors.web.highlight import Part, Span, cut
from connectors.web.pages.articles import spans_of
from connectors.web.query import named
from connectors.web.render import page
from connectors.web.storage import STORAGE
from pipeline.incidents.corroboration import groups_of
from pipeline.records import Alert, AlertClaim, Article, Findings, Source, VersionId
from pipeline.store import articles
from pipeline.store.connection import Connection
from pipeline.store.marks import MARK_CHARS_MAX, Mark, keep_mark, marks_of
from pipeline.store.search import find_alert, findings_of, history_of, related_to

routes = web.RouteTableDef()


class Said(Struct, frozen=True):
    """What one claimant says, in every source that has it said."""

    claimant: str
    claims: tuple[AlertClaim, ...]


@routes.get("/alerts/{alert}")
async def alert(request: web.Request) -> web.Response:
    """The page of an alert; `?version=` shows another of its sources' texts."""
    name, version = named(request, "alert"), request.query.get("version", "")

    def read(connection: Connection) -> dict[str, object] | None:
        found = find_alert(connection, name)
        if found is None:
            return None
        known = {s.version_id for s in found.alert.sources}
        shown = VersionId(version) if version in known else _lead(found.alert)
        article = articles.get(connection, shown)
        return {
            "alert": found.alert,
            "found": found,
            "history": history_of(connection, found.alert.alert_id),
            "related": related_to(connection, found.alert),
            "marks": marks_of(connection, found.alert.alert_id),
            "shown": shown,
            "article": article,
            "parts": mark_up(article, findings_of(connection, shown), found.alert) if article else (),
        }

    values = await request.app[STORAGE].run(read)
    if values is None:
        raise web.HTTPNotFound(text=f"There is no alert {name[:80]}; it may have left with store.keep_days.")
    one: Alert = values["alert"]  # type: ignore[assignment]
    more = {
        "kinds": claims_by_kind(one),
        "groups": groups_of(one.sources),
        "feeds": {s.version_id: s.feed for s in one.sources},
    }
    return page(request, "alert.html", {**values, **more})


@routes.post("/alerts/{alert}/mark")
@need("analyst")
async def mark(request: web.Request) -> web.Response:
    """Keep what somebody says of an alert: right or wrong, and why."""
    form = await request.post()
    verdict, because = str(form.get("verdict", "")), str(form.get("because", "")).strip()
    if verdict not in {"right", "wrong"} or not because:
        raise web.HTTPBadRequest(text="say right or wrong, and why")
    name, who = named(request, "alert"), request[SESSION].user

    def keep(connection: Connection) -> bool:
        found = find_alert(connection, name)
        if found is not None:
            keep_mark(connection, found.alert, Mark(verdict, f"{because[:MARK_CHARS_MAX]} ({who})"))
        return found is not None

    if not await request.app[STORAGE].run(keep):
        raise web.HTTPNotFound(text="There is no such alert.")
    raise web.HTTPSeeOther(f"/alerts/{name}#marks")


def claims_by_kind(alert: Alert) -> dict[str, list[Said]]:
    """The claims side by side: by what is counted, then by who says so."""
    kinds: dict[str, dict[str, list[AlertClaim]]] = {}
    for claim in alert.claims:
        who = claim.claimant or "the report itself"
        kinds.setdefault(claim.kind, {}).setdefault(who, []).append(claim)
    return {kind: [Said(who, tuple(claims)) for who, claims in by.items()] for kind, by in kinds.items()}


def mark_up(article: Article, findings: Findings | None, alert: Alert) -> Sequence[Part]:
    """The article's text with what was found in it, and what the alert was made of."""
    spans = spans_of(findings)
    spans += [Span(e.start, e.end, "proof", e.field) for e in alert.evidence if e.version_id == article.version_id]
    return cut(article.text, spans)


def _lead(alert: Alert) -> VersionId:
    """The report that the alert's evidence is quoted from, else its first."""
    quoted = [e.version_id for e in alert.evidence]
    sources: Sequence[Source] = alert.sources
    return quoted[0] if quoted else sources[0].version_id
