"""Text to comparable words.

Two renderings of one text must give the same words whatever extractor, typography or scanner they went through. So case,
accents of compatibility (NFKC), punctuation and every mark inside a word go: `16-inch`, `16‑inch` and the scanner's
`16-in,ch` are one word. Scripts written without spaces are cut into overlapping pairs of characters. Linear time.
"""

import re
import unicodedata

TEXT_CHARS_MAX = 200_000
"""Only this many characters of a text are looked at: four times a long read; beyond it stand dumps and listings."""
HEADER_CHARS_MAX = 220
"""How far into a text a dateline may end."""

_GAP = re.compile(r"[\s\u2013\u2014\u2015/\\|\u2026\u3000\u3001\u3002]+")
_MARK = re.compile(r"[\W_]+")
# Scripts without spaces between words: CJK, kana, Hangul (spaced by phrase), Thai, Lao, Myanmar, Khmer.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff]")
_DATELINE = re.compile(
    r"\A\s*(?:[A-Z\u00c0-\u00de][\w.,'\u2019\- /]{1,60}?,?\s*)?"  # WASHINGTON, or Kabul, Nov 11
    r"\((?:AP|AFP|Reuters|REUTERS|dpa|DPA|Xinhua|TASS|UPI|ANI|PTI|IANS|AA|EFE|ANSA|Kyodo|CNN|BBC)\)\s*[\u2013\u2014\-]{1,2}\s*"
)
_BYLINE = re.compile(r"\A\s*(?:By|BY|by)\s[^\n.]{2,80}\n")


def body_of(text: str) -> str:
    """The text without the by-line and dateline that an agency or a reprinting paper puts before it."""
    text = text[:TEXT_CHARS_MAX]
    for header in (_BYLINE, _DATELINE):
        if (found := header.match(text, 0, HEADER_CHARS_MAX)) is not None:
            text = text[found.end() :]
    return text


def words_of(text: str) -> list[str]:
    """The words of a text in order, comparable across renderings."""
    words: list[str] = []
    for raw in _GAP.split(unicodedata.normalize("NFKC", text[:TEXT_CHARS_MAX]).casefold()):
        word = raw if raw.isalnum() else _MARK.sub("", raw)
        if not word:
            continue
        if len(word) > 2 and not word.isascii() and _UNSPACED.search(word):
            words.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            words.append(word)
    return words
