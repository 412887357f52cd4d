"""Waiting for something outside that is away: tried again with a growing pause, up to a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
import structlog

from pipeline.errors import RetryableError

AWAY_S_MAX = 60.0
"""How long the store or the broker may be away before a process gives up and is started anew."""
PAUSE_S_FIRST = 0.1
PAUSE_S_MAX = 5.0

T = TypeVar("T")
log = structlog.get_logger()


def while_away(
    what: str,
    attempt: Callable[[], T],
    *,
    away_s_max: float = AWAY_S_MAX,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """The result of `attempt`, tried again while it raises `RetryableError` or loses its database connection.

    Raises `RetryableError` when `away_s_max` seconds have passed.
    """
    deadline = clock() + away_s_max
    pause = PAUSE_S_FIRST
    while True:
        try:
            return attempt()
        except (RetryableError, psycopg.OperationalError, psycopg.InterfaceError) as error:
            if clock() + pause >= deadline:
                raise RetryableError(f"{what}: still failing after {away_s_max:g} s: {str(error).strip()}") from error
            log.warning("waiting", what=what, pause_s=round(pause, 1), error=str(error).strip())
            sleep(pause)
            pause = min(pause * 2, PAUSE_S_MAX)
