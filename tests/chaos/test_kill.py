"""A worker, or the relay, killed at each point at which a crash matters: nothing is lost, nothing is repeated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.records import Article
from tests.chaos.history import check
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

TOWNS = ("Mogadishu", "Kabul", "Maiduguri", "Aleppo", "Kharkiv", "Goma", "Quetta", "Mosul", "Timbuktu", "Marawi")
TELLINGS = (
    "A car bomb killed at least {n} people at a market in {town} on Monday, police said.",
    "{n} people were killed when a bomb went off in {town} on Monday, a hospital official told reporters.",
    "Rescue workers in {town} said {n} people had been killed in the blast at a market on Monday.",
)


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as opened:
        yield opened


def invent(count: int, first: int = 0) -> list[Article]:
    """Reports of bombings in several towns, several of each, so that alerts are created and revised."""
    found = []
    for i in range(first, first + count):
        town, telling = TOWNS[i % len(TOWNS)], TELLINGS[(i // len(TOWNS)) % len(TELLINGS)]
        text = telling.format(n=10 + i, town=town)
        found.append(make_article(i, f"Bomb in {town} ({i})", text))
    return found


def settle(stack: Stack, articles: int) -> None:
    def is_settled() -> bool:
        stack.tend()
        written = stack.count("SELECT count(*) FROM written")
        return written >= articles and stack.count("SELECT count(*) FROM outbox") == 0 and stack.lag() == 0

    wait_until("all articles written, all alerts published, all offsets committed", is_settled)


@pytest.mark.parametrize("point", ["linked:1", "writing:1", "written:1", "written:3"])
def test_worker_killed(stack: Stack, point: str) -> None:
    first, second = invent(40), invent(40, first=40)
    stack.start("relay", "relay", "run")
    stack.publish(first)
    stack.start("worker", "pipeline", "run", fail_at=point)
    if point == "written:3":
        wait_until("some written", lambda: stack.count("SELECT count(*) FROM written") > 0)
        stack.publish(second)
        second = []
    stack.wait_killed("worker")
    stack.publish(second)
    stack.start("worker", "pipeline", "run")
    settle(stack, 80)
    seen = check(stack, invent(80))
    assert len(seen) >= len(TOWNS), "the articles were meant to alert"
    assert max(len(numbers) for numbers in seen.values()) > 1, "the alerts were meant to be revised"


@pytest.mark.parametrize("point", ["numbered:1", "flushed:1", "sent:1", "done:1"])
def test_relay_killed(stack: Stack, point: str) -> None:
    articles = invent(30)
    stack.start("worker", "pipeline", "run")
    stack.publish(articles)
    stack.start("relay", "relay", "run", fail_at=point)
    stack.wait_killed("relay")
    stack.start("relay", "relay", "run")
    settle(stack, 30)
    check(stack, articles)
