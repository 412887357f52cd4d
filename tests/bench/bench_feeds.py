"""What a poll costs: 20,000 feeds on loopback, nine of ten answered 304; beside a plain aiohttp and feedparser loop in the same run.

    python tests/bench/bench_feeds.py --feeds 20000

A server in a process of its own plays the publishers at a thousand loopback addresses: a document of 25 entries under an ETag, and for every
tenth request one with a new entry. `plain` is what one would write in an afternoon: aiohttp, the validators, feedparser with its defaults, 200
at once. `source` is tocsin's own poll: guard, limits, validators, a parsing process under limits, entries cleaned to text, versions
compared, rhythm and health learned. `daemon` is the whole of it with the schedule and the state in a PostgreSQL of its own. Prints one JSON
line a part: polls a second, CPU milliseconds a poll (with the parsing processes; of the daemon without the database's, which
stand beside it), resident memory. All but `plain` are compared with it: the ratio is what holds on any machine.
"""

import argparse
import asyncio
import io
import json
import multiprocessing
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import feedparser
import psutil
from msgspec.structs import replace

from connectors.publish import Publisher
from connectors.sources.articles import Known, Seen, remember
from connectors.sources.daemon import Daemon
from connectors.sources.feedlist import Added, FeedList
from connectors.sources.feedstore import FeedStore
from connectors.sources.fetch import Fetcher
from connectors.sources.health import judge
from connectors.sources.rss import Config, RssSource
from connectors.sources.source import FeedState, Tools
from connectors.sources.worker import ParserPool
from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from pipeline.store import migrate

ADDRESSES = 1_000
AT_ONCE = 200
ENTRIES = 25
RATIO_MAX = 1.3
LOOPBACK = ("127.0.0.0/8",)
_own = random.Random(7)
_WORDS = ["".join(_own.choices("abcdefghijklmnoprstuvw", k=_own.randint(2, 9))) for _ in range(3_000)]


def item(feed: int, number: int) -> str:
    """An invented entry of the usual size: a paragraph of markup."""
    own = random.Random(feed * 1_000_003 + number)
    text = " ".join(own.choices(_WORDS, k=120))
    return (
        f"<item><title>{' '.join(own.choices(_WORDS, k=9))}</title><link>https://n{feed}.example/{number}</link>"
        f"<guid isPermaLink='false'>{feed}-{number}</guid><pubDate>Mon, 06 May 2024 10:00:00 GMT</pubDate>"
        f"<description><![CDATA[<p>{text[:300]}</p><p>{text[300:]} <a href='/x'>more</a></p>]]></description></item>"
    )


class Publishers(asyncio.Protocol):
    """All feeds: the tenth request of each brings something new, the others are answered 304 when their ETag is the last one."""

    asked: dict[int, int] = {}  # noqa: RUF012 - one for all connections

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self.answer(head)

    def answer(self, head: bytes) -> None:
        feed = int(head.split(b" ", 2)[1].rpartition(b"/")[2])
        count = self.asked[feed] = self.asked.get(feed, feed % 10) + 1
        version = count // 10
        etag = b'"%d-%d"' % (feed, version)
        if b"If-None-Match: " + etag in head:
            self.transport.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n\r\n")
            return
        items = "".join(item(feed, n) for n in range(version + ENTRIES, version, -1))
        body = f"<rss version='2.0'><channel><title>Feed {feed}</title><link>https://n{feed}.example/</link>{items}</channel></rss>".encode()
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: %b\r\nContent-Length: %d\r\n\r\n%b"
            % (etag, len(body), body)
        )


def serve(port: int, ready: Any) -> None:
    """The server's process, until it is ended."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        sockets = []
        for n in range(ADDRESSES):
            made = socket.socket()
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((address(n), port))
            sockets.append(made)
        for made in sockets:
            await loop.create_server(Publishers, sock=made, backlog=512)
        ready.set()
        await asyncio.Event().wait()

    asyncio.run(run())


def address(number: int) -> str:
    """One of the loopback addresses that stand for hosts."""
    number %= ADDRESSES
    return f"127.1.{number // 250}.{number % 250 + 1}"


def url_of(feed: int, port: int) -> str:
    """The address of a feed."""
    return f"http://{address(feed)}:{port}/feed/{feed}"


class Cost:
    """CPU of this process and the parsing processes under it, and time."""

    def __init__(self) -> None:
        self.process = psutil.Process()
        self.begun, self.cpu = time.perf_counter(), self.seconds()

    def seconds(self) -> float:
        """CPU until now. Children that ended count too."""
        own = self.process.cpu_times()
        living = [
            child.cpu_times()
            for child in self.process.children()
            if "connectors.sources.worker" in " ".join(child.cmdline())
        ]
        return own.user + own.system + own.children_user + own.children_system + sum(c.user + c.system for c in living)

    def report(self, part: str, polls: int, **more: object) -> float:
        """Print the part's line; CPU milliseconds a poll."""
        cpu_ms = (self.seconds() - self.cpu) / polls * 1000
        line = {
            "part": part,
            "polls": polls,
            "polls_per_s": round(polls / (time.perf_counter() - self.begun)),
            "cpu_ms_per_poll": round(cpu_ms, 3),
            "polls_per_core_s": round(1000 / cpu_ms),
            "rss_mb": round(self.process.memory_info().rss / 2**20),
            **more,
        }
        print(json.dumps(line), flush=True)
        return cpu_ms


async def in_turn(feeds: int, rounds: int, poll: Any) -> None:
    """Poll all feeds so many times, `AT_ONCE` at once."""
    waiting = iter([feed for _ in range(rounds) for feed in range(feeds)])

    async def work() -> None:
        for feed in waiting:
            await poll(feed)

    await asyncio.gather(*(work() for _ in range(min(AT_ONCE, feeds // 5))))


async def plain(feeds: int, rounds: int, port: int) -> float:
    """aiohttp, validators, feedparser."""
    etags: dict[int, str] = {}
    connector = aiohttp.TCPConnector(limit=AT_ONCE, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def poll(feed: int) -> None:
            headers = {"If-None-Match": etags[feed]} if feed in etags else {}
            async with session.get(url_of(feed, port), headers=headers) as answer:
                body = await answer.read()
                if answer.status == 200:
                    etags[feed] = answer.headers["ETag"]
                    assert len(feedparser.parse(io.BytesIO(body)).entries) == ENTRIES

        await in_turn(feeds, 1, poll)  # the first documents count for nobody
        cost = Cost()
        await in_turn(feeds, rounds, poll)
    return cost.report("plain", feeds * rounds)


async def source(feeds: int, rounds: int, port: int) -> float:
    """tocsin's poll, with its memory here instead of in the store."""
    sources = [RssSource(f"f{n}", Config(url=url_of(n, port), allow=LOOPBACK)) for n in range(feeds)]
    states = [FeedState() for _ in range(feeds)]
    rows: list[Sequence[Seen]] = [() for _ in range(feeds)]
    fetcher, parsers = Fetcher(), ParserPool()
    tools = Tools(fetcher, parsers, lambda: datetime.now(UTC))
    articles = 0

    async def poll(number: int) -> None:
        nonlocal articles
        (feed,) = sources[number].feeds()

        async def known() -> Known:
            return remember(rows[number])

        polled = await sources[number].poll(feed, states[number], known, tools)
        polled, _ = judge(feed, states[number], polled, tools.now())
        assert polled.outcome != "failed", polled.message
        states[number] = replace(polled.state, last_ok_at=tools.now())
        rows[number] = polled.seen or rows[number]
        articles += len(polled.articles)

    await parsers.start()
    await in_turn(feeds, 1, poll)
    cost, articles = Cost(), 0
    await in_turn(feeds, rounds, poll)
    cpu_ms = cost.report("source", feeds * rounds, articles=articles)
    await fetcher.close()
    await parsers.close()
    return cpu_ms


class Counting(Publisher):
    """Takes articles as Kafka would, for nothing."""

    def publish(self, articles: Sequence[object], health: Sequence[object] = ()) -> None:  # type: ignore[override]
        """Take them."""

    def close(self, seconds: float) -> None:
        """Nothing to close."""


async def daemon(feeds: int, rounds: int, port: int, url: str, server: psutil.Process) -> float:
    """The daemon, with PostgreSQL: each round all feeds are made due."""
    people = FeedList(url)
    people.add(
        [
            Added(
                name=f"f{n}", options={"type": "rss", "url": url_of(n, port), "allow": list(LOOPBACK)}, is_spaced=False
            )
            for n in range(feeds)
        ]
    )
    running = Daemon([], FeedStore(url), Counting({}))
    task = asyncio.create_task(running.run())

    async def one_round(number: int) -> None:
        with people._link.transaction() as connection:
            connection.execute("UPDATE feeds SET next_poll_at = now()")
        while running._totals.polls < number * feeds:
            await asyncio.sleep(0.05)
            assert not task.done(), task

    try:
        await one_round(1)
        cost, database = Cost(), sum_cpu(server)
        for number in range(2, rounds + 2):
            await one_round(number)
        spent = (sum_cpu(server) - database) / (feeds * rounds) * 1000
        return cost.report(
            "daemon", feeds * rounds, database_cpu_ms_per_poll=round(spent, 3), failed=running._totals.failed
        )
    finally:
        running.stop()  # else the event loop waits for it for ever
        await task
        people.close()


def sum_cpu(server: psutil.Process) -> float:
    """CPU seconds of the database's processes."""
    total = 0.0
    for process in [server, *server.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def main() -> int:
    """Run the parts; 1 when a poll costs more than `RATIO_MAX` of the plain loop's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--parts", nargs="*", default=["plain", "source", "daemon"])
    options = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ready = multiprocessing.Event()
    publishers = multiprocessing.Process(target=serve, args=(port, ready), daemon=True)
    publishers.start()
    ready.wait(60)
    try:
        base = asyncio.run(plain(options.feeds, options.rounds, port))
        ratios = {}
        if "source" in options.parts:
            ratios["source"] = asyncio.run(source(options.feeds, options.rounds, port)) / base
        if "daemon" in options.parts:
            with tempfile.TemporaryDirectory() as folder:
                postgres = Postgres(Path(folder) / "data", log=Path(folder) / "log", durable=False)
                postgres.prepare()
                postgres.start()
                try:
                    wait_ready(postgres, 60)
                    migrate.upgrade(postgres.url)
                    assert postgres.process is not None
                    pid = psutil.Process(postgres.process.pid)
                    ratios["daemon"] = (
                        asyncio.run(daemon(options.feeds, options.rounds, port, postgres.url, pid)) / base
                    )
                finally:
                    postgres.stop(10)
    finally:
        publishers.terminate()
        publishers.join(10)
    print(json.dumps({"ratio_to_plain": {part: round(ratio, 2) for part, ratio in ratios.items()}}))
    return 0 if ratios.get("source", 0.0) <= RATIO_MAX else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(main())
