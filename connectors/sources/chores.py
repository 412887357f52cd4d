"""What a connector does beside polling: renew its leases, count feeds, forget old wordings, say what was done."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import structlog

from connectors.sources.clock import StoreClock
from connectors.sources.feedstore import LEASE_S, STATES
from connectors.sources.outside import Outside
from connectors.sources.telling import Totals
from pipeline.process.metrics import FEEDS

RENEW_EVERY_S = LEASE_S / 3
COUNT_EVERY_S = 15.0
PRUNE_EVERY_S = 3600.0
REPORT_EVERY_S = 60.0

log = structlog.get_logger()


async def renew_leases(outside: Outside, polling: Callable[[], list[tuple[str, int]]]) -> None:
    """Keep what is being polled (feed and epoch) ours, until cancelled."""
    while True:
        await asyncio.sleep(RENEW_EVERY_S)
        if held := polling():
            await outside.ask_once(partial(outside.store.renew, held))


async def count_feeds(outside: Outside) -> None:
    """How many feeds there are by state: counted now and then, because the store may hold more than this process polls."""
    while True:
        counts = await outside.ask_once(outside.store.count_by_state)
        for state in STATES:
            FEEDS.labels(state).set((counts or {}).get(state, 0))
        await asyncio.sleep(COUNT_EVERY_S)


async def report(outside: Outside, clock: StoreClock, totals: Totals, size: Callable[[], dict[str, int]]) -> None:
    """Now and then: set the clock by the store's, forget old wordings, and say what was done."""
    pruned = time.monotonic()
    while True:
        await asyncio.sleep(REPORT_EVERY_S)
        log.info("totals", **size(), **totals.told())
        if at := await outside.ask_once(outside.store.now):
            clock.set(at)
        if time.monotonic() - pruned > PRUNE_EVERY_S:
            pruned = time.monotonic()
            forgotten = await outside.ask_once(lambda: outside.store.forget_old(clock.now()))
            log.info("forgotten", wordings=forgotten)
