"""Hard-wrapped text made whole: a line break inside a paragraph becomes a blank, one character for one character.

Mails, press releases and old wire copy break their lines at a column. A paragraph is hard-wrapped where its lines are full: the first word of the next
line would not have fitted. Lists, tables and headlines one under the other have lines of any length, and are left as they are.
"""

import re
from itertools import pairwise

COLUMN_MIN = 30
COLUMN_MAX = 110
"""Columns that texts are wrapped at, characters; narrower ones are poems and tables, wider ones paragraphs."""
SLACK = 2
"""How far, characters, a full line may fall short of the column: some do not count a blank, a hyphen or a quotation mark."""
WORDS_MIN = 3
"""Words that the lines of a wrapped paragraph have on average: columns of hashes and addresses are lists."""
FULL_SHARE_MIN = 0.8
"""A paragraph is hard-wrapped where so many of its inner lines are full."""
GOES_ON_MIN = 0.3
"""So many of its lines go on in small letters, in a text that has both; titles one under the other begin with capitals."""
_ITEM = re.compile(r"[-*•·#>|+]|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{2,4})[.)]\s|[A-Z][\w ]{1,30}:\s")
"""How a line of a list begins."""
_CELLS = re.compile(r"\t|\S {3}|\|")


def join_lines(text: str) -> str:
    """The text with the line breaks inside hard-wrapped paragraphs as blanks. Same length, linear time."""
    if "\n" not in text:
        return text
    lines = text.split("\n")
    out: list[str] = []
    at = 0
    while at < len(lines):
        end = at + 1
        while lines[at].strip() and end < len(lines) and lines[end].strip():
            end += 1
        out.append(_join(lines[at:end]))
        at = end
    return "\n".join(out)


def _join(lines: list[str]) -> str:
    """One paragraph."""
    apart = "\n".join(lines)
    column = max(len(line.rstrip()) for line in lines)
    if not (len(lines) > 1 and COLUMN_MIN <= column <= COLUMN_MAX) or _CELLS.search(apart):
        return apart
    if sum(len(line.split()) for line in lines) < WORDS_MIN * len(lines):
        return apart
    breaks = list(pairwise(lines))
    full = [_is_full(line, after, column) for line, after in breaks]
    has_both = apart.upper() != apart and not apart.istitle()
    on = [after.split(maxsplit=1)[0][:1].islower() for _, after in breaks]
    if sum(full) < FULL_SHARE_MIN * len(full) or (has_both and sum(on) < GOES_ON_MIN * len(on)):
        return apart
    out = [lines[0]]
    for is_full, (_, line) in zip(full, breaks, strict=True):
        out += [" " if is_full and not _ITEM.match(line.lstrip()) else "\n", line]
    return "".join(out)


def _is_full(line: str, after: str, column: int) -> bool:
    """Whether the next line's first word would not have fitted behind this line."""
    return len(line.rstrip()) + 1 + len(after.split(maxsplit=1)[0]) > column - SLACK
