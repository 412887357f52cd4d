"""A rule's words from a file beside it: a list of names of one's own, one a line, with other spellings behind commas.

    words_file = "people.csv"       # Jane Example,J. Example
                                    # lines that begin with # are left out

What is kept is the rule with the words in it, so that the file is asked for only where it was written.
"""

import csv
from pathlib import Path

from msgspec.structs import replace

from pipeline.watch.rules import WatchRule, Where

WORDS_MAX = 20_000
"""Of one rule: they are found by their first words, in .2 ms a report however many they are."""
FILE_BYTES_MAX = 2_000_000
_HEADERS = frozenset({"name", "names", "word", "words", "term", "terms", "keyword", "keywords"})


def with_words(rule: WatchRule, folder: Path, where: Where) -> WatchRule:
    """The rule with the words of its file, which stands relative to `folder`. Raises `ConfigError`."""
    if not rule.words_file:
        return rule
    path = folder / rule.words_file
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise where.error("words_file", f"{path} is larger than {FILE_BYTES_MAX:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise where.error("words_file", f"{path} can't be read: {error}") from error
    words = dict.fromkeys((*rule.words, *read_words(text)))
    if len(words) == len(rule.words):
        raise where.error("words_file", f"{path} has no words in it")
    if len(words) > WORDS_MAX:
        raise where.error("words_file", f"{len(words):,} words; a rule has at most {WORDS_MAX:,}")
    return replace(rule, words=tuple(words), words_file="")


def read_words(text: str) -> list[str]:
    """The words of a list: every cell of every line, but for comments and a header."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    rows = [[cell.strip() for cell in row if cell.strip()] for row in csv.reader(lines, skipinitialspace=True)]
    if rows and rows[0] and rows[0][0].casefold() in _HEADERS:
        rows = rows[1:]
    return [cell for row in rows for cell in row]
