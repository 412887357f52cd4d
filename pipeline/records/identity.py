"""Ids that are computed, never counted: the same article gets the same id on every machine and after every crash.

Two ids name an article. `article_id` names the thing (its canonical link, or else its guid within its feed, or else its
words), and is the Kafka key, so that all versions of an article stand in one partition, in order. `version_id` names one
wording of it; every step of the flow is idempotent by version.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

from pipeline.records import AlertId, ArticleId, IncidentId, StoryId, VersionId

DIGEST_HEX_CHARS = 32
"""Hexadecimal digits kept of a SHA-256: 128 bits, so a collision among 10^9 articles has a chance below 10^-20."""


LINKS_KEPT = 1024
"""Links whose canonical form is remembered: one document asks for each of its links again and again."""


def digest(*parts: str) -> str:
    """The shortened SHA-256 of the parts, which are told apart by their lengths."""
    sha = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        sha.update(f"{len(raw)}:".encode())
        sha.update(raw)
    return sha.hexdigest()[:DIGEST_HEX_CHARS]


def normalise(text: str) -> str:
    """The text without the differences that make no new version: NFC, runs of white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=LINKS_KEPT)
def canonical_link(url: str) -> str:
    """The link as an identity: no scheme, no fragment, host in lower case without `www.`, no slash at the end.

    A move from http to https, or to and from `www.`, makes no new article. What is no address stands for itself.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    host = (parts.netloc or "").lower().removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


_PLACE = re.compile(
    r"(?:comments?|respond|reply|disqus_thread|rss|atom|top|content|main|article|:~:.*)?", re.IGNORECASE
)
"""Fragments that are a place on any page: what blog software and readers put on links, and text fragments."""


@lru_cache(maxsize=LINKS_KEPT)
def link_identity(url: str) -> str:
    """`canonical_link`, with the fragment where it names a part of the page that is an article of its own.

    A live blog's posts, a changelog's releases and the pages of a site that is one page differ in nothing else.
    """
    page, _, fragment = url.strip().partition("#")
    fragment = fragment.partition(":~:")[0]
    return canonical_link(page) if _PLACE.fullmatch(fragment) else f"{canonical_link(page)}#{fragment}"


def article_id(
    *, feed: str, url: str | None = None, guid: str | None = None, title: str | None = None, text: str = ""
) -> ArticleId:
    """The id of the article that stands at `url`, or has `guid` in `feed`, or else consists of these words."""
    if url:
        return ArticleId(f"art:{digest('link', link_identity(url))}")
    if guid:
        return ArticleId(f"art:{digest('guid', feed, guid)}")
    return ArticleId(f"art:{digest('words', feed, normalise(title or ''), normalise(text))}")


def version_id(article: ArticleId, title: str | None, text: str) -> VersionId:
    """The id of one wording of an article."""
    return VersionId(f"ver:{digest(article, normalise(title or ''), normalise(text))}")


def story_id(version: VersionId) -> StoryId:
    """The id of the story that this version begins."""
    return StoryId(f"story:{version.partition(':')[2]}")


def incident_id(story: StoryId) -> IncidentId:
    """The id of the incident that this story begins."""
    return IncidentId(f"inc:{story.partition(':')[2]}")


def alert_id(incident: IncidentId) -> AlertId:
    """The id of the alert about an incident."""
    return AlertId(f"alert:{incident.partition(':')[2]}")
