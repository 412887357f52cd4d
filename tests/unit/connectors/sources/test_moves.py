"""A feed that moved: adopted late, given up again when the old address works."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from connectors.sources.moves import DAYS_MIN, FAILURES_BACK, POLLS_MIN, address, follow_move
from connectors.sources.source import FeedState

OLD, NEW, OTHER = "https://old.example/f", "https://new.example/f", "https://other.example/f"
START = datetime(2024, 5, 6, tzinfo=UTC)


def polled(state: FeedState, moved_to: str | None, days: float) -> FeedState:
    return follow_move(state, OLD, address(OLD, state), moved_to, START + timedelta(days=days))


def moved() -> FeedState:
    state = FeedState()
    for n in range(POLLS_MIN + 1):
        state = polled(state, NEW, n * DAYS_MIN / POLLS_MIN)
    assert state.adopted_url == NEW
    return state


def test_adopted_only_after_days_and_many_polls() -> None:
    state = FeedState()
    for n in range(50):
        state = polled(state, NEW, n * 0.1)
    assert state.adopted_url is None  # often, but only for five days
    assert (state.moved_to, state.moved_since, state.moved_polls) == (NEW, START, 50)
    few = polled(polled(FeedState(), NEW, 0), NEW, 30)
    assert few.adopted_url is None  # long ago, but only twice
    done = moved()
    assert (done.adopted_at, done.moved_to) == (START + timedelta(days=DAYS_MIN), None)
    assert address(OLD, done) == NEW


def test_a_redirect_that_stops_or_changes_starts_over() -> None:
    state = polled(polled(FeedState(), NEW, 0), None, 1)
    assert (state.moved_to, state.moved_polls) == (None, 0)
    state = polled(polled(FeedState(), NEW, 0), OTHER, 1)
    assert (state.moved_to, state.moved_since, state.moved_polls) == (OTHER, START + timedelta(days=1), 1)


def test_an_adopted_address_that_dies_is_given_up_when_the_old_one_works() -> None:
    state = replace(moved(), failures=FAILURES_BACK)
    assert address(OLD, state) == OLD  # every other poll
    assert address(OLD, replace(state, failures=FAILURES_BACK + 1)) == NEW
    back = polled(state, None, 20)
    assert (back.adopted_url, address(OLD, replace(back, failures=0))) == (None, OLD)


def test_an_old_address_that_still_leads_there_changes_nothing() -> None:
    state = replace(moved(), failures=FAILURES_BACK)
    assert polled(state, NEW, 20).adopted_url == NEW
