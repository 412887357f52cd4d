"""Articles that end, hang or swell the worker, among healthy ones: each becomes one reject, and no other is lost.

The worker is the real one with a spaCy pipeline that misbehaves on marker words; it is started anew when it ends, as by a
supervisor.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.config import Extract, dump_toml
from pipeline.flow.watchdog import EXIT_STUCK, EXIT_TRY_AGAIN
from pipeline.flow.write import CRASHED_MAX
from pipeline.records import Article, Reject, codec, topics
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.timeout(1200)]

POISON = Path(__file__).parents[1] / "support" / "poison"
ENDS = (EXIT_TRY_AGAIN, EXIT_STUCK, -signal.SIGABRT)
SETTLED_S = 400.0
RESTARTS = 4  # more than the attempts after which an article is given up


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    model = tmp_path / "model"
    subprocess.run([sys.executable, POISON / "misbehaviour.py", model], check=True)
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=1, model=str(model)) as opened:
        opened.environment["PYTHONPATH"] = str(POISON)
        yield opened


def report(number: int, *, marker: str = "", title: str = "") -> Article:
    text = f"A car bomb killed {number + 10} people at market number {number} in Kabul on Monday, police said. {marker}"
    return make_article(number, title or f"Bomb at market {number}", text)


def settle(stack: Stack, outcomes: int) -> None:
    def is_settled() -> bool:
        stack.tend(ENDS)
        written = stack.count("SELECT count(*) FROM written")
        return written >= outcomes and stack.count("SELECT count(*) FROM outbox") == 0 and stack.lag() == 0

    wait_until("every article has an outcome, every offset is committed", is_settled, SETTLED_S)


def rejects(stack: Stack) -> dict[str | None, Reject]:
    """By article; fails when an article has two."""
    found = [codec.decode(raw, Reject) for raw in stack.read_committed(topics.REJECTS)]
    by_article = {reject.article_id: reject for reject in found}
    assert len(by_article) == len(found)
    return by_article


def test_each_poison_article_is_one_reject_and_the_healthy_ones_are_written(stack: Stack) -> None:
    healthy = [report(i) for i in range(12)]
    aborts = [report(20 + i, marker="Traces of arsenic were found.") for i in range(2)]
    hangs = report(30, marker="Traces of hemlock were found.")
    swells = report(40, marker="Traces of nightshade were found.")
    raises = report(50, marker="Traces of cyanide were found.")
    poison = [*aborts, hangs, swells, raises]
    stack.publish(
        [*healthy[:4], aborts[0], *healthy[4:6], swells, raises, hangs, *healthy[6:9], aborts[1], *healthy[9:]]
    )
    stack.start("relay", "relay", "run")
    stack.start("worker", "pipeline", "run")
    settle(stack, len(healthy) + len(poison))

    written = {str(v) for (v,) in stack.query("SELECT version_id FROM findings")}
    assert written == {article.version_id for article in healthy}
    found = rejects(stack)
    assert set(found) == {article.article_id for article in poison}
    assert {(r.step, r.crashed) for r in found.values()} == {("extract", True)}
    assert {found[a.article_id].error for a in (*aborts, hangs)} == {"CrashedError"}
    assert found[swells.article_id].error == "MemoryError"
    assert (found[raises.article_id].error, found[raises.article_id].message) == ("ValueError", "no antidote")
    for article in poison:
        assert codec.decode(found[article.article_id].payload, Article) == article, "it can be replayed"
    assert stack.count("SELECT count(*) FROM attempts") == 0, "a replay begins anew"
    codes = [code for _, code in stack.ends]
    assert codes.count(EXIT_STUCK) >= 1, "the hanging one was ended by the clock that needs no turn"
    assert len(codes) <= 3 * len((*aborts, hangs)), f"more ends than attempts: {codes}"


@pytest.mark.timeout(1500)
def test_a_bad_deploy_stops_the_stream_and_costs_no_sound_article(stack: Stack) -> None:
    """Every article crashes: the stream stops before it is emptied into the rejects, and goes on with a version that works."""
    articles = [report(i, marker="Traces of cyanide were found.") for i in range(100)]
    stack.publish(articles)
    stack.start("relay", "relay", "run")
    stack.start("worker", "pipeline", "run")

    def is_stopped_again() -> bool:
        stack.tend(ENDS)
        return len(stack.ends) >= RESTARTS

    wait_until("the worker has stopped some times", is_stopped_again, 2 * SETTLED_S)
    stack.end("worker", signal.SIGKILL)
    assert "articles crashed within 10 minutes" in stack.log("worker")
    assert stack.count("SELECT count(*) FROM written") <= CRASHED_MAX
    (stack.folder / "tocsin.toml").write_text(dump_toml(replace(stack.config, extract=Extract(model="rules"))), "utf-8")
    stack.start("worker", "pipeline", "run")
    settle(stack, len(articles))
    assert stack.count("SELECT count(*) FROM written WHERE crashed") <= CRASHED_MAX
    assert stack.count("SELECT count(*) FROM written WHERE outcome <> 'reject'") >= len(articles) - CRASHED_MAX
    assert stack.count("SELECT count(*) FROM attempts") == 0


def test_characters_that_the_store_does_not_take(stack: Stack) -> None:
    healthy = [report(0), report(2)]
    with_nul = report(1, title="Bomb\0 at market")
    in_text = report(3, marker="\0")
    surrogate = codec.encode(report(4)).replace(b"Kabul", b"K\\ud800bul")
    stack.publish([healthy[0], with_nul, in_text, healthy[1]], raw=[surrogate])
    stack.start("relay", "relay", "run")
    stack.start("worker", "pipeline", "run")
    settle(stack, 5)
    assert stack.count("SELECT count(*) FROM findings") == len(healthy)
    found = [codec.decode(raw, Reject) for raw in stack.read_committed(topics.REJECTS)]
    assert {(r.step, r.crashed, r.offset) for r in found} == {("read", False, offset) for offset in (1, 2, 4)}
    assert sorted(r.message for r in found)[1:] == ["text holds a NUL character", "title holds a NUL character"]
    assert {code for _, code in stack.ends} <= {EXIT_TRY_AGAIN}, "nothing ends a worker here but a busy machine"
