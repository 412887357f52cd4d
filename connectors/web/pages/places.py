"""Where and when: the map, and the page of a place."""

from datetime import UTC, datetime, timedelta

from aiohttp import web

from connectors.web.chart import bars, points
from connectors.web.query import PAGE, named, wanted_of
from connectors.web.render import page
from connectors.web.storage import STORAGE
from pipeline.store.connection import Connection
from pipeline.store.search import Found, Wanted, activity, find_alerts, find_all

MAP_DAYS = 7
DAYS = 60
MAP_ALERTS_MAX = 1000
SPANS = (1, 7, 30, 90)

routes = web.RouteTableDef()


@routes.get("/map")
async def world(request: web.Request) -> web.Response:
    """The alerts of the last days on a map, and how many there were each day."""
    raw = request.query.get("days", str(MAP_DAYS))
    days = int(raw) if raw.isdecimal() and int(raw) in SPANS else MAP_DAYS
    asked = wanted_of(request)
    since = datetime.now(UTC) - timedelta(days=days)

    def read(connection: Connection) -> tuple[list[Found], dict[str, int]]:
        wanted = Wanted(severity=asked.severity, category=asked.category, since=since)
        return find_all(connection, wanted, most=MAP_ALERTS_MAX), activity(connection, days=DAYS)

    found, counts = await request.app[STORAGE].run(read)
    made = points(found)
    values = {
        "points": made,
        "found": found,
        "placed": sum(p.count for p in made),
        "bars": bars(counts, DAYS),
        "days": days,
        "spans": SPANS,
        "span": DAYS,
    }
    return page(request, "map.html", values)


@routes.get("/places/{country}/{place}")
async def place(request: web.Request) -> web.Response:
    """What happened in a place."""
    country, name = named(request, "country"), named(request, "place")
    where: dict[str, str | None] = {
        "country": None if country == "-" else country,
        "place": None if name == "-" else name,
    }

    def read(connection: Connection) -> tuple[list[Found], dict[str, int]]:
        wanted = Wanted(country=where["country"], place=where["place"], over=True)
        return find_alerts(connection, wanted, most=PAGE), activity(connection, days=DAYS, **where)

    found, counts = await request.app[STORAGE].run(read)
    title = f"{name} ({country})" if name != "-" else country
    values = {"title": title, "found": found, "bars": bars(counts, DAYS), "span": DAYS, "points": points(found)}
    return page(request, "place.html", values | {"where": where})
