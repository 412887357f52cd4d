"""The feeds that a web page points to.

What the page declares (`<link rel="alternate" type="application/rss+xml">`) comes first, in its order, feeds of comments last; only a page
that declares none is searched for links that look like feeds. Never fetches anything.
"""

import re
from typing import NamedTuple

from lxml import etree

from connectors.sources.urls import is_web_address, resolve

FEEDS_MAX = 50
"""Feeds reported of one page."""
HTML_CHARS_MAX = 5_000_000

FEED_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/rdf+xml": "rdf",
    "application/x.atom+xml": "atom",
    "application/x-atom+xml": "atom",
    "application/x-rss+xml": "rss",
    "text/rss+xml": "rss",
    "text/atom+xml": "atom",
    "application/rss": "rss",
    "application/atom": "atom",
}
"""Media types that say "feed" by themselves."""
VAGUE_TYPES = {"application/json": "json", "text/xml": "xml", "application/xml": "xml", "": "xml"}
"""Media types that say it only when the address or the title does."""

_LOOKS_LIKE_FEED = re.compile(
    r"(?:^|[/.?=&_-])(?:rss2?|atom|rdf|feeds?)(?:$|[/.?=&_-])|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario", re.IGNORECASE)


class FoundFeed(NamedTuple):
    """A feed as a page names it; `type` is rss, atom, json, rdf or xml."""

    url: str
    title: str | None
    type: str


def discover_feeds(html: str, url: str | None = None) -> list[FoundFeed]:
    """The feeds the page names, absolute, best first."""
    root = _parse(html)
    if root is None:
        return []
    base = url
    for element in root.iter("base"):
        if href := element.get("href"):
            base = resolve(href, url)
            break
    found = _declared(root, base) or _linked(root, base)
    unique = {feed.url: feed for feed in reversed(found)}
    ordered = [unique.pop(feed.url) for feed in found if feed.url in unique]
    # Sorting is stable: the page's own order stands, only feeds of comments go to the end.
    return sorted(ordered, key=_is_of_comments)[:FEEDS_MAX]


def _parse(html: str) -> etree._Element | None:
    if not html.strip():
        return None
    parser = etree.HTMLParser(recover=True, no_network=True, remove_comments=True, encoding="utf-8")
    try:
        return etree.fromstring(html[:HTML_CHARS_MAX].encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _declared(root: etree._Element, base: str | None) -> list[FoundFeed]:
    found = []
    for link in root.iter("link", "{*}link"):
        rel = (link.get("rel") or "").lower().split()
        href = resolve(link.get("href"), base)
        media = (link.get("type") or "").split(";")[0].strip().lower()
        if not href or "stylesheet" in rel or not ({"alternate", "feed"} & set(rel)):
            continue
        kind = FEED_TYPES.get(media)
        if kind is None and media in VAGUE_TYPES and ("feed" in rel or _LOOKS_LIKE_FEED.search(href)):
            kind = VAGUE_TYPES[media]
        if kind is not None:
            found.append(FoundFeed(href, _title(link.get("title")), kind))
    return found


def _linked(root: etree._Element, base: str | None) -> list[FoundFeed]:
    """Links in the text that look like feeds, where the page declares none."""
    found = []
    for anchor in root.iter("a"):
        href = resolve(anchor.get("href"), base)
        if href and _LOOKS_LIKE_FEED.search(href) and (is_web_address(href) or not base):
            media = (anchor.get("type") or "").split(";")[0].strip().lower()
            text = " ".join("".join(anchor.itertext()).split())
            found.append(FoundFeed(href, _title(anchor.get("title") or text), FEED_TYPES.get(media, "xml")))
    return found


def _title(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _is_of_comments(feed: FoundFeed) -> bool:
    return bool(_COMMENTS.search(feed.url) or _COMMENTS.search(feed.title or ""))
