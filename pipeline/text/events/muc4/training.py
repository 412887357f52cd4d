"""How the incident models were made: `python -m pipeline.text.events.muc4.training MUC4.jsonl.gz` writes the weights.

The input is the development part of MUC-4 (its TST3 and TST4 parts must stay out), one JSON object a line: `id`, `text` and `templates`
with `type` and the filler slots. The shipped pipeline reads the documents as `tocsin extract` does. `--without 0` leaves out every fifth block of
20 documents and prints how well those are read. About three minutes on one core. Deterministic: the same data give the same file.
"""

import argparse
import gzip
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.text.events.muc4.candidates import candidate_features
from pipeline.text.events.muc4.documents import (
    ROLES,
    ROWS,
    Floats,
    document_vector,
)
from pipeline.text.events.muc4.keyed import Document
from pipeline.text.events.muc4.measure import report
from pipeline.text.events.muc4.reader import (
    QUANTIZED,
    WEIGHTS,
    WHOLE,
    Incidents,
    Rows,
    Tagged,
    Weights,
    final_scores,
    propose,
    sigmoid,
    tag,
    word_scores,
)
from pipeline.text.events.muc4.spans import Groups
from pipeline.text.events.muc4.verdict import DENSE, pooled
from pipeline.text.findings import Analyzer

RIDGE = 1.0
VERDICT_L2 = 20.0
NEWTON_STEPS = 8
SPREAD_MIN = 0.01
"""Least standard deviation that a pooled feature is scaled by: one that never varied would decide all when it first did."""
TAG_EPOCHS = 4
TAG_RATE = 0.2
OUTSIDE_KEPT = 0.35
"""Share of tokens outside any filler that an epoch sees: they are 97 % of all."""
OTHERS_KEPT = 3
"""Of documents without incidents every third trains the tagger."""
BATCH_TOKENS = 128
CANDIDATE_EPOCHS = 8
CANDIDATE_RATE = 0.15
CANDIDATE_L2 = 3e-5


def inverse_frequency(documents: list[Document]) -> Floats:
    """Logarithm of the inverse document frequency of each row; 0 for rows met fewer than twice."""
    counts = np.zeros(ROWS)
    for document in documents:
        seen = {row for found in document.counts.values() for row in found}
        counts[list(seen)] += 1
    return np.where(counts >= 2, np.log(len(documents) / np.maximum(counts, 1)), 0).astype(np.float32)


def train_documents(documents: list[Document], idf: Floats) -> tuple[Floats, Floats]:
    """Ridge regression in its dual form: weights (rows x outputs) and bias."""
    matrix = np.zeros((len(documents), ROWS), np.float32)
    for k, document in enumerate(documents):
        rows, values = document_vector(document.counts, idf)
        np.add.at(matrix[k], rows, values)
    targets = np.array([d.targets for d in documents], np.float32)
    kernel = matrix @ matrix.T + 1 + RIDGE * np.eye(len(documents), dtype=np.float32)
    alpha = np.linalg.solve(kernel, targets)
    return matrix.T @ alpha, alpha.sum(axis=0)


def train_tags(documents: list[Document]) -> Floats:
    """Softmax regression over token features, by adaptive gradient steps."""
    rows, tags = _tag_examples(documents)
    weights = np.zeros((ROWS + 1, 1 + 2 * len(ROLES)), np.float32)  # the last row pads
    squares = np.full_like(weights, 0.01)
    rng = np.random.default_rng(0)
    for _ in range(TAG_EPOCHS):
        kept = np.flatnonzero((tags > 0) | (rng.random(len(tags)) < OUTSIDE_KEPT))
        rng.shuffle(kept)
        for first in range(0, len(kept), BATCH_TOKENS):
            batch = kept[first : first + BATCH_TOKENS]
            _step(weights, squares, rows[batch], tags[batch])
    return weights[:ROWS]


def _tag_examples(documents: list[Document]) -> tuple[Rows, Rows]:
    chosen = [d for d in documents if d.templates]
    chosen += [d for d in documents if not d.templates][::OTHERS_KEPT]
    rows: list[list[int]] = []
    tags: list[int] = []
    for document in chosen:
        for of_sentence, tagged in zip(document.rows, document.tags, strict=True):
            rows += of_sentence
            tags += tagged if of_sentence else []
    padded = np.full((len(rows), max(map(len, rows))), ROWS, np.int32)
    for k, row in enumerate(rows):
        padded[k, : len(row)] = row
    return padded.astype(np.int64), np.array(tags, np.int64)


def _step(weights: Floats, squares: Floats, rows: Rows, tags: Rows) -> None:
    scores = weights[rows].sum(axis=1)
    scores -= scores.max(axis=1, keepdims=True)
    slope = np.exp(scores)
    slope /= slope.sum(axis=1, keepdims=True)
    slope[np.arange(len(tags)), tags] -= 1
    flat = rows.ravel()
    order = np.argsort(flat, kind="stable")
    starts = np.r_[0, np.flatnonzero(np.diff(flat[order])) + 1]
    summed = np.add.reduceat(slope[order // rows.shape[1]], starts, axis=0)
    touched = flat[order][starts]
    squares[touched] += summed * summed
    weights[touched] -= TAG_RATE * summed / np.sqrt(squares[touched])
    weights[ROWS] = 0


Example = tuple[Rows, Floats, float]
"""Rows and values of a candidate group, and 1 where the key has it."""


def candidate_examples(document: Document, groups: Groups, scores: Floats) -> list[Example]:
    """Each candidate group with whether the key has it."""
    features = candidate_features(document.article, groups, scores)
    return [
        (rows, values, float(text in document.fillers(role)))
        for (role, text), (rows, values) in zip(groups, features, strict=True)
    ]


def train_candidates(examples: list[Example]) -> Floats:
    """Logistic regression, by adaptive gradient steps."""
    weights, squares = np.zeros(ROWS), np.full(ROWS, 0.05)
    shuffled = list(examples)
    rng = random.Random(0)  # noqa: S311 - an order of training, no secret
    for _ in range(CANDIDATE_EPOCHS):
        rng.shuffle(shuffled)
        for rows, values, target in shuffled:
            slope = (sigmoid(float(weights[rows] @ values)) - target) * values + CANDIDATE_L2 * weights[rows]
            squares[rows] += slope * slope
            weights[rows] -= CANDIDATE_RATE * slope / np.sqrt(squares[rows])
    return weights.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Unseen:
    """What models say of a document that they have not seen."""

    features: Floats  # pooled
    tagged: Tagged


def train_verdict(documents: list[Document], unseen: list[Unseen]) -> Floats:
    """Logistic regression over the pooled features, by Newton's method: types and relevance x (`DENSE` + 1)."""
    features = np.array([view.features for view in unseen], np.float64)
    middle, spread = features.mean(axis=0), np.maximum(features.std(axis=0), SPREAD_MIN)
    scaled = np.c_[(features - middle) / spread, np.ones(len(documents))]
    targets = np.array([d.targets for d in documents]) > 0
    penalty = np.r_[np.full(DENSE, VERDICT_L2), 1e-6]
    out = np.zeros((targets.shape[1], DENSE + 1))
    for _ in range(NEWTON_STEPS):
        for k, target in enumerate(targets.T):
            expected = 1 / (1 + np.exp(-scaled @ out[k]))
            slope = scaled.T @ (expected - target) + penalty * out[k]
            bend = (scaled.T * (expected * (1 - expected))) @ scaled + np.diag(penalty)
            out[k] -= np.linalg.solve(bend, slope)
    out[:, :-1] /= spread
    out[:, -1] -= out[:, :-1] @ middle
    return out.astype(np.float32)


def cross(documents: list[Document], folds: int) -> list[Unseen]:
    """What the word model and the tagger say of each document when they have not seen it."""
    out: dict[int, Unseen] = {}
    for fold in range(folds):
        seen = [d for d in documents if d.block % folds != fold]
        part = replace(_train_whole(seen), tags=train_tags(seen))
        for k, document in enumerate(documents):
            if document.block % folds == fold:
                words = word_scores(part, document.scenes, document.events)
                tagged = tag(part.tags, document.scenes, document.rows)
                out[k] = Unseen(pooled(words, list(tagged.values()), document.events), tagged)
        print(f"fold {fold}: {len(out)} documents", flush=True)  # noqa: T201 - progress
    return [out[k] for k in range(len(documents))]


def all_examples(documents: list[Document], unseen: list[Unseen], verdict: Floats) -> list[Example]:
    """The candidates of each document by a tagger that has not seen it."""
    out: list[Example] = []
    for document, view in zip(documents, unseen, strict=True):
        scores = final_scores(verdict, view.features)
        groups = propose(view.tagged, document.article, document.entities, document.text)
        out += candidate_examples(document, groups, scores)
    return out


def train(documents: list[Document], inner_folds: int = 3) -> Weights:
    """The four models; the later ones learn from what the earlier say of documents they have not seen."""
    unseen = cross(documents, inner_folds)
    verdict = train_verdict(documents, unseen)
    return replace(
        _train_whole(documents),
        tags=train_tags(documents),
        verdict=verdict,
        candidates=train_candidates(all_examples(documents, unseen, verdict)),
    )


def _train_whole(documents: list[Document]) -> Weights:
    idf = inverse_frequency(documents)
    weights, bias = train_documents(documents, idf)
    nothing = np.zeros(0, np.float32)
    return Weights(idf, weights, bias, nothing, nothing, nothing)


def save(weights: Weights, path: Path) -> None:
    """Write the weights as 8-bit integers with one scale each."""
    arrays: dict[str, Any] = {}
    for name in QUANTIZED:
        values = getattr(weights, name)
        scale = np.float32(max(float(np.abs(values).max()), 1e-9) / 127)
        arrays[name] = np.round(values / scale).astype(np.int8)
        arrays[f"{name}_scale"] = scale
    arrays |= {name: getattr(weights, name) for name in WHOLE}
    np.savez_compressed(path, **arrays)


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--without", type=int, help="leave out this fold of five, to measure on it")
    options = parser.parse_args()
    analyzer = Analyzer()
    with gzip.open(options.data, "rt", encoding="utf-8") as file:
        documents = [Document(json.loads(line), analyzer) for line in file]
    seen = [d for d in documents if options.without is None or d.block % 5 != options.without]
    weights = train(seen)
    save(weights, options.out)
    if options.without is not None:
        report(weights, [d for d in documents if d.block % 5 == options.without])


__all__ = ["Incidents", "main", "train"]

if __name__ == "__main__":
    main()
