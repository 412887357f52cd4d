"""The connectors' clock follows the store's, whatever the machine's says."""

from datetime import UTC, datetime, timedelta

from connectors.sources.clock import StoreClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_time_goes_on_from_what_the_store_said() -> None:
    seconds = 100.0
    clock = StoreClock(monotonic=lambda: seconds)
    clock.set(NOON)
    seconds = 103.5
    assert clock.now() == NOON + timedelta(seconds=3.5)
    clock.set(NOON + timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)


def test_until_the_store_was_asked_it_is_the_machines() -> None:
    assert abs(StoreClock().now() - datetime.now(UTC)) < timedelta(minutes=1)
