"""The source and sink daemons on the real broker and the real database, with feeds served on loopback."""

import asyncio
import itertools
import json
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaConsumer
from kafka.structs import TopicPartition
from msgspec.structs import replace

from connectors.publish import Publisher
from connectors.sources.articles import Known
from connectors.sources.daemon import Daemon
from connectors.sources.feedlist import FeedList
from connectors.sources.feedstore import FeedStore
from connectors.sources.fetch import Fetcher
from connectors.sources.rss import Config, RssSource
from connectors.sources.source import Poll, Tools
from connectors.sources.worker import ParserPool
from pipeline.errors import RetryableError
from pipeline.records import Article, topics
from pipeline.records.codec import decode
from pipeline.store.migrate import upgrade

pytestmark = pytest.mark.integration
WAIT_SECONDS = 120
STOP_SECONDS = 60
"""Both for a busy machine: a few seconds as a rule."""


class Newsroom:
    """A loopback server of feeds whose documents a test changes; it honours ETags and counts requests."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        self.requests: Counter[tuple[str, int]] = Counter()
        newsroom = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = newsroom.documents.get(self.path, b"")
                etag = f'"{hash(body)}"'
                status = newsroom.statuses.get(self.path, 200 if body else 404)
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                newsroom.requests[self.path, status] += 1
                self.send_response(status)
                self.send_header("ETag", etag)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body) if status != 304 else 0))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    server = Newsroom()
    yield server
    server.close()


@pytest.fixture
def store_url(postgres_url: str) -> str:
    upgrade(postgres_url)
    return postgres_url


@pytest.fixture
def broker(kafka_bootstrap: str) -> str:
    topics.ensure({"bootstrap_servers": kafka_bootstrap}, partitions=3)
    return kafka_bootstrap


def rss(*items: tuple[str, str]) -> bytes:
    entries = "".join(
        f"<item><title>{title}</title><link>https://news.example/{slug}</link><guid>{slug}</guid>"
        f"<description>Text of {title}.</description></item>"
        for slug, title in items
    )
    return f"<rss version='2.0'><channel><title>N</title><link>https://news.example/</link>{entries}</channel></rss>".encode()


def source(newsroom: Newsroom, name: str, path: str) -> RssSource:
    return RssSource(
        name,
        Config(url=newsroom.url(path), poll_s_min=0.2, poll_s_max=0.4, allow=("127.0.0.0/8",), tags=("t",), grade="B"),
    )


def read_articles(bootstrap: str, feeds: set[str], count: int) -> list[Article]:
    """All articles of these feeds that are on the topic; at most `count`."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    at = [TopicPartition(topics.ARTICLES, p) for p in consumer.partitions_for_topic(topics.ARTICLES)]
    consumer.assign(at)
    consumer.seek_to_beginning(*at)
    ends = consumer.end_offsets(at)
    found = []
    while any(consumer.position(p) < ends[p] for p in at):
        for message in itertools.chain.from_iterable(consumer.poll(timeout_ms=200).values()):
            article = decode(message.value, Article)
            assert message.key == article.article_id.encode()
            if article.feed in feeds:
                found.append(article)
    consumer.close()
    assert len(found) <= count
    return found


async def until(condition: object, seconds: float = WAIT_SECONDS) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.05)


def run_daemon(daemon: Daemon, script: object) -> None:
    """Run the daemon while `script` (a coroutine function) plays, then stop it in order."""
    assert callable(script)

    async def play() -> None:
        running = asyncio.create_task(daemon.run())
        try:
            acted = asyncio.create_task(script())
            done, _ = await asyncio.wait({running, acted}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            daemon.stop()
            async with asyncio.timeout(10):  # the promise: SIGTERM ends it within 10 s
                await running

    asyncio.run(play())


class TestSources:
    def test_feeds_in_articles_out_and_a_bad_feed_costs_no_other(
        self, newsroom: Newsroom, broker: str, store_url: str
    ) -> None:
        tag = secrets.token_hex(4)
        good, bad, gone = f"good-{tag}", f"bad-{tag}", f"gone-{tag}"
        newsroom.documents = {
            "/good": rss(("a", "First story"), ("b", "Second story"), ("c", "")),
            "/bad": b"<html><body>Not found, sorry</body></html>",
        }
        store = FeedStore(store_url)
        sources = [source(newsroom, good, "/good"), source(newsroom, bad, "/bad"), source(newsroom, gone, "/gone")]

        async def script() -> None:
            await until(lambda: newsroom.requests["/good", 304] >= 2)
            newsroom.documents["/good"] = rss(("d", "Third story"), ("a", "First story, edited"), ("b", "Second story"))
            await until(lambda: newsroom.requests["/good", 200] >= 2 and newsroom.requests["/good", 304] >= 4)

        run_daemon(Daemon(sources, store, Publisher({"bootstrap_servers": broker})), script)
        articles = read_articles(broker, {good, bad, gone}, 6)
        assert Counter(a.title for a in articles) == Counter(
            ["First story", "Second story", None, "Third story", "First story, edited"]
        )
        edited = [a for a in articles if a.guid == "a"]
        assert edited[0].article_id == edited[1].article_id
        assert edited[0].version_id != edited[1].version_id
        assert {(a.tags, a.grade) for a in articles} == {(("t",), "B")}
        by_name = {row.feed: row for row in FeedList(store_url).all()}
        assert (by_name[good].outcome, by_name[good].articles) == ("not-modified", 5)
        assert by_name[good].entries_last == 3
        assert (by_name[good].articles_last, by_name[good].skipped_last) == (2, {"unchanged": 1})
        assert (by_name[bad].outcome, by_name[bad].reason) == ("failed", "not-a-feed")
        assert (by_name[gone].outcome, by_name[gone].message) == ("failed", "HTTP 404 Not Found")

    def test_a_second_daemon_publishes_nothing_twice(self, newsroom: Newsroom, broker: str, store_url: str) -> None:
        name = f"again-{secrets.token_hex(4)}"
        newsroom.documents = {"/f": rss(("a", "One"), ("b", "Two"))}
        for round_ in (1, 2):

            async def script(wanted: int = round_) -> None:
                await until(lambda: sum(n for (p, _), n in newsroom.requests.items() if p == "/f") >= 2 * wanted)

            run_daemon(
                Daemon([source(newsroom, name, "/f")], FeedStore(store_url), Publisher({"bootstrap_servers": broker})),
                script,
            )
            # The second daemon finds other validators than it gave: it must read the entries and know them.
            with psycopg.connect(store_url) as connection:
                connection.execute("UPDATE feeds SET etag = 'lost', body_hash = NULL, next_poll_at = now()")
        assert len(read_articles(broker, {name}, 3)) == 2

    def test_state_is_not_saved_when_kafka_does_not_acknowledge(
        self, newsroom: Newsroom, broker: str, store_url: str
    ) -> None:
        name = f"unacked-{secrets.token_hex(4)}"
        newsroom.documents = {"/f": rss(("a", "One"))}

        class Refusing(Publisher):
            def publish(self, articles: object, health: object = ()) -> None:
                raise RetryableError("no leader")

        async def script() -> None:
            await asyncio.sleep(WAIT_SECONDS)

        daemon = Daemon([source(newsroom, name, "/f")], FeedStore(store_url), Refusing({}), away_s_max=1.0)
        with pytest.raises(RetryableError, match="publish articles: still failing after 1 s"):
            run_daemon(daemon, script)
        (row,) = FeedList(store_url).all()
        assert (row.polls, row.outcome) == (0, None)

        async def recovered() -> None:
            await until(lambda: newsroom.requests["/f", 304] >= 1)

        run_daemon(
            Daemon([source(newsroom, name, "/f")], FeedStore(store_url), Publisher({"bootstrap_servers": broker})),
            recovered,
        )
        assert [a.title for a in read_articles(broker, {name}, 1)] == ["One"]

    def test_a_poll_that_another_connector_has_overtaken_is_not_published(
        self, newsroom: Newsroom, store_url: str
    ) -> None:
        """As after a pause: what it holds may be older than what the other has published."""
        newsroom.documents = {"/f": rss(("a", "One"))}
        published: list[object] = []

        class Overtaken(FeedStore):
            times = 0

            def known(self, feed: str) -> Known:
                self.times += 1
                with psycopg.connect(store_url) as other:
                    other.execute("UPDATE feeds SET epoch = epoch + 1")
                return super().known(feed)

        class Recording(Publisher):
            def publish(self, *records: object, **_: object) -> None:
                published.extend(records)

        store = Overtaken(store_url)
        daemon = Daemon([source(newsroom, "feed", "/f")], store, Recording({}))

        async def overtaken() -> None:
            await until(lambda: store.times >= 1 and not daemon._running)

        run_daemon(daemon, overtaken)
        assert published == []

    def test_of_two_daemons_that_poll_at_once_one_records(self, newsroom: Newsroom, store_url: str) -> None:
        newsroom.documents = {"/f": rss(("a", "One"))}
        made = source(newsroom, "feed", "/f")
        first, second = FeedStore(store_url), FeedStore(store_url)
        first.register(made.feeds())
        second.register(made.feeds())
        state = first.state("feed")

        async def poll() -> Poll:
            fetcher, parsers = Fetcher(), ParserPool()

            async def known() -> Known:
                return Known()

            try:
                return await made.poll(
                    made.feeds()[0], state, known, Tools(fetcher, parsers, lambda: datetime.now(UTC))
                )
            finally:
                await fetcher.close()
                await parsers.close()

        poll_result = asyncio.run(poll())
        now = datetime.now(UTC)
        assert first.save("feed", poll_result, now) is True
        assert second.save("feed", poll_result, now) is False
        assert second.state("feed").epoch == 1
        assert len(second.known("feed").wordings) == 1
        first.close()
        second.close()

    def test_reload_adds_and_drops_feeds(self, newsroom: Newsroom, broker: str, store_url: str) -> None:
        tag = secrets.token_hex(4)
        newsroom.documents = {"/a": rss(("a", "One")), "/b": rss(("b", "Two"))}
        a, b = source(newsroom, f"a-{tag}", "/a"), source(newsroom, f"b-{tag}", "/b")
        daemon = Daemon([a], FeedStore(store_url), Publisher({"bootstrap_servers": broker}))

        async def script() -> None:
            await until(lambda: newsroom.requests["/a", 200] >= 1)
            daemon.reload([b])
            await until(lambda: newsroom.requests["/b", 304] >= 1)
            before = sum(n for (path, _), n in newsroom.requests.items() if path == "/a")
            polled = newsroom.requests["/b", 304]
            await until(lambda: newsroom.requests["/b", 304] >= polled + 3)
            assert sum(n for (path, _), n in newsroom.requests.items() if path == "/a") <= before + 1

        run_daemon(daemon, script)
        assert {row.feed: row.active for row in FeedList(store_url).all()} == {
            f"a-{tag}": False,
            f"b-{tag}": True,
        }


class TestProcess:
    """The command itself, as a supervisor runs it."""

    @pytest.fixture
    def run(self, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
        started = []

        def start(text: str) -> subprocess.Popen[bytes]:
            (tmp_path / "tocsin.toml").write_text(text)
            process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.cli", "connectors", "run", "--config", str(tmp_path / "tocsin.toml")],
                stderr=(tmp_path / "log").open("wb"),
            )
            started.append(process)
            return process

        yield start
        for process in started:
            process.kill()
            process.wait()

    def test_sighup_reads_the_configuration_again_and_keeps_the_old_one_when_it_is_wrong(
        self,
        newsroom: Newsroom,
        broker: str,
        store_url: str,
        tmp_path: Path,
        run: Callable[..., subprocess.Popen[bytes]],
    ) -> None:
        newsroom.documents = {"/a": rss(("a", "One")), "/b": rss(("b", "Two"))}
        base = f'[kafka]\nbootstrap_servers = "{broker}"\n[store]\nurl = "{store_url}"\n'
        feed = '[sources.{0}]\ntype = "rss"\nurl = "{1}"\npoll_s_min = 0.2\npoll_s_max = 0.4\nallow = ["127.0.0.1"]\n'
        a, b = feed.format("a", newsroom.url("/a")), feed.format("b", newsroom.url("/b"))
        process = run(base + a)
        wait_until(lambda: newsroom.requests["/a", 304] >= 1)
        (tmp_path / "tocsin.toml").write_text(base + a + b.replace("poll_s_min", "pol_s_min"))
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: b"config_refused" in (tmp_path / "log").read_bytes())
        (tmp_path / "tocsin.toml").write_text(base + a + b)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: newsroom.requests["/b", 304] >= 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        log = [json.loads(line) for line in (tmp_path / "log").read_bytes().splitlines()]
        assert any("pol_s_min" in line.get("error", "") for line in log)
        assert log[-1]["event"] == "stopped"
        assert not [line for line in log if "One" in json.dumps(line)]  # nothing per article

    def test_the_store_away_at_the_start_is_waited_for_and_sigterm_ends_that_too(
        self, kafka_bootstrap: str, tmp_path: Path, run: Callable[..., subprocess.Popen[bytes]]
    ) -> None:
        process = run(
            f'[kafka]\nbootstrap_servers = "{kafka_bootstrap}"\n[store]\nurl = "postgresql://x@127.0.0.1:1/x"\n'
            '[sources.a]\ntype = "rss"\nurl = "http://127.0.0.1:1/"\n'
        )
        wait_until(lambda: (tmp_path / "log").read_bytes().count(b'"event": "waiting"') >= 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0

    def test_a_store_without_tables_says_what_to_do(
        self, kafka_bootstrap: str, postgres_url: str, tmp_path: Path, run: Callable[..., subprocess.Popen[bytes]]
    ) -> None:
        process = run(
            f'[kafka]\nbootstrap_servers = "{kafka_bootstrap}"\n[store]\nurl = "{postgres_url}"\n'
            '[sources.a]\ntype = "rss"\nurl = "http://127.0.0.1:1/"\n'
        )
        assert process.wait(WAIT_SECONDS) == 2
        assert "tocsin store migrate" in " ".join((tmp_path / "log").read_text().split())

    def test_feeds_are_listed_from_the_store(self, newsroom: Newsroom, store_url: str, tmp_path: Path) -> None:
        made = source(newsroom, "wire", "/a")
        store = FeedStore(store_url)
        store.register(made.feeds())
        failed = Poll(
            outcome="failed",
            reason="dns",
            message="no such\x1b[31m name",
            state=replace(store.state("wire"), failures=1, polls=1),
        )
        assert store.save("wire", failed, datetime.now(UTC))
        store.close()
        (tmp_path / "tocsin.toml").write_text(f'[store]\nurl = "{store_url}"\n')

        def feeds(*words: str) -> str:
            command = [sys.executable, "-m", "pipeline.cli", "feeds", *words, "--config", str(tmp_path / "tocsin.toml")]
            return subprocess.run(command, capture_output=True, check=True, timeout=300).stdout.decode()

        assert "wire" in feeds("list")
        assert newsroom.url("/a") in feeds("list")
        shown = feeds("status", "--failing")
        assert "failing (1)" in shown
        assert "dns: no such\ufffd[31m name" in shown  # a feed's words do not steer the terminal
        (row,) = (json.loads(line) for line in feeds("status", "--json").splitlines())
        assert (row["feed"], row["reason"], row["failures"], row["tags"]) == ("wire", "dns", 1, ["t"])

    def test_sigterm_ends_it_in_time_while_kafka_is_away(
        self, newsroom: Newsroom, store_url: str, tmp_path: Path, run: Callable[..., subprocess.Popen[bytes]]
    ) -> None:
        newsroom.documents = {"/a": rss(("a", "One"))}
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused
            process = run(
                f'[kafka]\nbootstrap_servers = "127.0.0.1:{nobody.getsockname()[1]}"\n[store]\nurl = "{store_url}"\n'
                f'[sources.a]\ntype = "rss"\nurl = "{newsroom.url("/a")}"\nallow = ["127.0.0.1"]\n'
            )
            wait_until(lambda: newsroom.requests["/a", 200] >= 1)
            threading.Event().wait(2)  # whatever it is at by then, it ends in time
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0
        (row,) = FeedList(store_url).all()
        assert row.polls == 0


def wait_until(condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Look again and again, up to a bound."""
    deadline = datetime.now(UTC).timestamp() + seconds
    while not condition():
        assert datetime.now(UTC).timestamp() < deadline, "waited in vain"
        threading.Event().wait(0.05)
