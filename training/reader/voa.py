"""VOA's radio briefs in the extract of the Groningen Meaning Bank: its sentences joined, and the briefs that annotations point into.

Sentences count from 0; their words are joined, blanks before punctuation and clitics taken out, quotation marks closed up. Sentences whose
number divided by 40, rounded down, ends in 7 are kept for judging: no annotation may touch one.
"""

import csv
import io
import re
import zipfile
from functools import cache
from pathlib import Path

from training.reader.annotations import TextOf

BLOCK_SENTENCES = 40
RESERVED_BLOCK = 7
"""Blocks whose number ends in this are never read."""
_BEFORE = re.compile(r" ([.,;:?!%)\]])")
_CLITIC = re.compile(r" (n't|'s|'re|'ve|'ll|'d|'m|')(?=\W|$)")
_OPENING = re.compile(r"([(\[$]) ")
_QUOTED = re.compile(r'(^|\s)" ([^"]*?) ?"(?=\W|\s|$)')
_OPEN = re.compile(r'(^|\s)" (?=[^"]*$)')


def join(words: list[str]) -> str:
    """A sentence as it is written."""
    text = _OPENING.sub(r"\1", _CLITIC.sub(r"\1", _BEFORE.sub(r"\1", " ".join(words))))
    return _OPEN.sub(r'\1"', _QUOTED.sub(r'\1"\2"', text))


@cache
def sentences(archive: Path) -> tuple[str, ...]:
    """All sentences of the archive (`ner_dataset.csv.zip`), in order."""
    with zipfile.ZipFile(archive) as opened:
        raw = opened.read(opened.namelist()[0]).decode("latin-1")
    out: list[str] = []
    words: list[str] = []
    for row in csv.reader(io.StringIO(raw)):
        if row[0] == "Sentence #":
            continue
        if row[0] and words:
            out.append(join(words))
            words = []
        words.append(row[1])
    return (*out, join(words))


def is_reserved(sentence: int) -> bool:
    """Whether a sentence is kept for judging."""
    return sentence // BLOCK_SENTENCES % 10 == RESERVED_BLOCK


def text_of(archive: Path) -> TextOf:
    """Gives the text of "24-29"; nothing where it is no range, or touches a reserved sentence."""
    told = sentences(archive)

    def find(source: str) -> tuple[str, tuple[int, ...]] | None:
        found = re.match(r"(\d+)-(\d+)$", source)
        numbers = range(int(found[1]), int(found[2]) + 1) if found else range(0)
        if not numbers or numbers[-1] >= len(told) or any(is_reserved(n) for n in numbers):
            return None
        text, ends = "", []
        for n in numbers:
            text += (" " if text else "") + told[n]
            ends.append(len(text))
        return text, tuple(ends)

    return find
