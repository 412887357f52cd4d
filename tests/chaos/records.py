"""What is recorded of a run: plain data, so that the checker can be tried on histories that were made up."""

from msgspec import Struct, field

from tests.chaos.feeds import Served
from tests.chaos.newsroom import Wording


class Happening(Struct, frozen=True):
    """Something that was done to the system, or that a process did."""

    at: float  # Unix seconds
    what: str


class Arrival(Struct, frozen=True):
    """An article on its topic."""

    version: str
    article: str
    url: str
    title: str
    text: str
    partition: int
    offset: int
    at: float


class Outcome(Struct, frozen=True):
    """What the store says became of a version, or of a message that was no article."""

    outcome: str  # alert, quiet, reject
    at: float


class Told(Struct, frozen=True):
    """A revision on the alerts' topic, as a `read_committed` subscriber sees it."""

    alert: str
    revision: int
    sources: tuple[str, ...]  # version ids
    partition: int
    offset: int
    at: float


class FeedCount(Struct, frozen=True):
    """A connector's counters of one feed."""

    outlet: int
    articles: int  # published since the feed is known
    entries_last: int
    articles_last: int
    skipped_last: int


class Remembered(Struct, frozen=True):
    """A wording that a connector has noted as seen."""

    outlet: int
    version: str
    at: float


class Committed(Struct, frozen=True):
    """The pipeline's committed offset of one partition, at one moment."""

    at: float
    partition: int
    offset: int


class History(Struct):
    """Everything the checker judges by. Times are Unix seconds."""

    began: float = 0.0
    wordings: list[Wording] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    standing: dict[int, list[int]] = field(default_factory=dict)  # outlet: positions in its last document
    arrivals: list[Arrival] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # by version or reject id
    told: list[Told] = field(default_factory=list)  # in order per partition
    latest: dict[str, int] = field(default_factory=dict)  # alert: last revision on the compacted topic
    stored: dict[str, int] = field(default_factory=dict)  # alert: last revision in the store
    alert_of: dict[str, str] = field(default_factory=dict)  # version: the alert of its story's incident
    rejects: list[str] = field(default_factory=list)  # ids on the rejects' topic
    delivered: list[tuple[str, int]] = field(default_factory=list)  # alert, revision: lines of the sink's file
    remembered: list[Remembered] = field(default_factory=list)
    feeds: list[FeedCount] = field(default_factory=list)
    committed: list[Committed] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)  # what should be 0 at the end
    happened: list[Happening] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
