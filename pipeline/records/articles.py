"""An article as its feed and page gave it."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from pipeline.records.ids import ArticleId, VersionId

ARTICLE_VERSION = 1
BlockKind = Literal["heading", "table-cell", "code", "list", "link", "byline", "dateline"]


class Block(Struct, frozen=True, omit_defaults=True):
    """A stretch of `Article.text` that had a form of its own on the page."""

    start: int
    end: int
    kind: BlockKind
    row: int | None = None  # of a table-cell, 0-based
    column: int | None = None
    href: str | None = None  # of a link


class Enclosure(Struct, frozen=True, omit_defaults=True):
    """A file that comes with an entry: a recording, a picture, a list."""

    url: str
    type: str | None = None  # media type, as the feed says
    length: int | None = None  # bytes, as the feed says


class Article(Struct, frozen=True, tag="article", kw_only=True, omit_defaults=True):
    """One version of one article, as a connector publishes it. Kafka key: `article_id`."""

    v: int = ARTICLE_VERSION
    article_id: ArticleId
    version_id: VersionId
    feed: str  # the feed's name in the configuration or the store
    title: str | None = None
    text: str  # what every offset points into; never joined with the title
    url: str | None = None  # cleaned: the address under which the article is known
    guid: str | None = None  # as the feed gave it
    language: str | None = None  # ISO 639-1, as the feed or page says; the analysis decides for itself
    published: datetime | None = None  # as claimed
    updated: datetime | None = None
    fetched: datetime  # when the connector saw it: the event time of the stream
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # the feed's, as the operator gave them
    grade: str | None = None  # the feed's reliability, Admiralty code A to F
    owner: str | None = None  # the feed's, as the operator gave it: feeds of one owner are one source
    full_text: bool = False  # True: text from the article's page; False: what the feed carried
    blocks: tuple[Block, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    parent: ArticleId | None = None  # of a linked attachment
