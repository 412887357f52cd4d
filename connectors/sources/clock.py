"""The store's clock, carried on by the monotonic one: several connectors agree on the time, and a machine's clock that is set
forwards or back moves no feed's next poll and reverses no two versions of an article."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class StoreClock:
    """Tells this machine's time until `set` has been told the store's."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._at: datetime | None = None
        self._since = 0.0

    def set(self, at: datetime) -> None:
        """It is `at` now."""
        self._since = self._monotonic()
        self._at = at

    def now(self) -> datetime:
        """The time, in UTC."""
        if self._at is None:
            return datetime.now(UTC)
        return self._at + timedelta(seconds=self._monotonic() - self._since)
