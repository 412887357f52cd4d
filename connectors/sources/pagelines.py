"""An article's tree as lines of text with blocks, and which of the lines are furniture of the page rather than the article.

The tree is trafilatura's (`p`, `head`, `list`/`item`, `table`/`row`/`cell`, `quote`, `code`, `lb`, `ref`, `hi`). A line is a paragraph, a heading, a
list item, a table row, a line of code. Furniture is told by form first (the title again, a line that is nothing but a link, a
heading with nothing under it) and by a few set phrases after that.
"""

import re

from lxml import etree
from msgspec import Struct

from pipeline.records import Block, BlockKind

CELL_SEPARATOR = " | "
TEXT_CHARS_MAX = 500_000
"""Longest text of an article; the rest is cut at the end of a line."""
TITLE_WITHIN_LINES = 4
"""How far down the title may be repeated: what stands above it is the page's."""
LEAD_WORDS_MIN = 8
"""A line above the title that is kept is a sentence of at least this many words."""
LINK_SHARE_MIN = 0.9
"""A line with at least this share of its characters in links is a pointer to another page."""
LINK_LINE_WORDS_MIN = 4
"""Shorter ones may be names in a list of the article's own."""
PHRASE_LINE_CHARS_MAX = 300
"""Set phrases make a line furniture only in lines up to this length: a paragraph may quote them."""
DISCLOSURE_CHARS_MAX = 450
TAIL_LINES = 6
"""How many lines from the end the phrases of endings are looked for."""

LINK_END = "\ue001"
LINK_FIRST = "\U000f0000"
LINKS_MAX = 60_000
"""Links marked on a page; as many as the private use area has room for."""
PRIVATE_USE = re.compile("[\ue001\U000f0000-\U000ffffd]")
"""What a page may not contain itself, because it stands for the marks."""

_MARKS = re.compile(f"({PRIVATE_USE.pattern})")
_BLOCK_KINDS: dict[str, BlockKind] = {"head": "heading", "item": "list", "code": "code"}
_LINES = frozenset({"p", "head", "item", "row", "quote", "list", "table", "div", "body", "lb"})
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
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
        words = _SPACE.sub(" ", _BROKEN.sub(" ", (text or "").translate(_INVISIBLE)))
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


_SHARE = r"(?:share|tweet|follow|like|join|find|sigue|síguenos|siguenos|suivez|folge|segui|siga)"
_NETWORKS = r"(?:facebook|twitter|instagram|telegram|whatsapp|youtube|linkedin|pinterest|tiktok|google news|mastodon|bluesky|x\b)"
_FURNITURE = re.compile(
    r"^(?:click here (?:to|for)\b.*|sign up (?:for|to|here)\b.*|subscribe (?:to|now|here)\b.*|advertisement|anzeige|publicité|publicidad|werbung"
    r"|comments?|kommentare?|keine kommentare|no comments|leave a (?:comment|reply)|\d+ comments"
    r"|(?:related|also on|see more|read more|see also|read also|also read|don'?t miss|más información|lea también|lee también|leia também|leia mais"
    r"|à lire aussi|lire aussi|lesen sie (?:auch|mehr)|mehr (?:dazu|zum thema)|auch interessant|puedes ver|te puede interesar|leggi anche|baca juga"
    r"|читайте также|zobacz także|okumadan geçmeyin|contenido relacionado|related (?:articles?|stories|content|posts?))\s*[:：].*"
    r"|don'?t miss|related (?:articles?|stories|content|posts?)|contenido relacionado|artículos relacionados|articles? liés|recommended|you may (?:also )?like.*"
    r"|(?:©|\(c\)).*|copyright\b.*(?:(?:19|20)\d\d|rights|reserved).*|copyright(?: by)? [^.]{0,40}|all rights reserved\.?.*|filed under:.*|tags?:.*|posted in:?.*|last (?:modified|updated):?.*"
    r"|(?:photo|image|picture|foto|bild|titelbild|photo credit|image credit)s?\s*:.*|[_\-=*~ ]{3,})$",
    re.IGNORECASE,
)
"""Lines that are furniture as a whole, wherever they stand."""
_POINTER = re.compile(
    r"^(?:(?:read|see) (?:also|more|next)|also read|lesen sie (?:auch|mehr|hier|dazu)|mehr (?:dazu|zum thema)|siehe auch|à lire (?:aussi|également)|lire (?:aussi|également)"
    r"|lea también|le(?:e|é) también|leia também|leggi anche|lees ook|läs (?:också|mer)|læs også|les også|czytaj (?:też|także|również)|читайте (?:также|ещё)"
    r"|ayrıca okuyun|baca juga)\b[^.!?]{0,120}[:：](?:\s|$)",
    re.IGNORECASE,
)
"""Lines that send the reader to another page, with some words between the call and its colon."""
_DISCLOSURE = re.compile(
    r"^(?=.*\b(?:links?|products?|purchases?|buy|click|advertisers|produkte?|käufe)\b).*\b(?:affiliate (?:links?|commissions?)|independent review process"
    r"|(?:may|might|can|sometimes) (?:earn|receive|get|be paid) (?:an? )?(?:affiliate |small )?(?:commissions?|compensation)"
    r"|references to products from|(?:erhalten|bekommen) wir .{0,40}provision)\b",
    re.IGNORECASE,
)
"""Notices of who is paid for what a page links to."""
_HEADLINE_BOX = re.compile(
    r"^(?:[\w'’.&-]+ ){0,3}newsletters?$|^(?:top-?themen|top stories|most (?:read|popular|viewed)|meistgelesen(?:e artikel)?|meist gelesen|lo más (?:leído|visto)"
    r"|les plus lus|più letti|mais lidas|trending(?: now)?|editor'?s'? picks?|popular posts)\b.{0,40}$"
    r"|^(?:no|keine|sin|aucun|nessun|geen|inga|ingen|brak|nenhum) (?:comments?|kommentare?|comentarios?|commentaires?|commento|reacties|kommentarer|komentarzy|comentário)\b.{0,100}$",
    re.IGNORECASE,
)
"""Short lines that are the names of boxes beside the article."""
BOX_WORDS_MAX = 12
_ENDING = re.compile(
    rf"\b{_SHARE}\b.{{0,60}}\b{_NETWORKS}|newsletter|like this story\?|share it with|delivered (?:straight )?to your (?:inbox|letterbox)|if you buy something|affiliate (?:links?|commissions?)"
    r"|last (?:modified|updated)\s*:|cancel (?:at )?any ?time|cancela cuando quieras|jederzeit kündbar|sans engagement|annuler à tout moment|disdici quando vuoi"
    r"|tell us what you think|what do you think\?|support our (?:work|journalism)|unterstütze(?:n sie)? |(?:^|\s)suscríbete|abonnieren sie|download (?:our|the) app",
    re.IGNORECASE,
)
"""Phrases that make a line near the end furniture."""


def drop_furniture(lines: list[Line], titles: tuple[str, ...]) -> list[Line]:
    """The lines without the title (or any of `titles`) and what stands above it, without pointers to other pages, calls to subscribe and share."""
    kept = [line for line in _below_title(lines, titles) if not _is_furniture(line)]
    tail_from = len(kept) - TAIL_LINES
    kept = [
        line
        for number, line in enumerate(kept)
        if number < max(1, tail_from) or len(line.text) > PHRASE_LINE_CHARS_MAX or not _ENDING.search(line.text)
    ]
    while kept and kept[-1].is_heading:  # a heading with nothing under it
        kept.pop()
    return kept


def _below_title(lines: list[Line], titles: tuple[str, ...]) -> list[Line]:
    wanted = [words for title in titles if (words := _words(title))]
    below = lines
    for number, line in enumerate(lines[:TITLE_WITHIN_LINES]):
        if _words(line.text) in wanted:
            above = [line for line in lines[:number] if _words(line.text) not in wanted]
            below = (above if all(map(_is_lead, above)) else []) + lines[number + 1 :]
    return below


def _is_lead(line: Line) -> bool:
    """Whether a line above the title is a sentence of the report (its standfirst) rather than the page's."""
    text = line.text.rstrip("\"'”’»)")
    is_sentence = text.endswith((".", "!", "?", "…", "。", "؟", "।")) and len(text.split()) >= LEAD_WORDS_MIN
    return is_sentence and not line.is_heading and line.link_share < LINK_SHARE_MIN / 2 and not _is_furniture(line)


def _is_furniture(line: Line) -> bool:
    if len(line.text) <= PHRASE_LINE_CHARS_MAX and (_FURNITURE.match(line.text) or _POINTER.match(line.text)):
        return True
    if len(line.text) <= DISCLOSURE_CHARS_MAX and _DISCLOSURE.search(line.text):
        return True
    if len(line.text.split()) <= BOX_WORDS_MAX and _HEADLINE_BOX.match(line.text):
        return True
    return line.link_share >= LINK_SHARE_MIN and len(line.text.split()) >= LINK_LINE_WORDS_MIN


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


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
