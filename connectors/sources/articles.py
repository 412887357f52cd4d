"""Drafts of one document to articles: which article each is, and whether this wording of it is new. Pure.

An article is known by its link, or else by its guid, or else by its words. Publishers break each of these: a guid that stands
on every entry, a link to the front page on all of them, guids made anew at every fetch, links that move to https or get another slug. So
what isn't unique in the document identifies nothing, and a guid seen before on a like title keeps its article's id.
"""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from connectors.sources.drafts import Draft, Reading
from connectors.sources.gaps import has_gap
from connectors.sources.rules import NO_RULES, Rules
from connectors.sources.urls import is_web_address
from pipeline.records import Article, ArticleId
from pipeline.records.identity import article_id, canonical_link, normalise, version_id

TITLE_RATIO_MIN = 0.6
"""How alike the titles of two wordings of one article are at least (NewsBlur asks for .75, of entries whose guid changed as well)."""
TITLE_COMPARE_CHARS_MAX = 300

SKIPPED_UNCHANGED = "unchanged"
SKIPPED_REPEATED = "repeated"


class Seen(Struct, frozen=True, kw_only=True):
    """One wording of an entry, as remembered: `wording` is its version id as the feed carried it."""

    wording: str
    article_id: ArticleId
    guid: str | None = None  # as a key: without scheme where it is an address
    title: str | None = None


class Known(Struct, frozen=True):
    """What is remembered of a feed."""

    wordings: frozenset[str] = frozenset()
    by_guid: Mapping[str, Seen] = {}
    articles: frozenset[ArticleId] = frozenset()


class Origin(Struct, frozen=True, kw_only=True):
    """The feed, as its articles name it."""

    feed: str
    tags: tuple[str, ...] = ()
    grade: str | None = None
    owner: str | None = None
    rules: Rules = NO_RULES


class Harvest(Struct, frozen=True, kw_only=True):
    """New articles in the feed's order from old to new, everything that stands in the feed now, and what was skipped."""

    articles: tuple[Article, ...] = ()
    seen: tuple[Seen, ...] = ()
    skipped: dict[str, int] = {}
    is_gap: bool = False  # entries may have come and gone between two polls


def remember(rows: Sequence[Seen]) -> Known:
    """The memory of these wordings, oldest first."""
    return Known(
        frozenset(row.wording for row in rows),
        {row.guid: row for row in rows if row.guid},
        frozenset(row.article_id for row in rows),
    )


def harvest(reading: Reading, origin: Origin, known: Known, fetched: datetime) -> Harvest:
    """The articles that are new, or have a new wording."""
    skipped = Counter(reading.skipped)
    articles: list[Article] = []
    seen: dict[str, Seen] = {}
    ids = identify(reading, origin.feed, known)
    for draft, identity in zip(reading.drafts, ids, strict=True):
        wording = version_id(identity, draft.title, draft.text)
        if wording in seen:
            skipped[SKIPPED_REPEATED] += 1
            continue
        seen[wording] = Seen(wording=wording, article_id=identity, guid=guid_key(draft.guid), title=draft.title)
        if wording in known.wordings:
            skipped[SKIPPED_UNCHANGED] += 1
            continue
        refusal = origin.rules.refuse(draft)
        if refusal is not None:  # remembered all the same, so that a rule that is lifted brings no old news
            skipped[refusal] += 1
            continue
        articles.append(make_article(draft, identity, origin, fetched))
    is_gap = has_gap(ids, [draft.published for draft in reading.drafts], known.articles)
    # Feeds put the newest first; the stream is to see a story in the order it was told.
    return Harvest(articles=tuple(reversed(articles)), seen=tuple(seen.values()), skipped=dict(skipped), is_gap=is_gap)


def identify(reading: Reading, feed: str, known: Known) -> list[ArticleId]:
    """The article each draft is, in order."""
    links = Counter(canonical_link(draft.url) for draft in reading.drafts if draft.url)
    guids = Counter(key for draft in reading.drafts if (key := guid_key(draft.guid)))
    front = canonical_link(reading.link) if reading.link and is_web_address(reading.link) else None
    ids = []
    for draft in reading.drafts:
        guid = guid_key(draft.guid)
        if guid and guids[guid] > 1:
            guid = None
        before = known.by_guid.get(guid) if guid else None
        if before is not None and is_like(before.title, draft.title):
            ids.append(before.article_id)
            continue
        url = draft.url
        if url and (links[canonical_link(url)] > 1 or canonical_link(url) == front or _is_front_page(url)):
            url = None
        if before is not None and url is None:
            guid = None  # the guid stands for whatever the feed says today
        words = draft.text if not draft.title else ""
        ids.append(article_id(feed=feed, url=url, guid=guid, title=draft.title, text=words))
    return ids


def guid_key(guid: str | None) -> str | None:
    """The guid as a key: an address without its scheme, so that a move to https changes nothing."""
    if not guid:
        return None
    return canonical_link(guid) if is_web_address(guid) else guid


def is_like(before: str | None, now: str | None) -> bool:
    """Whether two titles may be of one article: an edited one, or none to compare."""
    if not before or not now:
        return True
    a, b = (normalise(title).casefold()[:TITLE_COMPARE_CHARS_MAX] for title in (before, now))
    if a == b:
        return True
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= TITLE_RATIO_MIN and matcher.ratio() >= TITLE_RATIO_MIN


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query and not parts.fragment


def make_article(
    draft: Draft, identity: ArticleId, origin: Origin, fetched: datetime, *, full_text: bool = False
) -> Article:
    """The article of a draft."""
    return Article(
        article_id=identity,
        version_id=version_id(identity, draft.title, draft.text),
        feed=origin.feed,
        title=draft.title,
        text=draft.text,
        url=draft.url,
        guid=draft.guid,
        language=draft.language,
        published=draft.published,
        updated=draft.updated,
        fetched=fetched,
        authors=draft.authors,
        categories=draft.categories,
        tags=origin.tags,
        grade=origin.grade,
        owner=origin.owner,
        blocks=draft.blocks,
        enclosures=draft.enclosures,
        full_text=full_text,
    )
