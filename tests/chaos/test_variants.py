"""The tester is tested: each known mistake, put into the real processes, is caught, and the code as it is passes the same ordeal."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.config import dump_toml
from tests.chaos import gather
from tests.chaos.check import Finding, check
from tests.chaos.feeds import FeedServer
from tests.chaos.newsroom import write
from tests.chaos.story import tell
from tests.chaos.test_kill import invent
from tests.support.stack import Stack, open_stack, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

AS_IT_IS = "as-it-is"


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path) as opened:
        yield opened


def start(stack: Stack, variant: str, name: str, *words: str, fail_at: str = "") -> None:
    stack.start(name, variant, *words, fail_at=fail_at, module="tests.chaos.variants")


def settle(stack: Stack, what: str, is_so: Callable[[], bool]) -> None:
    """Wait, and start anew what ended with "try again" meanwhile."""

    def tend_and_ask() -> bool:
        stack.tend()
        return is_so()

    wait_until(what, tend_and_ask)


def judge(stack: Stack) -> list[Finding]:
    """What the checker finds once everything is quiet, each finding with a story that can be told."""
    settle(stack, "lag 0", lambda: stack.lag() == 0)
    settle(stack, "everything is published", lambda: stack.count("SELECT count(*) FROM outbox") == 0)
    history = gather.read(stack.config, None, {})
    findings = [f for f in check(history) if f.law not in ("unsettled", "undelivered")]  # no sink here
    for finding in findings:
        assert finding.law in tell(history, [finding])
    return findings


@pytest.mark.parametrize("variant", [AS_IT_IS, "commit-before-write"])
def test_offset_committed_before_the_write(stack: Stack, variant: str) -> None:
    stack.publish(invent(20))
    stack.start("relay", "relay", "run")
    start(stack, variant, "worker", "pipeline", "run", fail_at="linked:1")
    stack.wait_killed("worker")
    start(stack, variant, "worker", "pipeline", "run")
    if variant == AS_IT_IS:
        assert judge(stack) == []
    else:
        assert {f.law for f in judge(stack)} == {"lost"}


@pytest.mark.parametrize("variant", [AS_IT_IS, "outbox-without-transaction"])
def test_outbox_beside_the_transaction(stack: Stack, variant: str) -> None:
    stack.publish(invent(20))
    stack.start("relay", "relay", "run")
    start(stack, variant, "worker", "pipeline", "run", fail_at="writing:1")
    stack.wait_killed("worker")
    start(stack, variant, "worker", "pipeline", "run")
    settle(stack, "all written", lambda: stack.count("SELECT count(*) FROM written") >= 20)
    if variant == AS_IT_IS:
        assert judge(stack) == []
    else:
        assert "repeated" in {f.law for f in judge(stack)}


@pytest.mark.parametrize("variant", [AS_IT_IS, "write-without-check"])
def test_written_again(stack: Stack, variant: str) -> None:
    stack.publish(invent(5), raw=[b"no article"])
    stack.start("relay", "relay", "run")
    start(stack, variant, "worker", "pipeline", "run", fail_at="written:2")
    stack.wait_killed("worker")
    settle(stack, "the reject is published", lambda: stack.count("SELECT count(*) FROM outbox") == 0)
    start(stack, variant, "worker", "pipeline", "run")
    settle(stack, "all written", lambda: stack.count("SELECT count(*) FROM written") >= 6)
    repeated = [f for f in judge(stack) if f.law == "repeated"]
    assert bool(repeated) == (variant != AS_IT_IS)


@pytest.mark.parametrize("variant", [AS_IT_IS, "state-before-acknowledgement"])
def test_feed_state_saved_before_acknowledgement(stack: Stack, variant: str) -> None:
    feeds = FeedServer(write(7, per_s=30, seconds=1))
    standing = len({(w.outlet, w.entry) for w in feeds._wordings})  # of an entry that was edited, the last wording
    try:
        feeds.open()
        feeds.opened_at -= 10.0  # everything is out already
        source = {"type": "rss", "urls": feeds.urls, "allow": ["127.0.0.1"], "poll_s_min": 1.0, "poll_s_max": 1.0}
        stack.config = replace(stack.config, sources={"outlets": source})
        (stack.folder / "tocsin.toml").write_text(dump_toml(stack.config), encoding="utf-8")
        start(stack, variant, "connector", "connectors", "run")
        wait_until("all noted as seen", lambda: stack.count("SELECT count(*) FROM feed_seen") == standing)
        stack.end("connector", 9)
        history = gather.read(stack.config, None, {url: n for n, url in enumerate(feeds.urls)})
    finally:
        feeds.close()
    history.wordings, history.served = feeds._wordings, feeds.served
    # No worker runs here: that nothing is written is no fault of the connector's.
    lost = [f for f in check(history) if f.law == "lost" and "not on the topic" in f.what]
    if variant == AS_IT_IS:
        assert lost == []
    else:
        assert len(lost) >= standing
