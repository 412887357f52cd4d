"""What a revision changed, in words for an analyst: numbers, negations and names first, then sentences.

Sentences that stand in both versions are left out; of the others, each is paired with the most similar one of the other
version and the two are compared word by word. Bounded: at most `SENTENCES_MAX` sentences a side are compared.
"""

import re
from collections import Counter
from difflib import SequenceMatcher

from pipeline.records import Article

SENTENCES_MAX = 60
"""Changed sentences compared on each side; a text rewritten beyond that is said to be rewritten."""
WORDS_MAX = 120
"""Words compared of one sentence."""
CHANGES_MAX = 12
"""Lines returned; the last says how many more there are."""
QUOTE_CHARS_MAX = 140
PAIRED_MIN = 0.5
"""Share of words that two sentences must have in common to be one sentence revised."""

_SENTENCE = re.compile(
    r"(?:[^\n.!?。؟]|\.(?=\w))+[.!?。؟]*[\"'”’)]*"
)  # a point before a letter or digit ends nothing: 1.5, U.S.
_WORD = re.compile(r"\d+(?:[.,:]\d+)*%?|\w+(?:['’\-]\w+)*")
_NUMBER = re.compile(r"\d")
_NUMBER_WORDS = frozenset(
    [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
        "hundreds",
        "thousand",
        "thousands",
        "million",
        "dozen",
        "dozens",
        "several",
    ]
)
_NEGATIONS = frozenset(
    [
        "no",
        "not",
        "never",
        "none",
        "nobody",
        "nothing",
        "neither",
        "nor",
        "without",
        "cannot",
        "deny",
        "denies",
        "denied",
        "denying",
        "unhurt",
        "unharmed",
        "false",
        "kein",
        "keine",
        "nicht",
        "ne",
        "pas",
        "jamais",
        "non",
        "nunca",
        "ningún",
        "sin",
    ]
)

Words = list[str]


def what_changed(old: Article, new: Article) -> tuple[str, ...]:
    """What stands otherwise in `new` than in `old`, most telling first; empty when only spaces or marks changed."""
    telling: dict[str, None] = {}
    plain: dict[str, None] = {}
    if _words(old.title or "") != _words(new.title or ""):
        telling[f"title: {_quote(old.title or '')} is now {_quote(new.title or '')}"] = None
    gone, come = _unmatched(old.text, new.text)
    if len(gone) > SENTENCES_MAX or len(come) > SENTENCES_MAX:
        telling[f"rewritten: {len(gone)} sentences gone, {len(come)} new"] = None
        gone, come = gone[:SENTENCES_MAX], come[:SENTENCES_MAX]
    for before, after in _pair(gone, come):
        if before and after:
            telling.update(dict.fromkeys(_differences(before, after)))
        elif after:
            plain[f"added: {_quote(after)}"] = None
        else:
            plain[f"removed: {_quote(before)}"] = None
    lines = [*sorted(telling, key=_rank), *plain]
    if len(lines) > CHANGES_MAX:
        lines = [*lines[: CHANGES_MAX - 1], f"and {len(lines) - CHANGES_MAX + 1} more changes"]
    return tuple(lines)


def _rank(line: str) -> int:
    kinds = ("rewritten:", "number:", "negation:", "name:", "title:")
    return next((place for place, kind in enumerate(kinds) if line.startswith(kind)), len(kinds))


def _words(text: str) -> Words:
    return _WORD.findall(text)


def _unmatched(old: str, new: str) -> tuple[list[str], list[str]]:
    """The sentences of each version that the other lacks, compared by their words."""
    sides = [
        [(sentence.strip(), " ".join(_words(sentence))) for sentence in _SENTENCE.findall(text)] for text in (old, new)
    ]
    counts = [Counter(key for _, key in side if key) for side in sides]
    left = (counts[0] - counts[1], counts[1] - counts[0])
    unmatched: tuple[list[str], list[str]] = ([], [])
    for side, remaining, kept in zip(sides, left, unmatched, strict=True):
        for sentence, key in side:
            if remaining[key] > 0:
                remaining[key] -= 1
                kept.append(sentence)
    return unmatched


def _pair(gone: list[str], come: list[str]) -> list[tuple[str, str]]:
    """Sentences paired by the words they share, most alike first; what finds no partner stands with an empty string."""
    bags = [[Counter(word.casefold() for word in _words(sentence)) for sentence in side] for side in (gone, come)]
    scored = sorted(
        ((_alike(a, b), -i, -j) for i, a in enumerate(bags[0]) for j, b in enumerate(bags[1])),
        reverse=True,
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for alike, i, j in scored:
        if alike >= PAIRED_MIN and -i not in partner and -j not in taken:
            partner[-i] = -j
            taken.add(-j)
    pairs = [(sentence, come[partner[i]] if i in partner else "") for i, sentence in enumerate(gone)]
    return pairs + [("", sentence) for j, sentence in enumerate(come) if j not in taken]


def _alike(a: Counter[str], b: Counter[str]) -> float:
    return 2 * sum((a & b).values()) / max(1, a.total() + b.total())


def _differences(before: str, after: str) -> list[str]:
    """What the words replaced, added or removed within a sentence are."""
    a, b = _words(before)[:WORDS_MAX], _words(after)[:WORDS_MAX]
    lines = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        old, new = a[i1:i2], b[j1:j2]
        lines.append(f"{_kind(old, new, i1 == 0 or j1 == 0)}: {_say(a, i1, i2)} is now {_say(b, j1, j2)}")
    return lines


def _kind(old: Words, new: Words, is_first: bool) -> str:
    words = [*old, *new]
    if any(_NUMBER.search(word) or word.casefold() in _NUMBER_WORDS for word in words):
        return "number"
    if any(word.casefold() in _NEGATIONS or word.casefold().endswith(("n't", "n’t")) for word in words):
        return "negation"
    if any(word[0].isupper() for word in (words[1:] if is_first else words)):
        return "name"
    return "words"


def _say(words: Words, start: int, end: int) -> str:
    """The words with one neighbour on each side, so that a removal can be read."""
    around = words[max(0, start - 1) : end + 1]
    return _quote(" ".join(around))


def _quote(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text if len(text) <= QUOTE_CHARS_MAX else text[: QUOTE_CHARS_MAX - 1] + '…'}”"
