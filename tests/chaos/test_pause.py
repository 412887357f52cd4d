"""A relay that is paused (SIGSTOP) loses its lock; its twin goes on, and the first one, woken, publishes nothing more."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.history import check
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

TAKEN_OVER_S_MAX = 15.0
"""The promise: after a pause of any one process the others make progress within this time."""
MARGIN_S = 45.0  # for a busy machine


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as opened:
        yield opened


def test_twin_takes_over_from_a_paused_relay(stack: Stack) -> None:
    towns = ("Mogadishu", "Kabul", "Goma", "Quetta", "Mosul", "Marawi")
    articles = [
        make_article(i, f"Bomb in {town}", f"A bomb killed {10 + i} people in {town} on Monday, police said.")
        for i, town in enumerate(towns)
    ]
    stack.start("worker", "pipeline", "run")
    first = stack.start("first", "relay", "run")
    wait_until("the first relay is active", lambda: "relay_active" in stack.log("first"))
    stack.publish(articles[:3])
    wait_until("the first alerts", lambda: len(stack.alerts()) >= 3)
    stack.start("twin", "relay", "run")
    first.send_signal(signal.SIGSTOP)
    paused = time.monotonic()
    stack.publish(articles[3:])
    wait_until("the twin publishes", lambda: len(stack.alerts()) >= 6, TAKEN_OVER_S_MAX + MARGIN_S)
    assert time.monotonic() - paused < TAKEN_OVER_S_MAX + MARGIN_S
    first.send_signal(signal.SIGCONT)
    wait_until("the first relay notices", lambda: first.poll() is not None)
    assert first.returncode == 75, stack.log("first")
    wait_until("lag 0", lambda: stack.lag() == 0)
    check(stack, articles)
