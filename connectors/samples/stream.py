"""When each sample article is published, and what an outlet shows at a given moment.

Pure: the moment is a parameter, so the same start gives the same stream. Times are aware and in UTC.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from connectors.samples.blocks import Blocks, change_texts
from connectors.samples.placeholders import fill_in
from connectors.samples.records import Collection, Expected, Sample

FEED_ENTRIES_MAX = 40
"""Entries in one document, the newest; more than any outlet has, so that a late reader misses none."""


class Publication(Struct, frozen=True, kw_only=True):
    """An article as it is shown, dates filled in."""

    name: str
    outlet: str
    slug: str
    title: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    blocks: Blocks
    published: datetime  # of the first version
    updated: datetime  # of this one
    malformed: bool
    expected: Expected


class Stream:
    """A collection played from `start` on, `speed` times as fast as its offsets say."""

    def __init__(self, collection: Collection, start: datetime, speed: float = 1.0) -> None:
        self.collection = collection
        self.start = start.replace(microsecond=0)  # HTTP and RSS dates know whole seconds only
        self._speed = speed
        first = {(s.outlet, s.slug): self._moment(s) for s in collection.samples if s.version == 1}
        self.publications = tuple(self._render(s, first[s.outlet, s.slug]) for s in collection.samples)
        """Every version of every article, in order of publication."""

    @property
    def end(self) -> datetime:
        """When the last article is published."""
        return max((p.updated for p in self.publications), default=self.start)

    def visible(self, outlet: str, now: datetime) -> tuple[Publication, ...]:
        """What the outlet's feed shows at `now`: the latest version of each article, newest article first."""
        latest = {p.slug: p for p in self.publications if p.outlet == outlet and p.updated <= now}
        shown = sorted(latest.values(), key=lambda p: (p.published, p.slug), reverse=True)
        return tuple(shown[:FEED_ENTRIES_MAX])

    def find(self, outlet: str, slug: str, now: datetime) -> Publication | None:
        """The article as it stands at `now`; None before it is published."""
        return next((p for p in self.visible(outlet, now) if p.slug == slug), None)

    def _moment(self, sample: Sample) -> datetime:
        # What was published before the start keeps its distance: speed is about what is still to come.
        offset = sample.front.offset_s
        return self.start + timedelta(seconds=offset if offset <= 0 else round(offset / self._speed))

    def _render(self, sample: Sample, published: datetime) -> Publication:
        language = self.collection.outlets[sample.outlet].language
        today = self.start.date()

        def fill(text: str) -> str:
            return fill_in(text, today, language)

        return Publication(
            name=sample.name,
            outlet=sample.outlet,
            slug=sample.slug,
            title=fill(sample.front.title),
            authors=sample.front.authors,
            categories=sample.front.categories,
            blocks=change_texts(sample.blocks, fill),
            published=published,
            updated=self._moment(sample),
            malformed=sample.front.malformed,
            expected=sample.front.expected,
        )
