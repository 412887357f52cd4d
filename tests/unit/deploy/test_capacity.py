"""The capacity plan: more load never takes less, what can't be bought is named, and the documented table is what the program prints."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy import capacity
from deploy.capacity import COSTS, WAIT_S_MAX, load_costs, plan

ROOT = Path(__file__).parents[3]
COSTS_NOW = load_costs(COSTS)


@pytest.mark.parametrize(("less", "more"), [(1, 10), (10, 50), (50, 100)])
def test_more_articles_never_take_less(less: float, more: float) -> None:
    small, large = (plan(20_000, rate, 350, COSTS_NOW) for rate in (less, more))
    assert small.workers < large.workers
    assert small.store_gb < large.store_gb
    assert small.partitions <= large.partitions
    assert small.wait_p95_s <= WAIT_S_MAX
    assert large.wait_p95_s <= WAIT_S_MAX
    assert large.partitions >= large.workers


def test_one_worker_less_would_not_do() -> None:
    chosen = plan(1_000, 40, 350, COSTS_NOW)
    arrivals = list(capacity._arrivals(40, capacity.random.Random(1)))
    article_s = (COSTS_NOW.article.fixed_cpu_ms + 350 * COSTS_NOW.article.word_cpu_ms) / 1000
    waits, cleared = capacity._simulate(arrivals, (chosen.workers - 1) * 60 / article_s)
    assert capacity._share(waits, 0.95) > WAIT_S_MAX or not cleared


def test_more_feeds_take_more_connectors() -> None:
    assert plan(2_000_000, 1, 350, COSTS_NOW).connectors > plan(1_000, 1, 350, COSTS_NOW).connectors == 1


def test_what_can_not_be_bought_is_named() -> None:
    assert "workers" in plan(1_000, 1, 350, COSTS_NOW).breaks_first
    assert plan(200_000, 1_000, 350, COSTS_NOW).breaks_first.startswith("breaks: the link step's lock")


def test_a_cost_that_is_unknown_or_missing_is_refused_by_name(tmp_path: Path) -> None:
    text = COSTS.read_text(encoding="utf-8")
    for wrong, said in (
        (text.replace("lock_ms", "lock_msec"), "lock_ms"),
        (text.replace("[alert]", "[alerts]"), "alert"),
    ):
        path = tmp_path / "costs.toml"
        path.write_text(wrong, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "deploy.capacity", "--costs", str(path)], capture_output=True, text=True, cwd=ROOT
        )
        assert done.returncode == 1
        assert said in done.stderr


def test_the_documented_table_is_what_it_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.capacity"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout in (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
