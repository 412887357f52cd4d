"""Sentence case for text that lost it: all-capitals wire copy and headlines in title case.

Tagger, parser and entity recognizer lean on capitals. In a text that is all capitals, or a headline that capitalises each
word, capitals say nothing, and group names and verbs drown. `Casing` gives back a likely case from word statistics of the
training data: most words small, words that are mostly names capitalised, unknown words capitalised (in the news an
unknown word is most often a name). The result has exactly the length of the text, so offsets hold.

A guess, not a restoration: "WHITE HOUSE" is known as a name, "TURKEY" is always the country.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

CAPITALS_SHARE_MIN = 0.8
"""A stretch is all capitals when so many of its letters are; names and figures in normal text stay far below."""
CAPITALS_LETTERS_MIN = 16
"""Shorter stretches are left alone: they may be one acronym, or a signature."""
TITLE_SHARE_MIN = 0.75
"""A line is a title when so many of its longer words begin with a capital."""
TITLE_WORDS_MIN = 4
TITLE_WORD_LETTERS_MIN = 4
"""Words shorter than this (of, with the rest of the function words) say nothing about title case."""
NAME_WORDS_MAX = 5
"""Longest multi-word name in the table."""
ACRONYM_LETTERS_MAX = 5
"""A word without vowels up to this length is an acronym; a longer one is a slip."""
LAST_WORD_CHARACTERS_MAX = 24
"""How far back the word before a full stop is looked at (U.S., Gen.)."""

SMALL_LETTERS_MIN = 80
"""A text of so many letters without a capital has lost them; shorter ones may be a message or a name."""
SMALL_SHARE_MAX = 0.002
"""So few capitals are none."""
TITLED_WORDS_MIN = 20
TITLED_SHARE_MIN = 0.9
"""A text of so many longer words is in title case when so many of them begin with a capital."""
STOPLESS_WORDS_MIN = 25
"""A stretch of so many words without a full stop may be several sentences."""

_WORD = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]+)*")
_STOP = re.compile(r"[.!?](?=[\s\"'”’)\]]|\Z)|\n")
_SPACED = re.compile(r"\S+")
_LEADS_ON = frozenset(
    "the a an of in on at to by for from with and or his her its their as near between against under into".split()
)
"""A sentence ends with none of these."""
_SENTENCE_END = re.compile(r"[.!?]['\")\]]*\s")
_ABBREVIATIONS = frozenset(
    ("mr", "mrs", "ms", "dr", "gen", "col", "lt", "maj", "capt", "sgt", "sen", "rep", "gov", "st", "no", "vs", "jr")
)
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)


class Casing:
    """Word statistics, and the repair that reads them.

    `forms` maps a small-letter word, or a name of several words joined by blanks, to its usual form; `small` holds the words
    that are usually written small.
    """

    def __init__(self, forms: Mapping[str, str], small: Iterable[str]) -> None:
        self._forms = {k: v for k, v in forms.items() if len(k) == len(v)}
        self._small = frozenset(small)

    def repair(self, text: str) -> str:
        """`text` with each all-capitals or title-case line put into sentence case; other lines unchanged. Linear time."""
        lines = text.split("\n")
        capitals = is_all_capitals(text)
        return "\n".join(self._repair_line(line, capitals) for line in lines)

    def restore(self, text: str) -> str:
        """`text` in sentence case where it lost its capitals as a whole: all small, all capitals or title case; any other unchanged."""
        if is_all_small(text):
            capitals = "".join(c.upper() if len(c.upper()) == 1 else c for c in text)
            return "\n".join(self._rewrite(line, capitals=True) for line in capitals.split("\n"))
        if is_all_capitals(text):
            return self.repair(text)
        if is_titled(text):
            return "\n".join(self._rewrite(line, capitals=False) for line in text.split("\n"))
        return text

    def part_sentences(self, text: str) -> str:
        """`text` with a line break for the blank before a sentence that follows another without a full stop. Same length, linear time.

        It begins with a word that is usually small and stands capitalised behind a small one: "… police said The attackers …".
        """
        out: list[str] = []
        at = 0
        for stop in [*(m.end() for m in _STOP.finditer(text)), len(text)]:
            stretch = text[at:stop]
            words = list(_SPACED.finditer(stretch))
            if len(words) >= STOPLESS_WORDS_MIN:
                signs = list(stretch)
                for (before, word), after in zip(pairwise(words), [*words[2:], None], strict=True):
                    if self._opens(before[0], word[0], after[0] if after else ""):
                        signs[word.start() - 1] = "\n"
                stretch = "".join(signs)
            out.append(stretch)
            at = stop
        return "".join(out)

    def _opens(self, before: str, word: str, after: str) -> bool:
        plain = word[:1].isupper() and (len(word) == 1 or word[1:].islower())
        ends = before[-1:].isalnum() and not before[:1].isupper() and before.lower() not in _LEADS_ON
        return (
            plain
            and ends
            and not (after[:1].isupper() and word.lower() not in _LEADS_ON)
            and self._is_small(word.lower())
        )

    def _repair_line(self, line: str, text_is_capitals: bool) -> str:
        if is_all_capitals(line) or (text_is_capitals and line.upper() == line):
            return self._rewrite(line, capitals=True)
        if is_title_case(line):
            return self._rewrite(line, capitals=False)
        return line

    def _rewrite(self, line: str, *, capitals: bool) -> str:
        words = list(_WORD.finditer(line))
        out: list[str] = []
        at = i = 0
        while i < len(words):
            forms = self._name_at(words, i, line)
            for word, form in zip(words[i : i + len(forms)], forms, strict=True):
                new = form if form is not None else self._one(word[0], capitals=capitals)
                if _begins_sentence(line, words, word, at):
                    new = new[:1].upper() + new[1:]
                out += [line[at : word.start()], new if len(new) == len(word[0]) else word[0]]
                at = word.end()
            i += len(forms)
        return "".join([*out, line[at:]])

    def _name_at(self, words: list[re.Match[str]], i: int, line: str) -> list[str | None]:
        """The forms of the longest known name of several words beginning at word `i`; one None where there is none."""
        for count in range(min(NAME_WORDS_MAX, len(words) - i), 1, -1):
            run = words[i : i + count]
            if any(line[a.end() : b.start()] != " " for a, b in pairwise(run)):
                continue
            form = self._forms.get(" ".join(w[0].lower() for w in run))
            if form is not None:
                return list(form.split(" "))
        return [None]

    def _one(self, word: str, *, capitals: bool) -> str:
        low = word.lower()
        if low.endswith("'s") and low[:-2] + "'s" not in self._forms:
            return self._one(word[:-2], capitals=capitals) + "'s"
        form = self._forms.get(low)
        if form is not None:
            return form if capitals else (form if word[:1].isupper() and not word[1:].isupper() else word)
        if not capitals:
            is_plain = word[:1].isupper() and word[1:].islower()
            return low if is_plain and self._is_small(low) else word
        if self._is_small(low):
            return low
        if len(word) <= ACRONYM_LETTERS_MAX and not _VOWEL.search(word):
            return word
        return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))

    def _is_small(self, low: str) -> bool:
        if low in self._small:
            return True
        if "-" in low:
            return all(part in self._small for part in low.split("-"))
        # A regular inflection of a known word: the statistics can't hold every form.
        for ending, instead in (
            ("s", ""),
            ("es", ""),
            ("ies", "y"),
            ("ed", ""),
            ("ed", "e"),
            ("ing", ""),
            ("ing", "e"),
            ("ly", ""),
            ("er", ""),
            ("ers", ""),
        ):
            if low.endswith(ending) and low.removesuffix(ending) + instead in self._small:
                return True
        return False


def _begins_sentence(line: str, words: list[re.Match[str]], word: re.Match[str], at: int) -> bool:
    """`at` is the end of the word before, 0 when there is none."""
    if word is words[0]:
        return True
    before = line[max(0, at - LAST_WORD_CHARACTERS_MAX) : at].rsplit(" ", 1)[-1].lower()
    return bool(_SENTENCE_END.search(line, at, word.start())) and "." not in before and before not in _ABBREVIATIONS


def is_all_capitals(text: str) -> bool:
    """Do nearly all letters of `text` stand in capitals?"""
    letters = upper = 0
    for character in text:
        if character.isalpha():
            letters += 1
            upper += character.isupper()
    return letters >= CAPITALS_LETTERS_MIN and upper / letters >= CAPITALS_SHARE_MIN


def is_all_small(text: str) -> bool:
    """Is `text` long and without capitals?"""
    letters = sum(map(str.isalpha, text))
    return letters >= SMALL_LETTERS_MIN and sum(map(str.isupper, text)) <= SMALL_SHARE_MAX * letters


def is_titled(text: str) -> bool:
    """Does nearly every longer word of `text` begin with a capital?"""
    words = [w[0] for w in _WORD.finditer(text) if len(w[0]) >= TITLE_WORD_LETTERS_MIN]
    return len(words) >= TITLED_WORDS_MIN and sum(w[0].isupper() for w in words) >= TITLED_SHARE_MIN * len(words)


def is_title_case(line: str) -> bool:
    """Is this one line a headline with a capital on nearly every longer word?"""
    words = [w[0] for w in _WORD.finditer(line) if len(w[0]) >= TITLE_WORD_LETTERS_MIN]
    return (
        len(words) >= TITLE_WORDS_MIN
        and sum(w[0].isupper() for w in words) / len(words) >= TITLE_SHARE_MIN
        and not re.search(r"[.!?]\s+\w", line)
    )
