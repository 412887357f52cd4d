"""How long to leave a receiver alone that is away: longer after every failure, spread by chance, and as long as it asks for itself.

After a first failure one alert alone is the probe (the half-open state of a circuit breaker: M. Nygard, Release It!, 2007); when it goes
through, the others follow at once.
"""

import random

REST_S_FIRST = 1.0
ASKED_S_MAX = 3_600.0
"""A receiver may ask for more; it is tried again after an hour all the same."""
SETUP_REST_S = 60.0
"""At least so long, where only an operator can help."""


class Rest:
    """The failures of one receiver in a row."""

    def __init__(self, rest_s_max: float, chance: random.Random | None = None) -> None:
        self.failures = 0
        self._rest_s_max = rest_s_max
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards nothing

    def failed(self, asked_s: float | None = None, *, is_setup: bool = False) -> float:
        """Seconds to rest after one more failure."""
        doubled = REST_S_FIRST * 2.0 ** min(self.failures, 30)
        self.failures += 1
        longest = min(self._rest_s_max, max(doubled, SETUP_REST_S) if is_setup else doubled)
        # Between half and the whole, so that what failed together does not come back together.
        return max(longest * self._chance.uniform(0.5, 1.0), min(asked_s or 0.0, ASKED_S_MAX))

    def succeeded(self) -> None:
        """It took something."""
        self.failures = 0
