"""The store, or the broker, goes away in the middle of the stream and comes back: nothing is lost, nothing is repeated.

On servers of its own, durable ones, so that nobody else's test is in the way.
"""

import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from pipeline.records import Article
from tests.chaos.history import check
from tests.support.databases import make_database
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.timeout(1200)]

READY_S = 300.0
STOP_S = 60.0
AWAY_S = 4.0
SETTLED_S = 500.0
TOWNS = ("Mogadishu", "Kabul", "Maiduguri", "Aleppo", "Kharkiv", "Goma")


@pytest.fixture(scope="module")
def postgres(services_dir: Path) -> Iterator[Postgres]:
    server = Postgres(services_dir / "outages-postgres", log=services_dir / "outages-postgres.log")
    server.prepare()
    server.start()
    wait_ready(server, READY_S)
    yield server
    server.stop(STOP_S)


@pytest.fixture(scope="module")
def kafka(services_dir: Path) -> Iterator[Kafka]:
    server = Kafka(services_dir / "outages-kafka", log=services_dir / "outages-kafka.log")
    server.prepare()
    server.start()
    wait_ready(server, READY_S)
    yield server
    server.stop(STOP_S)


@pytest.fixture
def stack(kafka: Kafka, postgres: Postgres, tmp_path: Path) -> Iterator[Stack]:
    url = make_database(postgres, f"test_{secrets.token_hex(6)}")
    with open_stack(kafka.bootstrap_servers, url, tmp_path) as opened:
        yield opened


def invent(first: int, count: int) -> list[Article]:
    found = []
    for i in range(first, first + count):
        town = TOWNS[i % len(TOWNS)]
        text = f"A car bomb killed at least {10 + i} people at a market in {town} on Monday, police said."
        found.append(make_article(i, f"Bomb in {town} ({i})", text))
    return found


def restart(server: Kafka | Postgres, *, killed: bool) -> None:
    if killed:
        assert server.process
        os.kill(server.process.pid, signal.SIGQUIT if isinstance(server, Postgres) else signal.SIGKILL)
        wait_until(f"{server.name} is gone", lambda: server.process is None or server.process.exit_code() is not None)
    else:
        assert server.stop(STOP_S), f"{server.name} did not stop by itself"
    time.sleep(AWAY_S)
    server.start()
    wait_ready(server, READY_S)


def settle(stack: Stack, articles: int) -> None:
    def is_settled() -> bool:
        stack.tend()
        written = stack.count("SELECT count(*) FROM written")
        return written >= articles and stack.count("SELECT count(*) FROM outbox") == 0 and stack.lag() == 0

    wait_until("all articles written, all alerts published, all offsets committed", is_settled, SETTLED_S)


def test_store_goes_away_and_comes_back(stack: Stack, postgres: Postgres) -> None:
    before, during = invent(0, 30), invent(30, 30)
    stack.start("relay", "relay", "run")
    stack.start("worker", "pipeline", "run")
    stack.publish(before[:20])
    wait_until("the stream flows", lambda: stack.count("SELECT count(*) FROM written") > 0)
    stack.publish(before[20:])
    publisher = threading.Timer(AWAY_S / 2, stack.publish, (during,))
    publisher.start()
    restart(postgres, killed=False)
    publisher.join()
    settle(stack, 60)
    check(stack, [*before, *during])


def test_broker_goes_away_and_comes_back(stack: Stack, kafka: Kafka) -> None:
    articles = invent(0, 60)
    stack.start("relay", "relay", "run")
    stack.start("worker", "pipeline", "run")
    stack.publish(articles)
    wait_until("the stream flows", lambda: stack.count("SELECT count(*) FROM written") > 0)
    restart(kafka, killed=True)
    settle(stack, 60)
    more = invent(60, 12)
    stack.publish(more)
    settle(stack, 72)
    check(stack, [*articles, *more])
