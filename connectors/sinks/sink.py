"""What a sink is: something that takes alerts and says when they are safe. The daemon does the rest.

A sink's module has a frozen `Config` and a class built as `Class(name, config)`. Laws, checked for every registered sink: after `write` returns,
every alert of the batch is either safe or among the refusals; `RetryableError` means that the whole batch will be handed over again; a
revision met before is harmless; `close` leaves nothing unwritten.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from pipeline.records import Alert


class Refusal(Struct, frozen=True):
    """An alert that this sink can never deliver, and why."""

    alert: Alert
    reason: str


class Sink(Protocol):
    """A configured sink."""

    name: str

    def open(self) -> None:
        """Get ready. Raises `ConfigError` or `RetryableError`."""
        ...

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Deliver the alerts, in order; what is not refused is safe. Raises `RetryableError`."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
