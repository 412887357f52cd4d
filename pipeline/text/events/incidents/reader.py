"""The incident models: which MUC-4 incidents a document tells of, and which words fill their roles.

Three linear models over hashed features, trained on the development part of MUC-4 by `training`: document types and relevance
(ridge regression), token tags (softmax), and candidates (logistic regression over what the tagger proposes). They judge, they
don't propose events: events come from the rules. The weights are one file of 8-bit integers; a damaged file fails at load.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.records import Event
from pipeline.text.events.incidents.features import (
    ROLES,
    TYPES,
    Candidate,
    Floats,
    Role,
    candidate_features,
    document_counts,
    document_vector,
    normal,
    token_rows,
)
from pipeline.text.events.lexicon import load_lexicon
from pipeline.text.events.tokens import Sentence

WEIGHTS = Path(__file__).parent.parent / "data" / "incidents.npz"
RELEVANT_MIN = -0.1
"""Relevance above which a document tells of an incident (targets were -1 and 1): best F by cross-validation."""
TYPE_MIN = -0.15
"""Likewise for each type."""
PROPOSE_MIN = 0.08
"""Probability from which the tagger proposes a candidate; the third model decides."""
FILLER_MIN = 0.3
"""Probability from which a candidate fills its role: best F by cross-validation."""
GO_ON_MIN = 0.3
"""Probability from which a candidate goes on over the next token."""


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


@dataclass(frozen=True, slots=True)
class Weights:
    """The three models."""

    idf: Floats
    documents: Floats  # rows x (types and relevance)
    bias: Floats
    tags: Floats  # rows x (1 + 2 x roles): outside, then begins and goes on of each role
    candidates: Floats  # rows


@cache
def load_weights() -> Weights | None:
    """The weights that ship with tocsin, or None where they are left out of the installation."""
    if not WEIGHTS.exists():
        return None
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        return Weights(
            *(
                stored[name].astype(np.float32) * stored[f"{name}_scale"]
                for name in ("idf", "documents", "bias", "tags", "candidates")
            )
        )


def document_scores(weights: Weights, sentences: tuple[Sentence, ...], events: tuple[Event, ...]) -> Floats:
    """Scores of the types, then of relevance; above 0 is likelier than not."""
    rows, values = document_vector(document_counts(sentences, events), weights.idf)
    return np.asarray(values @ weights.documents[rows] + weights.bias, np.float32)


def types_of(scores: Floats) -> frozenset[str]:
    """The incident types that the scores stand for."""
    if scores[len(TYPES)] <= RELEVANT_MIN:
        return frozenset()
    above = frozenset(name for name, score in zip(TYPES, scores, strict=False) if score > TYPE_MIN)
    return above or frozenset((TYPES[int(np.argmax(scores[: len(TYPES)]))],))


def types_key(types: frozenset[str]) -> str:
    """The types as one feature."""
    return "+".join(sorted(t[:3] for t in types)) or "none"


def tag_probabilities(tags: Floats, rows: list[list[int]]) -> Floats:
    """Probability of each tag for each token."""
    scores = np.stack([tags[r].sum(axis=0) for r in rows])
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)


def find_candidates(sentence: Sentence, probabilities: Floats) -> list[Candidate]:
    """The stretches of a sentence that the tagger thinks may fill a role; roles may overlap."""
    actions = tuple(sorted({c.action for c in load_lexicon().find(sentence) if c.kind.startswith("action.")}))
    out: list[Candidate] = []
    for k, role in enumerate(ROLES):
        begin, go_on = probabilities[:, 1 + 2 * k], probabilities[:, 2 + 2 * k]
        first = 0
        while first < len(begin):
            if begin[first] <= PROPOSE_MIN:
                first += 1
                continue
            last = first + 1
            while last < len(begin) and go_on[last] > GO_ON_MIN and go_on[last] > 0.6 * probabilities[last, 0]:
                last += 1
            out.append(_candidate(sentence, role, (first, last), probabilities, actions))
            first = last
    return out


def _candidate(
    sentence: Sentence, role: Role, span: tuple[int, int], probabilities: Floats, actions: tuple[str, ...]
) -> Candidate:
    first, last = span
    go_on = probabilities[:, 2 + 2 * ROLES.index(role)]
    words = sentence.words
    return Candidate(
        role=role,
        start=sentence.tokens[first].start,
        end=sentence.tokens[last - 1].end,
        sentence=sentence.index,
        begins=float(probabilities[first, 1 + 2 * ROLES.index(role)]),
        inside=float(go_on[first + 1 : last].mean()) if last > first + 1 else 1.0,
        after=float(go_on[last]) if last < len(words) else 0.0,
        actions=actions,
        before=words[first - 1] if first else "<s>",
        behind=words[last] if last < len(words) else "</s>",
    )


def group_candidates(candidates: list[Candidate], text: str) -> dict[tuple[Role, str], list[Candidate]]:
    """Candidates of one role and the same words together."""
    groups: dict[tuple[Role, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        key = normal(text[candidate.start : candidate.end])
        if key:
            groups[(candidate.role, key)].append(candidate)
    return dict(groups)


def propose(
    tags: Floats, sentences: tuple[Sentence, ...], text: str, types: frozenset[str]
) -> dict[tuple[Role, str], list[Candidate]]:
    """The candidates of a document."""
    found: list[Candidate] = []
    key = types_key(types)
    for sentence in sentences:
        rows = token_rows(sentence, load_lexicon().find(sentence), key)
        found += find_candidates(sentence, tag_probabilities(tags, rows))
    return group_candidates(found, text)


def read_incidents(text: str, sentences: tuple[Sentence, ...], events: tuple[Event, ...]) -> Incidents | None:
    """What the models say of a document; None when there are no models. `sentences` are those of `split_sentences`."""
    weights = load_weights()
    if weights is None or not sentences:
        return None
    scores = document_scores(weights, sentences, events)
    types = types_of(scores)
    if not types:
        return Incidents(types)
    groups = propose(weights.tags, sentences, text, types)
    fillers = []
    for candidates, (rows, values) in zip(groups.values(), candidate_features(groups, scores), strict=True):
        score = sigmoid(float(weights.candidates[rows] @ values))
        if score > FILLER_MIN:
            best = min(candidates, key=lambda c: (-c.begins, c.start))
            fillers.append(Filler(best.role, best.start, best.end, best.sentence, score))
    return Incidents(types, tuple(sorted(fillers, key=lambda f: (f.start, f.role))))


def sigmoid(x: float) -> float:
    """The logistic function, safe for large arguments."""
    return float(1 / (1 + np.exp(-max(-30.0, min(30.0, x)))))


Rows = npt.NDArray[np.int64]
