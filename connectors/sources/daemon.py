"""The daemon behind `tocsin connectors run`: claim what is due, poll, publish, save the state; in that order, so at least once.

One process, one event loop; the store's table is the schedule, so several processes may share it, and a feed that is added, paused or
removed there is taken up at the next look. Polls run side by side under the pace of their hosts; a feed that fails, stalls or lies costs its
own poll and nothing else. While Kafka or the store is away the polls that need them wait, up to a minute, and then the process ends
with `RetryableError` to be started anew; what was not saved is polled again.
"""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import structlog

from connectors.publish import Publisher
from connectors.registry import make_source
from connectors.sources.articles import Known
from connectors.sources.clock import StoreClock
from connectors.sources.feedstore import LEASE_S, STATES, Claimed, FeedStore
from connectors.sources.fetch import Fetcher
from connectors.sources.flood import FEED_PER_HOUR_MAX, HOST_PER_HOUR_MAX, Budget
from connectors.sources.health import judge
from connectors.sources.hosts import Hosts, host_of
from connectors.sources.source import Feed, FeedState, Poll, Source, Tools
from connectors.sources.subscriptions import SubscriptionStore
from connectors.sources.websub import Listening, WebSub
from connectors.sources.worker import ParserPool
from connectors.threads import Threads
from pipeline.errors import ConfigError, RetryableError
from pipeline.metrics import ENTRIES, FEEDS, POLL_FAILURES, POLLS, PUBLISH_S
from pipeline.probes import beat
from pipeline.records import Health
from pipeline.waiting import AWAY_S_MAX, PAUSE_S_FIRST, PAUSE_S_MAX

POLLS_MAX = 100
"""At once."""
PUBLISHING_MAX = 4
CLOSE_S_MAX = 1.0
"""For each of the store's and the producer's last words."""
STOP_S_MAX = 7.0
"""From the wish to stop to the end of the last poll; what is unfinished then is polled again later."""
IDLE_S_MAX = 1.0
"""How late a feed that was added, or whose pause ended, is noticed at most."""
IDLE_S_MIN = 0.05
CROWDED_S = 0.25
"""Until the next look, when all that is due waits for its host."""
RENEW_EVERY_S = LEASE_S / 3
UNKNOWN_WAIT_S = 60.0
"""A feed that another connector's configuration has, and this one's not, is left to the other for so long."""
BAD_OPTIONS_WAIT_S = 300.0
ADDED_KEPT_MAX = 20_000
"""Added feeds whose options are kept read, so that they are not read again at every poll."""
COUNT_EVERY_S = 15.0
PRUNE_EVERY_S = 3600.0
REPORT_EVERY_S = 60.0

T = TypeVar("T")
log = structlog.get_logger()


class Daemon:
    """Polls the feeds of some sources, and those that people added, until stopped."""

    def __init__(
        self,
        sources: list[Source],
        store: FeedStore,
        publisher: Publisher,
        *,
        tools: Tools | None = None,
        away_s_max: float = AWAY_S_MAX,
        subscriptions: SubscriptionStore | None = None,
        listening: Listening | None = None,
    ) -> None:
        self._sources = sources
        self._store = store
        self._publisher = publisher
        self._given_tools = tools
        self._away_s_max = away_s_max
        self._subscriptions = subscriptions
        self._listening = listening
        self._pushed: set[str] = set()  # while they were being polled
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._clock = StoreClock()
        self._hosts = Hosts()
        self._host_budget = Budget(HOST_PER_HOUR_MAX)
        self._feed_budget = Budget(FEED_PER_HOUR_MAX)
        self._feeds: dict[str, tuple[Feed, Source]] = {}
        self._added: dict[str, tuple[dict[str, Any], Feed, Source]] = {}
        self._running: dict[str, tuple[asyncio.Task[None], int]] = {}  # with the epoch that the poll began from
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
        tools = self._given_tools or Tools(fetcher, parsers, self._clock.now)
        await parsers.start()
        websub = await self._start_websub(fetcher)
        chores = [asyncio.create_task(chore()) for chore in (self._report, self._renew_leases, self._count_feeds)]
        if websub is not None:
            chores.append(asyncio.create_task(websub.keep_subscribed()))
        try:
            try:
                await self._poll_until_stopped(tools)
            except RetryableError as error:
                self._break_off(error)
            await self._finish()
        finally:
            for chore in chores:
                chore.cancel()
            for task, _ in self._running.values():
                task.cancel()
            await asyncio.gather(*chores, *(task for task, _ in self._running.values()), return_exceptions=True)
            if websub is not None:
                await websub.close()
            await fetcher.close()
            await parsers.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._store_thread.run(self._close_store), CLOSE_S_MAX)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._kafka_threads.run(lambda: self._publisher.close(CLOSE_S_MAX)), CLOSE_S_MAX)
            self._store_thread.close()
            self._kafka_threads.close()
            log.info("stopped", **self._totals)
        if self._broken is not None:
            raise self._broken

    def _close_store(self) -> None:
        self._store.close()
        if self._subscriptions is not None:
            self._subscriptions.close()

    async def _poll_until_stopped(self, tools: Tools) -> None:
        await self._take_up(self._sources)
        while not self._stopping.is_set():
            if self._reload is not None:
                sources, self._reload = self._reload, None
                await self._take_up(sources)
            beat()
            self._wake.clear()
            if not await self._start_due(tools):
                await self._sleep()

    def _break_off(self, error: RetryableError) -> None:
        """Kafka or the store stays away: end, and say so; while stopping anyway it is no news that something wasn't saved."""
        if not self._stopping.is_set():
            self._broken = error
        self.stop()

    async def _take_up(self, sources: list[Source]) -> None:
        """Make the feeds of these sources the configured ones."""
        self._clock.set(await self._with_store("ask for the time", self._store.now))
        feeds = {feed.name: (feed, source) for source in sources for feed in source.feeds()}
        await self._with_store("register the feeds", lambda: self._store.register([f for f, _ in feeds.values()]))
        fresh = [n for n in feeds if n not in self._feeds or self._feeds[n][0] != feeds[n][0]]
        self._feeds = feeds
        log.info("feeds", count=len(feeds), new_or_changed=len(fresh))

    def _source_names(self) -> set[str]:
        return {feed.source for feed, _ in self._feeds.values()}

    async def _start_due(self, tools: Tools) -> bool:
        """Start what is due, as far as there is room; whether anything was claimed."""
        room = POLLS_MAX - len(self._running)
        if room <= 0:
            return False
        sources, busy = self._source_names(), self._hosts.busy()
        claimed = await self._with_store(
            "claim what is due", lambda: self._store.claim(sources, busy, room, self._owner)
        )
        for one in claimed:
            if one.feed not in self._running:
                await self._start(one, tools)
        return bool(claimed)

    async def _start(self, claimed: Claimed, tools: Tools) -> None:
        found = await self._find(claimed)
        if found is None:
            return
        feed, source = found
        wait_s = self._hosts.enter(host_of(feed.url), is_spaced=feed.is_spaced)
        if wait_s > 0:
            await self._put_back(claimed, wait_s)
            return
        task = asyncio.create_task(self._poll(feed, source, claimed.state, tools), name=f"poll {feed.name}")
        self._running[feed.name] = task, claimed.state.epoch
        task.add_done_callback(partial(self._ended, feed.name))

    async def _find(self, claimed: Claimed) -> tuple[Feed, Source] | None:
        """The claimed feed with its source; None when it can't be polled here, and then it has been given back."""
        if claimed.options is None:
            if claimed.feed not in self._feeds:
                await self._put_back(claimed, UNKNOWN_WAIT_S)
            return self._feeds.get(claimed.feed)
        kept = self._added.get(claimed.feed)
        if kept is None or kept[0] != claimed.options:
            try:
                source = make_source(claimed.feed, claimed.options)
                (feed,) = source.feeds()
            except (ConfigError, ValueError) as error:
                log.error("feed_refused", feed=claimed.feed, error=str(error))
                await self._put_back(claimed, BAD_OPTIONS_WAIT_S)
                return None
            if len(self._added) >= ADDED_KEPT_MAX:
                self._added.clear()
            kept = self._added[claimed.feed] = claimed.options, feed, source
        return kept[1], kept[2]

    async def _put_back(self, claimed: Claimed, seconds: float) -> None:
        given = [(claimed.feed, claimed.state.epoch)]
        await self._with_store("give a feed back", lambda: self._store.postpone(given, seconds))

    async def _start_websub(self, fetcher: Fetcher) -> WebSub | None:
        if self._listening is None or self._subscriptions is None:
            return None
        made = WebSub(
            self._listening,
            self._subscriptions,
            partial(self._with_store, "websub"),
            fetcher,
            poll_now=self._poll_soon,
            allow_of=self._allowed,
        )
        await made.start()
        return made

    async def _poll_soon(self, name: str) -> None:
        """A hub pushed: what the poll under way, if there is one, may have missed is fetched by the next."""
        if name in self._running:
            self._pushed.add(name)
            return
        await self._with_store("poll soon", lambda: self._store.poll_soon(name))
        self._wake.set()

    def _allowed(self, name: str) -> tuple[str, ...]:
        """What the feed may reach beyond the public internet; its hub may stand there too."""
        source = self._feeds[name][1] if name in self._feeds else self._added[name][2] if name in self._added else None
        return tuple(getattr(getattr(source, "config", None), "allow", ()))

    def _ended(self, name: str, _: object) -> None:
        self._running.pop(name, None)
        if name in self._pushed:
            self._pushed.discard(name)
            self._later = asyncio.get_running_loop().create_task(self._poll_soon(name))
        self._wake.set()

    async def _sleep(self) -> None:
        """Until the next feed is due, a poll ends, or for `IDLE_S_MAX`: that is how changes in the store are noticed."""
        until: float | None = IDLE_S_MAX
        if len(self._running) < POLLS_MAX:
            sources = self._source_names()
            until = await self._with_store("look ahead", lambda: self._store.seconds_to_next(sources))
        if until is None:
            until = IDLE_S_MAX
        elif until <= 0:
            until = CROWDED_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(max(until, IDLE_S_MIN), IDLE_S_MAX)):
                await self._wake.wait()

    async def _poll(self, feed: Feed, source: Source, state: FeedState, tools: Tools) -> None:
        """One poll, published and saved. The outermost place of a poll: whatever happens in it is its feed's failure."""
        try:
            try:
                poll = await source.poll(feed, state, lambda: self._known(feed.name), tools)
            finally:
                self._hosts.leave(host_of(feed.url))
            poll, health = judge(feed, state, poll, tools.now())
            if poll.articles and not await self._is_ours_still(feed, state):
                log.info("polled_elsewhere", feed=feed.name)
                return
            if poll.articles or health:
                await self._publish(poll, health)
            saved = await self._with_store("save a feed", lambda: self._store.save(feed.name, poll, tools.now()))
            if saved:
                await self._hold_back(feed, state, poll)
        except RetryableError as error:
            self._break_off(error)
            return
        except asyncio.CancelledError:
            raise
        except Exception:  # see above; the feed is tried again later, and the operator told
            log.exception("poll_crashed", feed=feed.name)
            given, wait_s = [(feed.name, state.epoch)], max(feed.pace.min_s, 60.0)
            await self._quietly(lambda: self._store.postpone(given, wait_s))
            return
        if not saved:  # another connector polled this feed meanwhile; what it saved stands
            log.info("polled_elsewhere", feed=feed.name)
            return
        self._tell(feed, state, poll, health)

    async def _is_ours_still(self, feed: Feed, state: FeedState) -> bool:
        """Whether nobody else has polled the feed since: a connector that was paused must not publish old wordings after new ones."""
        return await self._with_store("see whose turn it is", lambda: self._store.is_at(feed.name, state.epoch))

    async def _hold_back(self, feed: Feed, state: FeedState, poll: Poll) -> None:
        """Leave host or feed alone when the host asked for it, or when they flood; the operator's own hosts may."""
        host, articles = host_of(feed.url), len(poll.articles)
        host_s, feed_s = poll.host_rest_s, 0.0
        if feed.is_spaced and articles:
            host_s = max(host_s, self._host_budget.take(host, articles))
            feed_s = self._feed_budget.take(feed.name, articles)
        if host_s > 0:
            await self._rest(host, host_s)
        if feed_s > 0:
            log.warning("feed_floods", feed=feed.name, articles=articles, rest_s=round(feed_s))
            given = [(feed.name, state.epoch + 1)]
            await self._with_store("hold a feed back", lambda: self._store.postpone(given, feed_s))

    async def _rest(self, host: str, seconds: float) -> None:
        """Every feed of the host: here at once, elsewhere and after a restart by the table."""
        self._hosts.rest(host, seconds)
        await self._with_store("rest a host", lambda: self._store.rest_host(host, seconds))

    def _tell(self, feed: Feed, before: FeedState, poll: Poll, health: tuple[Health, ...]) -> None:
        """Log what changed: a poll that brought nothing and failed no differently than before is nobody's news."""
        self._totals["polls"] += 1
        self._totals["articles"] += len(poll.articles)
        POLLS.labels(poll.outcome).inc()
        ENTRIES.labels("article").inc(len(poll.articles))
        for why, entries in poll.skipped.items():
            ENTRIES.labels(why).inc(entries)
        for event in health:
            tell = log.info if event.state == "ended" else log.warning
            tell("feed_health", feed=feed.name, kind=event.kind, state=event.state, message=event.message)
        if poll.outcome == "failed":
            self._totals["failed"] += 1
            POLL_FAILURES.labels(poll.reason).inc()
            tell = log.warning if before.failures == 0 else log.debug
            tell("feed_failing", feed=feed.name, reason=poll.reason, message=poll.message, failures=poll.state.failures)
            return
        if before.failures:
            log.info("feed_recovered", feed=feed.name, failures=before.failures)
        if poll.entries is not None:
            tell = log.info if poll.articles else log.debug
            tell("polled", feed=feed.name, entries=poll.entries, articles=len(poll.articles), skipped=poll.skipped)
        if poll.pages_refused:
            log.info("pages_not_taken", feed=feed.name, **poll.pages_refused)
        for warning in poll.warnings:
            log.debug("feed_warning", feed=feed.name, warning=warning)

    async def _known(self, name: str) -> Known:
        return await self._with_store("read what was seen", lambda: self._store.known(name))

    async def _publish(self, poll: Poll, health: tuple[Health, ...]) -> None:
        def attempt() -> None:
            try:
                with PUBLISH_S.time():
                    self._publisher.publish(poll.articles, health)
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
        """Wait for the polls under way, within the time there is; what is unfinished is due for whoever comes next."""
        if not self._running or self._broken is not None:
            return
        log.info("finishing", polls=len(self._running))
        await asyncio.wait([task for task, _ in self._running.values()], timeout=STOP_S_MAX)
        if given := [(name, epoch) for name, (_, epoch) in self._running.items()]:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._quietly(lambda: self._store.postpone(given, 0.0)), CLOSE_S_MAX)

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            if polling := [(name, epoch) for name, (_, epoch) in self._running.items()]:
                await self._quietly(partial(self._store.renew, polling))

    async def _report(self) -> None:
        """Now and then: forget old wordings, and say what was done."""
        pruned = time.monotonic()
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            log.info("totals", feeds=len(self._feeds), polling=len(self._running), **self._totals)
            if at := await self._quietly(self._store.now):
                self._clock.set(at)
            if time.monotonic() - pruned > PRUNE_EVERY_S:
                pruned = time.monotonic()
                forgotten = await self._quietly(lambda: self._store.forget_old(self._clock.now()))
                log.info("forgotten", wordings=forgotten)

    async def _count_feeds(self) -> None:
        """How many feeds there are by state: counted now and then, because the store may hold more than this process polls."""
        while True:
            counts = await self._quietly(self._store.count_by_state)
            for state in STATES:
                FEEDS.labels(state).set((counts or {}).get(state, 0))
            await asyncio.sleep(COUNT_EVERY_S)

    async def _quietly(self, attempt: Callable[[], T]) -> T | None:
        try:
            return await self._store_thread.run(attempt)
        except RetryableError as error:
            log.warning("chore_failed", error=str(error))
            return None
