"""The parts of an article's text that are not its story: by-lines, datelines, and the page's boilerplate.

`find_layout` marks them; callers leave out what stands there. Rules look at whole lines, so the time is linear in the text.
"""

import re

from msgspec import Struct

Span = tuple[int, int]

BYLINE_LINES = 8
"""By-lines stand among so many lines with text at the beginning, or at the end after "Reporting by"."""
BYLINE_CHARS_MAX = 120
NAME_WORDS_MAX = 4
BOILERPLATE_CHARS_MAX = 300
"""A line of boilerplate is shorter than this."""
TAIL_SHARE_MIN = 0.5
"""What follows a first line of boilerplate counts as boilerplate only in the second half of the text, by characters."""

_NAME = r"(?:[A-Z][\w.’'-]{1,40}|(?:al|el|bin|ibn|de|da|van|von|der|del|du|la|le)[\s-]?)(?:\s(?:[A-Z][\w.’'-]{0,40}|al-[A-Z]\w+|bin|ibn|de|da|van|von|der|del|du|la|le|el)){1,4}"
_BY = re.compile(
    rf"(?:[Bb]y|BY|Written by|Story by|Author:|Posted by|Published by)[\s:]+(?P<names>{_NAME}(?:(?:,\s|\sand\s|,\sand\s|\s&\s){_NAME}){{0,5}})(?:\s*[,|/–—-].*|\s+[A-Z][\w ]*\d.*)?\s*\Z"
)
_BARE_NAME = re.compile(r"[A-Z][a-z’'-]{1,40}(?:\s[A-Z][a-z’'.-]{0,40}){1,3}\s*\Z")
_REPORTING = re.compile(
    r"\(?(?:[Aa]dditional |Additional )?(?:[Rr]eporting|[Ww]riting|[Ee]diting|Reported|Edited|Written|Compiled)\s(?:by|in\s[A-Z][\w.]+(?:\s[A-Z]\w+)?\sby|from)\s(?:[A-Z]|the\s)"
)
_CREDITS = re.compile(r".{0,60}\b(?:contributed (?:to|reporting)|reported from [A-Z]|writes for)\b")
_DATELINE = re.compile(
    r"(?P<place>[A-Z][A-Z.’' -]{2,}(?:,\s[A-Z][\w.]+(?:\s[A-Z]\w+)?)?(?:/[A-Z.’' -]{3,})?)(?:,\s(?:[A-Z][a-z]{2,8}\.?\s\d{1,2}|\d{1,2}\s[A-Z][a-z]{2,8}))?\s*(?:\((?P<agency>[^)\n]{2,30})\)\s*)?[-–—:]{1,2}\s|"
    r"(?P<place2>[A-Z][\w’'-]{1,40}(?:\s[A-Z][\w’'-]{1,40})?(?:,\s[A-Z][\w.]+)?)(?:,\s(?:[A-Z][a-z]{2,8}\.?\s\d{1,2}|\d{1,2}\s[A-Z][a-z]{2,8}))?\s*\((?P<agency2>[A-Z][^)\n]{1,30})\)\s*[-–—:]{1,2}\s|"
    r"(?P<place3>[A-Z][\w’'-]{1,40}(?:\s[A-Z][\w’'-]{1,40})?(?:,\s[A-Z][\w.]+)?),\s(?:[A-Z][a-z]{2,8}\.?\s\d{1,2}|\d{1,2}\s[A-Z][a-z]{2,8})\s*(?:\([^)\n]{2,30}\)\s*)?[-–—:]{1,2}\s"
)
_BOILERPLATE = re.compile(
    r"(?:leave a (?:reply|comment)|your e-?mail address will not be published|required fields are marked|share this|share on|share (?:via|with)|like this:|"
    r"follow us|follow @|read more|read also|also read|related (?:articles|stories|posts|topics|content|news)|you may also like|recommended for you|"
    r"more (?:from|on this|stories)|most (?:read|popular)|trending(?: now)?|sign up (?:for|to)|subscribe|newsletter|click here|advertisement|"
    r"all rights reserved|copyright|©|\(c\) \d{4}|terms (?:of|and)|privacy policy|cookie|about (?:us|the author)|contact us|comments?\s*\(?\d*\)?\Z|"
    r"post (?:a )?comment|log ?in|sign in|register|print(?: this)?(?: article)?\Z|e-?mail this|tweet\Z|facebook\Z|twitter\Z|whatsapp\Z|telegram\Z|"
    r"tags?:|categories:|filed under|posted (?:in|on)|previous (?:article|post)|next (?:article|post)|source:|photo(?:graph)?(?: credit)?:|image(?: credit)?:|"
    r"this (?:article|story|report) (?:was|first|originally|has been)|the \w+ is the [A-Z]|our standards:|download our app|support (?:us|our)|donate|"
    r"save my name|notify me of|name \*|website\Z|email \*|reply\Z|skip to)",
    re.IGNORECASE,
)


class Layout(Struct, frozen=True):
    """Where the text is not the story."""

    bylines: tuple[Span, ...] = ()  # lines, or the names in them, of who wrote it
    datelines: tuple[Span, ...] = ()  # "KABUL, Afghanistan (AP) —": where it was written
    boilerplate: tuple[Span, ...] = ()
    title: Span | None = None  # the first line where it repeats or looks like the title

    def is_byline(self, start: int, end: int) -> bool:
        """Whether the span touches a by-line: who stands there wrote the article and does nothing in it."""
        return _touches(self.bylines, start, end)

    def is_dateline(self, start: int, end: int) -> bool:
        """Whether the span touches a dateline: the place where it was written, not where it happened."""
        return _touches(self.datelines, start, end)

    def is_boilerplate(self, start: int, end: int) -> bool:
        """Whether the span touches text of the page that is not the article's."""
        return _touches(self.boilerplate, start, end)

    def is_story(self, start: int, end: int) -> bool:
        """Whether the span counts: neither by-line nor dateline nor boilerplate."""
        return not (self.is_byline(start, end) or self.is_dateline(start, end) or self.is_boilerplate(start, end))


def _touches(spans: tuple[Span, ...], start: int, end: int) -> bool:
    return any(first < end and start < last for first, last in spans)


def find_layout(text: str, title: str | None = None) -> Layout:
    """The zones of `text`; never raises."""
    lines = _lines(text)
    bylines = _bylines(text, lines)
    boilerplate = _boilerplate(text, lines)
    skipped = set(bylines)
    datelines = []
    for start, end in lines[:BYLINE_LINES]:
        if (start, end) in skipped:
            continue
        if match := _DATELINE.match(text, start, end):
            datelines.append(match.span())
            break
    return Layout(tuple(bylines), tuple(datelines), tuple(boilerplate), _title(text, lines, title))


def _lines(text: str) -> list[Span]:
    """Lines with text, without blanks around."""
    spans: list[Span] = []
    start = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare:
            first = start + len(line) - len(line.lstrip())
            spans.append((first, first + len(bare)))
        start += len(line)
    return spans


def _bylines(text: str, lines: list[Span]) -> list[Span]:
    found: list[Span] = []
    for index, (start, end) in enumerate(lines):
        line = text[start:end]
        if len(line) > BYLINE_CHARS_MAX:
            continue
        at_top = index < BYLINE_LINES
        bare = 0 < index < 3 and len(lines) > index + 1 and _is_bare_name(text, lines, index)
        if (at_top and (_BY.match(line) or bare)) or (index > 0 and (_REPORTING.match(line) or _CREDITS.match(line))):
            found.append((start, end))
    return found


def _is_bare_name(text: str, lines: list[Span], index: int) -> bool:
    """A line of two to four capitalised words between a headline and a paragraph."""
    (start, end), (next_start, next_end) = lines[index], lines[index + 1]
    before = lines[index - 1]
    return (
        bool(_BARE_NAME.match(text[start:end]))
        and next_end - next_start > 2 * (end - start)
        and before[1] - before[0] > end - start
    )


def _boilerplate(text: str, lines: list[Span]) -> list[Span]:
    for index, (start, end) in enumerate(lines):
        if (
            start < TAIL_SHARE_MIN * len(text)
            or end - start > BOILERPLATE_CHARS_MAX
            or not _BOILERPLATE.match(text, start)
        ):
            continue
        rest = lines[index:]
        if all(last - first <= BOILERPLATE_CHARS_MAX for first, last in rest):
            return [(start, len(text))]
        return [
            (first, last)
            for first, last in rest
            if last - first <= BOILERPLATE_CHARS_MAX and _BOILERPLATE.match(text, first)
        ]
    return []


def _title(text: str, lines: list[Span], title: str | None) -> Span | None:
    if not lines:
        return None
    start, end = lines[0]
    line = text[start:end]
    if title and line.casefold() == title.strip().casefold():
        return start, end
    return (start, end) if len(lines) > 1 and len(line) <= BYLINE_CHARS_MAX and line[-1] not in '.!?:;”"' else None
