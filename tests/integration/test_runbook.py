"""What docs/runbook.md tells an operator to do, done: secrets rotated, everything drained, a connector lost."""

import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from deploy.local.postgres import Postgres
from pipeline.config import dump_toml
from tests.chaos.feeds import FeedServer
from tests.chaos.history import check
from tests.chaos.newsroom import write
from tests.chaos.schedule import CONNECTORS
from tests.chaos.system import System
from tests.chaos.test_kill import invent, settle
from tests.support.stack import Stack, open_stack, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

TAKEN_OVER_S_MAX = 30.0
POLLED_S = 12.0
"""A poll's own interval, its jitter and the wait for a free host."""
MARGIN_S = 40.0  # for a busy machine


@pytest.fixture
def role(postgres_server: Postgres) -> Iterator[str]:
    """A role of its own, so that its password can change; asked for before the database, whose tables it owns, so that it goes after it."""
    name = f"operator_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_server.url, autocommit=True) as server:
        server.execute(f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD 'first'")
    yield name
    with psycopg.connect(postgres_server.url, autocommit=True) as server:
        server.execute(f"DROP ROLE {name}")


def with_password(url: str, role: str, password: str) -> str:
    """The store's address for the role."""
    return f"postgresql://{role}:{password}@{url.rpartition('@')[2]}"


def test_a_password_is_rotated_while_everything_runs(
    role: str, kafka_bootstrap: str, postgres_url: str, postgres_server: Postgres, tmp_path: Path
) -> None:
    articles = invent(90)
    parts = {"relay": ("relay", "run"), "worker": ("pipeline", "run")}
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as stack:
        for password in ("first", "second"):
            store = replace(stack.config.store, url=with_password(postgres_url, role, password))
            config = replace(stack.config, store=store)
            if password == "second":
                with psycopg.connect(postgres_server.url, autocommit=True) as server:
                    server.execute(f"ALTER ROLE {role} PASSWORD 'second'")
                stack.publish(articles[30:60])
                settle(stack, 60)  # connections that stand go on
                with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                    psycopg.connect(with_password(postgres_url, role, "first"))
            (tmp_path / "tocsin.toml").write_text(dump_toml(config), encoding="utf-8")
            for name, words in parts.items():
                if name in stack.processes:
                    stack.end(name)
                stack.start(name, *words)
            if password == "first":
                stack.publish(articles[:30])
                settle(stack, 30)
        stack.publish(articles[60:])
        settle(stack, 90)
        check(stack, articles)


def test_what_is_drained_has_nothing_under_way(stack: Stack) -> None:
    articles = invent(60)
    stack.publish(articles)
    for name, words in (("relay", ("relay", "run")), ("worker", ("pipeline", "run"))):
        stack.start(name, *words)
    settle(stack, 60)
    for name in ("worker", "relay"):
        assert stack.end(name) == 0
    before = check(stack, articles)
    for name, words in (("relay", ("relay", "run")), ("worker", ("pipeline", "run"))):
        stack.start(name, *words)  # on the new machine
    stack.publish(invent(20, first=60))
    settle(stack, 80)
    after = check(stack, invent(80))
    assert {alert: numbers[: len(before[alert])] for alert, numbers in after.items() if alert in before} == before


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[tuple[System, FeedServer]]:
    """Feeds that change all the time, and two connectors that share them."""
    feeds = FeedServer(write(1, per_s=16.0, seconds=200.0))
    system = System(tmp_path, feeds.urls)
    try:
        system.start_servers()
        for name in CONNECTORS:
            system.start(name)
        feeds.open()
        yield system, feeds
    finally:
        system.close()
        feeds.close()


def test_the_feeds_of_a_connector_that_dies_or_stands_still_are_polled_by_the_other(
    newsroom: tuple[System, FeedServer],
) -> None:
    system, feeds = newsroom
    everyone = set(range(len(feeds.urls)))

    def are_served_since(then: float) -> bool:
        return {served.outlet for served in feeds.served if served.at > then} == everyone

    def taken_over(then: float) -> float:
        bound = TAKEN_OVER_S_MAX + POLLED_S + MARGIN_S
        wait_until("every feed is polled by the other", lambda: are_served_since(then), bound)
        return time.time() - then

    def begun(name: str) -> int:
        return (system.folder / f"{name}.log").read_text("utf-8", "replace").count('"event": "feeds"')

    wait_until("every feed is polled", lambda: are_served_since(0.0))
    first, second = CONNECTORS
    system.kill(first)
    assert taken_over(time.time()) < TAKEN_OVER_S_MAX + POLLED_S + MARGIN_S
    was = begun(first)
    system.start(first)
    wait_until("it polls again", lambda: begun(first) > was)
    system.signal_all(second, signal.SIGSTOP)
    try:
        assert taken_over(time.time()) < TAKEN_OVER_S_MAX + POLLED_S + MARGIN_S
    finally:
        system.signal_all(second, signal.SIGCONT)
    system.tend()
    assert not system.crashes
