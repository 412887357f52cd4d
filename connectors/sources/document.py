"""What a feed document says, whatever format it came in, and what an article's page says.

The types are what the parsers give and the rest of the connector takes: no bytes, no markup rules, no network. A field
that the document doesn't have, or has unreadably, is None or empty, never a guess.
"""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from pipeline.errors import TocsinError
from pipeline.records import Block, Enclosure

Wall = Literal["consent", "paywall", "login", "challenge"]
FeedFormat = Literal["rss2", "rss1", "rss0", "atom", "json", "sitemap", "sitemap-index", "cdf", "unknown"]

ENTRIES_MAX = 2_000
"""Entries read from one document; more are cut off and counted (Media Cloud's rss-fetcher uses the same bound)."""


def newest_entries(dates: Sequence[datetime | None], entries_max: int) -> list[int]:
    """Which entries of a long document are read, in its order: the newest where every one is dated, else the end that the dates there are call newer."""
    dated = [(date, -number) for number, date in enumerate(dates) if date is not None]
    if len(dated) < len(dates):
        first = max(0, len(dates) - entries_max) if rises([date for date, _ in dated]) else 0
        return list(range(first, min(len(dates), first + entries_max)))
    return sorted(-number for _, number in sorted(dated, reverse=True)[:entries_max])


def rises(dates: Sequence[datetime]) -> bool:
    """Whether these dates, in a document's order, put the oldest first: most of the steps that change go up."""
    ups = sum(a < b for a, b in itertools.pairwise(dates))
    return ups > sum(a > b for a, b in itertools.pairwise(dates))


class NotAFeedError(TocsinError):
    """The bytes are no feed at all (a web page, a challenge, nothing); the message says what they look like."""


class FeedEntry(Struct, frozen=True, kw_only=True):
    """One entry. `summary` and `content` are markup as the feed carried it, neither trusted nor cleaned."""

    guid: str | None = None
    url: str | None = None  # absolute when the document says what it is relative to
    original_url: str | None = None  # of the article, where `url` is a counter's (feedburner:origLink)
    title: str | None = None
    is_plain_title: bool = False  # declared to be text: what looks like a tag in it is words
    published: datetime | None = None  # UTC
    updated: datetime | None = None  # UTC
    authors: tuple[str, ...] = ()
    summary: str | None = None
    content: str | None = None
    summary_base: str | None = None  # xml:base where the summary stands
    content_base: str | None = None
    categories: tuple[str, ...] = ()
    language: str | None = None
    enclosures: tuple[Enclosure, ...] = ()


class Page(Struct, frozen=True, kw_only=True):
    """The article of a page; `text` is empty where none was found."""

    title: str | None = None
    text: str = ""
    language: str | None = None
    published: datetime | None = None  # UTC
    authors: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    url: str | None = None  # as the page itself gives it (rel=canonical)
    wall: Wall | None = None  # what stands there in place of the article


class FeedDocument(Struct, frozen=True, kw_only=True):
    """One feed as it was at one moment."""

    format: FeedFormat
    title: str | None = None
    language: str | None = None
    link: str | None = None  # the site's page
    entries: tuple[FeedEntry, ...] = ()
    cut: int = 0  # entries beyond ENTRIES_MAX, not read
    interval_s: int | None = None  # the feed's own wish: ttl, sy:updatePeriod, seconds
    hub: str | None = None  # WebSub
    self_url: str | None = None  # its own address, as it says: what the hub knows it by
    warnings: tuple[str, ...] = ()
