"""What an indicator belongs to: malware, tool, actor, campaign, technique and vulnerability of the same table row, sentence or section.

The nearest scope that names something of a kind decides for that kind: a row before the sentence, the sentence before the
section. A section joins only what its heading names, or what is the only one of its kind in it. First and last seen are read from the
row or sentence. Linear in the text; nothing is guessed from a distance.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.records import Block, Entity, Indicator, Related, RelatedKind, RelatedScope
from pipeline.text.dates.find import find_dates
from pipeline.text.dates.resolve import resolve_date
from pipeline.text.indicators.context import Context

RELATED_MAX = 12
"""Most things joined to one indicator."""
SENTENCE_CHARS_MAX = 600
"""How far a sentence is followed to either side, characters."""
SEEN_CHARS_MAX = 40
"""How far before a date the words that say what it is the date of are looked for, characters."""

_BY_LABEL: dict[str, RelatedKind] = {"MALWARE": "malware", "TOOL": "tool", "GROUP": "actor"}
_BY_TYPE: dict[str, RelatedKind] = {
    "cve": "cve", "attack-technique": "technique", "attack-campaign": "campaign", "attack-software": "malware", "attack-group": "actor",
}  # fmt: skip
_CAMPAIGN = re.compile(
    r"\b(?:Operation [A-Z][\w-]{2,30}(?: [A-Z][\w-]{2,30})?|[Cc]ampaign,? (?:(?:we|they|researchers) )?(?:call(?:ed|s)?|named|dubbed|known as|tracked as)(?: it)? [\"\u201c\u2018']?(?P<name>[A-Z0-9][\w-]{2,40}(?: [A-Z][\w-]{2,30})?))"
)
_STOP = re.compile(r"[.!?][\"')\u201d]?\s+(?=[A-Z\u201c\"(])|\n")
_FIRST = re.compile(
    r"\b(?:first|earliest|initially)\b[^.\n]{0,30}\Z|\b(?:registered|created|active (?:from|since)|since|compiled)(?: on| in| at)?\s*\Z|first[ _-]?seen\W{0,4}\Z",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:last|latest|most recently)\b[^.\n]{0,30}\Z|\b(?:until|up to|through)\s*\Z|last[ _-]?seen\W{0,4}\Z",
    re.IGNORECASE,
)


class _Anchor(NamedTuple):
    """Something that indicators can belong to, and where it is named."""

    start: int
    end: int
    kind: RelatedKind
    name: str
    id: str | None


def join_context(
    text: str,
    indicators: Sequence[Indicator],
    entities: Iterable[Entity],
    *,
    blocks: tuple[Block, ...] = (),
    published: datetime | None = None,
) -> tuple[Indicator, ...]:
    """The indicators with what they belong to, and when they were first and last seen. Benign ones stay as they are."""
    if not indicators:
        return ()
    context = Context(text, [one.start for one in indicators], blocks)
    joiner = _Joiner(text, context, _anchors(text, indicators, entities), blocks, published)
    return tuple(one if one.verdict == "benign" and one.role is None else joiner.join(one) for one in indicators)


def _anchors(text: str, indicators: Iterable[Indicator], entities: Iterable[Entity]) -> list[_Anchor]:
    found = [
        _Anchor(e.start, e.end, _BY_LABEL[e.label], e.name or e.text, e.id) for e in entities if e.label in _BY_LABEL
    ]
    found += [_Anchor(i.start, i.end, _BY_TYPE[i.type], i.value, None) for i in indicators if i.type in _BY_TYPE]
    found += [_Anchor(m.start(), m.end(), "campaign", m["name"] or m[0], None) for m in _CAMPAIGN.finditer(text)]
    return sorted(found)


class _Joiner:
    def __init__(
        self, text: str, context: Context, anchors: list[_Anchor], blocks: tuple[Block, ...], published: datetime | None
    ) -> None:
        self._text, self._context, self._anchors, self._published = text, context, anchors, published
        self._starts = [anchor.start for anchor in anchors]
        self._rows = _rows(blocks)
        self._row_starts = [start for start, _ in self._rows]
        self._section_starts = [section.start for section in context.sections]
        self._by_section: dict[int, tuple[Related, ...]] = {}
        self._seen: dict[tuple[int, int], tuple[str | None, str | None]] = {}

    def join(self, one: Indicator) -> Indicator:
        row, sentence = self._row(one), self._sentence(one)
        kinds: dict[RelatedKind, list[Related]] = {}
        own = _BY_TYPE.get(one.type)
        for span, scope in ((row, "row"), (sentence, "sentence")):
            if span is not None:
                _add(kinds, self._within(span, scope, one), own)  # type: ignore[arg-type]
        _add(kinds, self._section(one), own)
        related = tuple(found for several in kinds.values() for found in several)[:RELATED_MAX]
        first, last = self._dates(row or sentence)
        return replace(one, related=related, first_seen=first, last_seen=last)

    def _row(self, one: Indicator) -> tuple[int, int] | None:
        at = bisect_right(self._row_starts, one.start) - 1
        if at >= 0 and one.end <= self._rows[at][1]:
            return self._rows[at]
        start, end = self._text.rfind("\n", 0, one.start) + 1, self._text.find("\n", one.end)
        end = len(self._text) if end < 0 else end
        line = self._text[start:end] if end - start <= 2 * SENTENCE_CHARS_MAX else ""
        return (start, end) if line.count("|") >= 2 or "\t" in line else None

    def _sentence(self, one: Indicator) -> tuple[int, int]:
        least, most = max(0, one.start - SENTENCE_CHARS_MAX), min(len(self._text), one.end + SENTENCE_CHARS_MAX)
        start = least
        for stop in _STOP.finditer(self._text, least, one.start):
            start = stop.end()
        behind = _STOP.search(self._text, one.end, most)
        return start, behind.start() if behind else most

    def _within(self, span: tuple[int, int], scope: RelatedScope, one: Indicator) -> list[Related]:
        near = self._anchors[bisect_left(self._starts, span[0]) : bisect_left(self._starts, span[1])]
        return [
            Related(anchor.kind, anchor.name, anchor.id, scope)
            for anchor in near
            if anchor.end <= one.start or anchor.start >= one.end
        ]

    def _section(self, one: Indicator) -> tuple[Related, ...]:
        at = bisect_right(self._section_starts, one.start) - 1
        if at not in self._by_section:
            self._by_section[at] = self._of_section(at)
        return self._by_section[at]

    def _of_section(self, at: int) -> tuple[Related, ...]:
        """What the section's heading names, else what is the only one of its kind in the section."""
        sections = self._context.sections
        start = sections[at].start
        end = sections[at + 1].start if at + 1 < len(sections) else len(self._text)
        heading_end = start + len(sections[at].heading) + 8
        inside = self._anchors[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        named = [anchor for anchor in inside if sections[at].heading and anchor.start < heading_end]
        kinds = {anchor.kind for anchor in named}
        for kind in ("malware", "tool", "actor", "campaign"):
            several = {anchor.id or anchor.name.casefold(): anchor for anchor in inside if anchor.kind == kind}
            if kind not in kinds and len(several) == 1:
                named += several.values()
        return tuple(Related(anchor.kind, anchor.name, anchor.id, "section") for anchor in named)

    def _dates(self, span: tuple[int, int]) -> tuple[str | None, str | None]:
        if span not in self._seen:
            self._seen[span] = self._read_dates(span)
        return self._seen[span]

    def _read_dates(self, span: tuple[int, int]) -> tuple[str | None, str | None]:
        first = last = None
        for date in find_dates(self._text, *span):
            header = self._context.column_header(date[0], date[1])
            before = (
                f"{header} {self._text[max(span[0], date[0] - SEEN_CHARS_MAX) : date[0]]}"
                if not header
                else f"{header} "
            )
            day = resolve_date(self._text[date[0] : date[1]], self._published)
            if day and first is None and _FIRST.search(before):
                first = day
            elif day and _LAST.search(before):
                last = day
        return first, last


def _add(kinds: dict[RelatedKind, list[Related]], found: Iterable[Related], own: RelatedKind | None) -> None:
    """Things of kinds that a nearer scope did not name; a vulnerability does not belong to another one."""
    fresh: dict[RelatedKind, dict[str, Related]] = {}
    for one in found:
        if one.kind not in kinds and one.kind != own:
            fresh.setdefault(one.kind, {}).setdefault(one.id or one.name.casefold(), one)
    for kind, several in fresh.items():
        kinds[kind] = list(several.values())


def _rows(blocks: tuple[Block, ...]) -> list[tuple[int, int]]:
    """Spans of table rows: neighbouring cells with one row number."""
    rows: list[tuple[int, int]] = []
    number: int | None = None
    for cell in sorted((block for block in blocks if block.kind == "table-cell"), key=lambda block: block.start):
        if rows and cell.row == number and cell.column != 0:
            rows[-1] = (rows[-1][0], cell.end)
        else:
            rows.append((cell.start, cell.end))
        number = cell.row
    return rows
