"""A feed document out of the bytes of a response: RSS 0.9x-2.0, RDF, Atom, JSON Feed, news sitemaps.

Pure and without any network; the time that hostile input may take is bounded by whoever calls it (`worker.py`). The format is
told from the document itself, because publishers' media types lie.
"""

import re

from msgspec.structs import replace

from connectors.sources import jsonfeed, sitemap, xmlfeed
from connectors.sources.charset import Decoded, decode
from connectors.sources.document import FeedDocument, NotAFeedError

SHOWN_CHARS = 60
"""How much of what isn't a feed is quoted in the error."""

_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_XML_ROOT = re.compile(
    r"<(?:[A-Za-z_][\w.-]*:)?(rss|rdf|feed|channel|urlset|sitemapindex|item|entry)[\s>/]", re.IGNORECASE
)
_FEED_INSIDE = re.compile(r"<(?:feed\s[^<>]{0,200}Atom|rss\s[^<>]{0,200}version|rdf:RDF\s)")
"""A feed that a careless template wrapped into a page."""
_PROLOGUE = re.compile(r"<\?[^<>]{0,400}\?>|<!--(?:(?!-->)[^<]){0,400}-->|<![A-Za-z][^<>\[]{0,400}>")
_ROOT = re.compile(r"\s*<([A-Za-z_][\w.:-]{0,60})[\s/>]")
_HEAD_CHARS = 4_096
"""Where the root element has to begin: behind it there is only content."""


def parse_feed(raw: bytes, *, url: str | None = None, content_type: str | None = None) -> FeedDocument:
    """The feed in `raw`, which came from `url` with this `Content-Type`. Raises `NotAFeedError`."""
    decoded = decode(raw, content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n\0")
    if not text:
        raise NotAFeedError("the document is empty")
    if text.startswith(("{", "[")):
        return _with_warning(jsonfeed.read(text, url=url), decoded)
    root = _XML_ROOT.search(text, 0, len(text) if _is_padded(text) else _HEAD_CHARS)
    html = _HTML.search(text, 0, _HEAD_CHARS)
    if root is None or (
        html is not None and html.start() < root.start() and not _FEED_INSIDE.search(text, 0, _HEAD_CHARS)
    ):
        raise NotAFeedError(_describe(text, is_html=html is not None))
    if root[1].lower() in ("urlset", "sitemapindex"):
        return _with_warning(sitemap.read(text, url=url), decoded)
    return _with_warning(xmlfeed.read(text, url=url), decoded)


def _is_padded(text: str) -> bool:
    """Whether a comment or stylesheet pushes the root element far down; then it is looked for further."""
    return text.startswith(("<?xml", "<!--", "<!DOCTYPE", "<?"))


def _describe(text: str, *, is_html: bool) -> str:
    if is_html:
        return "a web page, not a feed"
    if root := _ROOT.match(_PROLOGUE.sub("", text[:_HEAD_CHARS])):
        return f"XML, but of no feed: its root is <{root[1]}>"
    shown = " ".join(text[:SHOWN_CHARS].split())
    return f"neither XML nor JSON of a feed; it begins with {shown!r}"


def _with_warning(document: FeedDocument, decoded: Decoded) -> FeedDocument:
    if decoded.warning is None:
        return document
    return replace(document, warnings=(f"charset: {decoded.warning}", *document.warnings))
