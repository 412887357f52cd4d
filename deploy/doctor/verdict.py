"""What one check found."""

from typing import Literal

from msgspec import Struct

State = Literal["ok", "warning", "failed", "not asked"]


class Finding(Struct, frozen=True):
    """One thing looked at: how it is, in words, and what to do about it."""

    about: str
    state: State
    says: str
    do: str = ""


def ok(about: str, says: str) -> Finding:
    """It is as it should be."""
    return Finding(about, "ok", says)


def warning(about: str, says: str, do: str) -> Finding:
    """It works, and somebody should look."""
    return Finding(about, "warning", says, do)


def failed(about: str, says: str, do: str) -> Finding:
    """It does not work."""
    return Finding(about, "failed", says, do)


def not_asked(about: str, says: str) -> Finding:
    """What it needs has failed before it."""
    return Finding(about, "not asked", says)
