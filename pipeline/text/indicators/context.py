"""Where an indicator stands: its sentence, and the section whose heading or opening line it is under.

Works on plain text, on Markdown and AsciiDoc headings, and on the blocks of a page where there are any. Read only when a
text has indicators; linear in the text.
"""

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

from pipeline.records import Block

Topic = Literal["indicators", "references", "victims", "defence", "other"]

HEADING_CHARS_MAX = 120
"""Longest line taken for a heading, characters."""
PROSE_CHARS_MIN = 240
"""A paragraph this long without an indicator ends a list that no heading closes, characters."""
BEFORE_CHARS_MAX = 180
AFTER_CHARS_MAX = 100
"""How much of a sentence before and after an indicator is read, characters."""
ITEM_CHARS_MAX = 200
"""How much of a line is read on either side for whether it is an item of a list, characters."""

_INDICATORS = re.compile(
    r"\b(?:indicators?(?: of (?:compromise|attack))?|io[cas]s?|observables?|artifacts?|network (?:indicators?|infrastructure)|c2s?\b|c&c|cnc|command.and.control|hashes|samples?|"
    r"(?:malicious|payload|phishing|download|exfiltration|attacker|actor|adversary|malware)[ \w-]{0,30}(?:domains?|urls?|ips?|ip addresses|addresses|servers?|hosts?|files?|emails?|wallets?|hash(?:es)?)|"
    r"domains?|urls?|ip addresses|ips|file ?names?|(?<![\w ])files?(?=\W*\Z)|sha-?(?:1|256)|md5|droppers?|loaders?|payloads?|backdoors?|infrastructure|mutex(?:es)?|registry keys?)\b",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"\b(?:references?|sources?|further reading|read more|related|see also|links?|resources?|bibliography|contacts?|about|credits?|acknowledg\w+|disclosure timeline|press|media)\b",
    re.IGNORECASE,
)
_VICTIMS = re.compile(
    r"\b(?:victims?|targets?|targeted|affected|impacted|impersonated|compromised (?:sites?|organi[sz]ations?))\b",
    re.IGNORECASE,
)
_DEFENCE = re.compile(
    r"\b(?:mitigations?|recommendations?|remediation|workarounds?|solutions?|patch(?:es)?|updates?|fix(?:es)?|detection|legitimate|benign|false positives?)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"\s{0,3}(?:#{1,6}\s|={1,6}\s|\*\*[^*]{1,100}\*\*:?\s*\Z)")
_CAPTION = re.compile(r"[A-Z(*'\"`\u201c\d][^.!?]{1,110}:?\s*\Z")
_SENTENCE_END = re.compile(r"[.!?][\"')\u201d]?\s+(?=[A-Z\u201c\"(])")
_ADDRESSES = re.compile(
    r"(?<![^\s(\"'`|])(?=[^\s|]{0,120}?(?:\d\d|://|[\w\])}][\[({]?\.[\])}]?[a-z]))[^\s|]{0,500}[^\s|.,;:!?)\"'`\]]"
)
"""Addresses, digests and numbers in a sentence: the words in them ("uploads", "fake") say nothing of it, and without them the
lines of a list are alike, so that what was read once is not read again."""
_DECORATION = re.compile(r"[\s*`+|\-\u2022>#\"'(),;\[\]:\d.]+")


class Section(NamedTuple):
    """A stretch of text under one heading or opening line."""

    start: int
    topic: Topic
    heading: str


class Context:
    """The sections and lines of one text that has indicators at `places` (starts, ordered)."""

    def __init__(self, text: str, places: list[int], blocks: tuple[Block, ...], *, is_list: bool = False) -> None:
        self.text = text
        self.blocks = tuple(
            sorted(
                (block for block in blocks if block.kind in ("link", "table-cell", "code")),
                key=lambda block: block.start,
            )
        )
        self._block_starts = [block.start for block in self.blocks]
        self._headers = {
            block.column: text[block.start : block.end]
            for block in blocks
            if block.kind == "table-cell" and block.row == 0 and block.column is not None
        }
        self.is_list = is_list
        headings = {block.start for block in blocks if block.kind == "heading"}
        self.sections = (
            [Section(0, "indicators", "the attached list")] if is_list else _sections(text, places, headings)
        )
        self._starts = [section.start for section in self.sections]

    def section(self, start: int) -> Section:
        """The section that `start` is in."""
        return self.sections[bisect_right(self._starts, start) - 1]

    def sentence(self, start: int, end: int) -> tuple[str, str]:
        """The sentence around `start`..`end`: what stands before, what behind."""
        line_start = self.text.rfind("\n", max(0, start - BEFORE_CHARS_MAX), start) + 1
        before = self.text[max(line_start, start - BEFORE_CHARS_MAX) : start]
        cut = [stop.end() for stop in _SENTENCE_END.finditer(before)]
        before = before[cut[-1] :] if cut else before
        line_end = self.text.find("\n", end, end + AFTER_CHARS_MAX)
        after = self.text[end : line_end if line_end >= 0 else end + AFTER_CHARS_MAX]
        stop_after = _SENTENCE_END.search(after)
        after = after[: stop_after.start() + 1] if stop_after else after
        return _ADDRESSES.sub("URL", before), _ADDRESSES.sub("URL", after)

    def is_listed(self, before: str, after: str) -> bool:
        """Whether the line has hardly anything but indicators: an item of a list or a cell of a table."""
        return len(_DECORATION.sub("", before)) + len(_DECORATION.sub("", after)) <= 24

    def is_item(self, start: int, end: int, before: str) -> bool:
        """Whether it is an item of a list by form: its line has hardly anything else, or a colon leads to it; a short sentence is no list."""
        if ":" in before:
            return True
        first = self.text.rfind("\n", max(0, start - ITEM_CHARS_MAX), start) + 1
        last = self.text.find("\n", end, end + ITEM_CHARS_MAX)
        before = _ADDRESSES.sub("", self.text[max(first, start - ITEM_CHARS_MAX) : start])
        after = _ADDRESSES.sub("", self.text[end : last if last >= 0 else end + ITEM_CHARS_MAX])
        return self.is_listed(before, after)

    def link(self, start: int, end: int) -> Block | None:
        """The link whose text the indicator is in, if any."""
        return self._covering("link", start, end)

    def column_header(self, start: int, end: int) -> str:
        """The header of the table column that the indicator is in, or nothing."""
        cell = self._covering("table-cell", start, end)
        return self._headers.get(cell.column, "") if cell and cell.row and cell.column is not None else ""

    def _covering(self, kind: str, start: int, end: int) -> Block | None:
        at = bisect_right(self._block_starts, start) - 1
        for block in self.blocks[max(0, at - 3) : at + 1]:
            if block.kind == kind and block.start <= start and end <= block.end:
                return block
        return None


def _sections(text: str, places: list[int], headings: set[int]) -> list[Section]:
    """The sections of `text`, the first beginning at 0."""
    sections = [Section(0, "other", "")]
    start, at = 0, 0
    for line in text.split("\n"):
        end = start + len(line)
        holds = at < len(places) and places[at] < end
        while at < len(places) and places[at] < end:
            at += 1
        if start in headings or (line and not holds and _is_heading(line)):
            topic = _topic(line)
            if topic != "other" or start in headings or _MARKUP.match(line):
                sections.append(Section(start, topic, line.strip()))
        elif not holds and len(line) >= PROSE_CHARS_MIN and sections[-1].topic != "other":
            sections.append(Section(start, "other", ""))
        start = end + 1
    return sections


def _is_heading(line: str) -> bool:
    return len(line) <= HEADING_CHARS_MAX and (
        _MARKUP.match(line) is not None or _CAPTION.match(line.strip()) is not None
    )


def _topic(heading: str) -> Topic:
    if _DEFENCE.search(heading):
        return "defence"
    if _VICTIMS.search(heading):
        return "victims"
    if _INDICATORS.search(heading):
        return "indicators"
    return "references" if _REFERENCES.search(heading) else "other"
