"""What of a page's or an entry's markup is no text of it: what no reader sees, and what describes a picture."""

import re

from lxml import etree

_HIDING_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:[a-z%]{0,3})\s*(?:;|!|$)|(?:left|top|text-indent)\s*:\s*-\d{4,6})",
    re.IGNORECASE,
)
_HIDING_CLASSES = frozenset(
    {"sr-only", "visually-hidden", "screen-reader-text", "visuallyhidden", "screen-reader-only"}
)
"""What style sheets name the words that are for screen readers alone (Bootstrap, WordPress, HTML5 Boilerplate)."""
_CAPTION_CLASS = re.compile(r"(?:wp-|image-|photo-|img-|media-)?caption(?:-text)?|wp-element-caption", re.IGNORECASE)
_MEDIA = ("img", "picture", "video", "audio", "iframe", "svg", "object", "amp-img")
_CONTENT = ("blockquote", "table", "pre", "code")
"""A figure of these is the text's."""
_HIDING_WORDS = ("hidden", "display", "visibility", "font-size", "<template", "sr-only", "screen-reader", ":-", ": -")
_CAPTION_WORDS = ("<figure", "caption")


def may_hide(markup: str) -> bool:
    """Whether it is worth looking for hidden elements."""
    lower = markup.lower()
    return any(word in lower for word in _HIDING_WORDS)


def may_caption(markup: str) -> bool:
    """Whether it is worth looking for captions."""
    lower = markup.lower()
    return any(word in lower for word in _CAPTION_WORDS)


def drop_hidden(tree: etree._Element) -> None:
    """Take out what no reader of the page sees; its tail stays."""
    for element in [e for e in tree.iter() if isinstance(e.tag, str) and _is_hidden(e)]:
        if element.tag not in ("html", "body"):
            drop(element)


def drop_captions(tree: etree._Element) -> None:
    """Take out figures and captions of media, unless nothing else is told."""
    found = [e for e in tree.iter() if isinstance(e.tag, str) and _is_caption(e)]
    words = len("".join(tree.itertext()).split())
    if words > sum(len("".join(e.itertext()).split()) for e in found if not _is_inside(e, found)):
        for element in found:
            drop(element)


def drop(element: etree._Element) -> None:
    """Take an element out; its tail stays."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _is_inside(element: etree._Element, others: list[etree._Element]) -> bool:
    return any(parent in others for parent in element.iterancestors())


def _is_hidden(element: etree._Element) -> bool:
    hidden = element.get("hidden")
    if (hidden is not None and hidden.lower() != "until-found") or element.tag == "template":
        return True
    if element.get("aria-hidden", "").lower() == "true" or _HIDING_STYLE.search(element.get("style", "")):
        return True
    return not _HIDING_CLASSES.isdisjoint((element.get("class") or "").split())


def _is_caption(element: etree._Element) -> bool:
    if element.tag == "figure":
        return next(element.iter(*_MEDIA), None) is not None and next(element.iter(*_CONTENT), None) is None
    names = (element.get("class") or "").split()
    if not any(_CAPTION_CLASS.fullmatch(name) for name in names):
        return False
    return element.tag != "caption" and next(element.iter(*_CONTENT), None) is None
