"""The same as JSON, for programs: `/api/v1`, described by `/api/v1/openapi.json` (OpenAPI 3.1)."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from connectors.sources.feedlist import FeedList, FeedStatus
from connectors.web.pages.feeds import with_list
from connectors.web.query import after_of, asked, most_of, named, wanted_of
from connectors.web.storage import CONFIG, STORAGE
from pipeline import __version__
from pipeline.publish.lag import read_lag
from pipeline.records import SEVERITIES, Alert, Article, VersionId
from pipeline.store.search import PAGE_MAX, find_alert, find_alerts, find_articles

API = "/api/v1"
COUNTS = "SELECT outcome, count(*) FROM written WHERE at > now() - interval '24 hours' GROUP BY outcome"
WAITING = "SELECT count(*) FROM outbox"
SPAN = r"[0-9]{1,3}[hdw]"
MOMENT = (
    r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{6})?(\+00:00)?"
)
QUERY: dict[str, dict[str, Any]] = {
    "q": {"type": "string", "description": 'words, "a phrase", -not, or'},
    "severity": {"enum": list(SEVERITIES), "description": "at least"},
    "category": {"enum": ["conflict", "cyber", "unrest", "disaster", "other"]},
    "event": {"type": "string", "description": "sub-type, or type, of the event"},
    "actor": {"type": "string", "description": "id, or the name as written"},
    "country": {"type": "string", "description": "ISO 3166-1 alpha-2"},
    "place": {"type": "string"},
    "feed": {"type": "string"},
    "since": {"type": "string", "pattern": rf"^({SPAN}|{MOMENT})$", "description": "24h, 7d, 2w ago, or ISO 8601"},
    "until": {"type": "string", "pattern": rf"^({SPAN}|{MOMENT})$", "description": "as since"},
    "over": {"type": "boolean", "description": "also what was retracted or merged away"},
    "after": {
        "type": "string",
        "pattern": rf"^{MOMENT},[a-z0-9:]{{1,60}}$",
        "description": "`next` of the page before",
    },
    "most": {"type": "integer", "minimum": 1, "maximum": PAGE_MAX},
}

routes = web.RouteTableDef()


class Alerts(msgspec.Struct, omit_defaults=True):
    """A page of alerts, the latest first; `next` asks for the page behind it."""

    alerts: list[Alert]
    next: str | None = None


class Articles(msgspec.Struct, omit_defaults=True):
    """A page of articles, the latest first."""

    articles: list[Article]
    next: str | None = None


class Feeds(msgspec.Struct):
    """The feeds."""

    feeds: list[FeedStatus]


class Status(msgspec.Struct):
    """How the machinery does: outcomes of a day, alerts that wait for Kafka, articles that wait for the pipeline (null: not known)."""

    version: str
    outcomes: dict[str, int]
    outbox: int
    lag: int | None


class Problem(msgspec.Struct):
    """What is wrong with a request."""

    error: str


@routes.get(f"{API}/alerts")
async def alerts(request: web.Request) -> web.Response:
    """Alerts, by the same parameters as the page."""
    wanted, after, most = wanted_of(request), after_of(request), most_of(request)
    found = await request.app[STORAGE].run(lambda c: find_alerts(c, wanted, after=after, most=most))
    last = f"{found[-1].at.isoformat()},{found[-1].alert.alert_id}" if len(found) == most else None
    return _json(Alerts([one.alert for one in found], last))


@routes.get(f"{API}/alerts/{{alert}}")
async def alert(request: web.Request) -> web.Response:
    """One alert."""
    name = named(request, "alert")
    found = await request.app[STORAGE].run(lambda c: find_alert(c, name))
    if found is None:
        raise web.HTTPNotFound(text="there is no such alert")
    return _json(found.alert)


@routes.get(f"{API}/articles")
async def articles(request: web.Request) -> web.Response:
    """Articles by their words."""
    words, feed, after = (asked(request, name) for name in ("q", "feed", "after"))
    most = most_of(request)
    version = VersionId(after) if after else None
    found = await request.app[STORAGE].run(
        lambda c: find_articles(c, words, feed=feed or None, after=version, most=most)
    )
    last = found[-1].article.version_id if len(found) == most else None
    return _json(Articles([one.article for one in found], last))


@routes.get(f"{API}/feeds")
async def feeds(request: web.Request) -> web.Response:
    """The feeds and how they do."""
    return _json(Feeds([row for row in await with_list(request, FeedList.all) if row.active]))


@routes.get(f"{API}/status")
async def status(request: web.Request) -> web.Response:
    """How the machinery does."""

    def read(connection: Any) -> tuple[dict[str, int], int]:
        waiting = connection.execute(WAITING).fetchone()
        return dict(connection.execute(COUNTS).fetchall()), waiting[0] if waiting else 0

    outcomes, outbox = await request.app[STORAGE].run(read)
    config = request.app[CONFIG]
    lag = await asyncio.to_thread(read_lag, config) if config.kafka.bootstrap_servers else None
    return _json(Status(__version__, outcomes, outbox, lag))


@routes.get(f"{API}/openapi.json")
async def openapi(_: web.Request) -> web.Response:
    """The description of all this."""
    return _json(describe())


def describe() -> dict[str, Any]:
    """The OpenAPI document, its schemas made of the records themselves."""
    (made, schemas) = msgspec.json.schema_components(
        [Alerts, Alert, Articles, Feeds, Status, Problem], ref_template="#/components/schemas/{name}"
    )
    of = dict(zip(("Alerts", "Alert", "Articles", "Feeds", "Status", "Problem"), made, strict=True))
    only = {name: QUERY[name] for name in ("q", "feed", "most")}
    only["after"] = {"type": "string", "description": "`next` of the page before"}
    paths = {
        f"{API}/alerts": _path("Alerts, the latest first", of["Alerts"], of["Problem"], QUERY),
        f"{API}/alerts/{{alert}}": _path("One alert", of["Alert"], of["Problem"], {}, inside="alert"),
        f"{API}/articles": _path("Articles by their words, the latest first", of["Articles"], of["Problem"], only),
        f"{API}/feeds": _path("The feeds and how they do", of["Feeds"], of["Problem"], {}),
        f"{API}/status": _path("How the machinery does", of["Status"], of["Problem"], {}),
    }
    info = {"title": "tocsin", "version": __version__, "description": "Alerts, articles and feeds, to read."}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def _path(
    about: str, good: dict[str, Any], bad: dict[str, Any], query: dict[str, dict[str, Any]], *, inside: str = ""
) -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in query.items()]
    if inside:
        parameters.append(
            {"name": inside, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        )
    answers = {"200": ("what was asked for", good), "400": ("a parameter that can't be read", bad)}
    answers |= {"401": ("log in first", bad), "503": ("the store does not answer", bad)}
    answers |= {"404": ("there is none", bad)} if inside else {}
    responses = {
        code: {"description": words, "content": {"application/json": {"schema": schema}}}
        for code, (words, schema) in answers.items()
    }
    return {"get": {"summary": about, "parameters": parameters, "responses": responses}}


@web.middleware
async def as_problem(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    """Errors of the API as JSON, too."""
    try:
        return await handler(request)  # type: ignore[no-any-return]
    except web.HTTPException as error:
        if not request.path.startswith(f"{API}/") or error.status < 400:
            raise
        kept = {k: v for k, v in error.headers.items() if k.lower() not in {"content-type", "content-length"}}
        raw = msgspec.json.encode(Problem(error.text or error.reason))
        return web.Response(body=raw, status=error.status, content_type="application/json", headers=kept)


def _json(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
