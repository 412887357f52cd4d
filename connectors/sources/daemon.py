"""The daemon behind `tocsin connectors run`: poll what is due, publish, save the state; in that order, so at least once.

One process, one event loop. Polls run side by side under the pace of their hosts; a feed that fails, stalls or lies costs its own poll and
nothing else. While Kafka or the store is away the polls that need them wait, up to a minute, and then the process ends with
`RetryableError` to be started anew; what was not saved is polled again.
"""

import asyncio
import contextlib
import heapq
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from msgspec.structs import replace

from connectors.publish import Publisher
from connectors.sources.articles import Known
from connectors.sources.feedstore import FeedStore
from connectors.sources.fetch import Fetcher
from connectors.sources.hosts import Hosts
from connectors.sources.source import Feed, FeedState, Poll, Source, Tools
from connectors.sources.worker import ParserPool
from connectors.threads import Threads
from pipeline.errors import RetryableError
from pipeline.metrics import ENTRIES, FEEDS, POLL_FAILURES, POLLS, PUBLISH_S
from pipeline.probes import beat
from pipeline.waiting import AWAY_S_MAX, PAUSE_S_FIRST, PAUSE_S_MAX

POLLS_MAX = 100
"""At once."""
PUBLISHING_MAX = 4
CLOSE_S_MAX = 1.0
"""For each of the store's and the producer's last words."""
FIRST_POLL_SPREAD_S = 10.0
"""Feeds that are due at the start begin within this time, not all at once."""
STOP_S_MAX = 7.0
"""From the wish to stop to the end of the last poll; what is unfinished then is polled again later."""
IDLE_S_MAX = 1.0
PRUNE_EVERY_S = 3600.0
REPORT_EVERY_S = 60.0

T = TypeVar("T")
log = structlog.get_logger()


class Daemon:
    """Polls the feeds of some sources until stopped."""

    def __init__(
        self,
        sources: list[Source],
        store: FeedStore,
        publisher: Publisher,
        *,
        tools: Tools | None = None,
        away_s_max: float = AWAY_S_MAX,
    ) -> None:
        self._sources = sources
        self._store = store
        self._publisher = publisher
        self._given_tools = tools
        self._away_s_max = away_s_max
        self._hosts = Hosts()
        self._feeds: dict[str, tuple[Feed, Source]] = {}
        self._states: dict[str, FeedState] = {}
        self._due: list[tuple[float, str]] = []
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()
        self._reload: list[Source] | None = None
        self._broken: RetryableError | None = None
        self._store_thread = Threads(1, "feed-store")
        self._kafka_threads = Threads(PUBLISHING_MAX, "publish")
        self._totals = {"polls": 0, "articles": 0, "failed": 0}

    def stop(self) -> None:
        """End in order: start no more polls, finish those under way within `STOP_S_MAX`."""
        self._stopping.set()
        self._wake.set()

    def reload(self, sources: list[Source]) -> None:
        """Go on with these sources; feeds that are in both keep their schedule."""
        self._reload = sources
        self._wake.set()

    async def run(self) -> None:
        """Until stopped. Raises `RetryableError` when Kafka or the store stays away."""
        fetcher, parsers = Fetcher(), ParserPool()
        tools = self._given_tools or Tools(fetcher, parsers, lambda: datetime.now(UTC))
        await parsers.start()
        chores = asyncio.create_task(self._do_chores())
        for state in ("ok", "failing", "new"):
            FEEDS.labels(state).set_function(partial(self._count_feeds, state))
        try:
            await self._begin()
            while not self._stopping.is_set():
                beat()
                if self._reload is not None:
                    sources, self._reload = self._reload, None
                    await self._take_up(sources)
                self._start_due(tools)
                await self._sleep()
            await self._finish()
        finally:
            chores.cancel()
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(chores, *self._running.values(), return_exceptions=True)
            await fetcher.close()
            await parsers.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._store_thread.run(self._store.close), CLOSE_S_MAX)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._kafka_threads.run(lambda: self._publisher.close(CLOSE_S_MAX)), CLOSE_S_MAX)
            self._store_thread.close()
            self._kafka_threads.close()
            log.info("stopped", **self._totals)
        if self._broken is not None:
            raise self._broken

    async def _begin(self) -> None:
        try:
            await self._take_up(self._sources)
        except RetryableError as error:
            self._break_off(error)

    def _break_off(self, error: RetryableError) -> None:
        """Kafka or the store stays away: end, and say so; while stopping anyway it is no news that something wasn't saved."""
        if not self._stopping.is_set():
            self._broken = error
        self.stop()

    async def _take_up(self, sources: list[Source]) -> None:
        """Make the feeds of these sources the ones that are polled."""
        feeds = {feed.name: (feed, source) for source in sources for feed in source.feeds()}
        states = await self._with_store(
            "register the feeds", lambda: self._store.register([f for f, _ in feeds.values()])
        )
        fresh = [n for n in feeds if n not in self._feeds or self._feeds[n][0] != feeds[n][0]]
        self._feeds = feeds
        for name in fresh:
            self._states[name] = states[name]
            self._plan(name, states[name], first=True)
        log.info("feeds", count=len(feeds), new_or_changed=len(fresh))

    def _plan(self, name: str, state: FeedState, *, first: bool = False) -> None:
        """Put the feed's next poll into the queue; an older plan for it is dropped when it comes up."""
        now = datetime.now(UTC)
        wait_s = (state.next_poll_at - now).total_seconds() if state.next_poll_at else 0.0
        if first and wait_s <= 0:
            spread_s = min(FIRST_POLL_SPREAD_S, len(self._feeds) * 0.1)
            wait_s = random.uniform(0, spread_s)  # noqa: S311 - jitter
        heapq.heappush(self._due, (time.monotonic() + max(0.0, wait_s), name))

    def _start_due(self, tools: Tools) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now and len(self._running) < POLLS_MAX:
            _, name = heapq.heappop(self._due)
            if name in self._running or name not in self._feeds:
                continue
            feed, source = self._feeds[name]
            # A crowd at one host waits out here, not in the slots that the other hosts' feeds need.
            wait_s = self._hosts.enter(_host(feed.url), is_spaced=feed.is_spaced)
            if wait_s > 0:
                heapq.heappush(self._due, (now + wait_s, name))
                continue
            task = asyncio.create_task(self._poll(feed, source, tools), name=f"poll {name}")
            self._running[name] = task
            task.add_done_callback(partial(self._ended, name))

    def _ended(self, name: str, _: object) -> None:
        self._running.pop(name, None)
        self._wake.set()

    async def _sleep(self) -> None:
        until = self._due[0][0] - time.monotonic() if self._due and len(self._running) < POLLS_MAX else IDLE_S_MAX
        self._wake.clear()
        try:
            async with asyncio.timeout(min(max(until, 0.01), IDLE_S_MAX)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _poll(self, feed: Feed, source: Source, tools: Tools) -> None:
        """One poll, published and saved. The outermost place of a poll: whatever happens in it is its feed's failure."""
        state = self._states[feed.name]
        try:
            try:
                poll = await source.poll(feed, state, lambda: self._known(feed.name), tools)
            finally:
                self._hosts.leave(_host(feed.url))
            if poll.articles:
                await self._publish(poll)
            saved = await self._with_store("save a feed", lambda: self._store.save(feed.name, poll, tools.now()))
        except RetryableError as error:
            self._break_off(error)
            return
        except asyncio.CancelledError:
            raise
        except Exception:  # see above; the feed is tried again later, and the operator told
            log.exception("poll_crashed", feed=feed.name)
            retry = replace(state, next_poll_at=datetime.now(UTC) + timedelta(seconds=max(feed.pace.min_s, 60.0)))
            self._plan(feed.name, retry)
            return
        self._settle(feed, state, poll, saved=saved)

    def _settle(self, feed: Feed, before: FeedState, poll: Poll, *, saved: bool) -> None:
        after = replace(poll.state, epoch=before.epoch + 1) if saved else None
        if after is None:  # another connector polled this feed meanwhile: go on from what it saved
            log.info("polled_elsewhere", feed=feed.name)
            asyncio.get_running_loop().create_task(self._refresh(feed.name))
            return
        self._states[feed.name] = after
        if poll.host_rest_s > 0:
            self._hosts.rest(_host(feed.url), poll.host_rest_s)
        if feed.name in self._feeds:
            self._plan(feed.name, after)
        self._tell(feed, before, poll)

    async def _refresh(self, name: str) -> None:
        try:
            self._states[name] = await self._with_store("read a feed", lambda: self._store.state(name))
        except RetryableError as error:
            self._break_off(error)
            return
        self._plan(name, self._states[name])
        self._wake.set()

    def _tell(self, feed: Feed, before: FeedState, poll: Poll) -> None:
        """Log what changed: a poll that brought nothing and failed no differently than before is nobody's news."""
        self._totals["polls"] += 1
        self._totals["articles"] += len(poll.articles)
        POLLS.labels(poll.outcome).inc()
        ENTRIES.labels("article").inc(len(poll.articles))
        for why, entries in poll.skipped.items():
            ENTRIES.labels(why).inc(entries)
        if poll.outcome == "failed":
            self._totals["failed"] += 1
            POLL_FAILURES.labels(poll.reason).inc()
            tell = log.warning if before.failures == 0 else log.debug
            tell("feed_failing", feed=feed.name, reason=poll.reason, message=poll.message, failures=poll.state.failures)
            return
        if before.failures:
            log.info("feed_recovered", feed=feed.name, failures=before.failures)
        if poll.state.moved_to and poll.state.moved_to != before.moved_to:
            log.info("feed_moved", feed=feed.name, url=feed.url, moved_to=poll.state.moved_to)
        if poll.entries is not None:
            tell = log.info if poll.articles else log.debug
            tell("polled", feed=feed.name, entries=poll.entries, articles=len(poll.articles), skipped=poll.skipped)
        if poll.is_gap:
            log.warning("feed_gap", feed=feed.name, entries=poll.entries, interval_s=before.interval_s)
        for warning in poll.warnings:
            log.debug("feed_warning", feed=feed.name, warning=warning)

    async def _known(self, name: str) -> Known:
        return await self._with_store("read what was seen", lambda: self._store.known(name))

    async def _publish(self, poll: Poll) -> None:
        def attempt() -> None:
            try:
                with PUBLISH_S.time():
                    self._publisher.publish(poll.articles)
            except RetryableError:
                self._publisher.reset()
                raise

        await self._patiently("publish articles", self._kafka_threads, attempt)

    async def _with_store(self, what: str, attempt: Callable[[], T]) -> T:
        return await self._patiently(what, self._store_thread, attempt)

    async def _patiently(self, what: str, threads: Threads, attempt: Callable[[], T]) -> T:
        """The result of `attempt` in a thread, tried again while it raises `RetryableError`, up to the bound."""
        deadline = time.monotonic() + self._away_s_max
        pause_s = PAUSE_S_FIRST
        while True:
            try:
                return await threads.run(attempt)
            except RetryableError as error:
                if self._stopping.is_set():
                    raise
                if time.monotonic() + pause_s >= deadline:
                    raise RetryableError(f"{what}: still failing after {self._away_s_max:g} s: {error}") from error
                log.warning("waiting", what=what, pause_s=round(pause_s, 1), error=str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause_s)
                pause_s = min(pause_s * 2, PAUSE_S_MAX)

    async def _finish(self) -> None:
        """Wait for the polls under way, within the time there is."""
        if self._running and self._broken is None:
            log.info("finishing", polls=len(self._running))
            await asyncio.wait(list(self._running.values()), timeout=STOP_S_MAX)

    async def _do_chores(self) -> None:
        """Now and then: forget old wordings, and say what was done."""
        pruned = time.monotonic()
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            log.info("totals", feeds=len(self._feeds), polling=len(self._running), **self._totals)
            if time.monotonic() - pruned > PRUNE_EVERY_S:
                pruned = time.monotonic()
                forgotten = await self._quietly(lambda: self._store.forget_old(datetime.now(UTC)))
                log.info("forgotten", wordings=forgotten)

    def _count_feeds(self, state: str) -> int:
        """How many feeds are ok, failing, or new; asked when the metrics are read."""
        states = [self._states[name] for name in list(self._feeds) if name in self._states]
        return sum(state == ("failing" if s.failures else "ok" if s.polls else "new") for s in states)

    async def _quietly(self, attempt: Callable[[], T]) -> T | None:
        try:
            return await self._store_thread.run(attempt)
        except RetryableError as error:
            log.warning("chore_failed", error=str(error))
            return None


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or ''}"
