"""RSS 0.9x-2.0, RDF and Atom, by feedparser, behind repairs that keep most broken feeds off its slow path.

The text is repaired first (junk before the root, control characters, bare ampersands, HTML's named entities), so that the strict parser
can read it; entries beyond the limit are cut out before parsing. feedparser gets bytes in a `BytesIO` and nothing else: it must
never see a `str`, which it would fetch or open. Links are resolved here, against xml:base and the feed's address; dates are read
by `dates.py` from the words of the feed.
"""

import html.entities
import io
import itertools
import re
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from connectors.sources.dates import parse_date
from connectors.sources.document import ENTRIES_MAX, FeedDocument, FeedEntry, FeedFormat, NotAFeedError, newest_entries
from connectors.sources.urls import is_web_address, resolve
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

_CDATA_OPEN = "<![CDATA["
_CDATA_CLOSE = "]]>"
_CDATA_ESCAPED = "&lt;![CDATA["
_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,400}\?>")
_ENTRY_OPEN = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s>/]")
_ENTRY_CLOSE = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:item|entry)\s*>")
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_PAIR = re.compile(
    r"&#(?:(5[56]\d{3});&#(5[67]\d{3})|[xX]([dD][89abAB][0-9a-fA-F]{2});&#[xX]([dD][c-fC-F][0-9a-fA-F]{2}));"
)
"""A character beyond the first 65,536 written as the two halves of UTF-16."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTRY_DATE = re.compile(
    r"<(?:[\w.-]+:)?(?:pubDate|published|updated|issued|modified|date)\b[^<>]{0,100}>(?:<!\[CDATA\[)?([^<>\]]{4,100})"
)
_CHANNEL_LINK = re.compile(r"<link>\s{0,200}(?:<!\[CDATA\[\s{0,200})?([^<>\]\s]{1,2000})")
_LINK_WITHOUT_SCHEME = re.compile(r"(<link>\s*(?:<!\[CDATA\[\s*)?)(?=www\.[\w-]+\.[\w.-])")
_MAIL = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w.-]{1,255}")
_MEDIA_PREFIX = re.compile(
    r"xmlns:([A-Za-z_][\w.-]{0,20})\s*=\s*[\"']https?://(?:search\.yahoo\.com|video\.search\.yahoo\.com|tools\.search\.yahoo\.com)/mrss/?[\"']"
)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ENTITY_DECLARATION = "<!ENTITY"
SHOWN_MAX = 5
"""Kinds of a repair that its warning names."""


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


def cut_entries(text: str, entries_max: int = ENTRIES_MAX) -> tuple[str, int]:
    """The text with the newest entries up to the limit, and how many are cut; what follows the last entry is kept."""
    starts = [match.start() for match in _ENTRY_OPEN.finditer(text)]
    if len(starts) <= entries_max:
        return text, 0
    end = max((match.end() for match in _ENTRY_CLOSE.finditer(text, starts[-1])), default=len(text))
    pieces = [text[a:b] for a, b in itertools.pairwise([*starts, end])]
    dates = [parse_date(found[1].strip()) if (found := _ENTRY_DATE.search(piece)) else None for piece in pieces]
    kept = "".join(pieces[number] for number in newest_entries(dates, entries_max))
    return text[: starts[0]] + kept + text[end:], len(starts) - entries_max


def _base_of_links(text: str, url: str | None) -> str | None:
    """What relative links are relative to: the channel's link in RSS (its best practice), the document's address in Atom."""
    first = _ENTRY_OPEN.search(text)
    if first is None or first[0].lstrip("<").rstrip(" >/\t\r\n").endswith("entry"):
        return url
    found = _CHANNEL_LINK.search(text, 0, first.start())
    link = resolve(html.unescape(found[1]), url) if found else None
    return link if is_web_address(link) else url


def repair(text: str, warnings: list[str]) -> str:
    """The text with what would stop an XML parser mended, outside CDATA sections only."""
    text, controls = _CONTROL.subn("", text)
    if controls:
        warnings.append(f"{controls} control characters")
    start = max(text.find("<"), 0)
    if text[:start].strip():
        warnings.append("text before the document")
    text = _PAIR.sub(_join_halves, text[start:])
    while text.startswith("<?xml") and (declaration := _DECLARATION.match(text)):
        text = text[declaration.end() :].lstrip()
    if text.startswith("<?xml"):  # `<?xml?xml version=…`, `<?xml version="1.0">`: there is no reading it, nor a need to
        text = text[text.find(">") + 1 :].lstrip()
        warnings.append("an XML declaration that is none")
    has_own_entities = _ENTITY_DECLARATION in text[:10_000]
    parts = []
    bad: list[str] = []
    position = 0
    while (opened := text.find(_CDATA_OPEN, position)) >= 0:
        parts.append(_mend_ampersands(text[position:opened], bad, keep_unknown=has_own_entities))
        closed = _end_of_cdata(text, opened)
        position = len(text) if closed < 0 else closed + len(_CDATA_CLOSE)
        inner = text[opened + len(_CDATA_OPEN) : closed if closed >= 0 else len(text)]
        if _CDATA_CLOSE in inner:
            inner = inner.replace(_CDATA_OPEN, "").replace(_CDATA_CLOSE, "")
            warnings.append("CDATA within CDATA")
        parts.append(f"{_CDATA_OPEN}{inner}{_CDATA_CLOSE}")
    parts.append(_mend_ampersands(text[position:], bad, keep_unknown=has_own_entities))
    mended, links = _LINK_WITHOUT_SCHEME.subn(r"\1https://", "".join(parts))
    if links:
        warnings.append(f"{links} links without a scheme")
    if len(bad):
        warnings.append(
            f"{len(bad)} references or ampersands that XML does not know: {', '.join(sorted(set(bad))[:SHOWN_MAX])}"
        )
    if _CDATA_ESCAPED in mended:
        warnings.append("CDATA that was escaped")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _name_media_words(mended)


def _end_of_cdata(text: str, opened: int) -> int:
    """Where the section that begins at `opened` closes; one with sections inside at its last close before the entry's end."""
    closed = text.find(_CDATA_CLOSE, opened)
    position = opened + len(_CDATA_OPEN)
    while closed >= 0 and (inner := text.find(_CDATA_OPEN, position, closed)) >= 0:
        position = inner + len(_CDATA_OPEN)
        after = closed + len(_CDATA_CLOSE)
        further = text.find(_CDATA_CLOSE, after)
        if further < 0 or text.find(_CDATA_OPEN, after, further) >= 0 or _ENTRY_CLOSE.search(text, after, further):
            break
        closed = further
    return closed


def _name_media_words(text: str) -> str:
    """Media RSS's titles and descriptions under names of their own: feedparser takes them for the entry's."""
    found = _MEDIA_PREFIX.search(text)
    if found is None:
        return text
    return re.sub(rf"(</?{re.escape(found[1])}:)(title|description)(?=[\s/>])", r"\1own\2", text)


def _mend_ampersands(markup: str, bad: list[str], *, keep_unknown: bool) -> str:
    def mend(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            bad.append("&")
            return "&amp;"
        if name in _XML_ENTITIES:
            return match[0]
        if name.startswith("#"):
            if _is_xml_character(name):
                return match[0]
            bad.append(match[0])
            return ""
        known = html.entities.html5.get(f"{name};")
        if known is None:
            if keep_unknown:
                return match[0]
            bad.append(match[0])
            return f"&amp;{name};"
        return known.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    return _AMPERSAND.sub(mend, markup)


def _join_halves(pair: re.Match[str]) -> str:
    high, low = (int(pair[1]), int(pair[2])) if pair[1] else (int(pair[3], 16), int(pair[4], 16))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return pair[0]
    return f"&#{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00};"


def _is_xml_character(reference: str) -> bool:
    """Whether `#8217` or `#x2019` may stand in XML 1.0 (section 2.2)."""
    code = int(f"0{reference[1:]}", 16) if reference[1] in "xX" else int(reference[1:])
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


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
