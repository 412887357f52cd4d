"""What the supervisor knows: the record behind the live view, the state file and `tocsin status`."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from deploy.local.files import write_private
from deploy.local.layout import Layout

Phase = Literal["starting", "running", "stopping"]


class ProcessStatus(Struct, frozen=True, kw_only=True):
    """One process."""

    name: str
    state: str  # children.State
    pid: int | None = None
    restarts: int = 0
    memory_bytes: int | None = None  # proportional set size, with everything it started
    last_death: str | None = None


class LatestAlert(Struct, frozen=True, kw_only=True):
    """One line of the live view."""

    updated: datetime
    severity: str
    revision: int
    what: str


class FailingFeed(Struct, frozen=True):
    """A feed and the reason."""

    name: str
    reason: str


class Figures(Struct, frozen=True, kw_only=True):
    """What stands in the store and on the topics. None: not known (yet)."""

    feeds_ok: int | None = None
    feeds_failing: int | None = None
    failing: tuple[FailingFeed, ...] = ()
    articles: int | None = None  # articles through the pipeline since the supervisor started
    articles_per_second: float | None = None  # over the last minute
    lag: int | None = None  # articles published and not yet committed by the pipeline
    rejects: int | None = None  # of the last 24 hours
    alerts: dict[str, int] | None = None  # by severity, created or revised in the last 24 hours
    latest: tuple[LatestAlert, ...] = ()
    problem: str | None = None  # why figures are missing


class Status(Struct, frozen=True, kw_only=True):
    """Everything."""

    version: str
    phase: Phase
    pid: int
    since: datetime
    updated: datetime
    data_dir: str
    kafka: str  # bootstrap servers
    store: str  # address with its password masked
    samples: str | None = None  # address of the sample feeds
    web: str | None = None  # address of the screen
    processes: tuple[ProcessStatus, ...] = ()
    figures: Figures = Figures()

    @property
    def is_well(self) -> bool:
        """Everything is up."""
        return self.phase == "running" and all(p.state == "running" for p in self.processes)


def write(layout: Layout, status: Status) -> None:
    """Write the state file."""
    write_private(layout.state, msgspec.json.encode(status))


def read(layout: Layout) -> Status | None:
    """The state file; None when there is none, or it is of another version."""
    try:
        return msgspec.json.decode(layout.state.read_bytes(), type=Status)
    except (OSError, msgspec.DecodeError):
        return None
