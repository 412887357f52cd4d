"""A bound on work that can't be interrupted from within.

Text analysis spends its time in compiled code, which no exception reaches. So when it takes too long the process ends, and
is started anew by whoever runs it; the attempts counted in the store tell then which article it was.
"""

import faulthandler
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

EXIT_TRY_AGAIN = 75

log = structlog.get_logger()


@contextmanager
def limit(seconds: float, what: str) -> Iterator[None]:
    """End the process with exit code 75, after writing down where every thread stands, if the block takes longer."""
    timer = threading.Timer(seconds, _end, (seconds, what))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(seconds: float, what: str) -> None:
    log.error("took_too_long", what=what, limit_s=seconds)
    faulthandler.dump_traceback()
    os._exit(EXIT_TRY_AGAIN)
