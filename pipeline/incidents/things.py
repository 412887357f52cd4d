"""What was struck and with what: classes of targets and weapons that a text names, by the table `data/things.toml`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from pipeline.incidents.words import stem, words_of


@cache
def _table() -> tuple[Mapping[str, tuple[str, ...]], tuple[tuple[re.Pattern[str], str], ...]]:
    """Class by stem of a single word, and patterns of entries of several words."""
    raw = tomllib.loads(resources.files(__package__).joinpath("data/things.toml").read_text(encoding="utf-8"))
    by_stem: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, list[str]] = {}
    for sort, classes in raw.items():
        for name, entries in classes.items():
            thing = f"{sort}:{name}"
            for entry in entries:
                if " " in entry:
                    phrases.setdefault(thing, []).append(entry)
                else:
                    by_stem[stem(entry)] = (*by_stem.get(stem(entry), ()), thing)
    patterns = [
        (re.compile(r"\b(?:" + "|".join(re.escape(p) for p in entries) + r")s?\b"), thing)
        for thing, entries in phrases.items()
    ]
    return by_stem, tuple(patterns)


def things_in(text: str) -> tuple[str, ...]:
    """The classes that a text names, in order: "struck:market", "means:drone"."""
    by_stem, patterns = _table()
    low = text.casefold()
    found = [(m.start(), thing) for m in words_of(low) for thing in by_stem.get(stem(m.group()), ())]
    found += [(m.start(), thing) for pattern, thing in patterns for m in pattern.finditer(low)]
    return tuple(dict.fromkeys(thing for _, thing in sorted(found)))
