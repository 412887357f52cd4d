"""How the incident models were made: `python -m pipeline.text.events.incidents.training MUC4.jsonl.gz` writes the weights.

The input is the development part of MUC-4 (its TST3 and TST4 parts must stay out), one JSON object a line: `id`, `text` and `templates`
with `type` and the filler slots. `--folds 5` cross-validates and prints what `score` counts; without it all documents train the weights. About four
minutes on one core. Deterministic: the same data give the same file.
"""

import argparse
import gzip
import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.text.events.find import read_rules
from pipeline.text.events.incidents.features import (
    ROLES,
    ROWS,
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
from pipeline.text.events.incidents.reader import (
    WEIGHTS,
    Incidents,
    Rows,
    Weights,
    document_scores,
    propose,
    sigmoid,
    types_key,
    types_of,
)
from pipeline.text.events.lexicon import load_lexicon
from pipeline.text.events.tokens import Sentence, split_sentences

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
TAG_RATE = 0.25
OUTSIDE_KEPT = 0.35
"""Share of tokens outside any filler that an epoch sees: they are 97 % of all."""
OTHERS_KEPT = 3
"""Of documents without incidents every third trains the tagger."""
BATCH_TOKENS = 64
CANDIDATE_EPOCHS = 12
CANDIDATE_RATE = 0.15
CANDIDATE_L2 = 3e-5
NEIGHBOURS = 20
"""Documents of neighbouring numbers come from the same days, so they stay in one fold."""


class Document:
    """One training document with everything computed once."""

    def __init__(self, line: Line) -> None:
        self.text: str = line["text"]
        self.templates: list[Line] = line["templates"]
        self.block = int(re.findall(r"\d+", line["id"])[-1]) // NEIGHBOURS
        self.sentences = split_sentences(self.text)
        self.events = read_rules(self.sentences, self.text)[0]
        self.counts = document_counts(self.sentences, self.events)
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
        for sentence in documents[k].sentences:
            rows += token_rows(sentence, load_lexicon().find(sentence), types_key(types[k]))
            tags += tags_of(documents[k], sentence)
    width = max(map(len, rows))
    return np.array([r + [ROWS] * (width - len(r)) for r in rows], np.int32).astype(np.int64), np.array(tags)


def _step(weights: Floats, squares: Floats, rows: Rows, tags: Rows) -> None:
    scores = weights[rows].sum(axis=1)
    scores -= scores.max(axis=1, keepdims=True)
    slope = np.exp(scores)
    slope /= slope.sum(axis=1, keepdims=True)
    slope[np.arange(len(tags)), tags] -= 1
    flat = rows.ravel()
    order = np.argsort(flat, kind="stable")
    starts = np.r_[0, np.flatnonzero(np.diff(flat[order])) + 1]
    summed = np.add.reduceat(np.repeat(slope, rows.shape[1], axis=0)[order], starts, axis=0)
    touched = flat[order][starts]
    squares[touched] += summed * summed
    weights[touched] -= TAG_RATE * summed / np.sqrt(squares[touched])
    weights[ROWS] = 0


Example = tuple[Rows, Floats, float]


def candidate_examples(
    document: Document, groups: dict[tuple[Role, str], list[Candidate]], scores: Floats
) -> list[Example]:
    """Each candidate group with whether the key has it."""
    features = candidate_features(groups, scores)
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


def train(documents: list[Document], inner_folds: int = 5) -> Weights:
    """The three models; the later ones learn from what the earlier say of documents they have not seen."""
    blocks = np.array([d.block % inner_folds for d in documents])
    scores: list[Floats] = [np.zeros(0, np.float32)] * len(documents)
    for fold in range(inner_folds):
        seen = [d for d, b in zip(documents, blocks, strict=True) if b != fold]
        idf = inverse_frequency(seen)
        part = _documents_only(idf, *train_documents(seen, idf))
        for k in np.flatnonzero(blocks == fold):
            scores[k] = document_scores(part, documents[k].sentences, documents[k].events)
    types = [types_of(s) for s in scores]
    examples: list[Example] = []
    for fold in range(inner_folds):
        seen_at = [int(k) for k in np.flatnonzero(blocks != fold)]
        tags = train_tags([documents[k] for k in seen_at], [types[k] for k in seen_at])
        for k in np.flatnonzero(blocks == fold):
            groups = propose(tags, documents[k].sentences, documents[k].text, types[k])
            examples += candidate_examples(documents[k], groups, scores[k])
    idf = inverse_frequency(documents)
    whole = _documents_only(idf, *train_documents(documents, idf))
    return Weights(whole.idf, whole.documents, whole.bias, train_tags(documents, types), train_candidates(examples))


def _documents_only(idf: Floats, weights: Floats, bias: Floats) -> Weights:
    return Weights(idf, weights, bias, np.zeros((0, 0), np.float32), np.zeros(0, np.float32))


def save(weights: Weights, path: Path) -> None:
    """Write the weights as 8-bit integers with one scale each."""
    arrays: dict[str, Any] = {}
    for name in ("idf", "documents", "bias", "tags", "candidates"):
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
    with gzip.open(options.data, "rt", encoding="utf-8") as file:
        documents = [Document(json.loads(line)) for line in file]
    if options.without is not None:
        documents = [d for d in documents if d.block % 5 != options.without]
    save(train(documents), options.out)


__all__ = ["Incidents", "main", "train"]

if __name__ == "__main__":
    main()
