"""Names found in a text: one pass over its words against a hashed table of phrases.

Time is linear in the text (at most `WORDS_MAX` look-ups a word) and does not grow with the number of names. The longest
name wins; a shorter one is tried when the case of the longer does not fit.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.text.knowledge.fold import Word, cut
from pipeline.text.knowledge.records import Alias, Subject

WORDS_MAX = 14
"""Longest name, words."""
GAP_CHARS_MAX = 3
"""Most characters between two words of one name (" - ")."""
FUSED_LETTERS_MIN = 6
"""Shorter names must be cut into words as the name is: "IS IL" is not ISIL, "Cobalt-Strike" is CobaltStrike."""
ACRONYM_LETTERS_MAX = 8

_GAP = re.compile(r"[\s\-‐‑–—/_.'’‘&(),:«»\"“”]*\Z")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_]+")
_INITIALS = re.compile(r"(?<![A-Za-z])[A-Z]\.[A-Z]$")
_UPPER = re.compile(r"[^\W\da-z_]")
_UPPER_LINE_LETTERS_MIN = 12
_UPPER_LINE_SHARE_MIN = 0.8


class Reading(NamedTuple):
    """What a name may mean: the subject, and the edge that says so."""

    subject: Subject
    alias: Alias


class Match(NamedTuple):
    """A name in a text with its possible readings, surest first."""

    start: int
    end: int
    readings: tuple[Reading, ...]


class _Entry(NamedTuple):
    reading: Reading
    word_count: int
    case: str  # "exact", "capital" or "any"


class NameTable:
    """All names of all subjects, compiled once; safe to share between threads."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._entries: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._prefixes: set[str] = set()
        for subject in subjects:
            for alias in subject.aliases:
                self._add(Reading(subject, alias))

    def _add(self, reading: Reading) -> None:
        pieces = [word.folded for word in cut(reading.alias.name)]
        key = "".join(pieces)
        if not key:
            return
        self._entries[key].append(_Entry(reading, len(pieces), _case_rule(reading.alias.name)))
        self._prefixes.update(_beginnings(pieces))
        if len(key) >= FUSED_LETTERS_MIN:
            parts = [word.folded for word in cut(" ".join(_PIECE.findall(reading.alias.name)))]
            if "".join(parts) == key:
                self._prefixes.update(_beginnings(parts))

    def find(self, text: str) -> list[Match]:
        """The names in `text`, left to right, none inside another."""
        tokens = cut(text)
        shouted = _shouted_spans(text)
        matches: list[Match] = []
        index = 0
        while index < len(tokens):
            match, used = self._longest(text, tokens, index, shouted)
            if match:
                matches.append(match)
            index += used
        return matches

    def _longest(
        self, text: str, tokens: Sequence[Word], index: int, shouted: Sequence[tuple[int, int]]
    ) -> tuple[Match | None, int]:
        best: tuple[Match | None, int] = (None, 1)
        key = ""
        first = tokens[index]
        for count in range(1, min(WORDS_MAX, len(tokens) - index) + 1):
            last = tokens[index + count - 1]
            if count > 1 and not _joined(text, tokens[index + count - 2].end, last.start):
                break
            key += last.folded
            if key in self._entries:
                readings = self._fitting(text, first, last, count, key, shouted)
                if readings:
                    best = Match(first.start, _with_closing(text, first.start, last.end), readings), count
            if key not in self._prefixes:
                break
        return best

    def _fitting(
        self, text: str, first: Word, last: Word, count: int, key: str, shouted: Sequence[tuple[int, int]]
    ) -> tuple[Reading, ...]:
        surface = text[first.start : last.end]
        loud = any(start <= first.start < end for start, end in shouted)
        fitting = [
            entry.reading
            for entry in self._entries[key]
            if (entry.word_count == count or len(key) >= FUSED_LETTERS_MIN) and _case_fits(entry, surface, loud)
        ]
        unique: dict[str, Reading] = {}
        for reading in sorted(fitting, key=lambda reading: -reading.alias.confidence):
            unique.setdefault(reading.subject.id, reading)
        return tuple(unique.values())


def _beginnings(pieces: Sequence[str]) -> Iterable[str]:
    beginning = ""
    for piece in pieces:
        beginning += piece
        yield beginning


def _case_rule(name: str) -> str:
    """Acronyms as written; names that no word is spelled like in any case; all others with a capital letter."""
    letters = [char for char in name if char.isalpha()]
    if not any(char.isupper() for char in letters):
        return "any"
    one_word = len(name) == len([char for char in name if char.isalnum()])
    if len(letters) <= ACRONYM_LETTERS_MAX and sum(char.isupper() for char in letters) > 1 and " " not in name:
        mixed = one_word and any(char.islower() for char in name)
        return "any" if mixed and len(letters) >= FUSED_LETTERS_MIN else "capital" if not one_word else "exact"
    return "capital"


def _case_fits(entry: _Entry, surface: str, loud: bool) -> bool:
    alias = entry.reading.alias
    if loud:
        return not alias.needs_context or len(alias.name) > ACRONYM_LETTERS_MAX
    if entry.case == "any":
        return True
    if entry.case == "exact":
        return _letters(surface) == _letters(alias.name)
    if alias.name[:2].isupper() and not surface[:2].isupper():
        return False  # "IS-Khorasan" begins with an acronym
    begins = surface[0].isupper() or not surface[0].isalpha() or not alias.name[0].isupper() or "-" in surface
    return begins and any(char.isupper() for char in surface)


def _letters(name: str) -> str:
    return "".join(char for char in name if char.isalnum())


def _joined(text: str, end: int, start: int) -> bool:
    """Whether what stands between two words may stand inside one name; a full stop only after an initial ("U.S. Army")."""
    gap = text[end:start]
    if gap[:2] in ("'s", "’s"):
        gap = gap[2:]
    if len(gap) > GAP_CHARS_MAX or not _GAP.match(gap) or gap.count("\n") > 1:
        return False
    return not gap.startswith((". ", ".\n")) or text[end - 2 : end - 1] in ("", ".", " ")


def _with_closing(text: str, start: int, end: int) -> int:
    if text[end : end + 1] == ")" and "(" in text[start:end]:
        return end + 1
    return end + 1 if text[end : end + 1] == "." and _INITIALS.search(text[start:end]) else end


def _shouted_spans(text: str) -> list[tuple[int, int]]:
    """Lines written in capitals: there an acronym can't be told from a word."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        upper = len(_UPPER.findall(line))
        if upper >= _UPPER_LINE_LETTERS_MIN and upper >= _UPPER_LINE_SHARE_MIN * sum(map(str.isalpha, line)):
            spans.append((start, start + len(line)))
        start += len(line)
    return spans
