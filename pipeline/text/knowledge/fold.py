"""Names made comparable: case, marks, apostrophes, dashes and transliteration folded away, word by word.

`cut` cuts a text into words with their offsets; `fold` gives the form under which two spellings of a word are equal. Both
are linear in the text and never raise.
"""

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

_APOSTROPHES = "'’ʼ‘`´ʿʾ"
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+(?:[{_APOSTROPHES}][^\W_{_IDEOGRAPHS}]+)*")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}][sS]\Z")
_LETTERS = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ى": "ي",
        "ة": "ه",
        "ک": "ك",
        "ی": "ي",
        "ـ": "",
    }
)
_ARABIC_PREFIX = re.compile(r"\A[وف]?(?:[بك]?ال|لل)(?=\w{3})")
# Endings of Russian and Ukrainian nouns and adjectives; taken off words of five letters or more.
_CYRILLIC_ENDING = re.compile(
    r"(?:ами|ями|ого|ому|ыми|ими|ым|им|ых|их|ов|ев|ам|ям|ом|ем|ои|еи|ах|ях|ую|ые|ых|ии|ыи|ая|ое|[ауыиеяюьоі])\Z"
)
_CYRILLIC_LETTERS_MIN = 5
_CACHE_WORDS = 65_536
_CACHE_TEXTS = 4
"""The texts being analysed just now, and no more: they may be long."""


class Word(NamedTuple):
    """One word of a text; `end` is where it ends without a possessive 's."""

    start: int
    end: int
    folded: str


@lru_cache(maxsize=_CACHE_TEXTS)
def cut(text: str) -> tuple[Word, ...]:
    """The words of `text` in order; every ideograph or kana is a word of its own. Several finders ask for the same text."""
    cut_words: list[Word] = []
    for match in _WORD.finditer(text):
        written = match.group()
        start, end = match.span()
        if written[-1] in "sS" and _POSSESSIVE.search(written):
            end -= 2
            written = written[:-2]
        cut_words.append(Word(start, end, fold(written)))
    return tuple(cut_words)


@lru_cache(maxsize=_CACHE_WORDS)
def fold(word: str) -> str:
    """The form of one word that its spellings share: "Qa'ida" and "Qaeda" are both "qaida"."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(char))
    plain = plain.translate(_LETTERS)
    for apostrophe in _APOSTROPHES:
        plain = plain.replace(apostrophe, "")
    if plain.isascii():
        return _spellings().get(plain, plain)
    if "\u0400" <= plain[:1] <= "\u04ff" and len(plain) >= _CYRILLIC_LETTERS_MIN:
        return _CYRILLIC_ENDING.sub("", plain)
    return _ARABIC_PREFIX.sub("", plain)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    lines = resources.files(__package__).joinpath("data/spellings.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {variant: row[0] for row in rows for variant in row[1:]}
