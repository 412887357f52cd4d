"""A text as words: normalised, with their offsets, in sentences. The same for every language; what differs is data.

A word is compared without case and marks ("bléssé", "الأَمن"), and, where its language says so, without what is written together with it:
Arabic "وبالمدينة" is also "بالمدينة", "المدينة" and "مدينة".
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SENTENCES_MAX = 40
"""Sentences of an article that are read; what stands later in a long one is background as a rule."""
WORDS_MAX = 160
"""Words of a sentence; a longer one is a list or a table, and is cut."""
STEM_LETTERS_MIN = 2
"""A word without what is written together with it keeps at least so many letters."""

_TOKEN = re.compile(
    r"\d{1,3}(?:[.,\u00a0\u202f\u066c ]\d{3})+(?!\d)|\d+(?:[.,\u066b]\d+)?|[^\W\d_]+(?:(?<=[\u0400-\u04ff])['’ʼ][\u0400-\u04ff]+)*|[-–—/%$€«»\"“”().,;:!?؟،؛…\n]"
)
_SIGNS = frozenset('-–—/%$€«»"“”().,;:!?؟،؛…\n')
_ENDS = frozenset(".!?؟…\n")
_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "œ": "oe", "æ": "ae", "ß": "ss", "ى": "ي", "ة": "ه", "ـ": "", "ґ": "г"}
)
_KEPT = {"й": "й", "ї": "ї"}
"""Letters that would lose a mark that makes another letter of them."""
_APOSTROPHES = "'’ʼ"
"""Within a word of Cyrillic; elsewhere they part words."""
_CACHE_WORDS = 32_768


@lru_cache(maxsize=_CACHE_WORDS)
def plain(word: str) -> str:
    """A word without case and marks, as it is compared."""
    out: list[str] = []
    for char in word.casefold():
        if char in _APOSTROPHES:
            continue
        if char in _KEPT:
            out.append(char)
        else:
            out += [c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c)]
    return "".join(out).translate(_LETTERS)


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign; `forms`: how it may be compared, as written first."""

    text: str
    start: int
    end: int
    forms: tuple[str, ...]
    is_sign: bool = False

    @property
    def is_capital(self) -> bool:
        """Written with a capital, or in a script that has none."""
        first = self.text[:1]
        return first.isalpha() and not first.islower()

    @property
    def is_digits(self) -> bool:
        """A number in digits of any script."""
        return self.text[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words between two ends."""

    index: int
    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        """Offset of its first character."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.tokens[-1].end


def sentences_of(
    text: str, clitics: tuple[tuple[str, ...], ...] = (), abbreviations: frozenset[str] = frozenset()
) -> list[Sentence]:
    """The sentences of a text; `clitics`: what may be written before a word, outermost first, each step optional."""
    out: list[Sentence] = []
    row: list[Token] = []
    for match in _TOKEN.finditer(text):
        written = match.group()
        if written in _SIGNS:
            begins = _is_end(text, match.start(), row, abbreviations) if written in _ENDS else False
            if row and (not begins or written != "\n"):
                row.append(Token(written, match.start(), match.end(), (written,), is_sign=True))
            if begins and row:
                out.append(Sentence(len(out), tuple(row)))
                row = []
                if len(out) >= SENTENCES_MAX:
                    return out
            continue
        if len(row) < WORDS_MAX:
            row.append(Token(written, match.start(), match.end(), _forms(plain(written), clitics)))
    if row:
        out.append(Sentence(len(out), tuple(row)))
    return out


def _is_end(text: str, at: int, row: list[Token], abbreviations: frozenset[str]) -> bool:
    """Whether a full stop ends a sentence: not after an initial or an abbreviation, and not before a small letter."""
    if text[at] != ".":
        return True
    if row and (len(row[-1].text) == 1 or row[-1].forms[0] in abbreviations) and row[-1].end == at:
        return False
    rest = text[at + 1 : at + 4].lstrip(' "»”’)')
    return not rest[:1].islower() and not text[at + 1 : at + 2].isalnum()


@lru_cache(maxsize=_CACHE_WORDS)
def _forms(word: str, clitics: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    forms = [word]
    for step in clitics:
        for form in tuple(forms):
            forms += [
                form.removeprefix(c) for c in step if form.startswith(c) and len(form) - len(c) >= STEM_LETTERS_MIN
            ]
    return tuple(dict.fromkeys(forms))
