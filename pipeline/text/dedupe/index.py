"""Where earlier articles are looked up: the protocol, and the index in memory.

A *posting* says: this key stands in this story, and this article brought it in. One posting a key and story, so that the
number of postings of a key is its number of stories, however often each was reprinted. A key in `STORIES_MAX` stories is
common: it counts nothing, is asked for no candidates and posted no more, which bounds both work and space.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from pipeline.records import ArticleId, LinkVerdict, StoryId, VersionId
from pipeline.text.dedupe.fingerprint import Fingerprint

STORIES_MAX = 16
"""A key that stands in this many stories is common."""


class Posting(Struct, frozen=True):
    """A key's story, and the number of the article that brought the key into it."""

    founder: int  # number of the article that began the story
    number: int
    stale: bool = False  # soon to leave the horizon: to be posted anew by a later article of the story


class Known(Struct, frozen=True, kw_only=True):
    """An article already linked: its fingerprint and what was decided."""

    number: int  # in order of linking
    fingerprint: Fingerprint
    weight: float  # mean weight of its keys when it was linked
    story: StoryId
    founder: int  # number of the article that began the story
    verdict: LinkVerdict
    of: VersionId | None
    similarity: float | None
    reason: str


class StoryIndex(Protocol):
    """What linking asks of an index. All answers are about articles within the index's horizon."""

    def version(self, version_id: VersionId) -> Known | None:
        """The recorded verdict of a version."""

    def article(self, article_id: ArticleId) -> Known | None:
        """The latest version of an article."""

    def same_text(self, text_hash: bytes) -> Sequence[Known]:
        """Articles of exactly these words, oldest first and one a story; none when `STORIES_MAX` stories have them: standing text."""

    def postings(self, keys: Iterable[int]) -> Mapping[int, Sequence[Posting]]:
        """The postings of the keys, at most `STORIES_MAX` each; a key without any may be missing."""

    def known(self, numbers: Iterable[int]) -> Mapping[int, Known]:
        """Articles by number; one that can't be had (it left the horizon, or was made by other code) is missing."""

    def next_number(self) -> int:
        """The number for the next article."""

    def add(self, known: Known, keys: Iterable[int]) -> None:
        """Record a linked article and post it under the keys."""


class MemoryIndex:
    """All in memory and without a horizon: for a batch of files, and what the PostgreSQL index fills for one batch."""

    def __init__(self) -> None:
        self._by_number: dict[int, Known] = {}
        self._by_version: dict[VersionId, Known] = {}
        self._by_article: dict[ArticleId, Known] = {}
        self._by_text: defaultdict[bytes, list[Known]] = defaultdict(list)
        self._postings: defaultdict[int, list[Posting]] = defaultdict(list)
        self._next = 0

    def version(self, version_id: VersionId) -> Known | None:
        """See `StoryIndex`."""
        return self._by_version.get(version_id)

    def article(self, article_id: ArticleId) -> Known | None:
        """See `StoryIndex`."""
        return self._by_article.get(article_id)

    def same_text(self, text_hash: bytes) -> Sequence[Known]:
        """See `StoryIndex`."""
        found = self._by_text.get(text_hash, ())
        return found if len(found) < STORIES_MAX else ()

    def postings(self, keys: Iterable[int]) -> Mapping[int, Sequence[Posting]]:
        """See `StoryIndex`."""
        return {key: found for key in keys if (found := self._postings.get(key)) is not None}

    def known(self, numbers: Iterable[int]) -> Mapping[int, Known]:
        """See `StoryIndex`."""
        return {number: self._by_number[number] for number in numbers}

    def next_number(self) -> int:
        """See `StoryIndex`."""
        return self._next

    def add(self, known: Known, keys: Iterable[int]) -> None:
        """See `StoryIndex`."""
        self._next = max(self._next, known.number + 1)
        self.restore(known)
        posting = Posting(known.founder, known.number)
        for key in keys:
            self.restore_posting(key, posting)

    def restore(self, known: Known) -> None:
        """Put in an article that was linked before; oldest first."""
        self._by_number[known.number] = known
        self._by_version[known.fingerprint.version_id] = known
        self._by_article[known.fingerprint.article_id] = known
        same = self._by_text[known.fingerprint.text_hash]
        if len(same) < STORIES_MAX and all(other.founder != known.founder for other in same):
            same.append(known)

    def restore_posting(self, key: int, posting: Posting) -> None:
        """Put in a posting; it takes the place of a stale one of its story."""
        found = self._postings[key]
        for place, other in enumerate(found):
            if other.founder == posting.founder:
                found[place] = posting if other.stale else other
                return
        found.append(posting)

    def keys(self) -> Iterable[int]:
        """All keys posted."""
        return self._postings.keys()
