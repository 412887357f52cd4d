"""The feeds that a web page points to.

What the page declares (`<link rel="alternate" type="application/rss+xml">`) comes first, in its order, feeds of comments last; only a page
that declares none is searched for links that say they lead to a feed: by their type, by their words, or by an address of which a whole part is
a feed's name (`/feed/`, `/world.rss`, `?format=atom`). A word between hyphens is a headline's (`/atom-plant-hit`). Never fetches anything.
"""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

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

_NAME = re.compile(r"rss[0-2]?|rss_?(?:2|20)|atom|rdf|feeds?|xmlfeed|rssfeeds?|newsfeeds?", re.IGNORECASE)
"""What the part of an address is called that is a feed."""
_FILE = re.compile(r"\.(?:rss|atom|rdf)$", re.IGNORECASE)
_DATA_FILE = re.compile(r"\.(?:xml|json|php|aspx?|cgi)$", re.IGNORECASE)
_DATA_NAME = re.compile(r"(?:^|[._-])(?:rss2?|atom|rdf|feeds?)(?:$|[._-])", re.IGNORECASE)
"""... in the name of a file of data, whatever else stands in it (`news-feed.xml`); `index.xml` says nothing."""
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")
_SAYS_FEED = frozenset({"rss", "rss2", "atom", "feed", "feeds", "newsfeed", "webfeed", "xmlfeed"})
_SAYS_NOTHING = frozenset(
    """subscribe subscription to via by our the all full latest get your in as per par por als auf unsere unseren de des du le la les el del
    abonnieren abonnez vous s abonner suscríbete suscribirse json xml web news flux fil canal canale kanal channel site blog content entries posts
    articles icon logo button link reader readers 0.91 0.92 1.0 2.0""".split()
)
"""Words of a link beside those that say nothing but that it is a feed; "RSS chief visits Kell" says more."""
_OTHER_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|ico|webp|css|js|pdf|zip|mp3|mp4)$", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario", re.IGNORECASE)


_FEED_SCHEME = re.compile(r"^feed:(?://)?(https?://)?", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_REFRESH = re.compile(r"\s*[\d.]{1,10}\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'\s]{1,2000})", re.IGNORECASE)
SAID_CHARS_MAX = 80
"""Longer words of a link tell of something."""


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


def refresh_target(html: str, url: str | None = None) -> str | None:
    """Where a page sends its reader on to at once (`<meta http-equiv=refresh>`), if anywhere."""
    root = _parse(html)
    for meta in root.iter("meta") if root is not None else ():
        if (meta.get("http-equiv") or "").strip().lower() == "refresh":
            found = _REFRESH.match(meta.get("content") or "")
            return _address(found[1], url) if found else None
    return None


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
        href = _address(link.get("href"), base)
        media = (link.get("type") or "").split(";")[0].strip().lower()
        if not href or "stylesheet" in rel or not ({"alternate", "feed"} & set(rel)):
            continue
        kind = FEED_TYPES.get(media)
        is_named = "feed" in rel or _names_feed(href) or _says_feed(link.get("title"))
        if kind is None and media in VAGUE_TYPES and is_named:
            kind = VAGUE_TYPES[media]
        if kind is not None:
            found.append(FoundFeed(href, _title(link.get("title")), kind))
    return found


def _linked(root: etree._Element, base: str | None) -> list[FoundFeed]:
    """Links in the text that say they are feeds, where the page declares none."""
    found = []
    for anchor in root.iter("a", "area"):
        href = _address(anchor.get("href"), base)
        media = (anchor.get("type") or "").split(";")[0].strip().lower()
        text = " ".join("".join(anchor.itertext()).split())
        said = (
            text,
            anchor.get("title"),
            anchor.get("aria-label"),
            *(image.get("alt") for image in anchor.iter("img")),
        )
        is_said = any(map(_says_feed, said)) or (anchor.get("href") or "").strip().lower().startswith("feed:")
        if (
            href
            and not _OTHER_FILE.search(urlsplit(href).path)
            and (media in FEED_TYPES or is_said or _names_feed(href))
        ):
            found.append(FoundFeed(href, _title(anchor.get("title") or text), FEED_TYPES.get(media, "xml")))
    return found


def _says_feed(words: str | None) -> bool:
    """Whether the words of a link say that it is a feed, and nothing else."""
    if not words or len(words) > SAID_CHARS_MAX:
        return False
    said = set(_WORD.findall(words.lower()))
    return bool(said & _SAYS_FEED) and said <= _SAYS_FEED | _SAYS_NOTHING


def _address(href: str | None, base: str | None) -> str | None:
    """The absolute http or https address that is meant; `feed:` is how browsers once were told of one."""
    href = _FEED_SCHEME.sub(lambda found: found[1] or f"{_scheme(base)}://", (href or "").strip())
    found = resolve(href, base) if not href.startswith("#") else None
    if found is None or (base and not is_web_address(found)):
        return None
    return None if _OTHER_SCHEME.match(found) else found


def _scheme(base: str | None) -> str:
    return "http" if (base or "").lower().startswith("http:") else "https"


def _names_feed(url: str) -> bool:
    """Whether a whole part of the address is a feed's name: of the path, of a file's name, of the query, or the host's first."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    names = [unquote(part) for part in parts.path.split("/") if part]
    queries = [word for pair in parse_qsl(parts.query, keep_blank_values=True) for word in pair]
    host = (parts.hostname or "").partition(".")[0]
    if any(_NAME.fullmatch(word) for word in (*names, *queries, host)):
        return True
    last = names[-1] if names else ""
    return bool(_FILE.search(last) or ((kind := _DATA_FILE.search(last)) and _DATA_NAME.search(last[: kind.start()])))


def _title(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _is_of_comments(feed: FoundFeed) -> bool:
    return bool(_COMMENTS.search(feed.url) or _COMMENTS.search(feed.title or ""))
