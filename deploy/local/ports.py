"""Choosing ports on the loopback interface.

A port is the one asked for if nobody has it, else a free one: a desk with another Kafka on 9092 must not stop tocsin. It is
chosen from below what the kernel hands out: a broker takes seconds to bind its port, and meanwhile any client's connection
could be given it as its own side. Another server can still be quicker; servers report that as their own failure to start.
"""

import random
import socket
from collections.abc import Iterable

LOOPBACK = "127.0.0.1"
OURS = range(20_000, 32_000)
"""Free by custom: nothing in common use is registered there, and connections get their ports above (Linux from 32,768, others
from 49,152)."""
TRIES = 100


def is_free(port: int) -> bool:
    """Whether a server could bind the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is no hindrance
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose(preferred: Iterable[int] = ()) -> int:
    """The first free port of `preferred` (0 is skipped), else any free one."""
    for port in preferred:
        if port and is_free(port):
            return port
    for port in random.SystemRandom().sample(OURS, TRIES):
        if is_free(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_listening(port: int, *, timeout_seconds: float = 0.25) -> bool:
    """Whether a server accepts connections on the port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout_seconds).close()
    except OSError:
        return False
    return True
