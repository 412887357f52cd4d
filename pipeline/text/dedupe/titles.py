"""What two titles say about whether their reports are the same.

A reprint may have any title, but a title that *numbers* its report (a version, a date, part two, an issue) never belongs to
a report with another number; and items written from one template differ in the word that each text keeps repeating.
Marks of an update (`(Update A)`, `UPDATE 2-`) are not numbers: they are taken off and tell which is the later one.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from pipeline.text.dedupe.words import words_of

Relation = Literal["unknown", "same", "akin", "other"]
"""unknown: one has no title; same: same words but for order and update marks; akin: half of the words shared; other."""

AKIN_MIN = 0.5
"""Share of the shorter title's words that two akin titles have in common."""
SALIENT_MIN = 3
"""A word is what a text is about when it is repeated at least this often."""
SALIENT_RATIO = 3
"""... and missing from the other text when it stands there less than a third as often as its length would lead one to expect."""

_UPDATE = re.compile(
    r"(?:^\s*(?:UPDATE|WRAPUP|REFILE|CORRECTED|RPT|Updated?)[ -]?\d{0,2}\s*[-:\u2013\u2014]\s*)"
    r"|[(\[]\s*(?:update|updated|revision|rev\.?|corrected|correction|(?:\d(?:st|nd|rd|th)\s)?ld|\d(?:st|nd|rd|th) lead)\s*[\w.]{0,3}\s*[)\]]"
    r"|[-\u2013:]\s*update\s+(?:[a-z]|\d{1,2})\s*$",
    re.IGNORECASE,
)
_NUMBERED = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve first second third fourth fifth sixth seventh
    eighth ninth tenth ii iii iv vi vii viii ix xi xii january february march april june july august september
    october november december monday tuesday wednesday thursday friday saturday sunday
    """.split()  # noqa: SIM905 - read as words, not as a list of quotes
)
# "may" is left out: it is mostly the verb.
_PLAIN = frozenset(
    """
    a an and are as at be by for from has have in into is it its of on or over says that the their this to was
    were will with after amid new news update der die das und von zu le la les de des du et un une el los las y en
    al del
    """.split()  # noqa: SIM905 - read as words, not as a list of quotes
)


class TitleWords(Struct, frozen=True):
    """A title's telling words, its numbers among them, and its update mark."""

    words: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    update: str | None = None


@lru_cache(maxsize=8192)
def title_words(title: str | None) -> TitleWords:
    """The comparable parts of a title."""
    if not title:
        return TitleWords()
    mark = _UPDATE.search(title)
    words = words_of(_UPDATE.sub(" ", title))
    numbers = frozenset(word for word in words if word in _NUMBERED or any(letter.isdigit() for letter in word))
    telling = frozenset(word for word in words if word not in _PLAIN)
    return TitleWords(telling or frozenset(words), numbers, " ".join(words_of(mark[0])) if mark else None)


def relation_of(a: TitleWords, b: TitleWords) -> Relation:
    """How alike two titles are."""
    if not a.words or not b.words:
        return "unknown"
    if a.words == b.words:
        return "same"
    part = len(a.words & b.words) / min(len(a.words), len(b.words))
    return "akin" if part >= AKIN_MIN else "other"


def numbers_conflict(a: TitleWords, b: TitleWords) -> str | None:
    """Why the numbers in the titles say that the two are distinct, or None; a title without numbers contradicts none."""
    if not a.numbers or not b.numbers or a.numbers <= b.numbers or b.numbers <= a.numbers:
        return None
    return f"other number in the title: {_list(a.numbers - b.numbers)} against {_list(b.numbers - a.numbers)}"


def subject_conflict(
    a: TitleWords, counts_a: Mapping[str, int], length_a: int, b: TitleWords, counts_b: Mapping[str, int], length_b: int
) -> str | None:  # fmt: skip
    """Why the titles say that the texts have other subjects: a word of one title that its text repeats and the other lacks.

    `counts` are how often each of a text's most frequent words stands in it, `length` its words in all.
    """
    for title, other, own, theirs, scale in (
        (a, b, counts_a, counts_b, length_b / max(1, length_a)),
        (b, a, counts_b, counts_a, length_a / max(1, length_b)),
    ):
        if not other.words:
            return None
        for word in sorted(title.words - other.words):
            expected = own.get(word, 0) * min(1.0, scale)
            if expected >= SALIENT_MIN and theirs.get(word, 0) * SALIENT_RATIO < expected:
                return f"other subject: {word!r} stands in one title and text and not in the other"
    return None


def _list(numbers: frozenset[str]) -> str:
    return ", ".join(sorted(numbers)[:3])
