"""The headline of an alert: the outlets' own words for the incident, the title that says most of it."""

import re
from collections.abc import Sequence

from pipeline.records import Article, Line
from pipeline.text.scoring import headline_of

GRADES = {"A": 0.15, "B": 0.1, "C": 0.05}
"""What an outlet's grade (Admiralty code) adds; the rest add nothing."""
BAIT = 0.4
"""What is taken off where a title asks, teases or counts instead of telling."""
WORDS_FEW = 4
"""Shorter titles are section names and teasers as a rule."""
WORDS_MANY = 20
_WORD = re.compile(r"\w+")
_TEASES = re.compile(
    r"\?\s*$|^\W*(?:watch|video|photos?|gallery|live|opinion|analysis|explainer|what we know|here(?:'s| is| are)|why|how|\d+ (?:things|ways|reasons))\b",
    re.IGNORECASE,
)


def choose_headline(articles: Sequence[Article], line: Line | None) -> str:
    """The best title among the articles that ring, the latest of equals; never empty. `line`: what the alert states."""
    titled = [a for a in articles if a.title and a.title.strip()]
    if not titled:
        return headline_of(articles[0])
    best = max(titled, key=lambda a: (_worth(a, line), a.published or a.fetched))
    return headline_of(best)


def _worth(article: Article, line: Line | None) -> float:
    title = article.title or ""
    words = {w.casefold() for w in _WORD.findall(title)}
    told = _words_of(line)
    share = len(words & told) / len(told) if told else 0.0
    shape = 0.0 if WORDS_FEW <= len(words) <= WORDS_MANY else -0.2
    return round(share + shape + GRADES.get(article.grade or "", 0.0) - (BAIT if _TEASES.search(title) else 0.0), 6)


def _words_of(line: Line | None) -> set[str]:
    """The words of what is stated: names, place, numbers."""
    if line is None:
        return set()
    names = [e.value for e in (*line.by, *line.against, *line.where)] + [c.object or "" for c in line.counts]
    numbers = [str(c.low) for c in line.counts if c.low]
    return {w.casefold() for name in [*names, *numbers] for w in _WORD.findall(name) if len(w) > 2 or w.isdigit()}
