"""Drafts of one document to articles: which article each is, and whether this wording of it is new. Pure.

An article is known by its link, or else by its guid, or else by its words. Publishers break each of these: a guid that stands
on every entry, a link to the front page on all of them, guids made anew at every fetch, links that move to https or get another slug. So
what isn't unique in the document identifies nothing, and a guid seen before on a like title keeps its article's id.
"""

import difflib
from collections import Counter
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from connectors.sources.document import rises
from connectors.sources.drafts import Draft, Reading
from connectors.sources.gaps import has_gap
from connectors.sources.rules import NO_RULES, Rules
from connectors.sources.seen import Known, Seen, follow_renamed, remember, words_of
from connectors.sources.urls import is_web_address
from pipeline.records import Article, ArticleId
from pipeline.records.identity import article_id, canonical_link, link_identity, normalise, version_id

__all__ = [
    "Harvest",
    "Known",
    "Origin",
    "Seen",
    "guid_key",
    "harvest",
    "identify",
    "is_like",
    "make_article",
    "remember",
]

TITLE_RATIO_MIN = 0.6
"""How alike the titles of two wordings of one article are at least (NewsBlur asks for .75, of entries whose guid changed as well)."""
TITLE_COMPARE_CHARS_MAX = 300

SKIPPED_UNCHANGED = "unchanged"
SKIPPED_REPEATED = "repeated"


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


def harvest(reading: Reading, origin: Origin, known: Known, fetched: datetime) -> Harvest:
    """The articles that are new, or have a new wording."""
    skipped = Counter(reading.skipped)
    articles: list[Article] = []
    seen: dict[str, Seen] = {}
    named = name_entries(reading, origin.feed, known)
    ids = follow_renamed(reading.drafts, named, known)
    for draft, identity, name in zip(reading.drafts, ids, named, strict=True):
        wording = version_id(identity, draft.title, draft.text)
        if wording in seen:
            skipped[SKIPPED_REPEATED] += 1
            continue
        seen[wording] = Seen(
            wording=wording,
            article_id=identity,
            guid=guid_key(draft.guid),
            title=draft.title,
            words=words_of(draft),
            published=draft.published,
            alias=name if name != identity else None,
        )
        if wording in known.wordings:
            skipped[SKIPPED_UNCHANGED] += 1
            continue
        refusal = origin.rules.refuse(draft)
        if refusal is not None:  # remembered all the same, so that a rule that is lifted brings no old news
            skipped[refusal] += 1
            continue
        articles.append(make_article(draft, identity, origin, fetched))
    is_gap = has_gap(ids, [draft.published for draft in reading.drafts], known.articles)
    # Most feeds put the newest first; the stream is to see a story in the order it was told.
    if not rises([draft.published for draft in reading.drafts if draft.published]):
        articles.reverse()
    return Harvest(articles=tuple(articles), seen=tuple(seen.values()), skipped=dict(skipped), is_gap=is_gap)


def identify(reading: Reading, feed: str, known: Known) -> list[ArticleId]:
    """The article each draft is, in order."""
    return follow_renamed(reading.drafts, name_entries(reading, feed, known), known)


def name_entries(reading: Reading, feed: str, known: Known) -> list[ArticleId]:
    """The article that link, guid or words name for each draft, in order."""
    links = Counter(link_identity(draft.url) for draft in reading.drafts if draft.url)
    guids = Counter(key for draft in reading.drafts if (key := guid_key(draft.guid)))
    front = link_identity(reading.link) if reading.link and is_web_address(reading.link) else None
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
        if url and (links[link_identity(url)] > 1 or link_identity(url) == front or _is_front_page(url)):
            url = None
        if before is not None and url is None:
            guid = None  # the guid stands for whatever the feed says today
        words = draft.text if not draft.title else ""
        identity = article_id(feed=feed, url=url, guid=guid, title=draft.title, text=words)
        if url and "#" in url and identity not in known.articles:
            identity = _without_fragment(url, draft, identity, known)
        ids.append(identity)
    return ids


def _without_fragment(url: str, draft: Draft, identity: ArticleId, known: Known) -> ArticleId:
    """The id of the page itself where it is known under this very title: the fragment is new, not the article."""
    page = article_id(feed="", url=url.partition("#")[0])
    before = known.articles.get(page)
    is_same = before is not None and draft.title and normalise(before.title or "") == normalise(draft.title)
    return page if is_same else identity


def guid_key(guid: str | None) -> str | None:
    """The guid as a key: an address without its scheme, so that a move to https changes nothing."""
    if not guid:
        return None
    page, mark, fragment = guid.partition("#")
    return f"{canonical_link(page)}{mark}{fragment}" if is_web_address(guid) else guid


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
