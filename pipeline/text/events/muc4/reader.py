"""The incident models: which MUC-4 incidents a document tells of, and which words fill their roles.

Four linear models, trained on the development part of MUC-4 by `training`: three over hashed features - document types and relevance by words
(ridge regression), token tags (softmax), and candidates (logistic regression over the phrases that the tagger suspects) - and between them
the verdict on types and relevance by the first two together. They judge, they don't propose events: events come from the rules. The weights are
one file, of 8-bit integers but for the verdict; a damaged file fails at load.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.records import Entity, Event
from pipeline.text.events.classify import Scene
from pipeline.text.events.muc4.candidates import Article, candidate_features
from pipeline.text.events.muc4.documents import TYPES, Floats, Role, document_counts, document_vector
from pipeline.text.events.muc4.spans import Candidate, Groups, find_candidates, group_candidates
from pipeline.text.events.muc4.tagging import token_rows
from pipeline.text.events.muc4.verdict import pooled

WEIGHTS = Path(__file__).parent.parent / "data" / "muc4.npz"
QUANTIZED = ("idf", "documents", "bias", "tags", "candidates")
"""Arrays of the weights file that are stored as 8-bit integers with a scale."""
WHOLE = ("verdict",)
"""Arrays that are stored as they are."""
HOPELESS_MAX = -0.9
"""Relevance by words alone up to which a document is not read further."""
FILLER_MIN = 0.3
"""Probability from which a candidate fills its role: best F of all roles together by cross-validation; one for each role gained nothing."""
RELEVANT_MIN = -0.1
"""Relevance above which a document tells of an incident (targets were -1 and 1): best F by cross-validation."""
TYPE_MIN = -0.15
"""Likewise for each type."""


@dataclass(frozen=True, slots=True)
class Filler:
    """Words that fill a role of an incident."""

    role: Role
    start: int
    end: int
    sentence: int
    score: float  # probability


@dataclass(frozen=True, slots=True)
class Incidents:
    """What the models say of a document."""

    types: frozenset[str]  # empty: no incident in the sense of MUC-4
    fillers: tuple[Filler, ...] = ()
    tagged: "Tagged" = field(default_factory=dict)  # empty where the words alone tell of none


@dataclass(frozen=True, slots=True)
class Weights:
    """The four models."""

    idf: Floats
    documents: Floats  # rows x (types and relevance)
    bias: Floats
    tags: Floats  # rows x (1 + 2 x roles): outside, then begins and goes on of each role
    candidates: Floats  # rows
    verdict: Floats  # types and relevance x (pooled features and 1)


@cache
def load_weights() -> Weights | None:
    """The weights that ship with tocsin, or None where they are left out of the installation."""
    if not WEIGHTS.exists():
        return None
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        small = {name: stored[name].astype(np.float32) * stored[f"{name}_scale"] for name in QUANTIZED}
        return Weights(**small, **{name: stored[name] for name in WHOLE})


Rows = npt.NDArray[np.int64]
Tagged = dict[int, Floats]
"""Probability of each tag for each token (tokens x tags), by the index of the sentence."""


def word_scores(weights: Weights, scenes: Sequence[Scene], events: tuple[Event, ...]) -> Floats:
    """Scores of the types, then of relevance, by words alone; above 0 is likelier than not."""
    rows, values = document_vector(document_counts(scenes, events), weights.idf)
    return np.asarray(values @ weights.documents[rows] + weights.bias, np.float32)


def final_scores(verdict: Floats, features: Floats) -> Floats:
    """Probabilities, as -1..1, of the types, then of relevance, by words and tags together (`verdict.pooled`)."""
    return np.asarray(np.tanh((verdict[:, :-1] @ features + verdict[:, -1]) / 2), np.float32)


def types_of(scores: Floats) -> frozenset[str]:
    """The incident types that the scores stand for."""
    if scores[len(TYPES)] <= RELEVANT_MIN:
        return frozenset()
    above = frozenset(name for name, score in zip(TYPES, scores, strict=False) if score > TYPE_MIN)
    return above or frozenset((TYPES[int(np.argmax(scores[: len(TYPES)]))],))


def tag_probabilities(tags: Floats, rows: list[list[int]]) -> Floats:
    """Probability of each tag for each token."""
    starts = np.cumsum([0, *map(len, rows[:-1])])
    scores = np.add.reduceat(tags[np.concatenate([np.array(row, np.int64) for row in rows])], starts, axis=0)
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)


def tag(tags: Floats, scenes: Sequence[Scene], rows: Sequence[list[list[int]]]) -> Tagged:
    """The tags of each sentence; `rows` are the token features, empty for a sentence that can't matter."""
    return {
        scene.sentence.index: tag_probabilities(tags, of_sentence)
        for scene, of_sentence in zip(scenes, rows, strict=True)
        if of_sentence
    }


def propose(tagged: Tagged, article: Article, entities: Sequence[Entity], text: str) -> Groups:
    """The candidates of a document."""
    found: list[Candidate] = []
    for index, probabilities in tagged.items():
        found += find_candidates(article.scenes[index], probabilities, entities)
    return group_candidates(found, text)


def select(scored: Sequence[tuple[Role, str, float]]) -> list[tuple[Role, str]]:
    """The groups that fill a role, the surest first; what holds a chosen one, or stands in it, is another wording of it."""
    chosen: list[tuple[Role, str]] = []
    for role, text, score in sorted(scored, key=lambda s: (-s[2], s[:2])):
        nested = any(r == role and (f" {text} " in f" {t} " or f" {t} " in f" {text} ") for r, t in chosen)
        if score > FILLER_MIN and not nested:
            chosen.append((role, text))
    return chosen


def read_incidents(
    text: str, scenes: Sequence[Scene], entities: Sequence[Entity], events: tuple[Event, ...]
) -> Incidents | None:
    """What the shipped models say of a document; None when there are no models."""
    weights = load_weights()
    return read_with(weights, text, scenes, entities, events) if weights is not None and scenes else None


def read_with(
    weights: Weights, text: str, scenes: Sequence[Scene], entities: Sequence[Entity], events: tuple[Event, ...]
) -> Incidents:
    """What these models say of a document of at least one sentence."""
    by_words = word_scores(weights, scenes, events)
    if by_words[len(TYPES)] <= HOPELESS_MAX:
        return Incidents(frozenset())
    tagged = tag(weights.tags, scenes, [token_rows(s, entities) if s.cues else [] for s in scenes])
    scores = final_scores(weights.verdict, pooled(by_words, list(tagged.values()), events))
    types = types_of(scores)
    if not types:
        return Incidents(types, (), tagged)
    article = Article(scenes, entities, events)
    groups = propose(tagged, article, entities, text)
    vectors = candidate_features(article, groups, scores)
    scored = {
        key: sigmoid(float(weights.candidates[rows] @ values))
        for key, (rows, values) in zip(groups, vectors, strict=True)
    }
    fillers = []
    for key in select([(*key, score) for key, score in scored.items()]):
        best = min(groups[key], key=lambda c: (-c.begins, c.start))
        fillers.append(Filler(best.role, best.start, best.end, best.sentence, scored[key]))
    return Incidents(types, tuple(sorted(fillers, key=lambda f: (f.start, f.role))), tagged)


def sigmoid(x: float) -> float:
    """The logistic function, safe for large arguments."""
    return float(1 / (1 + np.exp(-max(-30.0, min(30.0, x)))))
