"""The feeds: which do well, which are silent, fail or leave gaps, and when each is polled next."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from aiohttp import web

from connectors.feeds.show import ago, state_word, why
from connectors.sources.feedlist import FeedList, FeedStatus
from connectors.web.gate import need
from connectors.web.render import page
from connectors.web.storage import CONFIG
from pipeline.errors import RetryableError, UsageError

FEEDS_SHOWN_MAX = 500

T = TypeVar("T")

routes = web.RouteTableDef()


@routes.get("/feeds")
async def feeds(request: web.Request) -> web.Response:
    """All feeds, those first that need somebody."""
    words = request.query.get("q", "").strip().casefold()
    rows = [row for row in await with_list(request, FeedList.all) if row.active]
    found = [row for row in rows if words in f"{row.feed} {row.title or ''} {row.url}".casefold()]
    found.sort(key=lambda row: (not row.conditions and not row.failures, row.feed))
    counts = Counter(_kind(row) for row in rows)
    now = datetime.now(UTC)
    values = {
        "rows": [(row, _kind(row), why(row), ago(row.next_poll_at, now)) for row in found[:FEEDS_SHOWN_MAX]],
        "counts": counts,
        "hidden": max(0, len(found) - FEEDS_SHOWN_MAX),
        "query": request.query,
    }
    return page(request, "feeds.html", values)


@routes.post("/feeds/pause")
@need("admin")
async def pause(request: web.Request) -> web.Response:
    """Pause a feed, or let it go on."""
    form = await request.post()
    name, is_paused = str(form.get("feed", "")), form.get("to") == "pause"
    await with_list(request, lambda kept: kept.pause([name], datetime.now(UTC) if is_paused else None))
    raise web.HTTPSeeOther("/feeds")


def _kind(row: FeedStatus) -> str:
    """As the table says it: a feed that had nothing new is well."""
    if row.outcome == "failed" and row.paused_at is None:
        return "failing"
    word = state_word(row)
    return "ok" if word == "not-modified" else word


async def with_list(request: web.Request, work: Callable[[FeedList], T]) -> T:
    """What `work` gives of the list of feeds. Answers 400 for a feed that there is not, 503 without the store."""

    def run() -> T:
        kept = FeedList(request.app[CONFIG].store.url)
        try:
            return work(kept)
        finally:
            kept.close()

    try:
        return await asyncio.to_thread(run)
    except UsageError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    except RetryableError as error:
        raise web.HTTPServiceUnavailable(text=str(error), headers={"Retry-After": "5"}) from error
