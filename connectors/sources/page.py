"""The article on a web page: its text without the page around it, and where in it headings, tables, code and links stand.

trafilatura finds the article; the text is rendered here, so that every block has offsets into exactly the text that is stored. The page
comes as a string: nothing is ever fetched, and nothing is remembered between pages (`deduplicate` stays off), so the same page
always gives the same text.
"""

import logging
from copy import deepcopy

from lxml import etree
from trafilatura import bare_extraction, load_html

from connectors.sources.document import Page
from connectors.sources.furniture import drop_furniture
from connectors.sources.markup import markup_lines
from connectors.sources.pageleads import boxes_below_headline, flash_of, with_leads
from connectors.sources.pagelines import PRIVATE_USE, Line, join_lines, mark_links, render
from connectors.sources.pagemeta import PageMeta, read_meta
from connectors.sources.pageposts import join_posts, keep_leads
from connectors.sources.unseen import drop_hidden
from connectors.sources.urls import resolve
from connectors.sources.walls import WALL_CHARS_MAX, recognise_wall

HTML_CHARS_MAX = 10_000_000
"""Longer pages are cut: no article is that long."""

VISIBLE_CHARS_MAX = WALL_CHARS_MAX + 500
_UNSEEN = frozenset({"script", "style", "head", "title", "noscript", "template", "svg"})

# trafilatura warns of every page it finds nothing on; what became of a page is this connector's to report.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def extract_page(html: str, *, url: str | None = None) -> Page:
    """The article in a page's HTML. Never raises on bad markup; paragraphs are separated by one newline."""
    tree = _load(html[:HTML_CHARS_MAX])
    if tree is None:
        return Page()
    meta = read_meta(tree, url)
    drop_hidden(tree)
    visible = _visible(tree)
    join_posts(tree)
    keep_leads(tree)
    hrefs = [resolve(href, url) for href in mark_links(tree)]
    titles = (meta.title or "", *meta.headlines)
    boxes = boxes_below_headline(tree)
    short = deepcopy(tree) if len(visible) < VISIBLE_CHARS_MAX else None
    found = bare_extraction(tree, url=url, fast=True, include_comments=False, include_tables=True, deduplicate=False)
    lines: list[Line] = []
    if found is not None and hasattr(found, "body"):
        lines = drop_furniture(render(found.body, hrefs), titles)
    if short is not None:
        lines = flash_of(short, hrefs, titles, lines)
    lines = with_leads(lines, boxes)
    return _page(meta, _with_posts(lines, meta.posts), visible, url)


def _with_posts(lines: list[Line], posts: tuple[str, ...]) -> list[Line]:
    """The lines, or the declared posts of a live blog of which the lines have less than half."""
    declared = [line for post in posts for part in post.split("\n") for line in markup_lines(part)]
    told = " ".join(line.text for line in lines)
    missing = [line for line in declared if line.text not in told]
    return declared if len(missing) * 2 > len(declared) else lines


def _load(html: str) -> etree._Element | None:
    try:
        return load_html(PRIVATE_USE.sub("", html)) if html.strip() else None
    except (ValueError, etree.LxmlError):
        return None


def _visible(tree: etree._Element) -> str:
    """The beginning of the words that a reader would see: what stands on a page that has no article."""
    words: list[str] = []
    size = 0
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            text = element.tail
        else:
            text = f"{element.text or ''} {element.tail or ''}"
        if text and text.strip():
            words.append(" ".join(text.split()))
            size += len(words[-1])
            if size > VISIBLE_CHARS_MAX:
                break
    return " ".join(words)


def _page(meta: PageMeta, lines: list[Line], visible: str, url: str | None) -> Page:
    text, blocks = join_lines(lines)
    return Page(
        title=meta.title,
        text=text,
        language=meta.language,
        published=meta.published,
        authors=meta.authors,
        blocks=blocks,
        url=meta.url,
        wall=recognise_wall(meta.title, text, visible=visible, url=url, is_free=meta.is_free),
    )
