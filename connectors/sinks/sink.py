"""What a sink is: something that takes alerts and says when they are safe. The daemon does the rest.

A sink's module has a frozen `Config` that adds its own keys to `SinkConfig`, and a class built as `Class(name, config)`. Laws, checked for every
registered sink: after `write` returns, every alert of the batch is either safe or among the refusals; `RetryableError` means that the
batch, or what `AwayError` does not call safe, will be handed over again; a revision met before is harmless; `close` leaves nothing unwritten.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec
from msgspec import Struct

from pipeline.config import masked, read_secret
from pipeline.errors import ConfigError, RejectedError, RetryableError
from pipeline.records import SEVERITIES, Alert, AlertId, Category, Severity
from pipeline.records.topics import ALERTS

Revisions = Literal["append", "update", "thread"]
"""What becomes of an alert's later revisions: each a delivery of its own; the first delivery is changed in place; each answers the first."""

BATCH_MAX = 500
"""Alerts in one `write` of a sink that takes them together."""
BATCH_SINGLE_MAX = 8
"""Of a sink that delivers them one by one: so many time limits fit into the time after which a process that does not beat is ended."""
TIMEOUT_S = 20.0
"""A receiver's time for one answer, whole (Standard Webhooks asks senders to wait 15 to 30 s)."""
REST_S_MAX = 300.0
"""The longest rest of a receiver that is away, unless it asks for more itself."""


class SinkConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys that every sink has. An alert that was delivered once is followed to its end, whatever becomes of it."""

    type: str
    topics: tuple[str, ...] = (ALERTS,)  # which alert topics it reads
    severity_min: Severity = "info"  # info, low, medium, high, critical
    categories: tuple[Category, ...] = ()  # only these; empty: all
    rest_s_max: float = REST_S_MAX  # the longest rest between two tries of a receiver that is away

    def __repr__(self) -> str:
        """With secrets masked: a configuration ends up in logs."""
        return f"{type(self).__name__}({masked(msgspec.to_builtins(self))})"

    def wants(self, alert: Alert) -> bool:
        """Whether an alert that was not delivered before is to be."""
        return (
            alert.in_scope
            and alert.change not in {"retracted", "closed"}
            and SEVERITIES.index(alert.severity) >= SEVERITIES.index(self.severity_min)
            and (not self.categories or alert.category in self.categories)
        )

    def check(self) -> None:
        """Raises `ConfigError` when the values can't be meant so."""
        for topic in self.topics:
            if topic != ALERTS and not topic.startswith(f"{ALERTS}."):
                raise ConfigError(f"topics: {topic!r} is no alert topic; they begin with {ALERTS!r}")
        if not self.topics:
            raise ConfigError("topics: name at least one, or leave the key out")
        if self.rest_s_max <= 0:
            raise ConfigError("rest_s_max: must be more than 0 seconds")


class AwayError(RetryableError):
    """The receiver is away. The first `safe` alerts of the batch are done: delivered, or among `refusals`.

    `asked_s`: how long the receiver asked to be left alone (`Retry-After`), in seconds. `is_setup`: it answers, but not to us (a wrong
    address or key): nothing gets better by itself, and an operator must look.
    """

    def __init__(self, message: str, *, asked_s: float | None = None, is_setup: bool = False) -> None:
        super().__init__(message)
        self.asked_s = asked_s
        self.is_setup = is_setup
        self.safe = 0
        self.refusals: Sequence[Refusal] = ()


class Refusal(Struct, frozen=True):
    """An alert that this sink can never deliver, and why. `crashed`: of an error that nobody expected."""

    alert: Alert
    reason: str
    crashed: bool = False


class Remembered(Struct, frozen=True):
    """What a sink knows of an alert it delivered: the latest revision, and a note of its own (the id of a message, of a thread)."""

    revision: int
    note: str = ""


class Memory(Protocol):
    """What one sink remembers over restarts. Every method is one short transaction, and raises `RetryableError`."""

    def know(self, alert_ids: Sequence[AlertId]) -> dict[AlertId, Remembered]:
        """Those among the alerts that were delivered before."""
        ...

    def remember(self, delivered: Mapping[AlertId, Remembered]) -> None:
        """Deliveries; a lower revision or an empty note changes nothing."""
        ...

    def hold(self, alerts: Sequence[Alert]) -> None:
        """Keep the alerts themselves, the latest revision of each, until let go: for a digest, or for a page of the latest."""
        ...

    def held(self, most: int) -> list[Alert]:
        """The latest of the alerts kept, at most so many, in the order in which they came to be kept."""
        ...

    def let_go(self, alerts: Sequence[Alert]) -> None:
        """Keep these no longer; an alert that has a later revision by now stays."""
        ...

    def note(self, key: str) -> str:
        """A note that belongs to no alert; empty when there is none."""
        ...

    def write_note(self, key: str, text: str) -> None:
        """Set such a note."""
        ...

    def read_notes(self, keys: Sequence[str]) -> dict[str, str]:
        """Those of the notes that there are."""
        ...

    def write_notes(self, notes: Mapping[str, str]) -> None:
        """Set several, all or none."""
        ...

    def installation(self) -> str:
        """What names this installation, in all its sinks and for ever: drawn by lot when first asked for."""
        ...


class Sink(Protocol):
    """A configured sink."""

    name: str
    revisions: Revisions
    batch_max: int

    @property
    def config(self) -> SinkConfig:
        """Its keys."""
        ...

    def open(self, memory: Memory, /) -> None:
        """Get ready. Raises `ConfigError` or `RetryableError`."""
        ...

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Deliver the alerts, in order; what is not refused is safe. Raises `RetryableError`."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


@runtime_checkable
class TimedSink(Protocol):
    """A sink that has something to do when its time comes, such as a digest."""

    def tick(self, now: datetime) -> None:
        """Called about every second, between batches; `now` is aware, in UTC. Raises `RetryableError`."""
        ...


def write_each(alerts: Sequence[Alert], deliver: Callable[[Alert], None]) -> list[Refusal]:
    """Deliver one by one, in order: `RejectedError` refuses an alert, `RetryableError` ends the batch there and tells how far it came."""
    refused: list[Refusal] = []
    for number, alert in enumerate(alerts):
        try:
            deliver(alert)
        except RejectedError as error:
            refused.append(Refusal(alert, str(error)))
        except RetryableError as error:
            away = error if isinstance(error, AwayError) else AwayError(str(error))
            away.safe, away.refusals = number, tuple(refused)
            raise away from error
    return refused


def need_secret(value: str, path: str, key: str) -> str:
    """A secret from its key or from the file that `<key>_file` names. Raises `ConfigError` when it is in both or in neither."""
    if bool(value) == bool(path):
        raise ConfigError(f"{key}: give either {key} or {key}_file")
    return value or read_secret(path)


def need_extra(module: str, extra: str) -> str:
    """The message for a client library that is not installed."""
    return f'needs the package {module}: install tocsin with the extra "{extra}" (pip install "tocsin[{extra}]")'
