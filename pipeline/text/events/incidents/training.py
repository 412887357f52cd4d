"""How the incident models were made: `python -m pipeline.text.events.incidents.training MUC4.jsonl.gz` writes the weights.

The input is the development part of MUC-4 (its TST3 and TST4 parts must stay out), one JSON object a line: `id`, `text` and `templates`
with `type` and the filler slots. The shipped pipeline reads the documents as `tocsin extract` does. `--without 0` leaves out every fifth block of
20 documents and prints how well the fillers of those are found. About five minutes on one core. Deterministic: the same data give the same file.
"""

import argparse
import gzip
import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.text.events.incidents.candidates import Article, candidate_features
from pipeline.text.events.incidents.documents import (
    ROLES,
    ROWS,
    TYPES,
    Floats,
    Role,
    document_counts,
    document_vector,
    normal,
)
from pipeline.text.events.incidents.reader import (
    QUANTIZED,
    WEIGHTS,
    Incidents,
    Rows,
    Weights,
    document_scores,
    propose,
    select,
    sigmoid,
    types_key,
    types_of,
)
from pipeline.text.events.incidents.spans import Groups
from pipeline.text.events.incidents.tagging import token_rows, type_rows
from pipeline.text.events.tokens import Sentence
from pipeline.text.findings import Analyzer

Line = dict[str, Any]
"""One document of the training file."""
SLOTS: dict[Role, tuple[str, ...]] = {
    "perpetrator": ("perp_individual",),
    "organisation": ("perp_org",),
    "weapon": ("weapon",),
    "target": ("target",),
    "victim": ("victim_name", "victim_description"),
}
RIDGE = 1.0
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
NEIGHBOURS = 20
"""Documents of neighbouring numbers come from the same days, so they stay in one fold."""


class Document:
    """One training document with everything computed once."""

    def __init__(self, line: Line, analyzer: Analyzer) -> None:
        self.text: str = line["text"]
        self.templates: list[Line] = line["templates"]
        self.block = int(re.findall(r"\d+", line["id"])[-1]) // NEIGHBOURS
        reading, self.events = analyzer.read_events(self.text)
        self.scenes, self.entities = reading.scenes, reading.entities
        self.article = Article(self.scenes, self.entities, self.events)
        self.counts = document_counts(self.scenes, self.events)
        self.rows = [token_rows(scene, self.entities) for scene in self.scenes]
        self.tags = [tags_of(self, scene.sentence) for scene in self.scenes]
        self.targets = [1.0 if any(t in x["type"] for x in self.templates) else -1.0 for t in TYPES]
        self.targets.append(1.0 if self.templates else -1.0)

    def fillers(self, role: Role) -> set[str]:
        """All wordings that fill a role."""
        found = {normal(a) for t in self.templates for slot in SLOTS[role] for e in t[slot] for a in e["alts"]}
        return found - {""}


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


def tags_of(document: Document, sentence: Sentence) -> list[int]:
    """Gold tags: every wording of every filler, wherever it stands, the longest first."""
    tags = [0] * len(sentence.words)
    wanted = [(k, w.split()) for k, role in enumerate(ROLES) for w in document.fillers(role)]
    for k, words in sorted(wanted, key=lambda pair: (-len(pair[1]), pair)):
        for first in range(len(tags)):
            last = _matches(sentence, first, words)
            if last and not any(tags[first:last]):
                tags[first:last] = [1 + 2 * k] + [2 + 2 * k] * (last - first - 1)
    return tags


def _matches(sentence: Sentence, first: int, words: list[str]) -> int | None:
    """End of the stretch that begins at `first` and reads `words`, signs and articles inside skipped."""
    done, at = 0, first
    while done < len(words) and at < len(sentence.words):
        parts = normal(sentence.words[at]).split()
        if not parts:
            if at == first:
                return None
        elif words[done : done + len(parts)] == parts:
            done += len(parts)
        else:
            return None
        at += 1
    return at if done == len(words) else None


def train_tags(documents: list[Document], types: list[frozenset[str]]) -> Floats:
    """Softmax regression over token features, by adaptive gradient steps."""
    rows, tags = _tag_examples(documents, types)
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


def _tag_examples(documents: list[Document], types: list[frozenset[str]]) -> tuple[Rows, Rows]:
    chosen = [k for k, d in enumerate(documents) if d.templates]
    chosen += [k for k, d in enumerate(documents) if not d.templates][::OTHERS_KEPT]
    rows: list[list[int]] = []
    tags: list[int] = []
    for k in chosen:
        key = types_key(types[k])
        for scene, of_sentence, tagged in zip(documents[k].scenes, documents[k].rows, documents[k].tags, strict=True):
            rows += [row + type_rows(key, word) for row, word in zip(of_sentence, scene.sentence.words, strict=True)]
            tags += tagged
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


def cross_scores(documents: list[Document], folds: int) -> list[Floats]:
    """What the document model says of each document when it has not seen it."""
    scores: list[Floats] = [np.zeros(0, np.float32)] * len(documents)
    for fold in range(folds):
        part = _train_whole([d for d in documents if d.block % folds != fold])
        for k, document in enumerate(documents):
            if document.block % folds == fold:
                scores[k] = document_scores(part, document.scenes, document.events)
    return scores


def _propose(tags: Floats, document: Document, types: frozenset[str]) -> Groups:
    return propose(tags, document.rows, document.article, document.entities, document.text, types)


def cross_examples(documents: list[Document], scores: list[Floats], folds: int) -> list[Example]:
    """The candidates of each document by a tagger that has not seen it."""
    types = [types_of(s) for s in scores]
    out: list[Example] = []
    for fold in range(folds):
        seen = [k for k, d in enumerate(documents) if d.block % folds != fold]
        tags = train_tags([documents[k] for k in seen], [types[k] for k in seen])
        for k, document in enumerate(documents):
            if document.block % folds == fold:
                out += candidate_examples(document, _propose(tags, document, types[k]), scores[k])
        print(f"fold {fold}: {len(out)} candidates", flush=True)  # noqa: T201 - progress
    return out


def count_fillers(document: Document, role: Role, chosen: list[str]) -> tuple[int, int, int]:
    """Right, wrong and missed fillers of one role: each entity of the key once, by any of its wordings."""
    key = [
        ({normal(a) for a in entity["alts"]} - {""}, entity["optional"] or template["optional"])
        for template in document.templates
        for slot in SLOTS[role]
        for entity in template[slot]
    ]
    right = [text for text in chosen if any(text in wordings for wordings, _ in key)]
    missed = {frozenset(w) for w, optional in key if w and not optional and not w & set(chosen)}
    return len(right), len(chosen) - len(right), len(missed)


def f_of(counts: npt.NDArray[np.float64]) -> float:
    """F1 of right, wrong and missed."""
    right, wrong, missed = counts
    return float(2 * right / (2 * right + wrong + missed)) if right else 0.0


def train(documents: list[Document], inner_folds: int = 3) -> Weights:
    """The three models; the later ones learn from what the earlier say of documents they have not seen."""
    scores = cross_scores(documents, inner_folds)
    whole = _train_whole(documents)
    return replace(
        whole,
        tags=train_tags(documents, [types_of(s) for s in scores]),
        candidates=train_candidates(cross_examples(documents, scores, inner_folds)),
    )


def _train_whole(documents: list[Document]) -> Weights:
    idf = inverse_frequency(documents)
    weights, bias = train_documents(documents, idf)
    nothing = np.zeros(0, np.float32)
    return Weights(idf, weights, bias, nothing, nothing)


def report(weights: Weights, documents: list[Document]) -> None:
    """Print the fillers' F on documents that the weights have not seen."""
    totals = {role: np.zeros(3) for role in ROLES}
    for document in documents:
        scores = document_scores(weights, document.scenes, document.events)
        types = types_of(scores)
        groups = _propose(weights.tags, document, types) if types else {}
        vectors = candidate_features(document.article, groups, scores)
        scored = [
            (*key, sigmoid(float(weights.candidates[r] @ v))) for key, (r, v) in zip(groups, vectors, strict=True)
        ]
        chosen = select(scored)
        for role in ROLES:
            totals[role] += count_fillers(document, role, [text for r, text in chosen if r == role])
    for role, counts in totals.items():
        print(f"{role}: F {f_of(counts):.3f}")  # noqa: T201 - the command's output
    print(f"all: F {f_of(np.sum(list(totals.values()), axis=0)):.3f}")  # noqa: T201 - the command's output


def save(weights: Weights, path: Path) -> None:
    """Write the weights as 8-bit integers with one scale each."""
    arrays: dict[str, Any] = {}
    for name in QUANTIZED:
        values = getattr(weights, name)
        scale = np.float32(max(float(np.abs(values).max()), 1e-9) / 127)
        arrays[name] = np.round(values / scale).astype(np.int8)
        arrays[f"{name}_scale"] = scale
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
