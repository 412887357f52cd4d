"""How much memory a process takes, with everything that it started."""

import os
import sys

import psutil


def measure(pid: int) -> int:
    """Bytes; 0 when it has ended. Of ourselves without children: those are measured one by one.

    On Linux the proportional set size: memory that processes share (PostgreSQL's buffers, the code of Python) is divided among them, so
    that the figures may be added up. Elsewhere the resident size.
    """
    try:
        root = psutil.Process(pid)
        family = [root] if pid == os.getpid() else [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(_measure_one(member) for member in family)


def _measure_one(member: psutil.Process) -> int:
    try:
        return int(member.memory_full_info().pss if sys.platform == "linux" else member.memory_info().rss)
    except psutil.Error:
        return 0
