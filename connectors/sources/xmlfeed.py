"""RSS 0.9x-2.0, RDF and Atom, by feedparser, behind repairs that keep most broken feeds off its slow path.

The text is repaired first (`xmlrepair.py`), so that the strict parser can read it. feedparser gets bytes in a `BytesIO` and nothing else: it must
never see a `str`, which it would fetch or open. Links are resolved here, against xml:base and the feed's address; dates are read
by `dates.py` from the words of the feed.
"""

import html
import io
import re
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from connectors.sources.dates import parse_date
from connectors.sources.document import FeedDocument, FeedEntry, FeedFormat, NotAFeedError
from connectors.sources.urls import is_web_address, resolve
from connectors.sources.xmlrepair import ENTRY_OPEN, cut_entries, repair
from pipeline.records import Enclosure

Node = Any
"""feedparser's dictionaries; `Any` ends in this module."""

FORMATS: dict[str, FeedFormat] = {
    "rss20": "rss2", "rss10": "rss1", "rss090": "rss1", "rss091n": "rss0", "rss091u": "rss0", "rss092": "rss0", "rss093": "rss0",
    "rss094": "rss0", "rss": "rss2", "atom10": "atom", "atom03": "atom", "atom02": "atom", "atom01": "atom", "atom": "atom", "cdf": "cdf",
}  # fmt: skip
PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
"""sy:updatePeriod (RSS 1.0 syndication module), seconds."""

# feedparser resolves guids as if they were links, against whatever base it knows; a guid is to be taken as it stands.
_FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}

_CHANNEL_LINK = re.compile(r"<link>\s{0,200}(?:<!\[CDATA\[\s{0,200})?([^<>\]\s]{1,2000})")
_MAIL = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w.-]{1,255}")


def read(text: str, *, url: str | None = None) -> FeedDocument:
    """The feed in an XML text (already decoded). Raises `NotAFeedError`."""
    warnings: list[str] = []
    whole, cut = cut_entries(text)
    repaired = repair(whole, warnings)
    base = _base_of_links(repaired, url)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": base or ""}
    parsed = feedparser.parse(
        io.BytesIO(repaired.encode("utf-8", "replace")),
        response_headers=headers,
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not parsed.entries and not parsed.version and not parsed.feed.get("title"):
        raise NotAFeedError(f"not readable as a feed: {_complaint(parsed) or 'no feed element in it'}")
    if parsed.bozo and (complaint := _complaint(parsed)):
        warnings.append(f"not well-formed: {complaint}")
    feed = parsed.feed
    base = base or _text(feed.get("link"))
    return FeedDocument(
        format=FORMATS.get(parsed.version, "unknown"),
        title=_text(feed.get("title")),
        language=_text(feed.get("language")),
        link=resolve(_text(feed.get("link")), url),
        entries=tuple(_entry(entry, base, is_atom=parsed.version.startswith("atom")) for entry in parsed.entries),
        cut=cut,
        interval_s=_interval(feed),
        hub=_link(feed, "hub", base),
        self_url=_link(feed, "self", base),
        warnings=tuple(warnings),
    )


def _base_of_links(text: str, url: str | None) -> str | None:
    """What relative links are relative to: the channel's link in RSS (its best practice), the document's address in Atom."""
    first = ENTRY_OPEN.search(text)
    if first is None or first[0].lstrip("<").rstrip(" >/\t\r\n").endswith("entry"):
        return url
    found = _CHANNEL_LINK.search(text, 0, first.start())
    link = resolve(html.unescape(found[1]), url) if found else None
    return link if is_web_address(link) else url


def _entry(entry: Node, base: str | None, *, is_atom: bool) -> FeedEntry:
    guid = _text(entry.get("id"))
    content, content_base = _content(entry, is_atom=is_atom)
    summary, summary_base = _words(entry.get("summary_detail"), entry.get("summary"), is_atom=is_atom)
    if content is None and summary is None:
        summary = _text(entry.get("media_owndescription"))  # all that YouTube's entries have
    published = _date(entry, "published", "created", "issued")
    updated = _date(entry, "updated", "modified")
    if published is None and not is_atom:
        published, updated = updated, None  # dc:date, which feedparser files under "updated", is RSS 1.0's one date
    return FeedEntry(
        guid=guid,
        url=_entry_link(entry, guid, base),
        original_url=_text(entry.get("feedburner_origlink")),
        title=_text(entry.get("title")) or _text(entry.get("media_owntitle")),
        is_plain_title=is_atom and (entry.get("title_detail") or {}).get("type") == "text/plain",
        published=published,
        updated=updated,
        authors=_authors(entry, is_atom=is_atom),
        summary=summary,
        content=content,
        summary_base=summary_base,
        content_base=content_base,
        categories=tuple(
            dict.fromkeys(t for tag in _list(entry, "tags") if (t := _text(tag.get("term") or tag.get("label"))))
        ),
        language=_text((entry.get("title_detail") or {}).get("language")),
        enclosures=_enclosures(entry, base),
    )


def _enclosures(entry: Node, base: str | None) -> tuple[Enclosure, ...]:
    """What RSS and Atom enclose, then what Media RSS names (`media:content`), each address once."""
    found = [
        Enclosure(u, _text(e.get("type")), _length(e.get("length")))
        for e in _list(entry, "links")
        if e.get("rel") == "enclosure" and (u := resolve(_text(e.get("href")), base))
    ]
    found += [
        Enclosure(u, _text(e.get("type")), _length(e.get("filesize")))
        for e in _list(entry, "media_content")
        if (u := resolve(_text(e.get("url")), base))
    ]
    by_url: dict[str, Enclosure] = {}
    for one in found:
        by_url.setdefault(one.url, one)
    return tuple(by_url.values())


def _entry_link(entry: Node, guid: str | None, base: str | None) -> str | None:
    """The alternate link, else feedparser's choice, else a guid that is an address."""
    found = _link(entry, "alternate", base) or resolve(_text(entry.get("link")), base)
    if found is not None and found == guid and ":" in found and not is_web_address(found):
        return None  # feedparser takes any guid for the link of an entry without one: tag:, urn:
    if found is None and entry.get("guidislink") is False:
        return None  # isPermaLink="false": an address that names, and leads nowhere
    if not _list(entry, "links") and entry.get("guidislink") and not is_web_address(guid):
        return None  # a number, which feedparser takes for a relative link
    return found or (guid if is_web_address(guid) else None)


def _link(holder: Node, rel: str, base: str | None) -> str | None:
    links = [
        link for link in _list(holder, "links") if rel in (link.get("rel") or "alternate").split() and link.get("href")
    ]
    # Of several alternates the page for people comes first.
    links.sort(key=lambda link: (link.get("type") or "text/html") not in ("text/html", "application/xhtml+xml"))
    return resolve(_text(links[0].get("href")), base) if links else None


def _date(entry: Node, *names: str) -> Any:
    return next((moment for name in names if (moment := parse_date(_text(_raw(entry, name))))), None)


def _raw(entry: Node, name: str) -> object:
    """The entry's own value: feedparser's mapping answers "published" for "updated" when asked politely."""
    return dict.get(entry, name)


def _list(holder: Any, name: str) -> list[Any]:
    """What feedparser gathers under a name; a feed that has an element of that very name (<authors>) puts its text there instead."""
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _authors(entry: Node, *, is_atom: bool) -> tuple[str, ...]:
    whole = _text(entry.get("author"))
    if whole and "@" in whole and not is_atom and len(_list(entry, "authors")) < 2:
        return (_person(whole),)  # feedparser cuts addresses whose last part is longer than it knows
    names = [_text(author.get("name") or author.get("email")) for author in _list(entry, "authors")]
    return tuple(dict.fromkeys(name for name in names if name)) or tuple(filter(None, [_text(entry.get("author"))]))


def _person(author: str) -> str:
    """The name in `mail (Name)`, `Name <mail>` and `Name, mail`; else the address."""
    name = _MAIL.sub(" ", author).strip(" ()<>,;-\"'")
    return name or author


def _content(entry: Node, *, is_atom: bool) -> tuple[str | None, str | None]:
    """The longest content as markup, and its base."""
    found = [
        _words(one, one.get("value"), is_atom=is_atom)
        for one in _list(entry, "content")
        if _is_text(one, is_atom=is_atom)
    ]
    return max(found, key=lambda one: len(one[0] or ""), default=(None, None))


def _is_text(detail: Node, *, is_atom: bool) -> bool:
    """Whether a content is words: Atom's may be a picture in base64, or any XML."""
    kind = _text(detail.get("type")) or "text"
    return not is_atom or kind.startswith("text") or kind in ("html", "xhtml", "application/xhtml+xml")


def _words(detail: Node, value: object, *, is_atom: bool) -> tuple[str | None, str | None]:
    """A text construct as markup, and its base; what Atom declares to be text has its tags as words (RFC 4287, 3.1.1.1)."""
    words = _text(value)
    detail = detail if isinstance(detail, dict) else {}
    if words and is_atom and detail.get("type") == "text/plain":
        words = html.escape(words, quote=False)
    return words, _text(detail.get("base")) if is_atom else None


def _interval(feed: Node) -> int | None:
    """The longest of ttl (minutes) and the syndication module's period over its frequency."""
    wishes = []
    if (ttl := _length(feed.get("ttl"))) is not None:
        wishes.append(ttl * 60)
    if period := PERIODS_S.get((_text(feed.get("sy_updateperiod")) or "").lower()):
        wishes.append(period // max(1, _length(feed.get("sy_updatefrequency")) or 1))
    return max(wishes, default=None)


def _length(value: object) -> int | None:
    text = _text(value)
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def _text(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _complaint(parsed: Node) -> str | None:
    error = parsed.get("bozo_exception")
    if error is None:
        return None
    message = getattr(error, "getMessage", error.__str__)()
    line = getattr(error, "getLineNumber", lambda: None)()
    return f"{message} (line {line})" if line else str(message)
