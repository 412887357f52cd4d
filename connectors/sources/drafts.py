"""What of a feed document becomes an article: entries cleaned to plain text, each kept or skipped with a reason.

This is the costly part of a poll after parsing (markup of strangers), so it runs beside the parser in a worker process; ids and all that is
the operator's come later (`articles.py`). One poisonous entry costs no other: entries = drafts + skipped, always.
"""

from collections import Counter
from datetime import datetime

from msgspec import Struct

from connectors.sources.document import FeedDocument, FeedEntry, FeedFormat
from connectors.sources.markup import clean_text, markup_lines, plain_title
from connectors.sources.pagelines import Line, join_lines
from connectors.sources.parse import parse_feed
from connectors.sources.urls import clean_url, is_web_address
from pipeline.records import Block, Enclosure

GUID_CHARS_MAX = 2_048
AUTHORS_MAX = 20
CATEGORIES_MAX = 50
ENCLOSURES_MAX = 20
LABEL_CHARS_MAX = 200
"""Of an author or a category."""

SKIPPED_BEYOND_LIMIT = "beyond-limit"
SKIPPED_EMPTY = "empty"
SKIPPED_UNREADABLE = "unreadable"


class Draft(Struct, frozen=True, kw_only=True):
    """One entry as plain text. `url` is cleaned and a web address, or None."""

    guid: str | None = None
    url: str | None = None
    title: str | None = None
    text: str
    blocks: tuple[Block, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    enclosures: tuple[Enclosure, ...] = ()


class Reading(Struct, frozen=True, kw_only=True):
    """One feed document, read: its drafts in the order of the document, and what was skipped by reason."""

    format: FeedFormat = "unknown"
    title: str | None = None
    language: str | None = None
    link: str | None = None
    entries: int  # in the document
    drafts: tuple[Draft, ...] = ()
    skipped: dict[str, int] = {}
    interval_s: int | None = None
    hub: str | None = None
    self_url: str | None = None
    warnings: tuple[str, ...] = ()


def read_feed(raw: bytes, *, url: str | None, content_type: str | None) -> Reading:
    """The drafts of a feed document. Raises `NotAFeedError`."""
    document = parse_feed(raw, url=url, content_type=content_type)
    made = drafts_of(document, url)
    drafts = [one for one in made if isinstance(one, Draft)]
    skipped = Counter({SKIPPED_BEYOND_LIMIT: document.cut} if document.cut else {})
    skipped.update(one for one in made if isinstance(one, str))
    return Reading(
        format=document.format,
        title=plain_title(document.title),
        language=primary_language(document.language),
        link=document.link,
        entries=len(document.entries) + document.cut,
        drafts=tuple(drafts),
        skipped=dict(skipped),
        interval_s=document.interval_s,
        hub=document.hub,
        self_url=document.self_url,
        warnings=document.warnings,
    )


def drafts_of(document: FeedDocument, url: str | None) -> list[Draft | str]:
    """Of each entry, in order, its draft or the reason why it has none."""
    made: list[Draft | str] = []
    for entry in document.entries:
        try:
            made.append(draft_entry(entry, document, url) or SKIPPED_EMPTY)
        except Exception:  # noqa: BLE001 - markup of strangers: whatever one entry does to the parsers must not cost the others
            made.append(SKIPPED_UNREADABLE)
    return made


def draft_entry(entry: FeedEntry, document: FeedDocument, feed_url: str | None) -> Draft | None:
    """The entry as plain text; None when there is neither title nor text in it.

    The longer of content and summary is the text; an entry of nothing but a title has the title for its text.
    """
    link = link_of(entry)
    base = base_of(entry, document, feed_url)
    title = plain_title(entry.title, is_plain=entry.is_plain_title)
    given = ((entry.content, entry.content_base), (entry.summary, entry.summary_base))
    lines = max((markup_lines(words, own or base) for words, own in given if words), key=_length, default=[])
    text, blocks = join_lines(lines)
    if not text.strip():
        text, blocks = title or "", ()
    is_listed = document.format.startswith("sitemap") and entry.url  # a sitemap names pages; their words are on them
    if not text and not is_listed:
        return None
    url = clean_url(link, base=document.link, feed=feed_url) if link else None
    return Draft(
        guid=clean_text(entry.guid)[:GUID_CHARS_MAX] if entry.guid else None,
        url=url if is_web_address(url) else None,
        title=title,
        text=text,
        blocks=blocks,
        published=entry.published or entry.updated,  # Atom asks only for the latter: the time this wording claims
        updated=entry.updated,
        authors=_labels(entry.authors, AUTHORS_MAX),
        categories=_labels(entry.categories, CATEGORIES_MAX),
        language=primary_language(entry.language) or primary_language(document.language),
        enclosures=tuple(one for one in entry.enclosures[:ENCLOSURES_MAX] if is_web_address(one.url)),
    )


def link_of(entry: FeedEntry) -> str | None:
    """The address of the entry's article, as the feed gives it."""
    return entry.original_url if is_web_address(entry.original_url) else entry.url


def base_of(entry: FeedEntry, document: FeedDocument, feed_url: str | None) -> str | None:
    """What links in the entry's text are relative to, where no `xml:base` says otherwise."""
    return link_of(entry) or document.link or feed_url


def primary_language(tag: str | None) -> str | None:
    """`en` of `en-GB`; None for what is no language tag."""
    primary = (tag or "").replace("_", "-").partition("-")[0].strip().lower()
    return primary if len(primary) in (2, 3) and primary.isascii() and primary.isalpha() else None


def _length(lines: list[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _labels(names: tuple[str, ...], most: int) -> tuple[str, ...]:
    cleaned = (plain_title(name) for name in names[:most])
    return tuple(dict.fromkeys(name[:LABEL_CHARS_MAX] for name in cleaned if name))
