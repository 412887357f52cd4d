"""Which entries of a feed are wanted: `include` and `exclude`, words of the operator. Pure.

    include = ["title:attack*", "category:security"]
    exclude = ["sport", "url:/podcasts/"]

A rule is words, found whole and in any case in the title, the text or a category; `title:`, `text:`, `category:`, `author:` or `url:` before
them names the one place to look (in an address, any part counts). `*` stands for the rest of a word.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from connectors.sources.drafts import Draft
from pipeline.errors import ConfigError

SKIPPED_EXCLUDED = "excluded"
SKIPPED_NOT_INCLUDED = "not-included"
RULES_MAX = 200

_PLACES: dict[str, Callable[[Draft], Iterator[str]]] = {
    "title": lambda draft: iter((draft.title or "",)),
    "text": lambda draft: iter((draft.text,)),
    "category": lambda draft: iter(draft.categories),
    "author": lambda draft: iter(draft.authors),
    "url": lambda draft: iter((draft.url or "",)),
}
_ANYWHERE = ("title", "text", "category")


class _Rule(Struct, frozen=True):
    places: tuple[str, ...]
    pattern: re.Pattern[str]

    def matches(self, draft: Draft) -> bool:
        return any(self.pattern.search(words) for place in self.places for words in _PLACES[place](draft))


class Rules:
    """The rules of one source, read once."""

    def __init__(self, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> None:
        self._include = _read("include", include)
        self._exclude = _read("exclude", exclude)

    def refuse(self, draft: Draft) -> str | None:
        """The reason why this entry is not wanted; None when it is."""
        if any(rule.matches(draft) for rule in self._exclude):
            return SKIPPED_EXCLUDED
        if self._include and not any(rule.matches(draft) for rule in self._include):
            return SKIPPED_NOT_INCLUDED
        return None


def _read(key: str, rules: tuple[str, ...]) -> tuple[_Rule, ...]:
    if len(rules) > RULES_MAX:
        raise ConfigError(f"{key}: more than {RULES_MAX} rules")
    return tuple(_read_rule(key, rule) for rule in rules)


def _read_rule(key: str, rule: str) -> _Rule:
    place, colon, words = rule.partition(":")
    place = place.strip().lower()
    if not colon or place not in _PLACES:
        if colon and place.isalpha() and not words.startswith((" ", "//")):
            raise ConfigError(f"{key}: {rule!r}: there is no place {place!r}; there are: {', '.join(_PLACES)}")
        place, words = "", rule
    words = words.strip()
    if not words.strip("* "):
        raise ConfigError(f"{key}: {rule!r} has no words")
    if place == "url":
        return _Rule(("url",), re.compile(re.escape(words), re.IGNORECASE))
    # Escaped word for word, so that a rule is never a pattern that could run for ever.
    pattern = r"\s+".join(re.escape(word).replace(r"\*", r"\w*") for word in words.split())
    return _Rule((place,) if place else _ANYWHERE, re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE))


NO_RULES = Rules()
