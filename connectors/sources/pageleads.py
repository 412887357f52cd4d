"""What the search for an article leaves beside it: the lead between headline and body, and the one sentence of a flash.

The search wants paragraphs and many words. A standfirst often stands under the headline, outside the body's box; and a page of one sentence is
too short to be found, so that the whole page is given, menus and all.
"""

import re
from copy import deepcopy

from lxml import etree

from connectors.sources.furniture import drop_furniture, is_lead, tells_of_others
from connectors.sources.markup import element_lines
from connectors.sources.pagelines import PRIVATE_USE, Line
from connectors.sources.unseen import drop

LEAD_WORDS_MIN = 10
LEADS_MAX = 2
"""More sentences between headline and body are something else."""
BOXES_MAX = 60
"""Elements looked at behind the headline."""
FLASH_CHARS_MAX = 600
"""A page whose text is longer is no flash."""
SAME_CHARS = 60
"""By so much of its beginning the body's first line is known again."""

CAPTION_LEVELS = 3
"""So many boxes around a caption hold its picture too."""

_MEDIA_NAME = re.compile(r"caption|credit|image|photo|media|video|gallery|slide", re.IGNORECASE)
_BLOCKS = frozenset(
    {
        "p",
        "h2",
        "h3",
        "h4",
        "div",
        "section",
        "header",
        "blockquote",
        "ul",
        "ol",
        "table",
        "article",
        "main",
        "figure",
        "form",
        "nav",
        "aside",
        "footer",
    }
)
_BOXES = frozenset({"p", "h2", "h3", "h4", "div", "section", "header", "strong", "span"})
_BESIDE = ("nav", "aside", "footer", "form", "figure", "figcaption", "button", "ul", "ol", "table", "select")
_OUTSIDE = (*_BESIDE[:4], "button", "select", "script", "style", "noscript", "figure", "iframe")


def boxes_below_headline(tree: etree._Element) -> list[tuple[str, bool]]:
    """The boxes of words behind the first headline, in order: their words, and whether they may be a lead."""
    boxes: list[tuple[str, bool]] = []
    is_below = False
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "h1" and not is_below:
            is_below = True
        elif (
            is_below and element.tag in _BOXES and not any(child.tag in _BLOCKS for child in element.iterdescendants())
        ):
            words = " ".join(PRIVATE_USE.sub("", "".join(element.itertext())).split())
            if words:
                may_lead = next(element.iter("a"), None) is None and not _is_beside(element)
                boxes.append((words, may_lead))
            if len(boxes) >= BOXES_MAX:
                break
    return boxes


def _is_beside(element: etree._Element) -> bool:
    """Whether it stands in a box of the page, or with a picture, whose caption it is."""
    near = list(element.iterancestors())
    if any(one.tag in _BESIDE for one in near) or any(
        _MEDIA_NAME.search(one.get("class") or "") for one in (element, *near[:2])
    ):
        return True
    return any(
        next(one.iter("img", "picture", "video"), None) is not None and next(one.iter("h1"), None) is None
        for one in near[:CAPTION_LEVELS]
    )


def _tells(words: str) -> bool:
    """Whether it is a sentence of the report; a standfirst that only promises one adds nothing."""
    return is_lead(Line(words, [])) and tells_of_others(words)


def with_leads(lines: list[Line], boxes: list[tuple[str, bool]]) -> list[Line]:
    """The lines, with the sentences that stand between the headline and the first of them."""
    if not lines:
        return lines
    first, told = lines[0].text, "\n".join(line.text for line in lines)
    leads: dict[str, None] = {}
    for words, may_lead in boxes:
        if words[:SAME_CHARS] == first[:SAME_CHARS]:
            return [Line(lead, []) for lead in leads] + lines if len(leads) <= LEADS_MAX else lines
        if may_lead and len(words.split()) >= LEAD_WORDS_MIN and words not in told and _tells(words):
            leads[words] = None
    return lines


def flash_of(tree: etree._Element, hrefs: list[str | None], titles: tuple[str, ...], lines: list[Line]) -> list[Line]:
    """The lines, or of a short page those of its one article alone, where the search found none or took the page with it."""
    told = " ".join(line.text for line in lines)
    if len(told) > FLASH_CHARS_MAX:
        return lines
    box = _article_of(tree)
    if box is None:
        return lines
    own = deepcopy(box)
    own.tail = None
    for element in list(own.iter(*_OUTSIDE)):
        drop(element)
    found = drop_furniture(element_lines(own, hrefs), titles)
    is_within = sum(len(line.text) for line in found) <= len(told) and all(line.text in told for line in found)
    return found if found and (not lines or is_within) else lines


def _article_of(tree: etree._Element) -> etree._Element | None:
    """The one box that is declared to hold the article."""
    for boxes in (
        [e for e in tree.iter() if isinstance(e.tag, str) and "articlebody" in (e.get("itemprop") or "").lower()],
        list(tree.iter("article")),
        [e for e in tree.iter() if isinstance(e.tag, str) and (e.tag == "main" or e.get("role") == "main")],
    ):
        if len(boxes) == 1:
            return boxes[0]
    return None
