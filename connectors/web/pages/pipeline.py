"""How the machinery does: what waits, what was done, what was refused, and who delivers."""

import asyncio
from datetime import datetime

from aiohttp import web
from msgspec import Struct

from connectors.sinks.memory import states_if_known
from connectors.web.gate import need
from connectors.web.render import page
from connectors.web.storage import CONFIG, STORAGE
from pipeline.config import Config
from pipeline.errors import RetryableError
from pipeline.publish.dead_letters import SINK_STEP, publish_again, read_rejects
from pipeline.publish.lag import read_lag
from pipeline.records import Reject
from pipeline.store.connection import Connection

REJECTS_SHOWN_MAX = 100
MINUTES = 60

COUNTS = """
SELECT outcome, count(*) FILTER (WHERE at > now() - interval '1 minute'), count(*) FILTER (WHERE at > now() - interval '1 hour'), count(*)
FROM written WHERE at > now() - interval '24 hours' GROUP BY outcome ORDER BY outcome
"""
WAITING = "SELECT count(*), min(created_at) FROM outbox"
LATENCY = """
SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM w.at - a.fetched))
FROM written w JOIN articles a USING (version_id) WHERE w.at > now() - interval '1 hour'
"""
OWNERS = "SELECT worker, array_agg(partition ORDER BY partition) FROM partition_owner GROUP BY worker ORDER BY worker"

routes = web.RouteTableDef()


class Done(Struct, frozen=True, array_like=True):
    """Articles by outcome, over a minute, an hour and a day."""

    outcome: str
    minute: int
    hour: int
    day: int


@routes.get("/pipeline")
async def pipeline(request: web.Request) -> web.Response:
    """What waits and what was done."""
    values = await request.app[STORAGE].run(_read)
    config = request.app[CONFIG]
    states = await asyncio.to_thread(states_if_known, request.app[CONFIG].store.url)
    lag, rejects, broken = await asyncio.to_thread(_ask_kafka, config)
    shown = sorted(rejects.values(), key=lambda r: r.at, reverse=True)
    more = {
        "lag": lag,
        "states": states,
        "rejects": shown[:REJECTS_SHOWN_MAX],
        "rejects_count": len(shown),
        "broken": broken,
        "sink_step": SINK_STEP,
    }
    return page(request, "pipeline.html", {**values, **more})


@routes.post("/pipeline/rejects/replay")
@need("admin")
async def replay(request: web.Request) -> web.Response:
    """Publish a refused article again."""
    form = await request.post()
    name = str(form.get("reject", ""))
    config = request.app[CONFIG]

    def again() -> int:
        options = config.kafka.client_options()
        return publish_again(options, [r for r in read_rejects(options) if r.reject_id == name])

    try:
        count = await asyncio.to_thread(again)
    except RetryableError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    if not count:
        raise web.HTTPNotFound(text="There is no such reject of an article: it may have left its topic.")
    raise web.HTTPSeeOther("/pipeline")


def _read(connection: Connection) -> dict[str, object]:
    waiting = connection.execute(WAITING).fetchone() or (0, None)
    latency = connection.execute(LATENCY).fetchone()
    return {
        "done": [Done(*row) for row in connection.execute(COUNTS).fetchall()],  # type: ignore[arg-type]
        "waiting": waiting[0],
        "oldest": waiting[1] if isinstance(waiting[1], datetime) else None,
        "latency": latency[0] if latency else None,
        "owners": connection.execute(OWNERS).fetchall(),
    }


def _ask_kafka(config: Config) -> tuple[int | None, dict[str, Reject], str]:
    """Lag and rejects by id, or why the broker does not tell."""
    if not config.kafka.bootstrap_servers:
        return None, {}, "no Kafka is configured (kafka.bootstrap_servers)"
    try:
        found = {reject.reject_id: reject for reject in read_rejects(config.kafka.client_options())}
    except RetryableError as error:
        return None, {}, str(error)
    return read_lag(config), found, ""
