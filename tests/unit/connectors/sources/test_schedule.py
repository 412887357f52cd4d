"""When to poll again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.schedule import (
    FAILED_WAIT_S_MAX,
    GONE_WAIT_S,
    INTERVAL_S_FIRST,
    LIMITED_WAIT_S,
    Pace,
    Told,
    next_interval,
    next_wait,
)

PACE = Pace(300, 21_600)


def test_the_rhythm_follows_the_share_of_new_entries() -> None:
    assert next_interval(None, Told(outcome="ok", entries=30, new=30), PACE) == INTERVAL_S_FIRST
    assert next_interval(1000, Told(outcome="ok", entries=30, new=20), PACE) == 500
    assert next_interval(1000, Told(outcome="ok", entries=30, new=5), PACE) == 1000
    assert next_interval(1000, Told(outcome="ok", entries=30), PACE) == 1250
    assert next_interval(1000, Told(outcome="not-modified"), PACE) == 1250
    assert next_interval(1000, Told(outcome="failed"), PACE) == 1000


def wait(told: Told, interval_s: float = 1000, failures: int = 0) -> tuple[float, float]:
    """The least and the most of many draws."""
    draws = [next_wait(interval_s, failures, told, PACE, random.Random(seed)) for seed in range(200)]
    return min(draws), max(draws)


def test_publisher_and_server_are_never_asked_earlier_than_they_wish_but_their_lies_are_capped() -> None:
    low, high = wait(Told(outcome="ok", wish_s=3000, fresh_s=2000))
    assert 3000 <= low < high <= 3300
    low, _ = wait(Told(outcome="not-modified", fresh_s=31_536_000))
    assert PACE.max_s <= low <= PACE.max_s * 1.1
    low, high = wait(Told(outcome="ok", wish_s=10))
    assert 1000 <= low <= high <= 1100


def test_failures_slow_down_linearly_and_never_end_it() -> None:
    failed = Told(outcome="failed", reason="timeout")
    assert wait(failed, failures=1)[0] >= 2000
    assert wait(failed, failures=4)[0] >= 5000
    assert wait(failed, failures=10_000)[1] <= FAILED_WAIT_S_MAX * 1.1
    assert wait(Told(outcome="failed", reason="gone"), failures=1)[0] >= GONE_WAIT_S


def test_a_rate_limit_is_obeyed_with_jitter_to_break_the_clump() -> None:
    low, high = wait(Told(outcome="failed", reason="rate-limited", retry_after_s=7200), failures=1)
    assert low >= 7200
    assert high > 8000
    assert wait(Told(outcome="failed", reason="rate-limited"), interval_s=1, failures=1)[0] >= LIMITED_WAIT_S


@pytest.mark.parametrize("outcome", ["ok", "not-modified", "failed"])
def test_a_pace_of_seconds_is_kept_for_samples(outcome: str) -> None:
    pace = Pace(2, 5)
    told = Told(outcome=outcome)  # type: ignore[arg-type]
    interval = next_interval(next_interval(None, told, pace), told, pace)
    assert 2 <= next_wait(interval, 0, told, pace, random.Random(1)) <= 5.5


@given(
    previous=st.none() | st.floats(0, 1e7),
    outcome=st.sampled_from(["ok", "not-modified", "failed"]),
    entries=st.integers(0, 2000),
    share=st.floats(0, 1),
)
def test_the_rhythm_stays_within_its_bounds(previous: float | None, outcome: str, entries: int, share: float) -> None:
    told = Told(outcome=outcome, entries=entries, new=int(entries * share))  # type: ignore[arg-type]
    assert PACE.min_s <= next_interval(previous, told, PACE) <= PACE.max_s
