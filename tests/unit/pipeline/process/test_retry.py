"""Waiting for what is away, by a clock that the test turns."""

import psycopg
import pytest

from pipeline.errors import RetryableError
from pipeline.process.retry import PAUSE_S_FIRST, PAUSE_S_MAX, while_away


class Clock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def tell(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Flaky:
    """Raises the errors in turn, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_what_is_there_is_not_waited_for() -> None:
    clock = Clock()
    assert while_away("x", Flaky(), clock=clock.tell, sleep=clock.sleep) == "answer"
    assert clock.slept == []


@pytest.mark.parametrize("error", [RetryableError("x"), psycopg.OperationalError("x"), psycopg.InterfaceError("x")])
def test_pauses_grow_up_to_a_bound(error: Exception) -> None:
    clock = Clock()
    assert while_away("x", Flaky(*[error] * 9), clock=clock.tell, sleep=clock.sleep) == "answer"
    assert clock.slept == [min(PAUSE_S_FIRST * 2**i, PAUSE_S_MAX) for i in range(9)]


def test_what_stays_away_is_given_up_within_the_time_allowed_and_named() -> None:
    clock = Clock()
    always = Flaky(*[RetryableError("connection refused")] * 1000)
    with pytest.raises(RetryableError, match=r"^store: still failing after 30 s: connection refused$") as raised:
        while_away("store", always, away_s_max=30.0, clock=clock.tell, sleep=clock.sleep)
    assert 30 - PAUSE_S_MAX <= clock.now - 1000 <= 30
    assert isinstance(raised.value.__cause__, RetryableError)


def test_an_attempt_that_hangs_counts_as_time() -> None:
    clock = Clock()

    def hang() -> None:
        clock.now += 20
        raise RetryableError("timed out")

    with pytest.raises(RetryableError):
        while_away("x", hang, away_s_max=30.0, clock=clock.tell, sleep=clock.sleep)
    assert clock.now - 1000 < 30 + 20


@pytest.mark.parametrize("error", [ValueError("x"), psycopg.DataError("x"), psycopg.IntegrityError("x")])
def test_other_errors_are_raised_at_once(error: Exception) -> None:
    flaky = Flaky(error)
    with pytest.raises(type(error)):
        while_away("x", flaky)
    assert flaky.calls == 1
