"""Tells open pages of new revisions: one question a second to the store, however many pages are open.

The store has a revision before its topic has it, so a page is never behind a subscriber.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiohttp import web

from connectors.web.storage import Storage
from pipeline.process.metrics import PAGES_OPEN
from pipeline.store.search import clock, news_since

LOOK_S = 1.0
LOOK_BACK = timedelta(seconds=10)
"""A transaction may end that long after the moment it names."""
PAGES_MAX = 200

log = structlog.get_logger()


class Live:
    """What happened lately, and who waits for it."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._seen: dict[tuple[str, int], datetime] = {}
        self._since: datetime | None = None
        self._changed = asyncio.Condition()
        self._round = 0
        self._earliest: datetime | None = None
        self.open = 0

    async def run(self) -> None:
        """Look, until cancelled; a store that is away is asked again."""
        while True:
            try:
                await self._look()
            except web.HTTPServiceUnavailable as error:
                log.debug("store_not_asked", error=error.text)
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        if self._since is None:
            now = await self._storage.run(clock)
            lately = await self._storage.run(lambda c: news_since(c, now - LOOK_BACK))
            self._seen = {(alert_id, revision): at for alert_id, revision, at in lately}
            self._since = now
            return
        floor = self._since - LOOK_BACK
        fresh = [n for n in await self._storage.run(lambda c: news_since(c, floor)) if (n[0], n[1]) not in self._seen]
        if not fresh:
            return
        self._seen = {key: at for key, at in self._seen.items() if at > floor}
        self._seen |= {(alert_id, revision): at for alert_id, revision, at in fresh}
        self._since = max(self._since, *(at for _, _, at in fresh))
        async with self._changed:
            self._round += 1
            self._earliest = min(at for _, _, at in fresh)
            self._changed.notify_all()

    @contextmanager
    def page(self) -> Any:
        """Count an open page in. Answers 503 when there are too many."""
        if self.open >= PAGES_MAX:
            raise web.HTTPServiceUnavailable(text=f"more than {PAGES_MAX} pages are open")
        self.open += 1
        PAGES_OPEN.set(self.open)
        try:
            yield
        finally:
            self.open -= 1
            PAGES_OPEN.set(self.open)

    async def rounds(self, beat_s: float, is_going: Callable[[], bool]) -> AsyncIterator[datetime | None]:
        """The time of the earliest news of each round; None when nothing happened for `beat_s`."""
        known = self._round
        while is_going():
            try:
                async with asyncio.timeout(beat_s), self._changed:
                    while self._round == known:
                        await self._changed.wait()
            except TimeoutError:
                yield None
                continue
            known = self._round
            yield self._earliest


LIVE: web.AppKey[Live] = web.AppKey("live", Live)
