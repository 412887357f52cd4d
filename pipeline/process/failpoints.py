"""Named points at which a crash matters, so that a test can end the process at exactly that point.

`TOCSIN_FAIL_AT=written:2` kills the process (SIGKILL, as a power cut would) the second time it reaches the point `written`.
Without the variable a point costs one look-up in a dictionary.
"""

import os
import signal
from collections import Counter

VARIABLE = "TOCSIN_FAIL_AT"

POINTS = {
    "linked": "the link transaction is committed, nothing is analysed",
    "writing": "inside the write transaction, before its commit",
    "written": "the write transaction is committed, the offset is not",
    "numbered": "the relay numbered a batch, nothing is sent",
    "flushed": "the relay's messages are with the broker, its transaction is open",
    "sent": "the relay's transaction is committed, the store does not know",
    "done": "the relay marked the batch",
}

_point, _, _count = os.environ.get(VARIABLE, "").partition(":")
_reached: Counter[str] = Counter()


def reach(point: str) -> None:
    """End the process here if the environment says so."""
    if not _point:
        return
    _reached[point] += 1
    if point == _point and _reached[point] == int(_count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
