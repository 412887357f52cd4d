"""What is remembered of a feed's entries, and how an entry is known again when its link and guid are both new. Pure.

Some feeds make links and guids anew at every fetch (news search), put a parameter on all their links, or move to another host. What stays is
the wording and the time that it claims. Both together name an entry of one feed; a wording alone names none, because sirens, bulletins and
standing notices say the same again.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from msgspec import Struct

from connectors.sources.drafts import Draft
from pipeline.records import ArticleId
from pipeline.records.identity import digest, normalise

RENAMED_MIN = 2
"""A document whose ids are all new has at least this many entries that are known by their words; one alone proves nothing."""
RENAMED_SHARE_MIN = 0.5
"""... and they are at least this share of its unknown entries."""

STAMPED_MIN = 3
STAMPED_WITHIN = timedelta(minutes=2)
"""So many entries whose times all lie so close together have the time of the fetch."""

_DIGITS = re.compile(r"\d+")


class Seen(Struct, frozen=True, kw_only=True):
    """One wording of an entry, as remembered: `wording` is its version id as the feed carried it."""

    wording: str
    article_id: ArticleId
    guid: str | None = None  # as a key: without scheme where it is an address
    title: str | None = None
    words: str | None = None  # digest of title and text, whatever the id; None in rows from before it was kept
    published: datetime | None = None  # as claimed
    alias: ArticleId | None = None  # what its link would name, where it was known again under another


class Known(Struct, frozen=True):
    """What is remembered of a feed."""

    wordings: frozenset[str] = frozenset()
    by_guid: Mapping[str, Seen] = {}
    articles: Mapping[ArticleId, Seen] = {}
    by_words: Mapping[tuple[str, datetime | None], Seen] = {}
    by_words_alone: Mapping[str, Seen] = {}
    by_title: Mapping[tuple[str, datetime], Seen] = {}
    aliases: Mapping[ArticleId, ArticleId] = {}


def remember(rows: Sequence[Seen]) -> Known:
    """The memory of these wordings, oldest first."""
    return Known(
        frozenset(row.wording for row in rows),
        {row.guid: row for row in rows if row.guid},
        {row.article_id: row for row in rows},
        {(row.words, row.published): row for row in rows if row.words},
        {row.words: row for row in rows if row.words},
        {(row.title, row.published): row for row in rows if row.title and row.published},
        {row.alias: row.article_id for row in rows if row.alias},
    )


def words_of(draft: Draft) -> str | None:
    """What the draft says, whatever its id; None for a draft without words."""
    if not (draft.title or draft.text):
        return None
    return digest(normalise(draft.title or ""), normalise(draft.text))


def follow_renamed(drafts: Sequence[Draft], ids: Sequence[ArticleId], known: Known) -> list[ArticleId]:
    """The ids, where unknown ones of known entries are those under which they were known.

    The wording and the exact time that it claims are enough, if the former id has left the document and the guid is not
    merely another number (advisories may differ in nothing else). Where half of the unknown entries are known so, the feed has renamed all of them: then words without a time and titles with one count too.
    """
    followed = [identity if identity in known.articles else known.aliases.get(identity, identity) for identity in ids]
    here = set(followed)  # of several drafts with the same words one is the known entry
    fresh = [number for number, identity in enumerate(followed) if identity not in known.articles]
    if not known.by_words or not fresh:
        return followed
    matches: dict[int, Seen] = {}
    is_stamped = _is_stamped([draft.published for draft in drafts])
    for number in fresh:
        words, published = words_of(drafts[number]), drafts[number].published
        row = known.by_words.get((words, published)) if words else None
        if row is None and words and is_stamped:
            row = known.by_words_alone.get(words)
        if row is not None and row.article_id not in here:
            here.add(row.article_id)
            matches[number] = row
    renames = len(matches) >= max(RENAMED_MIN, RENAMED_SHARE_MIN * len(fresh))
    for number, row in matches.items():
        is_exact = _is_exact(row.published) and row.published == drafts[number].published
        if renames or (is_exact and not _is_next_number(row.guid, drafts[number].guid)):
            followed[number] = row.article_id
    if renames:
        _follow_titles(drafts, followed, [number for number in fresh if number not in matches], known)
    return followed


def _follow_titles(drafts: Sequence[Draft], followed: list[ArticleId], numbers: Sequence[int], known: Known) -> None:
    """Entries that were edited as well, in place: their title and time are known, and nothing else in the document has them."""
    for number in numbers:
        title, published = drafts[number].title, drafts[number].published
        row = known.by_title.get((title, published)) if title and published else None
        if row is not None and row.article_id not in followed:
            followed[number] = row.article_id


def _is_stamped(dates: Sequence[datetime | None]) -> bool:
    """Whether the feed gives all its entries the time at which it was asked."""
    told = [date for date in dates if date is not None]
    return len(told) == len(dates) >= STAMPED_MIN and max(told) - min(told) <= STAMPED_WITHIN


def _is_exact(moment: datetime | None) -> bool:
    """Whether it is a time of day; midnight is a day without one."""
    return moment is not None and moment.timetz().replace(tzinfo=None) != time(0)


def _is_next_number(before: str | None, now: str | None) -> bool:
    """Whether two guids are numbers of one series: the same but for their digits."""
    if not before or not now:
        return False
    a, b = (_DIGITS.sub("0", guid.partition("://")[2] or guid) for guid in (before, now))
    return a.removeprefix("www.") == b.removeprefix("www.")
