"""Names as an alert may print them: whole, without what only connects them to their sentence."""

import re

from pipeline.text.reader.same import content

NAME_CHARS_MAX = 80
"""Longer ones are no names but clauses."""
_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}
_EDGES = " \t\n,;:.-–—"
_TRAILING = frozenset("first also later earlier then still now today yesterday".split())
"""Adverbs that a phrase took along."""
_LETTER = re.compile(r"\w")
_BARE = frozenset(
    "others other another it they he she them him her who which that this these those one ones none no nobody".split()
)


def whole(text: str) -> str:
    """The name on one line, without an open bracket or quotation mark and without signs at its edges."""
    words = " ".join(text.split()).strip(_EDGES).split()
    while len(words) > 1 and words[-1].casefold() in _TRAILING:
        words.pop()
    name = " ".join(words)
    for opening, closing in _PAIRS.items():
        if name.count(opening) != name.count(closing):
            name = name.replace(opening, "").replace(closing, "")
    if name.count('"') % 2:
        name = name.replace('"', "")
    return " ".join(name.split()).strip(_EDGES)


def is_name(text: str) -> bool:
    """Whether something is left that can be printed: letters, more than a pronoun, no clause."""
    name = whole(text)
    says = bool(_LETTER.search(name)) and bool(content(name))
    return says and name.casefold() not in _BARE and len(name) <= NAME_CHARS_MAX
