"""The list of alerts, which grows while it is looked at."""

import time
from datetime import datetime
from functools import partial

import msgspec
from aiohttp import web

from connectors.web.live import LIVE, LOOK_BACK
from connectors.web.query import PAGE, after_of, asked, time_of, wanted_of, with_query
from connectors.web.render import fragment, page
from connectors.web.storage import STORAGE
from pipeline.records import SEVERITIES
from pipeline.store.connection import Connection
from pipeline.store.search import Found, Wanted, clock, find_alerts

BEAT_S = 15.0
"""An open page hears at least so often that it is still connected."""
REMEMBERED_S = 10 * LOOK_BACK.total_seconds()
"""For how long a stream knows what it has sent."""
TIMES = (("1h", "last hour"), ("24h", "last 24 hours"), ("7d", "last 7 days"), ("30d", "last 30 days"))
CATEGORIES = ("conflict", "cyber", "unrest", "disaster", "other")

routes = web.RouteTableDef()


@routes.get("/")
async def alerts(request: web.Request) -> web.Response:
    """The latest alerts that the address asks for, a page of them."""
    wanted, after = wanted_of(request), after_of(request)

    def read(connection: Connection) -> tuple[list[Found], datetime]:
        return find_alerts(connection, wanted, after=after, most=PAGE + 1), clock(connection)

    found, now = await request.app[STORAGE].run(read)
    shown, more = found[:PAGE], found[PAGE:]
    older = with_query(request, after=f"{shown[-1].at.isoformat()},{shown[-1].alert.alert_id}") if more else None
    stream = with_query(request, after=None).removeprefix("/")
    following = with_query(request, **{"after": None, "from": now.isoformat()}).removeprefix("/")
    values = {
        "found": shown,
        "older": older,
        "is_first": after is None,
        "query": request.query,
        "stream": f"/alerts/stream{following}",
        "export": stream.removeprefix("?"),
        "severities": SEVERITIES,
        "categories": CATEGORIES,
        "times": TIMES,
    }
    return page(request, "alerts.html", values)


@routes.get("/alerts/stream")
async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events (WHATWG HTML, 9.2): the row of each alert that has a new revision and fits what is asked for."""
    wanted = wanted_of(request)
    live, storage = request.app[LIVE], request.app[STORAGE]
    raw = asked(request, "from")
    shown = time_of(raw, "from") if raw else await storage.run(clock)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    with live.page():
        await response.prepare(request)
        await response.write(b"retry: 2000\n\n")
        told = await storage.run(partial(find_alerts, wanted=_since(wanted, shown)))
        sent = {_key(one): time.monotonic() for one in told if one.at <= shown}
        transport = request.transport
        async for earliest in live.rounds(BEAT_S, lambda: transport is not None and not transport.is_closing()):
            if earliest is None:
                await response.write(b": still here\n\n")
                continue
            for one in reversed(await storage.run(partial(find_alerts, wanted=_since(wanted, earliest)))):
                if _key(one) not in sent:
                    sent[_key(one)] = time.monotonic()
                    await response.write(_event(request, one))
            sent = {key: at for key, at in sent.items() if time.monotonic() - at < REMEMBERED_S}
    return response


def _key(one: Found) -> tuple[str, int]:
    return one.alert.alert_id, one.alert.revision


def _since(wanted: Wanted, moment: datetime) -> Wanted:
    """Of what is wanted, what may have come since that moment: a transaction may end later than it says."""
    floor = moment - LOOK_BACK
    return msgspec.structs.replace(wanted, since=max(wanted.since, floor) if wanted.since else floor)


def _event(request: web.Request, one: Found) -> bytes:
    html = fragment(request, "row.html", {"one": one, "is_fresh": True})
    data = msgspec.json.encode({"id": one.alert.alert_id, "severity": one.alert.severity, "html": html})
    return b"data: " + data + b"\n\n"
