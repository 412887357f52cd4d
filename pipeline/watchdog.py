"""A bound on work that can't be interrupted from within.

Text analysis spends its time in compiled code, which no exception reaches. So when it takes too long the process ends, and
is started anew by whoever runs it; the attempts counted in the store tell then which article it was.

Two clocks, because some compiled code (a regular expression that backtracks) never lets another Python thread run: a timer
that says so in the log and exits with code 75, and `GRACE_S` later one of the interpreter's own, which needs no turn.
"""

import faulthandler
import itertools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

EXIT_TRY_AGAIN = 75
EXIT_STUCK = 1
"""What the second clock exits with: the interpreter leaves no choice."""
GRACE_S = 1.0
"""How long after the first clock the second one rings."""

STANDARD_ERROR = 2

log = structlog.get_logger()

_lock = threading.Lock()
_numbers = itertools.count()
_deadlines: dict[int, float] = {}
"""When each block in progress must be done, monotonic seconds: the interpreter has one clock for the whole process."""


@contextmanager
def limit(seconds: float, what: str) -> Iterator[None]:
    """End the process, after writing down where every thread stands, if the block takes longer. Any number at once."""
    timer = threading.Timer(seconds, _end, (seconds, what))
    timer.daemon = True
    timer.start()
    number = next(_numbers)
    _set_deadline(number, time.monotonic() + seconds + GRACE_S)
    try:
        yield
    finally:
        timer.cancel()
        _set_deadline(number, None)


def _set_deadline(number: int, at: float | None) -> None:
    """Keep or forget a deadline, and set the interpreter's clock to the nearest one."""
    with _lock:
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
