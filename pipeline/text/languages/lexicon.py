"""The words of one language, from its folder, made ready to be found.

A folder `<code>/` holds `words.toml` (docs/adding-a-language.md tells what stands in it) and `places.tsv`. A pattern is one or more words without
case and marks; `*` at the end of a word stands for any ending, `..` between two words for up to three others. Finding is linear in the text: each
word is looked up with each length of beginning that the language has.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from pipeline.text.languages.words import Sentence, Token, plain

LANGUAGES = ("fr", "es", "pt", "ru", "uk", "ar")
"""ISO 639-1 codes with a folder."""
GAP_WORDS_MAX = 3
"""What `..` stands for, words."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found in a sentence: tokens `first` to before `last`."""

    kind: str  # the table it stands in: "act", "harm", "calm", …
    name: str  # what the table says it means
    first: int
    last: int
    mark: str = (
        ""  # "!" sure by itself, "?" only beside something else, ">" a verb whose subject did it; or two of them
    )


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: str
    name: str
    words: tuple[str, ...]
    mark: str


@dataclass
class Lexicon:
    """What one language says in which words; immutable after loading."""

    code: str
    clitics: tuple[tuple[str, ...], ...] = ()
    abbreviations: frozenset[str] = frozenset()
    numbers: Mapping[str, int] = field(default_factory=dict)
    approximate: Mapping[str, int] = field(default_factory=dict)
    vague: Mapping[str, int] = field(default_factory=dict)
    endings: tuple[tuple[str, str], ...] = ()  # of a declined name, and what stands there in the dictionary form
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)  # single words by what they are for
    days: Mapping[str, int] = field(default_factory=dict)  # weekdays: 0 is Monday; today and yesterday: 10 and 11
    months: Mapping[str, int] = field(default_factory=dict)
    _exact: dict[str, list[_Pattern]] = field(default_factory=dict)
    _begins: dict[str, list[_Pattern]] = field(default_factory=dict)
    _lengths: tuple[int, ...] = ()

    def find(self, sentence: Sentence) -> list[Hit]:
        """All patterns in a sentence, by place; of those of one table that begin at a word the longest."""
        out: list[Hit] = []
        for k, token in enumerate(sentence.tokens):
            if token.is_sign:
                continue
            best: dict[str, Hit] = {}
            for pattern in self._at(token):
                last = _match(sentence.tokens, k, pattern.words)
                known = best.get(pattern.kind)
                if last and (known is None or last > known.last):
                    best[pattern.kind] = Hit(pattern.kind, pattern.name, k, last, pattern.mark)
            out += best.values()
        return out

    def _at(self, token: Token) -> Iterator[_Pattern]:
        for form in token.forms:
            yield from self._exact.get(form, ())
            for length in self._lengths:
                if length <= len(form):
                    yield from self._begins.get(form[:length], ())

    def has(self, name: str, token: Token) -> bool:
        """Whether a word stands in one of the lists of single words."""
        known = self.lists.get(name, frozenset())
        return any(form in known for form in token.forms)

    def close(self) -> None:
        """Know how long the beginnings are, when all patterns are in."""
        self._lengths = tuple(sorted({len(key) for key in self._begins}))

    def put(self, kind: str, name: str, written: str) -> None:
        """Take in a pattern."""
        mark = written[: len(written) - len(written.lstrip("!?>"))]
        words = tuple(plain(w) if w != ".." else w for w in written.lstrip("!?>").split())
        pattern = _Pattern(kind, name, words, mark)
        table, key = (self._begins, words[0][:-1]) if words[0].endswith("*") else (self._exact, words[0])
        table.setdefault(key, []).append(pattern)


def _match(tokens: tuple[Token, ...], at: int, words: tuple[str, ...]) -> int:
    """Where a pattern that begins at a word ends; 0 where it does not match. The first word is known to."""
    k, gap = at + 1, 0
    for word in words[1:]:
        if word == "..":
            gap = GAP_WORDS_MAX
            continue
        reach = range(k, min(len(tokens), k + gap + 1))
        found = next((j for j in reach if _is(tokens[j], word)), None)
        if found is None:
            return 0
        k, gap = found + 1, 0
    return k


def _is(token: Token, word: str) -> bool:
    if word.endswith("*"):
        return any(form.startswith(word[:-1]) for form in token.forms)
    return word in token.forms


_TABLES = ("acts", "harm", "calm", "actors", "sources", "people", "targets", "realis")
_SINGLE = (
    "say",
    "according",
    "claimed",
    "accused",
    "suspected",
    "nobody",
    "by",
    "against",
    "at_least",
    "at_most",
    "about",
    "between",
    "place_cue",
    "place_strong",
    "settlement",
    "part",
    "weapons",
    "former",
)


def _values(table: Mapping[str, Any], name: str) -> dict[str, int]:
    return {plain(word): int(value) for word, value in table.get(name, {}).items()}


@cache
def load(code: str) -> Lexicon:
    """The words of a language; KeyError or ValueError where its file is wrong, at once and with the name."""
    text = resources.files(__package__).joinpath(f"{code}/words.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    unknown = set(table) - {
        *_TABLES,
        "patterns",
        "lists",
        "numbers",
        "approximate",
        "vague",
        "days",
        "months",
        "grammar",
    }
    if unknown:
        raise ValueError(f"pipeline/text/languages/{code}/words.toml: unknown table {min(unknown)!r}")
    grammar = table.get("grammar", {})
    lexicon = Lexicon(
        code,
        clitics=tuple(tuple(plain(c) for c in step) for step in grammar.get("clitics", ())),
        abbreviations=frozenset(plain(a) for a in grammar.get("abbreviations", "").split()),
        endings=tuple((a, b) for a, b in grammar.get("endings", ())),
        lists={name: frozenset(plain(w) for w in words.split()) for name, words in table.get("lists", {}).items()},
        numbers=_values(table, "numbers"),
        approximate=_values(table, "approximate"),
        vague=_values(table, "vague"),
        days=_values(table, "days"),
        months=_values(table, "months"),
    )
    for name in _TABLES:
        for meaning, patterns in table.get(name, {}).items():
            for written in patterns:
                lexicon.put(name, meaning, written)
    for name, patterns in table.get("patterns", {}).items():
        if name not in _SINGLE:
            raise ValueError(f"pipeline/text/languages/{code}/words.toml: unknown patterns {name!r}")
        for written in patterns:
            lexicon.put(name, name, written)
    lexicon.close()
    return lexicon
