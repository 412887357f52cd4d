"""What a web page says about itself: title, language, times, authors. Read from what is declared, never guessed from the text."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from lxml import etree
from msgspec import Struct

from connectors.sources.dates import parse_date
from connectors.sources.urls import is_web_address, resolve

JSON_LD_CHARS_MAX = 500_000
"""Longest block of JSON-LD that is read."""
ARTICLE_TYPES = frozenset(
    {"Article", "NewsArticle", "BlogPosting", "Report", "ReportageNewsArticle", "AnalysisNewsArticle", "LiveBlogPosting", "TechArticle", "OpinionNewsArticle", "ScholarlyArticle"}
)  # fmt: skip
"""schema.org types that are the page's article."""

_PUBLISHED = ("article:published_time", "og:article:published_time", "datepublished", "dc.date.issued", "dcterms.created", "dc.date", "parsely-pub-date", "sailthru.date", "pubdate", "publish-date", "article.published", "date")  # fmt: skip
_TITLE = ("og:title", "twitter:title", "dc.title")
_AUTHOR = ("author", "dc.creator", "parsely-author", "sailthru.author")
_URL_DATE = re.compile(r"/((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})(?:/|$)")
_SITE_TAIL = re.compile(r"(?<!\s)\s+[|–—·»-]\s+[^|–—·»]{2,40}$")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")


class PageMeta(Struct, frozen=True, kw_only=True):
    """What the page declares; `title` is the article's, without the site's name."""

    title: str | None = None
    headlines: tuple[str, ...] = ()  # every h1
    language: str | None = None  # primary subtag, lower case
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None  # rel=canonical
    posts: tuple[str, ...] = ()  # of a live blog, as its JSON-LD gives them
    is_free: bool | None = None  # isAccessibleForFree of the article


def read_meta(root: etree._Element, url: str | None = None) -> PageMeta:
    """The declarations of a parsed page; JSON-LD of an article before meta elements before the page's frame."""
    meta = _meta_elements(root)
    article = next(_articles(root), {})
    headlines = tuple(text for h1 in root.iter("h1") if (text := _squeeze("".join(h1.itertext()))))
    return PageMeta(
        title=_title(root, meta, article, headlines),
        headlines=headlines,
        language=_language(root, meta, article),
        published=_published(meta, article, root, url),
        authors=_authors(meta, article),
        url=_canonical(root, url),
        posts=_posts(root),
        is_free=_is_free(article),
    )


def _meta_elements(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _articles(root: etree._Element) -> Iterator[dict[str, Any]]:
    for script in root.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json" or not script.text:
            continue
        try:
            data = msgspec.json.decode(script.text[:JSON_LD_CHARS_MAX].strip())
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            if ARTICLE_TYPES & set(kinds if isinstance(kinds, list) else [kinds] if isinstance(kinds, str) else []):
                yield node


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    """The objects at the top of a JSON-LD block, in its list, or in its @graph."""
    for node in data if isinstance(data, list) else [data]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            if isinstance(graph, list):
                yield from (inner for inner in graph if isinstance(inner, dict))


def _title(
    root: etree._Element, meta: dict[str, str], article: dict[str, Any], headlines: tuple[str, ...]
) -> str | None:
    declared = _string(article.get("headline")) or next((meta[name] for name in _TITLE if name in meta), None)
    if declared is None and len(headlines) == 1:
        return headlines[0]
    if declared is None:
        element = next(root.iter("title"), None)
        declared = "".join(element.itertext()) if element is not None else None
    declared = _squeeze(declared or "")
    # A headline of the page that the declared title repeats (with the site's name behind it) is the title itself.
    for headline in headlines:
        if len(headline) > 3 and headline.casefold() in declared.casefold():
            return headline
    return _SITE_TAIL.sub("", declared) or (headlines[0] if headlines else None)


def _language(root: etree._Element, meta: dict[str, str], article: dict[str, Any]) -> str | None:
    claims = (
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang"),
        _string(article.get("inLanguage")),
        meta.get("og:locale"),
        meta.get("content-language"),
        meta.get("language"),
    )
    return next((found[0].lower() for claim in claims if claim and (found := _LANGUAGE.match(claim.strip()))), None)


def _published(meta: dict[str, str], article: dict[str, Any], root: etree._Element, url: str | None) -> datetime | None:
    claims = [_string(article.get("datePublished")), *(meta.get(name) for name in _PUBLISHED)]
    claims += [
        element.get("datetime")
        for element in root.iter("time")
        if "datepublished" in (element.get("itemprop") or "").lower() or element.get("pubdate") is not None
    ]
    if url and (found := _URL_DATE.search(url)):
        claims.append("-".join(part.zfill(2) for part in found.groups()))
    return next((moment for claim in claims if (moment := parse_date(claim))), None)


def _authors(meta: dict[str, str], article: dict[str, Any]) -> tuple[str, ...]:
    people = article.get("author")
    names = [
        _string(person.get("name")) if isinstance(person, dict) else _string(person)
        for person in (people if isinstance(people, list) else [people])
    ]
    if not any(names):
        names = [meta.get(name) for name in _AUTHOR]
    return tuple(dict.fromkeys(_squeeze(n) for n in names if n and "://" not in n))


def _canonical(root: etree._Element, url: str | None) -> str | None:
    links = (e.get("href") for e in root.iter("link") if "canonical" in (e.get("rel") or "").lower().split())
    return next((found for link in links if is_web_address(found := resolve(link, url))), None)


def _posts(root: etree._Element) -> tuple[str, ...]:
    """The posts of a LiveBlogPosting (schema.org's liveBlogUpdate), in the page's order: headline and body."""
    posts: list[dict[str, Any]] = []
    for node in _articles(root):
        updates = node.get("liveBlogUpdate")
        posts += [u for u in (updates if isinstance(updates, list) else [updates]) if isinstance(u, dict)]
    told = ((_string(post.get("headline")), _string(post.get("articleBody"))) for post in posts)
    return tuple("\n".join(filter(None, (headline, body))) for headline, body in told if body)


def _is_free(article: dict[str, Any]) -> bool | None:
    """schema.org's isAccessibleForFree, which is written as a boolean and as a word."""
    value = article.get("isAccessibleForFree")
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).strip().lower())


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _squeeze(text: str) -> str:
    return " ".join(text.split())
