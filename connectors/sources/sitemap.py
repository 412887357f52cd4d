"""Sitemaps with Google's news extension, as a feed: the addresses, titles and times of a site's latest articles."""

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from connectors.sources.dates import parse_date
from connectors.sources.document import ENTRIES_MAX, FeedDocument, FeedEntry, NotAFeedError
from connectors.sources.urls import resolve


def read(text: str, *, url: str | None = None) -> FeedDocument:
    """The pages of a `<urlset>`, or the sitemaps of a `<sitemapindex>`, as entries. Raises `NotAFeedError` for bad XML."""
    try:
        root = ElementTree.fromstring(text.encode("utf-8", "replace") if not text.startswith("<?xml") else _body(text))
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise NotAFeedError(f"not a readable sitemap: {error}") from error
    is_index = not root.tag.endswith("urlset")
    places = [element for element in root if element.tag.rpartition("}")[2] == ("sitemap" if is_index else "url")]
    entries = []
    language = None
    for place in places[:ENTRIES_MAX]:
        fields = {e.tag.rpartition("}")[2]: (e.text or "").strip() for e in place.iter() if e.text and e.text.strip()}
        language = language or fields.get("language")
        if not fields.get("loc"):
            continue
        entries.append(
            FeedEntry(
                guid=fields["loc"],
                url=resolve(fields["loc"], url),
                title=fields.get("title"),
                published=parse_date(fields.get("publication_date")),
                updated=parse_date(fields.get("lastmod")),
                categories=tuple(k for word in fields.get("keywords", "").split(",") if (k := word.strip())),
                language=fields.get("language"),
            )
        )
    return FeedDocument(
        format="sitemap-index" if is_index else "sitemap",
        language=language,
        entries=tuple(entries),
        cut=max(0, len(places) - ENTRIES_MAX),
    )


def _body(text: str) -> bytes:
    """Without the declaration: the text has been decoded already."""
    return text.partition("?>")[2].lstrip().encode("utf-8", "replace")
