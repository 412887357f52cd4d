"""What a source is: something with feeds, that can be polled for articles. The daemon does the rest.

A source's module has a frozen `Config` and a class with `NAME`, built as `Class(name, config)`. It touches neither Kafka nor the store: a
poll returns articles and the state to save, and the daemon saves that state only after Kafka has acknowledged the articles. So a
poll may be repeated at any time, and must give the same ids when it is.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct, field

from connectors.sources.articles import Known, Seen
from connectors.sources.document import Page
from connectors.sources.drafts import Reading
from connectors.sources.fetch import NO_VALIDATORS, Getter, Validators
from connectors.sources.pages import Pages
from connectors.sources.rhythm import Condition, Rhythm
from connectors.sources.schedule import Pace, PollOutcome
from pipeline.records import Article, HealthKind

POLL_S_MIN = 300
"""Miniflux's shortest interval."""
POLL_S_MAX = 6 * 3600

Grade = Literal["A", "B", "C", "D", "E", "F"]
"""Admiralty code: A reliable to E unreliable, F can't be judged."""


class Feed(Struct, frozen=True, kw_only=True):
    """One thing that is polled on its own schedule."""

    name: str  # unique; on every article
    source: str
    url: str
    pace: Pace
    tags: tuple[str, ...] = ()
    grade: str | None = None
    owner: str | None = None  # feeds of one owner are one source
    is_spaced: bool = True  # False: the operator's own server, which is asked without pauses


class FeedState(Struct, frozen=True, kw_only=True):
    """What is remembered of a feed between polls (its wordings are kept apart: `Known`)."""

    validators: Validators = NO_VALIDATORS
    body_hash: str | None = None
    title: str | None = None
    interval_s: float | None = None
    failures: int = 0
    polls: int = 0
    next_poll_at: datetime | None = None
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_polls: int = 0
    adopted_url: str | None = None
    adopted_at: datetime | None = None
    hub: str | None = None
    hub_topic: str | None = None
    rhythm: Rhythm = Rhythm()
    conditions: dict[HealthKind, Condition] = {}
    last_ok_at: datetime | None = None
    epoch: int = 0


class Poll(Struct, frozen=True, kw_only=True):
    """What one poll brought: entries = articles + the sum of skipped."""

    outcome: PollOutcome
    reason: str | None = None  # of a failure, one word
    message: str | None = None  # and in a sentence
    entries: int | None = None  # None: no document came
    articles: tuple[Article, ...] = ()
    skipped: dict[str, int] = {}
    seen: tuple[Seen, ...] = ()
    warnings: tuple[str, ...] = ()
    missed_max: int = 0  # so many entries may have come and gone between two polls
    pages_refused: dict[str, int] = {}  # articles that keep the feed's text, by why their page was not taken
    body_bytes: int | None = None  # of the document that was read
    certificate_until: datetime | None = None  # the server's certificate ends
    state: FeedState  # to be saved, with `next_poll_at` set
    host_rest_s: float = 0.0  # the server asked for quiet: for every feed of that host


class Parser(Protocol):
    """What reads documents: the real `ParserPool`, or the same functions in this process for tests."""

    async def read_feed(self, body: bytes, *, url: str | None, content_type: str | None) -> Reading:
        """The drafts of a feed document. Raises `NotAFeedError`, `TooCostlyError`."""
        ...

    async def extract_page(self, body: bytes, *, url: str | None, content_type: str | None) -> Page:
        """The article of a page. Raises `TooCostlyError`."""
        ...

    async def read_file(self, body: bytes, *, name: str, kind: str) -> Reading:
        """The drafts in a file of a folder. Raises `NotAFeedError`, `TooCostlyError`."""
        ...


class Tools(Struct, frozen=True):
    """What a source works with; all of it can be a fake."""

    getter: Getter
    parser: Parser
    now: Callable[[], datetime]
    pages: Pages = field(default_factory=Pages)


class Source(Protocol):
    """A configured source."""

    def feeds(self) -> Sequence[Feed]:
        """What to poll. Raises `ConfigError` when the configuration names what isn't there."""
        ...

    async def poll(self, feed: Feed, state: FeedState, known: Callable[[], Awaitable[Known]], tools: Tools) -> Poll:
        """One poll. Never raises for what a publisher does; `known` is asked only when a document came."""
        ...
