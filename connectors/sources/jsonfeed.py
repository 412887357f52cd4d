"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read leniently: a field of a wrong type is left out with a warning, never the feed."""

import json
import re
from typing import Any

import msgspec

from connectors.sources.dates import parse_date
from connectors.sources.document import ENTRIES_MAX, FeedDocument, FeedEntry, NotAFeedError, newest_entries
from connectors.sources.urls import resolve
from pipeline.records import Enclosure

Object = dict[str, Any]
"""A decoded JSON object; `Any` ends in this module."""

_BAD_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|(.|$))', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(text: str, *, url: str | None = None) -> FeedDocument:
    """The feed in a JSON text. Raises `NotAFeedError`."""
    try:
        feed, complaint = _decode(text.rstrip("\0 \t\r\n"))
    except (ValueError, RecursionError) as error:
        raise NotAFeedError(f"not readable as JSON: {error}") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not ("jsonfeed.org" in str(feed.get("version", "")) or "title" in feed):
        raise NotAFeedError("JSON, but no JSON Feed: it has no list of items")
    warnings = [f"repaired JSON: {complaint}"] if complaint else []
    entries = []
    for item in _newest(items):
        if isinstance(item, dict):
            entries.append(_entry(item, feed, url))
        else:
            warnings.append("an item is no object")
    return FeedDocument(
        format="json",
        title=_text(feed.get("title")),
        language=_text(feed.get("language")),
        link=resolve(_text(feed.get("home_page_url")), url),
        entries=tuple(entries),
        cut=max(0, len(items) - ENTRIES_MAX),
        self_url=_text(feed.get("feed_url")),
        hub=next((h for hub in _objects(feed.get("hubs")) if (h := _text(hub.get("url")))), None),
        warnings=tuple(warnings),
    )


def _decode(text: str) -> tuple[Any, str | None]:
    """The value, and what had to be mended: halves of surrogate pairs, raw control characters, escapes that are none, commas before an end.

    Raises ValueError.
    """
    try:
        return msgspec.json.decode(text), None
    except (msgspec.DecodeError, UnicodeError) as error:
        mended = _BAD_ESCAPE.sub(lambda found: found[0] if found[1] is None else f"\\{found[0]}", text)
        mended = _STRING_OR_COMMA.sub(lambda found: "" if found[0] == "," else found[0], mended)
        return _scrub(json.loads(mended, strict=False)), str(error)


def _scrub(value: Any) -> Any:
    """Without lone surrogates, which no UTF-8 can carry."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_scrub(one) for one in value]
    return {_scrub(k): _scrub(v) for k, v in value.items()} if isinstance(value, dict) else value


def _newest(items: list[Any]) -> list[Any]:
    """The items that are read: all, or of too many the newest by their dates, else the first."""
    dates = [parse_date(_text(i.get("date_published"))) if isinstance(i, dict) else None for i in items[ENTRIES_MAX:]]
    if not dates:
        return items
    moments = [parse_date(_text(i.get("date_published"))) if isinstance(i, dict) else None for i in items[:ENTRIES_MAX]]
    return [items[n] for n in newest_entries(moments + dates, ENTRIES_MAX)]


def _entry(item: Object, feed: Object, url: str | None) -> FeedEntry:
    base = _text(feed.get("home_page_url")) or url
    markup = _text(item.get("content_html"))
    plain = _text(item.get("content_text"))
    return FeedEntry(
        guid=_text(item.get("id")),
        url=resolve(_text(item.get("url")) or _text(item.get("external_url")), base),
        title=_text(item.get("title")),
        is_plain_title=True,
        published=parse_date(_text(item.get("date_published"))),
        updated=parse_date(_text(item.get("date_modified"))),
        authors=_authors(item) or _authors(feed),
        summary=_escape(_text(item.get("summary"))),
        content=markup or _escape(plain),
        categories=tuple(t for tag in _list(item.get("tags")) if (t := _text(tag))),
        language=_text(item.get("language")),
        enclosures=tuple(
            Enclosure(u, _text(a.get("mime_type")), _whole(a.get("size_in_bytes")))
            for a in _objects(item.get("attachments"))
            if (u := resolve(_text(a.get("url")), base))
        ),
    )


def _authors(holder: Object) -> tuple[str, ...]:
    people = [*_objects(holder.get("authors")), *_objects([holder.get("author")])]
    return tuple(dict.fromkeys(name for person in people if (name := _text(person.get("name")))))


def _text(value: object) -> str | None:
    """Numbers too: the standard asks readers to coerce ids."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def _escape(plain: str | None) -> str | None:
    """Plain text as the markup that every other entry carries."""
    return plain and plain.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>\n")


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**63 else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[Object]:
    return [v for v in _list(value) if isinstance(v, dict)]
