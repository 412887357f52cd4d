"""What a report names, for telling lookalikes apart: products, places, people, addresses, codes.

Notices are written from templates: the same words about another product, another server, another town. What differs between two of them are names, one in
the place of another, and little else. An edit of one report changes other words too, adds or takes away, or spells a name otherwise. Linear time.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher

from msgspec import Struct

from pipeline.text.dedupe.titles import NUMBERED
from pipeline.text.dedupe.words import words_of

MARKS_MAX = 48
"""Names kept of one text."""
LEAD_WORDS = 80
"""What a text is about stands in so much of its beginning."""
NOTICE_WORDS_MAX = 200
"""A longer text is no notice: addresses below its lead are its sources, and a code with another number is one that was corrected."""
PAIRS_A_WORD = 2
"""A word stands in two pairs of neighbours: so much of the difference it explains each time."""
EXPLAINED_MIN = 0.4
"""Share of the pairs that differ which the names must explain, on both sides."""
RESPELT_MIN = 0.8
"""Likeness of letters from which two names are one, spelt otherwise (difflib's ratio); Iran and Iraq have .75."""
GERMAN_WORDS_MIN = 2
"""So many of its small words make a beginning German, which writes all nouns with capitals: there only two in a row are a name."""

RESPELT_CHARS_MIN = 12
"""A word as long as this that begins another is its short form: an address without what follows it."""

_DIGITS = re.compile(r"\d+")
_GERMAN = frozenset(
    "der die das und ist nicht ein eine einem einen mit von für im zu wird werden sich dem den auf".split()
)
_TOKEN = re.compile(r"\S+")
_ENDS = re.compile(r"[.!?:;…。]['\"”’»)\]]*$")
_EDGES = "'\"“”‘’«»()[]{}<>,.;:!?…"
_ADDRESS = re.compile(
    r"https?://\S{3,300}|(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}|[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[a-z]{2,18}"
    r"|[0-9a-fA-F]{32,128}|(?:19|20)\d\d/\d{1,6}|\d{1,4}(?:\.\d{1,5}){2,3}"
)
_CODE = re.compile(r"[A-Za-z]{1,12}[-_]?\d[\w.-]{0,40}")
_NAME = re.compile(r"[^\W\d_a-z][^\W\d_]{1,40}(?:['’-][^\W_]{1,40}){0,5}")


def marks_of(text: str) -> dict[str, int]:
    """The names of a text as comparable words (`words_of`), with how often each stands there."""
    lead: list[tuple[str, bool]] = []
    found: dict[str, None] = {}
    is_start = True
    tokens = [match[0] for match in _TOKEN.finditer(text)]
    read = len(tokens) if len(tokens) <= NOTICE_WORDS_MAX else LEAD_WORDS
    for number, token in enumerate(tokens[:read]):
        core = token.strip(_EDGES)
        if _ADDRESS.fullmatch(core) or _CODE.fullmatch(core):
            found.update(dict.fromkeys(words_of(core.partition("://")[2] or core)))
        elif number < LEAD_WORDS:
            lead.append((core, not is_start and _NAME.fullmatch(core) is not None))
        is_start = _ENDS.search(token) is not None
    has_nouns = len(_GERMAN.intersection(core.lower() for core, _ in lead)) >= GERMAN_WORDS_MIN
    for number, (core, is_name) in enumerate(lead):
        beside = (lead[number - 1][1] if number else False) or (number + 1 < len(lead) and lead[number + 1][1])
        if is_name and (beside or not has_nouns):
            found.update(dict.fromkeys(words_of(core)))
    kept = set([word for word in found if word not in NUMBERED][:MARKS_MAX])
    return {word: count for word, count in Counter(words_of(text)).items() if word in kept}


class Named(Struct, frozen=True):
    """One of two texts that are compared: what it names, whether it uses a word, how many pairs of words it has alone."""

    marks: Mapping[str, int]
    uses: Callable[[str], bool]
    only: float
    is_notice: bool = True


def marks_conflict(a: Named, b: Named) -> str | None:
    """Why two texts that look alike are about different things, or None."""
    is_notice = a.is_notice and b.is_notice
    lost_a = [word for word in a.marks if not b.uses(word)]
    lost_b = [word for word in b.marks if not a.uses(word)]
    alone_a = [word for word in lost_a if not any(_is_respelt(word, other, is_notice) for other in lost_b)]
    alone_b = [word for word in lost_b if not any(_is_respelt(word, other, is_notice) for other in lost_a)]
    if not alone_a or not alone_b:
        return None
    for side, words in ((a, alone_a), (b, alone_b)):
        if side.only < 1 or PAIRS_A_WORD * sum(side.marks[word] for word in words) < EXPLAINED_MIN * side.only:
            return None
    return f"the same words about something else: {_list(alone_a)} in the one, {_list(alone_b)} in the other"


def _is_respelt(word: str, other: str, is_notice: bool) -> bool:
    """Whether one name was meant: letters that are alike, an address with more behind it, in no notice a code with another number."""
    if min(len(word), len(other)) >= RESPELT_CHARS_MIN and (word.startswith(other) or other.startswith(word)):
        return True
    if not is_notice and _DIGITS.sub("0", word) == _DIGITS.sub("0", other):
        return True
    return (
        word.isalpha() and other.isalpha() and SequenceMatcher(None, word, other, autojunk=False).ratio() >= RESPELT_MIN
    )


def _list(words: list[str]) -> str:
    return ", ".join(words[:3])
