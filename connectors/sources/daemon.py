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
from functools import partial

import structlog

from connectors.publish import Publisher
from connectors.sources import chores
from connectors.sources.articles import Known
from connectors.sources.clock import StoreClock
from connectors.sources.feedstore import Claimed, FeedStore
from connectors.sources.fetch import Fetcher
from connectors.sources.flood import FEED_PER_HOUR_MAX, HOST_PER_HOUR_MAX, Budget
from connectors.sources.health import judge
from connectors.sources.hosts import Hosts, host_of
from connectors.sources.outside import CLOSE_S_MAX, Outside
from connectors.sources.served import Served
from connectors.sources.source import Feed, FeedState, Poll, Source, Tools
from connectors.sources.subscriptions import SubscriptionStore
from connectors.sources.telling import Totals
from connectors.sources.websub import Listening, WebSub
from connectors.sources.worker import ParserPool
from pipeline.errors import RetryableError
from pipeline.process.probes import beat
from pipeline.process.retry import AWAY_S_MAX

POLLS_MAX = 100
"""At once."""
STOP_S_MAX = 7.0
"""From the wish to stop to the end of the last poll; what is unfinished then is polled again later."""
IDLE_S_MAX = 1.0
"""How late a feed that was added, or whose pause ended, is noticed at most."""
IDLE_S_MIN = 0.05
CROWDED_S = 0.25
"""Until the next look, when all that is due waits for its host."""
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
        self._given_tools = tools
        self._listening = listening
        self._pushed: set[str] = set()  # while they were being polled
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._clock = StoreClock()
        self._hosts = Hosts()
        self._host_budget = Budget(HOST_PER_HOUR_MAX)
        self._feed_budget = Budget(FEED_PER_HOUR_MAX)
        self._served = Served()
        self._running: dict[str, tuple[asyncio.Task[None], int]] = {}  # with the epoch that the poll began from
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()
        self._reload: list[Source] | None = None
        self._broken: RetryableError | None = None
        self._outside = Outside(store, publisher, subscriptions, stopping=self._stopping, away_s_max=away_s_max)
        self._totals = Totals()

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
        running = self._start_chores(websub)
        try:
            try:
                await self._poll_until_stopped(tools)
            except RetryableError as error:
                self._break_off(error)
            await self._finish()
        finally:
            running += [task for task, _ in self._running.values()]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            if websub is not None:
                await websub.close()
            await fetcher.close()
            await parsers.close()
            await self._outside.close()
            log.info("stopped", **self._totals.told())
        if self._broken is not None:
            raise self._broken

    def _start_chores(self, websub: WebSub | None) -> list[asyncio.Task[None]]:
        size = lambda: {"feeds": len(self._served), "polling": len(self._running)}  # noqa: E731
        wanted = [
            chores.report(self._outside, self._clock, self._totals, size),
            chores.renew_leases(self._outside, self._polling),
            chores.count_feeds(self._outside),
        ]
        if websub is not None:
            wanted.append(websub.keep_subscribed())
        return [asyncio.create_task(chore) for chore in wanted]

    def _polling(self) -> list[tuple[str, int]]:
        return [(name, epoch) for name, (_, epoch) in self._running.items()]

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
        self._clock.set(await self._outside.ask("ask for the time", self._store.now))
        fresh = self._served.configure(sources)
        await self._outside.ask("register the feeds", lambda: self._store.register(self._served.feeds()))
        log.info("feeds", count=len(self._served), new_or_changed=len(fresh))

    async def _start_due(self, tools: Tools) -> bool:
        """Start what is due, as far as there is room; whether anything was claimed."""
        room = POLLS_MAX - len(self._running)
        if room <= 0:
            return False
        sources, busy = self._served.source_names, self._hosts.busy()
        claimed = await self._outside.ask(
            "claim what is due", lambda: self._store.claim(sources, busy, room, self._owner)
        )
        for one in claimed:
            if one.feed not in self._running:
                await self._start(one, tools)
        return bool(claimed)

    async def _start(self, claimed: Claimed, tools: Tools) -> None:
        found = self._served.find(claimed)
        if isinstance(found, float):
            await self._put_back(claimed, found)
            return
        feed, source = found
        wait_s = self._hosts.enter(host_of(feed.url), is_spaced=feed.is_spaced)
        if wait_s > 0:
            await self._put_back(claimed, wait_s)
            return
        task = asyncio.create_task(self._poll(feed, source, claimed.state, tools), name=f"poll {feed.name}")
        self._running[feed.name] = task, claimed.state.epoch
        task.add_done_callback(partial(self._ended, feed.name))

    async def _put_back(self, claimed: Claimed, seconds: float) -> None:
        given = [(claimed.feed, claimed.state.epoch)]
        await self._outside.ask("give a feed back", lambda: self._store.postpone(given, seconds))

    async def _start_websub(self, fetcher: Fetcher) -> WebSub | None:
        if self._listening is None or self._outside.subscriptions is None:
            return None
        made = WebSub(
            self._listening,
            self._outside.subscriptions,
            partial(self._outside.ask, "websub"),
            fetcher,
            poll_now=self._poll_soon,
            allow_of=self._served.allowed,
        )
        await made.start()
        return made

    async def _poll_soon(self, name: str) -> None:
        """A hub pushed: what the poll under way, if there is one, may have missed is fetched by the next."""
        if name in self._running:
            self._pushed.add(name)
            return
        await self._outside.ask("poll soon", lambda: self._store.poll_soon(name))
        self._wake.set()

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
            sources = self._served.source_names
            until = await self._outside.ask("look ahead", lambda: self._store.seconds_to_next(sources))
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
                await self._outside.publish(poll, health)
            saved = await self._outside.ask("save a feed", lambda: self._store.save(feed.name, poll, tools.now()))
            if saved:
                await self._hold_back(feed, state, poll)
        except RetryableError as error:
            self._break_off(error)
            await self._give_back([(feed.name, state.epoch)])
            return
        except asyncio.CancelledError:
            raise
        except Exception:  # see above; the feed is tried again later, and the operator told
            log.exception("poll_crashed", feed=feed.name)
            given, wait_s = [(feed.name, state.epoch)], max(feed.pace.min_s, 60.0)
            await self._outside.ask_once(lambda: self._store.postpone(given, wait_s))
            return
        if not saved:  # another connector polled this feed meanwhile; what it saved stands
            log.info("polled_elsewhere", feed=feed.name)
            return
        self._totals.tell(feed, state, poll, health)

    async def _is_ours_still(self, feed: Feed, state: FeedState) -> bool:
        """Whether nobody else has polled the feed since: a connector that was paused must not publish old wordings after new ones."""
        return await self._outside.ask("see whose turn it is", lambda: self._store.is_at(feed.name, state.epoch))

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
            await self._outside.ask("hold a feed back", lambda: self._store.postpone(given, feed_s))

    async def _rest(self, host: str, seconds: float) -> None:
        """Every feed of the host: here at once, elsewhere and after a restart by the table."""
        self._hosts.rest(host, seconds)
        await self._outside.ask("rest a host", lambda: self._store.rest_host(host, seconds))

    async def _known(self, name: str) -> Known:
        return await self._outside.ask("read what was seen", lambda: self._store.known(name))

    async def _finish(self) -> None:
        """Wait for the polls under way, within the time there is; what is unfinished is due for whoever comes next."""
        if not self._running:
            return
        log.info("finishing", polls=len(self._running))
        limit_s = STOP_S_MAX if self._broken is None else CLOSE_S_MAX
        await asyncio.wait([task for task, _ in self._running.values()], timeout=limit_s)
        if given := self._polling():
            await self._give_back(given)

    async def _give_back(self, given: list[tuple[str, int]]) -> None:
        """Make these feeds due for whoever comes next; if the store is away, they are once their lease ends."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outside.ask_once(lambda: self._store.postpone(given, 0.0)), CLOSE_S_MAX)
