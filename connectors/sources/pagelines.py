"""An article's tree as lines of text with blocks.

The tree is trafilatura's (`p`, `head`, `list`/`item`, `table`/`row`/`cell`, `quote`, `code`, `lb`, `ref`, `hi`). A line is a paragraph, a heading, a
list item, a table row, a line of code.
"""

import re

from lxml import etree
from msgspec import Struct

from pipeline.records import Block, BlockKind

CELL_SEPARATOR = " | "
TEXT_CHARS_MAX = 500_000
"""Longest text of an article; the rest is cut at the end of a line."""

LINK_END = "\ue001"
LINK_FIRST = "\U000f0000"
LINKS_MAX = 60_000
"""Links marked on a page; as many as the private use area has room for."""
PRIVATE_USE = re.compile("[\ue001\U000f0000-\U000ffffd]")
"""What a page may not contain itself, because it stands for the marks."""

_MARKS = re.compile(f"({PRIVATE_USE.pattern})")
_BLOCK_KINDS: dict[str, BlockKind] = {"head": "heading", "item": "list", "code": "code"}
_LINES = frozenset({"p", "head", "item", "row", "quote", "list", "table", "div", "body", "lb"})
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
"""Characters without width that pages strew between words: zero-width space, word joiner, BOM, soft hyphen."""
_SPACE = re.compile(r"[^\S\n]+")
_BROKEN = re.compile(r"(?<!\s)\s*\n\s*")


class Line(Struct):
    """One line with its blocks, whose offsets are into `text`."""

    text: str
    blocks: list[Block]
    is_heading: bool = False
    is_in_list: bool = False

    @property
    def link_share(self) -> float:
        """Share of the characters that stand in links."""
        linked = sum(b.end - b.start for b in self.blocks if b.kind == "link")
        return linked / max(1, len(self.text))


class _Writer:
    """Collects text into lines; offsets are of the line being written."""

    def __init__(self, hrefs: list[str | None]) -> None:
        self.hrefs = hrefs
        self._open_link: tuple[int, int] | None = None  # where it began, which it is
        self.lines: list[Line] = []
        self._text = ""
        self._blocks: list[Block] = []
        self._heading = self._list = False

    def write(self, text: str | None) -> None:
        """Add words to the line, with white space run together."""
        words = _SPACE.sub(" ", _BROKEN.sub(" ", (text or "").translate(INVISIBLE)))
        for piece in _MARKS.split(words):
            if piece == LINK_END:
                self._end_link()
            elif piece and piece[0] >= LINK_FIRST:
                self._end_link()
                self._open_link = len(self._text), ord(piece) - ord(LINK_FIRST)
            elif piece.startswith(" ") and (not self._text or self._text.endswith(" ")):
                self._text += piece[1:]
            else:
                self._text += piece

    def _end_link(self) -> None:
        if self._open_link is not None:
            start, number = self._open_link
            end = len(self._text.rstrip())
            start += len(self._text[start:]) - len(self._text[start:].lstrip())
            if number < len(self.hrefs) and start < end:
                self._blocks.append(Block(start, end, "link", href=self.hrefs[number]))
        self._open_link = None

    def end_line(self) -> None:
        """Begin a new line; an empty one leaves no trace."""
        self._end_link()
        text = self._text.rstrip()
        if text:
            blocks = [Block(b.start, min(b.end, len(text)), b.kind, b.row, b.column, b.href) for b in self._blocks]
            kept = [b for b in blocks if b.start < b.end]
            self.lines.append(Line(text, kept, self._heading, self._list))
        self._text, self._blocks = "", []
        self._heading = self._list = False

    def walk(self, element: etree._Element) -> None:
        """Write an element, without its tail."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "table":
            self._write_table(element)
        elif tag == "code":
            self._write_code(element)
        else:
            if tag in _LINES:
                self.end_line()
            start = len(self._text)
            self._heading = self._heading or tag == "head"
            self._list = self._list or tag == "item"
            self._write_children(element)
            self._mark(tag, start)
            if tag in _LINES:
                self.end_line()

    def _write_children(self, element: etree._Element) -> None:
        self.write(element.text)
        for child in element:
            self.walk(child)
            self.write(child.tail)

    def _mark(self, tag: str, start: int) -> None:
        end = len(self._text.rstrip())
        if tag in _BLOCK_KINDS and start < end:
            self._blocks.append(Block(start, end, _BLOCK_KINDS[tag]))

    def _write_table(self, table: etree._Element) -> None:
        self.end_line()
        for number, row in enumerate(table.iter("row")):
            for column, cell in enumerate(row.iter("cell")):
                if column and self._text:
                    self._text = self._text.rstrip() + CELL_SEPARATOR
                start = len(self._text)
                inner = _Writer(self.hrefs)
                inner._write_children(cell)
                inner.end_line()
                for line in inner.lines:
                    offset = len(self._text)
                    self._text += line.text + " "
                    self._blocks += [
                        Block(b.start + offset, b.end + offset, b.kind, b.row, b.column, b.href)
                        for b in line.blocks
                        if b.kind == "link"
                    ]
                end = len(self._text.rstrip())
                if start < end:
                    self._blocks.append(Block(start, end, "table-cell", number, column))
            self._text = self._text.rstrip(" |")
            self.end_line()

    def _write_code(self, element: etree._Element) -> None:
        """Code keeps its lines; in a line of text it stays there."""
        code = PRIVATE_USE.sub("", "".join(element.itertext())).strip("\n")
        if "\n" not in code:
            start = len(self._text)
            self.write(code)
            self._mark("code", start)
            return
        self.end_line()
        for raw in code.split("\n"):
            if text := raw.rstrip():
                self.lines.append(Line(text, [Block(0, len(text), "code")]))


def mark_links(page: etree._Element) -> list[str]:
    """Mark every link of a page in its own words, in place; their targets by number.

    Asked to keep links, trafilatura chooses another text; so it is not asked, and the marks travel as characters of a
    private use area, which `render` takes out again.
    """
    hrefs: list[str] = []
    for anchor in page.iter("a"):
        href = anchor.get("href")
        if not href or len(hrefs) >= LINKS_MAX:
            continue
        anchor.text = chr(ord(LINK_FIRST) + len(hrefs)) + (anchor.text or "")
        if len(anchor):
            anchor[-1].tail = (anchor[-1].tail or "") + LINK_END
        else:
            anchor.text += LINK_END
        hrefs.append(href)
    return hrefs


def render(body: etree._Element | None, hrefs: list[str | None]) -> list[Line]:
    """The tree as lines, in order; `hrefs` are the targets of the links that `mark_links` numbered."""
    writer = _Writer(hrefs)
    if body is not None:
        writer.walk(body)
        writer.end_line()
    return writer.lines


def join_lines(lines: list[Line]) -> tuple[str, tuple[Block, ...]]:
    """The lines as one text, and their blocks moved to where the lines stand in it."""
    texts: list[str] = []
    blocks: list[Block] = []
    offset = 0
    for line in lines:
        if offset + len(line.text) > TEXT_CHARS_MAX:
            break
        texts.append(line.text)
        blocks += [Block(b.start + offset, b.end + offset, b.kind, b.row, b.column, b.href) for b in line.blocks]
        offset += len(line.text) + 1
    return "\n".join(texts), tuple(blocks)
