"""`python -m tests.chaos.skewed WORDS`: the command line with a wall clock that is wrong by `TOCSIN_TEST_SKEW_S` seconds.

Only what our own modules and the Kafka client ask of the clock is moved; the monotonic clock is not, as on a machine whose
time was set. (Broker and store keep the machine's clock.)
"""

import importlib
import os
import sys
import time
from datetime import datetime, timedelta, tzinfo
from types import ModuleType

SKEW = "TOCSIN_TEST_SKEW_S"
MODULES = ("connectors.commands", "connectors.sources.daemon", "connectors.sources.rss", "pipeline.records.outcomes")


class _Meta(type(datetime)):  # type: ignore[misc]
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class SkewedDatetime(datetime, metaclass=_Meta):
    """What `datetime` means in our modules then."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """The wrong time."""
        return datetime.now(tz) + timedelta(seconds=float(os.environ[SKEW]))


def put_clock_wrong() -> None:
    """From now on the clock is wrong in this process."""
    for name in MODULES:
        importlib.import_module(name)
    ours: list[ModuleType] = [m for n, m in list(sys.modules.items()) if n.startswith(("pipeline.", "connectors."))]
    for module in ours:
        if getattr(module, "datetime", None) is datetime:
            module.datetime = SkewedDatetime  # type: ignore[attr-defined]
    right = time.time
    time.time = lambda: right() + float(os.environ[SKEW])


if __name__ == "__main__":
    put_clock_wrong()
    from pipeline.cli import main

    main()
