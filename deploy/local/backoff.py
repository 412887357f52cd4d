"""When a process that died may start again: soon at first, then less and less often."""

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A process that ran this long is believed to be well: its next death counts as the first."""


class Backoff:
    """The waiting times of one process. Times are seconds of a monotonic clock, handed in: there is no clock in here."""

    def __init__(self, *, first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        self._first = first
        self._longest = longest
        self._deaths = 0

    def wait_after(self, ran_seconds: float) -> float:
        """Seconds to wait after a death; doubles with each one in a row."""
        if ran_seconds >= STEADY_SECONDS:
            self._deaths = 0
        wait = min(self._first * 2.0**self._deaths, self._longest)
        self._deaths = min(self._deaths + 1, 32)  # the power stays a number however long this goes on
        return wait

    def forget(self) -> None:
        """Begin anew: the reason of the deaths was dealt with."""
        self._deaths = 0
