"""What a report is to the incident that it tells of: the report itself, a new toll, a claim, a denial, a reaction, an arrest, a hearing, a look back.

Multinomial logistic regression over the stems of title and first sentence and what they mean together, learned from annotated reports
(`training.incidents.relations`; docs/incidents.md has the figures). "none": it tells of no incident of these days at all.
"""

from functools import cache
from importlib import resources
from typing import get_args

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from pipeline.incidents.words import CALENDAR, default_lexicon, fold, stem, words_of
from pipeline.records import Relation

RELATIONS: tuple[Relation, ...] = get_args(Relation)
CLASSES = (*RELATIONS, "none")
SENTENCE_CHARS_MAX = 400
NEVER_OPEN: tuple[Relation, ...] = ("reaction", "hearing", "retrospective")
"""Relations that begin no incident."""

Row = NDArray[np.float32]


class RelationModel:
    """Learned weights: `vocabulary` marks stems of the title with "T:"; immutable, safe to share."""

    def __init__(self, vocabulary: list[str], words: Row, senses: Row, bias: Row) -> None:
        self._place = {word: i for i, word in enumerate(vocabulary)}
        self._words, self._senses, self._bias = words, senses, bias

    def judge(self, title: str, text: str) -> dict[str, float]:
        """How sure it is of each of `CLASSES`; the values sum to 1."""
        marks, sense = marks_of(title, text)
        scores = self._bias + sense @ self._senses
        for mark in marks:
            if (at := self._place.get(mark)) is not None:
                scores = scores + self._words[at]
        scores = np.exp(scores - scores.max())
        return dict(zip(CLASSES, (scores / scores.sum()).tolist(), strict=True))


@cache
def default_relations() -> RelationModel:
    """The model of this version, read once per process."""
    with resources.files(__package__).joinpath("data/relation.npz").open("rb") as file:
        table = np.load(file, allow_pickle=False)
        vocabulary = bytes(table["vocabulary"]).decode().split("\n")
        parts = [table[name].astype(np.float32) for name in ("words", "senses", "bias")]
    return RelationModel(vocabulary, *parts)


def marks_of(title: str, text: str) -> tuple[list[str], Row]:
    """What the model sees: stems (those of the title marked), and the mean vectors of title and first sentence, side by side."""
    first = _first_sentence(text)
    head = [stem(m.group()) for m in words_of(title) if fold(m.group()) not in CALENDAR]
    body = [stem(m.group()) for m in words_of(first) if fold(m.group()) not in CALENDAR]
    marks = [*dict.fromkeys(f"T:{s}" for s in head), *dict.fromkeys(body)]
    return marks, np.concatenate([_sense(head), _sense(body)])


class Told(Struct, frozen=True):
    """What a text is to its incident, as far as it can be told."""

    relation: Relation = "report"  # the likeliest
    tells: float = 1.0  # how sure it is that the text tells of an incident of these days at all, 0..1
    looks_back: float = 0.0  # how sure that it only looks back, reacts or judges, or tells of none, 0..1


def relation_of(title: str | None, text: str) -> Told:
    """The relation of a report by its title and first sentence."""
    judged = default_relations().judge(title or "", text)
    best = max(RELATIONS, key=lambda name: judged[name])
    return Told(best, 1.0 - judged["none"], judged["none"] + sum(judged[name] for name in NEVER_OPEN))


def _first_sentence(text: str) -> str:
    start = text[:SENTENCE_CHARS_MAX]
    end = min((at for mark in (". ", ".\n", "! ", "? ") if (at := start.find(mark)) > 20), default=len(start))
    return start[:end]


def _sense(stems: list[str]) -> Row:
    lexicon = default_lexicon()
    if not stems:
        return np.zeros(lexicon.vectors.shape[1], np.float32)
    weights = np.array([lexicon.weight(s) for s in stems], np.float32)
    mean = weights @ lexicon.matrix(stems)
    size = float(np.linalg.norm(mean))
    return np.asarray(mean / size if size > 0 else mean, np.float32)
