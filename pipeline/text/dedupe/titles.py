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

from pipeline.text.dedupe.vocabulary import uses
from pipeline.text.dedupe.words import words_of

Relation = Literal["unknown", "same", "akin", "other"]
"""unknown: one has no title; same: same words but for order and update marks; akin: half of the words shared; other."""

AKIN_MIN = 0.5
"""Share of the shorter title's words that two akin titles have in common."""
SALIENT_MIN = 3
"""A word is what a text is about when it is repeated at least this often."""
ABSENT_MIN = 2
"""A word expected this often and never used is missing: by chance a tenth of such words would be (Poisson, e^-2)."""
SALIENT_RATIO = 3
"""... and missing from the other text when it stands there less than a third as often as its length would lead one to expect."""

_UPDATE = re.compile(
    r"(?:^\s*(?:UPDATE|WRAPUP|REFILE|CORRECTED|RPT|Updated?)[ -]?\d{0,2}\s*[-:\u2013\u2014]\s*)"
    r"|[(\[]\s*(?:update|updated|revision|rev\.?|corrected|correction|(?:\d(?:st|nd|rd|th)\s)?ld|\d(?:st|nd|rd|th) lead)(?:\s*[\w.]{1,3})?\s*[)\]]"
    r"|[-\u2013:]\s*update\s+(?:[a-z]|\d{1,2})\s*$",
    re.IGNORECASE,
)
NUMBERED = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve first second third fourth fifth sixth seventh
    eighth ninth tenth ii iii iv vi vii viii ix xi xii january february march april june july august september
    october november december monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
# "may" is left out: it is mostly the verb.
_PLAIN = frozenset(
    """
    a an and are as at be by for from has have in into is it its of on or over says that the their this to was
    were will with after amid new news update der die das und von zu le la les de des du et un une el los las y en
    al del
    """.split()
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
    numbers = frozenset(word for word in words if word in NUMBERED or any(letter.isdigit() for letter in word))
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


def is_update(a: TitleWords, b: TitleWords) -> bool:
    """Whether one is the other with a later update mark; an update may add products to the title, never take any away."""
    if a.update == b.update:
        return False
    former, later = (a, b) if (a.update or "") < (b.update or "") else (b, a)
    return bool(former.words) and former.words <= later.words


class Subject(Struct, frozen=True):
    """What a title and its text are about, for comparing with another pair."""

    title: TitleWords
    counts: Mapping[str, int]  # how often the text's most frequent words, and the title's, stand in it
    length: int  # words of the text
    vocabulary: bytes

    def support(self) -> float:
        """The part of the title's words that its own text uses, 0..1; 1 when there is no title."""
        words = self.title.words - self.title.numbers
        return sum(word in self.counts for word in words) / len(words) if words else 1.0


def subject_conflict(a: Subject, b: Subject) -> str | None:
    """Why titles and texts together say that the subjects differ, or None.

    Looked at only when each title has words that the other lacks: then one word may stand in the place of another, as in
    items made from a template. A mere new title over the same text is told from that by its words: they stand in both texts.
    """
    only_a, only_b = a.title.words - b.title.words, b.title.words - a.title.words
    if not only_a or not only_b:
        return None
    for words, own, other in ((only_a, a, b), (only_b, b, a)):
        for word in sorted(words):
            if _is_missed(word, own, other):
                return f"other subject: {word!r} stands in one title and text and not in the other"
    used_a, used_b = _used(only_a, a), _used(only_b, b)
    gone_a, gone_b = _gone(used_a, b), _gone(used_b, a)
    akin = (
        relation_of(a.title, b.title) == "akin"
    )  # one word for another; a side whose text never uses its word is no objection
    if (gone_a and gone_b) or (akin and ((gone_a and not used_b) or (gone_b and not used_a))):
        return f"other subject: {gone_a or min(only_a)!r} in the one title, {gone_b or min(only_b)!r} in the other"
    return None


def _is_missed(word: str, own: Subject, other: Subject) -> bool:
    """Whether the one text keeps repeating the word and the other, for its length, should but does not."""
    expected = own.counts.get(word, 0) * min(1.0, other.length / max(1, own.length))
    if expected >= ABSENT_MIN and not uses(other.vocabulary, word):
        return True
    return expected >= SALIENT_MIN and other.counts.get(word, 0) * SALIENT_RATIO < expected


def _used(words: frozenset[str], own: Subject) -> list[str]:
    return [word for word in sorted(words) if word in own.counts]


def _gone(used: list[str], other: Subject) -> str | None:
    """One of the words, when most of them are not used by the other text."""
    gone = [word for word in used if not uses(other.vocabulary, word)]
    return gone[0] if gone and 2 * len(gone) >= len(used) else None


def _list(numbers: frozenset[str]) -> str:
    return ", ".join(sorted(numbers)[:3])
