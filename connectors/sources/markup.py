"""The markup that feeds carry (summaries, contents, titles) as plain text with blocks.

Whatever is in it (scripts, broken tags, plain text that was never markup) comes out as lines of text: paragraphs, headings, list items,
table rows, code, with links marked. Nothing of it is ever rendered or fetched.
"""

import html
import re

from lxml import etree
from lxml.html.defs import tags

from connectors.sources.pagelines import INVISIBLE, PRIVATE_USE, Line, mark_links, render
from connectors.sources.unseen import drop_captions, drop_hidden, may_caption, may_hide
from connectors.sources.urls import resolve

MARKUP_CHARS_MAX = 2_000_000
"""Longer markup is cut."""
TITLE_CHARS_MAX = 1_000

_TAG = re.compile(r"<(?:[A-Za-z!/?])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PARAGRAPHS = re.compile(r"\n[ \t\r]*\n")
# NUL stops PostgreSQL, lone surrogates stop UTF-8, the other C0 and C1 controls stand for nothing in prose.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
_FEED_TAIL = re.compile(
    r"^(?:the post .{1,300} (?:appeared first on|first appeared on) .{1,200}|continue reading\b.{0,200}|read (?:more|the (?:full|whole) (?:story|article))\b.{0,100}"
    r"|\[?(?:…|\.\.\.)\]?|source: .{1,100}|via .{1,60}|weiterlesen.{0,100}|lire la suite.{0,100}|leer más.{0,100}|view (?:article|the full article).{0,100}|comments?|\d+ comments)$",
    re.IGNORECASE,
)
"""Lines that publishing software puts under every entry."""

_DROPPED = (
    "script",
    "style",
    "head",
    "template",
    "svg",
    "object",
    "iframe",
    "form",
    "button",
    "noscript",
    "math",
    "audio",
    "video",
)
_CAPTION_CODE = re.compile(r"\[caption\b[^\]]{0,500}\](?:(?!\[/caption\]).){0,2000}\[/caption\]", re.DOTALL)
"""WordPress's caption, where the theme left it as it was written."""
_TAG_NAME = re.compile(r"<(/?[A-Za-z][^\s<>/]{0,60})([^<>]{0,500})>")
_HTML_NAMES = frozenset(tags) | {
    "picture",
    "source",
    "main",
    "svg",
    "math",
    "center",
    "font",
    "nobr",
    "wbr",
    "blink",
    "marquee",
    "template",
    "dialog",
}
_BARE = re.compile(rf"<({'|'.join(_DROPPED)}|textarea|title|select|xmp|plaintext|frameset)>", re.IGNORECASE)
"""A tag that a browser reads everything behind it into, without any attribute."""
_NAMES = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "head"),
    **dict.fromkeys(("li", "dt", "dd"), "item"),
    **dict.fromkeys(("td", "th"), "cell"),
    "tr": "row",
    "br": "lb",
    "hr": "lb",
    "pre": "code",
    "blockquote": "quote",
    **dict.fromkeys(("ul", "ol", "dl", "menu"), "list"),
    **dict.fromkeys(
        ("p", "section", "article", "main", "header", "footer", "aside", "figure", "figcaption", "address", "details", "summary", "center", "caption"),
        "p",
    ),
}  # fmt: skip
"""HTML's elements by the names that `pagelines` reads."""


def clean_text(text: str) -> str:
    """Without what must not travel: NUL, lone surrogates, control characters."""
    return _CONTROLS.sub("", text)


def plain_title(markup: str | None, *, is_plain: bool = False) -> str | None:
    """A title as one line of plain text; entities that were escaped twice are read twice, of declared text none."""
    if not markup:
        return None
    text = _without_cdata(markup[: TITLE_CHARS_MAX * 4])
    if not is_plain and (_TAG.search(text) or _ENTITY.search(text)):
        text = _TAG_NAME.sub(_unless_html, _tags_as_words(text))
    if is_plain:
        pass
    elif _TAG.search(text) or _ENTITY.search(text):
        text = " ".join(line.text for line in markup_lines(text)) if _TAG.search(text) else html.unescape(text)
        text = html.unescape(text) if _ENTITY.search(text) else text
    return _SPACE.sub(" ", clean_text(text)).strip()[:TITLE_CHARS_MAX] or None


def _unless_html(tag: re.Match[str]) -> str:
    """A tag of a title whose name HTML does not know (`List<String>`) as the words it is."""
    name = tag[1].lstrip("/").lower()
    is_tag = name in _HTML_NAMES or (("-" in name or ":" in name) and "@" not in name)
    return tag[0] if is_tag else f"&lt;{tag[1]}{tag[2]}&gt;"


def markup_lines(markup: str, base: str | None = None) -> list[Line]:
    """The markup as lines with blocks; links are made absolute against `base`."""
    markup = _CAPTION_CODE.sub(" ", markup) if "[/caption]" in markup else markup
    markup = _tags_as_words(_without_cdata(PRIVATE_USE.sub("", clean_text(markup[:MARKUP_CHARS_MAX]))))
    if not _TAG.search(markup):
        return _plain_lines(html.unescape(markup))
    root = _parse(markup)
    if root is None:
        return _plain_lines(html.unescape(markup))
    lines = element_lines(root, [resolve(href, base) for href in mark_links(root)])
    while lines and len(lines) > 1 and _FEED_TAIL.match(lines[-1].text):
        lines.pop()
    return lines


def element_lines(root: etree._Element, hrefs: list[str | None]) -> list[Line]:
    """An element of HTML, whose links are marked, as lines; it is changed in place."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag in _NAMES:
            element.tag = _NAMES[element.tag]
    return render(root, hrefs)


def _without_cdata(markup: str) -> str:
    """Without the marks of a CDATA section that was escaped, and so is none."""
    if "<![CDATA[" in markup:
        return markup.replace("<![CDATA[", "").replace("]]>", "")
    return markup.rstrip().removesuffix("]]>") if markup.rstrip().endswith("]]>") else markup


def _tags_as_words(markup: str) -> str:
    """With bare tags that would swallow what follows, and are never closed (`the <script> filter`), as the words they are."""
    if not _BARE.search(markup):
        return markup
    lower = markup.lower()
    return _BARE.sub(lambda t: t[0] if f"</{t[1].lower()}" in lower else f"&lt;{t[1]}&gt;", markup)


def _parse(markup: str) -> etree._Element | None:
    parser = etree.HTMLParser(recover=True, no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(f"<div>{markup}</div>".encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None
    if root is None:
        return None
    if may_hide(markup):
        drop_hidden(root)
    if may_caption(markup):
        drop_captions(root)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return root


def _plain_lines(text: str) -> list[Line]:
    """Text that is no markup: blank lines part paragraphs, other line breaks are white space."""
    paragraphs = (_SPACE.sub(" ", clean_text(p)).strip() for p in _PARAGRAPHS.split(text.translate(INVISIBLE)))
    return [Line(p, []) for p in paragraphs if p]
