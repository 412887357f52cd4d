"""`tocsin feeds` against a running connector: what is added, paused, changed and removed takes effect without a restart."""

import itertools
import json
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest

from connectors.sources.feedlist import FeedList
from connectors.sources.feedstore import FeedStore
from pipeline.records import topics
from pipeline.store.migrate import upgrade
from tests.support.stack import wait_until

pytestmark = pytest.mark.integration
FEED = (
    "<rss version='2.0'><channel><title>The {name} Wire</title><link>https://{name}.example/</link><language>en</language>"
    "<item><title>A convoy was hit near the {name} bridge</title><link>https://{name}.example/1</link><guid>{name}-1</guid>"
    "<pubDate>Mon, 06 May 2024 10:00:00 GMT</pubDate><description>Invented: two lorries burnt.</description></item>"
    "<item><title>Match report from {name}</title><link>https://{name}.example/2</link><guid>{name}-2</guid>"
    "<pubDate>Mon, 06 May 2024 09:00:00 GMT</pubDate><description>Invented: the home side won.</description></item>"
    "</channel></rss>"
)
PAGE = '<html><head><link rel="alternate" type="application/rss+xml" title="News" href="/north"></head><body>A site</body></html>'


class Site:
    """Feeds at /north, /south, ...; a page at / that names one; basic authentication at /closed."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                given = self.headers.get("Authorization")
                site.requests.append((self.path, given))
                status, kind, body = 200, "application/rss+xml", FEED.format(name=self.path.strip("/") or "x").encode()
                if self.path == "/":
                    kind, body = "text/html", PAGE.encode()
                elif self.path == "/missing":
                    status, body = 404, b""
                elif self.path == "/closed" and given != "Basic cmVhZGVyOnMzY3JldA==":
                    status, body = 401, b""
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("ETag", '"1"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.requests)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def config(postgres_url: str, kafka_bootstrap: str, tmp_path: Path) -> Path:
    upgrade(postgres_url)
    topics.ensure({"bootstrap_servers": kafka_bootstrap}, partitions=3)
    path = tmp_path / "tocsin.toml"
    path.write_text(f'[store]\nurl = "{postgres_url}"\n[kafka]\nbootstrap_servers = "{kafka_bootstrap}"\n')
    return path


@pytest.fixture
def feeds(config: Path) -> Callable[..., str]:
    def run(*words: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "pipeline.cli", "feeds", *words, "--config", str(config)]
        done = subprocess.run(command, capture_output=True, timeout=300, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + " ".join(done.stderr.split())

    return run


@pytest.fixture
def connectors(config: Path, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "connectors.log").open("ab") as log:
            command = [sys.executable, "-m", "pipeline.cli", "connectors", "run", "--config", str(config)]
            started.append(subprocess.Popen(command, stdout=log, stderr=log))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def test_a_feed_lives_from_add_to_remove_without_a_restart(
    site: Site,
    feeds: Callable[..., str],
    connectors: Callable[[], subprocess.Popen[bytes]],
    postgres_url: str,
    tmp_path: Path,
) -> None:
    connectors()
    shown = feeds(
        "add",
        site.url("/"),
        "--allow",
        site.host,
        "--name",
        "north",
        "--tag",
        "region",
        "--grade",
        "B",
        "--exclude",
        "match",
    )
    assert "The north Wire: rss2, 2 entries" in shown
    assert "odd: http:" in shown
    assert "added north" in shown
    store = FeedList(postgres_url)

    def row(name: str) -> object:
        return next(r for r in store.all() if r.feed == name)

    wait_until("the added feed polled", lambda: row("north").polls > 0)  # type: ignore[attr-defined]
    north = row("north")
    assert (north.articles, north.skipped_last, north.tags, north.grade) == (1, {"excluded": 1}, ("region",), "B")  # type: ignore[attr-defined]
    assert "is polled already, as north" in feeds("add", site.url("/north"), "--allow", site.host, code=2)

    feeds("pause", "north")
    assert "paused" in feeds("list")
    asked = site.count("/north")
    feeds("poll", "north")
    feeds("add", site.url("/south"), "--unchecked", "--allow", site.host, "--name", "south")
    wait_until("what is due is polled", lambda: row("south").polls > 0)  # type: ignore[attr-defined]
    assert site.count("/north") == asked
    feeds("remove", "south")
    feeds("resume", "north")
    wait_until("polled again", lambda: site.count("/north") > asked)

    feeds("set", "north", "--tag", "other", "--grade", "C")
    assert "other" in feeds("list", "--tag", "other")
    opml = tmp_path / "out.opml"
    feeds("export", str(opml))
    feeds("remove", "north")
    assert "north" not in feeds("list")
    assert "added 1 feeds" in feeds("import", str(opml), "--tag", "again")
    again = next(r for r in store.all() if r.active)
    assert (again.url, again.tags, again.grade) == (site.url("/north"), ("again", "other"), "C")
    store.close()


def test_credentials_come_from_a_file_and_stay_out_of_the_store(
    site: Site,
    feeds: Callable[..., str],
    connectors: Callable[[], subprocess.Popen[bytes]],
    postgres_url: str,
    tmp_path: Path,
) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    connectors()
    assert "401" in feeds("add", site.url("/closed"), "--allow", site.host, code=2)
    shown = feeds(
        "add", site.url("/closed"), "--allow", site.host, "--username", "reader", "--password-file", str(secret), "--name", "closed"
    )  # fmt: skip
    assert "s3cret" not in shown
    store = FeedList(postgres_url)
    wait_until("polled with its password", lambda: store.all()[0].articles == 2)
    assert "s3cret" not in json.dumps(store.all()[0].options)
    assert "s3cret" not in (tmp_path / "connectors.log").read_text()
    store.close()


def test_check_tells_what_is_wrong_with_addresses_and_files(
    site: Site, feeds: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "bad.xml"
    file.write_text(FEED.format(name="bad").replace("bad-1", "same").replace("bad-2", "same").replace("2024", "2094"))
    told = feeds("check", str(file), site.url("/north"), "--allow", site.host)
    assert "wrong: 2 entries share their guid" in told
    assert "wrong: 2 entries are dated in the future" in told
    failed = feeds("check", site.url("/missing"), "--allow", site.host, code=1)
    assert "404" in failed
    blocked = feeds("check", site.url("/north"), code=1)
    assert "blocked-address" in blocked
    assert "--allow" in blocked


def test_names_that_are_not_known_are_met_with_near_ones(site: Site, feeds: Callable[..., str]) -> None:
    feeds("add", site.url("/north"), "--unchecked", "--name", "northern")
    assert "near: northern" in feeds("pause", "nothern", code=2)
    assert "no feed found" in feeds("add", site.url("/missing"), "--allow", site.host, code=2)


def test_two_connectors_share_the_feeds_and_one_that_dies_or_stalls_is_replaced(
    site: Site, feeds: Callable[..., str], connectors: Callable[[], subprocess.Popen[bytes]], postgres_url: str
) -> None:
    first, second = connectors(), connectors()
    names = [f"n{n}-{secrets.token_hex(2)}" for n in range(6)]
    for name in names:
        feeds("add", site.url(f"/{name}"), "--unchecked", "--allow", site.host, "--name", name)
    with psycopg.connect(postgres_url, autocommit=True) as store:

        def polled(at_least: int) -> bool:
            rows = store.execute("SELECT min(polls) FROM feeds").fetchall()
            return int(str(rows[0][0])) >= at_least

        def due() -> None:
            store.execute("UPDATE feeds SET next_poll_at = now()")

        wait_until("all polled", lambda: polled(1))
        first.send_signal(signal.SIGSTOP)  # it keeps what it has claimed
        due()
        wait_until("all polled by the other", lambda: polled(2), 90)
        first.send_signal(signal.SIGCONT)
        second.kill()
        second.wait()
        due()
        wait_until("all polled by the one that is left", lambda: polled(3), 90)
        # What was recorded is what was asked: no poll counted twice.
        rows = store.execute("SELECT feed, polls, epoch FROM feeds").fetchall()
        assert all(polls == epoch for _, polls, epoch in rows)


def test_a_claim_is_fair_to_hosts_and_a_lost_lease_falls_due(postgres_url: str, config: Path) -> None:
    del config
    from connectors.sources.feedlist import Added

    people, store = FeedList(postgres_url), FeedStore(postgres_url)
    people.add([Added(name=f"big-{n}", options={"type": "rss", "url": f"https://big.example/{n}"}) for n in range(40)])
    people.add([Added(name=f"s{n}", options={"type": "rss", "url": f"https://s{n}.example/f"}) for n in range(5)])
    claimed = store.claim([], [], 20, "one")
    assert len(claimed) == 6
    assert {c.feed for c in claimed} >= {f"s{n}" for n in range(5)}
    assert store.claim([], [], 20, "two") == []  # the crowd has been put off, slot by slot
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute(
            "SELECT extract(epoch FROM next_poll_at - now()) FROM feeds WHERE polled_by IS NULL ORDER BY next_poll_at"
        ).fetchall()
    waits = [float(str(wait)) for (wait,) in rows]
    assert len(waits) == 39
    assert all(4.9 < later - sooner < 5.1 for sooner, later in itertools.pairwise(waits))
    store.postpone([(c.feed, c.state.epoch) for c in claimed], 0.0)
    assert len(store.claim([], ["big.example:"], 20, "two")) == 5
    store.close()
    people.close()
