"""A bound on work that can't be interrupted from within.

Text analysis spends its time in compiled code, which no exception reaches. So when it takes too long the process ends, and
is started anew by whoever runs it; the attempts counted in the store tell then which article it was.

What counts is the processor time of the thread that works, so that a machine with too much to do is not taken for an article
that is too much; time on the wall counts a tenth, for work that waits for something that never comes.

Two clocks, because some compiled code (a regular expression that backtracks) never lets another Python thread run: a thread
that says so in the log and exits with code 75, and one of the interpreter's own, which needs no turn, set to `GRACE_S` later.
"""

import faulthandler
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

EXIT_TRY_AGAIN = 75
EXIT_STUCK = 1
"""What the second clock exits with: the interpreter leaves no choice."""
GRACE_S = 1.0
"""How long after the first clock the second one rings."""
WALL_FACTOR = 10.0
"""So many times the limit may pass on the wall, however little of it was work."""
TICK_S = 1.0
"""How often the first clock looks."""

STANDARD_ERROR = 2

log = structlog.get_logger()

_lock = threading.Lock()
_numbers = itertools.count()
_deadlines: dict[int, float] = {}
"""When each block in progress must be done, monotonic seconds: the interpreter has one clock for the whole process."""


@contextmanager
def limit(seconds: float, what: str) -> Iterator[None]:
    """End the process, after writing down where every thread stands, if the block takes more processor time. Any number at once."""
    number, done = next(_numbers), threading.Event()
    _set_deadline(number, time.monotonic() + seconds + GRACE_S)
    watcher = threading.Thread(target=_watch, args=(number, done, seconds, _stopwatch(), what), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        _set_deadline(number, None)


def _stopwatch() -> Callable[[], float]:
    """Tells the seconds of processor time that this thread has used since now; of the wall's where the system does not say."""
    if not hasattr(time, "pthread_getcpuclockid"):
        began = time.monotonic()
        return lambda: time.monotonic() - began
    clock = time.pthread_getcpuclockid(threading.get_ident())
    used = time.clock_gettime(clock)
    return lambda: time.clock_gettime(clock) - used


def _watch(number: int, done: threading.Event, seconds: float, spent: Callable[[], float], what: str) -> None:
    """The first clock: looks now and then how much is left, and puts the second one off accordingly."""
    latest = time.monotonic() + seconds * WALL_FACTOR
    while not done.is_set():
        left = min(seconds - spent(), latest - time.monotonic())
        if left <= 0:
            _end(seconds, what)
        _set_deadline(number, time.monotonic() + left + GRACE_S, only_if_there=True)
        done.wait(min(left, TICK_S))


def _set_deadline(number: int, at: float | None, *, only_if_there: bool = False) -> None:
    """Keep or forget a deadline, and set the interpreter's clock to the nearest one."""
    with _lock:
        if only_if_there and number not in _deadlines:  # the block has ended meanwhile
            return
        if at is None:
            _deadlines.pop(number, None)
        else:
            _deadlines[number] = at
        if _deadlines:
            remaining = max(0.001, min(_deadlines.values()) - time.monotonic())
            faulthandler.dump_traceback_later(remaining, exit=True, file=STANDARD_ERROR)
        else:
            faulthandler.cancel_dump_traceback_later()


def _end(seconds: float, what: str) -> None:
    log.error("took_too_long", what=what, limit_s=seconds)
    faulthandler.dump_traceback(file=STANDARD_ERROR)
    os._exit(EXIT_TRY_AGAIN)
