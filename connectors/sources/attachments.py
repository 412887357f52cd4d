"""Files that an article links to and that hold its indicators: CSV, STIX and MISP JSON, plain lists.

Each becomes an article of its own that names its parent, so that a list of ten thousand lines neither hides the report nor is lost with it.
Fetched as politely as pages (robots.txt, one at a time, under the guard), when the article is new or has a new wording. What is no such file
after all (a page, an image, one that is too long) is counted with its reason and costs nothing else.
"""

from collections import Counter
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from connectors.sources.charset import decode
from connectors.sources.source import Feed, Tools
from connectors.sources.urls import is_web_address
from pipeline.records import Article
from pipeline.records.identity import article_id, version_id

ATTACHMENTS_PER_ARTICLE_MAX = 5
ATTACHMENTS_MAX = 20
"""Files fetched for one poll."""
ATTACHMENT_BYTES_MAX = 700_000
"""Of one file: with its blocks and names it stays below what Kafka takes as one message."""
ACCEPT_FILE = "text/csv, application/json, application/stix+json, text/plain;q=0.9, */*;q=0.1"

_LISTS = frozenset({".csv", ".json", ".stix", ".stix2", ".ioc", ".iocs"})
_WORDS = ("ioc", "indicator", "stix", "misp", "hashes")
"""A plain text file is a list when its name says so."""


def linked_files(article: Article) -> list[str]:
    """Addresses of such files among the article's enclosures and links, each once, at most `ATTACHMENTS_PER_ARTICLE_MAX`."""
    linked = [block.href for block in article.blocks if block.kind == "link" and block.href]
    enclosed = [one.url for one in article.enclosures]
    found = dict.fromkeys(url for url in (*enclosed, *linked) if is_web_address(url) and _is_list(url))
    return list(found)[:ATTACHMENTS_PER_ARTICLE_MAX]


def _is_list(href: str) -> bool:
    name = file_name(href).lower()
    suffix = PurePosixPath(name).suffix
    return suffix in _LISTS or (suffix == ".txt" and any(word in name for word in _WORDS))


def file_name(url: str) -> str:
    """The last part of the path."""
    return unquote(urlsplit(url).path).rpartition("/")[2]


async def fetch_attachments(
    feed: Feed, articles: tuple[Article, ...], tools: Tools, allow: tuple[str, ...]
) -> tuple[tuple[Article, ...], Counter[str]]:
    """The files that these articles link to, as articles behind their parents; and why some were not taken."""
    found: list[Article] = []
    refused: Counter[str] = Counter()
    wanted = [(article, url) for article in articles for url in linked_files(article)]
    for parent, url in wanted[:ATTACHMENTS_MAX]:
        fetched = await tools.pages.fetch(
            url, tools.getter, tools.now(), allow=allow, is_spaced=feed.is_spaced, accept=ACCEPT_FILE
        )
        if isinstance(fetched, str):
            refused[fetched] += 1
        elif reason := _refusal(fetched.body, fetched.content_type):
            refused[reason] += 1
        else:
            found.append(attachment(parent, url, decode(fetched.body, fetched.content_type).text))
    if beyond := len(wanted) - ATTACHMENTS_MAX:
        refused["beyond-limit"] += max(0, beyond)
    return tuple(found), +refused


def _refusal(body: bytes, content_type: str | None) -> str | None:
    """In a word why the body is no list."""
    if len(body) > ATTACHMENT_BYTES_MAX:
        return "too-large"
    head = body[:1_000].lstrip().lower()
    if "html" in (content_type or "").lower() or head.startswith((b"<!doctype", b"<html")):
        return "not-a-list"
    if not head or b"\0" in head:
        return "not-a-list"
    return None


def attachment(parent: Article, url: str, text: str) -> Article:
    """The file as an article of the parent's feed, day and grade."""
    identity = article_id(feed=parent.feed, url=url, guid=None, title=None, text="")
    title = file_name(url)
    return Article(
        article_id=identity,
        version_id=version_id(identity, title, text),
        feed=parent.feed,
        title=title,
        text=text,
        url=url,
        language=parent.language,
        published=parent.published,
        fetched=parent.fetched,
        tags=parent.tags,
        grade=parent.grade,
        owner=parent.owner,
        full_text=True,
        parent=parent.article_id,
    )
