"""What an article's sentences have in common with its lead: days, places, connecting words, speakers; computed once, asked often."""

from functools import cached_property

import numpy as np

from pipeline.text.dates import find_dates
from pipeline.text.events.muc4.documents import Floats
from pipeline.text.events.tokens import Sentence
from pipeline.text.reader.report import Report

OPENING_WORDS = 6
"""Words at the beginning of a sentence in which it is said how it goes on from the last."""
_APART = frozenset(
    "another separate separately elsewhere meanwhile similar second third also other earlier previous".split()
)
_LONG_AGO = frozenset("year years decade decades month months 1980s 1990s history ago".split())
_SINCE = frozenset("since until far total overall altogether".split())
_PLACES = frozenset(("GPE", "LOC", "FAC"))
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())


class Setting:
    """Days, places and speakers of a report's sentences."""

    def __init__(self, report: Report, tagged: dict[int, Floats] | None = None) -> None:
        self.report = report
        self.tagged = tagged or {}
        self._seen: dict[int, list[float]] = {}
        self.words = {s.index: frozenset(s.words) for s in report.sentences}

    @cached_property
    def lead(self) -> Sentence | None:
        """The first sentence that is no title."""
        return next((s for s in self.report.sentences if not s.is_title), next(iter(self.report.sentences), None))

    @cached_property
    def places(self) -> dict[int, frozenset[str]]:
        """Names and ids of the places in each sentence."""
        out = {}
        for s in self.report.sentences:
            inside = [e for e in self.report.reading.entities_in(s) if e.label in _PLACES]
            out[s.index] = frozenset((e.id or e.text.casefold()) for e in inside)
        return out

    @cached_property
    def days(self) -> dict[int, frozenset[str]]:
        """Weekdays named in each sentence."""
        return {i: words & _DAYS for i, words in self.words.items()}

    @cached_property
    def speakers(self) -> dict[int, tuple[tuple[int, int], ...]]:
        """Character spans of those who say something, by sentence."""
        out = {}
        for s in self.report.sentences:
            spans = [(x.claimant.start, x.claimant.end) for x in self.report.reading.saids[s.index] if x.claimant]
            out[s.index] = tuple(spans)
        return out

    def of_sentence(self, sentence: Sentence) -> list[float]:
        """How a sentence stands in the article, as numbers (`SENTENCE_LOOKS`)."""
        if sentence.index not in self._seen:
            self._seen[sentence.index] = self._look(sentence)
        return self._seen[sentence.index]

    def _look(self, sentence: Sentence) -> list[float]:
        lead = self.lead or sentence
        words, first = self.words[sentence.index], self.words[lead.index]
        opening = frozenset(sentence.words[:OPENING_WORDS])
        mine, theirs = self.places[sentence.index], self.places[lead.index]
        dated = bool(find_dates(self.report.reading.text, sentence.start, sentence.end))
        rare = {w for w in words if len(w) > 4}
        return [
            min(sentence.index, 20),
            sentence.index / max(1, len(self.report.reading.sentences)),
            len(self.report.reading.sentences),
            float(sentence.is_title),
            float(sentence is lead),
            len(words & _APART),
            len(opening & _APART),
            len(words & _LONG_AGO),
            len(words & _SINCE),
            float(dated),
            float(bool(self.days[sentence.index])),
            float(bool(self.days[sentence.index] & self.days[lead.index])),
            float(bool(self.days[sentence.index] - self.days[lead.index])),
            float(bool(mine)),
            float(bool(mine & theirs)),
            float(bool(mine - theirs)),
            len(rare & first) / (1 + len(rare)),
            float(len(sentence.words)),
            float(len(self.report.index.get(sentence.index, ()))),
            float(any(sentence.is_quote_open)),
            float(bool(self.speakers[sentence.index])),
        ]

    @property
    def empty(self) -> list[float]:
        """The numbers of a sentence that is not there."""
        return [0.0] * SENTENCE_LOOKS

    def tags(self, sentence: Sentence, k: int) -> list[float]:
        """The incident tagger's numbers for a token: outside, then begins or goes on for each role."""
        rows = self.tagged.get(sentence.index)
        if rows is None or k >= len(rows):
            return [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        row = np.asarray(rows[k])
        return [float(row[0]), *(float(row[1 + 2 * r] + row[2 + 2 * r]) for r in range(5))]


SENTENCE_LOOKS = 21
