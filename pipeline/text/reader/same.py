"""Whether two phrases of an article name the same party, by their words."""

import re

_WORD = re.compile(r"\w+")
_EMPTY = frozenset(
    "the a an of in at on and to by for from with its his her their some several other others another suspected alleged unidentified armed "
    "at least more than about nearly members member people persons".split()
)


def content(text: str) -> tuple[str, ...]:
    """The words of a phrase that say who is meant, without number and plural."""
    words = [w.removesuffix("s") for w in _WORD.findall(text.casefold().replace("’s", "").replace("'s", ""))]
    return tuple(w for w in words if w not in _EMPTY and not w.isdigit())


def is_same_party(a: str, b: str) -> bool:
    """Whether one phrase's content words are all in the other, or both say the same."""
    mine, theirs = set(content(a)), set(content(b))
    if not mine or not theirs:
        return a.casefold() == b.casefold()
    return mine <= theirs or theirs <= mine
