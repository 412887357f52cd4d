"""How the time of some work grows with its input, as a ratio within one run: what a busy machine adds is no finding.

Processor time of this process, the least of several tries that alternate between the two inputs: another process or a slow spell of
the machine falls into one try, not into all of them. The collector of garbage rests meanwhile.
"""

import gc
import time
from collections.abc import Callable

TRIES_MAX = 6
FLOOR_S = 0.005  # less than this is not measured but guessed


def assert_growth(small: Callable[[], object], large: Callable[[], object], *, most: float) -> None:
    """Fail if `large` takes more than `most` times as long as `small`, in each of `TRIES_MAX` tries."""
    small()  # what is loaded or compiled once is not part of it
    least_small = least_large = float("inf")
    for _ in range(TRIES_MAX):
        least_small = min(least_small, _seconds(small))
        least_large = min(least_large, _seconds(large))
        if least_large <= most * max(FLOOR_S, least_small):
            return
    raise AssertionError(
        f"{least_large:.3f} s and {least_small:.3f} s: {least_large / least_small:.1f} times, not {most}"
    )


def _seconds(run: Callable[[], object]) -> float:
    gc.disable()
    try:
        began = time.process_time()
        run()
        return time.process_time() - began
    finally:
        gc.enable()
