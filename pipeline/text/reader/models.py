"""What was learned, as arrays: a linear model over hashed words, trees over numbers, and a curve that makes a score a probability.

A `Decision` is asked with the looks of some things and answers a probability for each class. Its weights are arrays of one file
(`data/reader.npz`), written by `training.reader`; a damaged file fails at load. Nothing here needs more than numpy.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.text.reader.looks import Look

WEIGHTS = Path(__file__).parent / "data" / "reader.npz"
TABLE_BITS = 16
"""Rows of the hash table of words, as a power of two."""
HASHES_KEPT = 1 << 17
"""Words whose row is remembered."""
FLOOR = 1e-4
"""Added to a probability before its logarithm is taken."""

Floats = npt.NDArray[np.float32]
Arrays = Mapping[str, npt.NDArray[np.generic]]


@lru_cache(maxsize=HASHES_KEPT)
def hashed(word: str) -> int:
    """Row of a word."""
    return zlib.crc32(word.encode()) & ((1 << TABLE_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Linear:
    """Softmax over sums of rows: weights (rows x classes) and bias."""

    weights: Floats
    bias: Floats

    def probabilities(self, words: Sequence[Sequence[str]]) -> Floats:
        """Of each thing, the probability of each class; each thing has a word at least."""
        rows = [sorted({hashed(w) for w in row}) for row in words]
        starts = np.cumsum([0, *map(len, rows[:-1])])
        columns = np.fromiter((c for row in rows for c in row), np.int64)
        return softmax(np.add.reduceat(self.weights[columns], starts, axis=0) + self.bias)


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees, one after the other in flat rows: in each node a number is compared with a threshold; a leaf leads to itself."""

    feature: npt.NDArray[np.int32]
    threshold: Floats
    left: npt.NDArray[np.int32]  # row of the next node
    right: npt.NDArray[np.int32]
    value: Floats
    roots: npt.NDArray[np.int32]
    depth: int
    classes: int  # trees take turns over the classes; 1: one score, for the second of two classes

    def scores(self, numbers: Floats) -> Floats:
        """Sums of leaves (things x classes)."""
        things = np.arange(len(numbers), dtype=np.int32)[:, None] * numbers.shape[1]
        flat = np.ascontiguousarray(numbers).ravel()
        node = np.tile(self.roots, (len(numbers), 1))
        for _ in range(self.depth):
            goes_left = flat.take(things + self.feature.take(node)) <= self.threshold.take(node)
            node = np.where(goes_left, self.left.take(node), self.right.take(node))
        leaves = self.value.take(node)
        return np.stack([leaves[:, c :: self.classes].sum(axis=1) for c in range(self.classes)], axis=1)


def trees_from(
    feature: Floats, threshold: Floats, left: Floats, right: Floats, value: Floats, depth: int, classes: int
) -> Trees:
    """Trees out of tables (trees x nodes), each tree's root first and its nodes numbered within it."""
    roots = (np.arange(len(feature)) * feature.shape[1]).astype(np.int32)
    return Trees(
        feature=np.asarray(feature, np.int32).ravel(),
        threshold=np.asarray(threshold, np.float32).ravel(),
        left=(np.asarray(left, np.int32) + roots[:, None]).ravel().astype(np.int32),
        right=(np.asarray(right, np.int32) + roots[:, None]).ravel().astype(np.int32),
        value=np.asarray(value, np.float32).ravel(),
        roots=roots,
        depth=depth,
        classes=classes,
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: words first, then numbers together with what the words say."""

    linear: Linear
    trees: Trees

    def ask(self, looks: Sequence[Look]) -> Floats:
        """Of each thing, the probability of each class (things x classes)."""
        if not looks:
            return np.zeros((0, len(self.linear.bias)), np.float32)
        by_words = self.linear.probabilities([words for _, words in looks])
        numbers = np.hstack([np.array([n for n, _ in looks], np.float32), np.log(by_words + FLOOR)])
        scores = self.trees.scores(numbers.astype(np.float32))
        return softmax(np.hstack([np.zeros_like(scores), scores]) if self.trees.classes == 1 else scores)


def softmax(scores: Floats) -> Floats:
    """Rows of scores as probabilities."""
    scores = scores - scores.max(axis=1, keepdims=True)
    raised = np.exp(scores)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


@dataclass(frozen=True, slots=True)
class Curve:
    """A score in 0..1 as a probability that holds: a logistic curve over its log-odds (Platt 1999)."""

    slope: float
    offset: float

    def __call__(self, p: float) -> float:
        """The probability."""
        p = min(max(p, FLOOR), 1 - FLOOR)
        return float(1 / (1 + np.exp(-(self.slope * np.log(p / (1 - p)) + self.offset))))


@dataclass(frozen=True, slots=True)
class Models:
    """All decisions, and the curve of each element of a line."""

    trigger: Decision
    count: Decision
    party: Decision
    kind: Linear  # the class of the main event
    worth: Decision
    curves: Mapping[str, Curve]
    version: str


def decision_from(arrays: Arrays, name: str) -> Decision:
    """A decision out of the arrays of the weights file."""
    linear = Linear(_scaled(arrays, f"{name}_linear"), np.asarray(arrays[f"{name}_bias"], np.float32))
    feature, threshold, left, right, value = (
        np.asarray(arrays[f"{name}_{part}"], np.float32) for part in ("feature", "threshold", "left", "right", "value")
    )
    depth, classes = map(int, arrays[f"{name}_shape"])
    trees = trees_from(feature, threshold, left, right, value, depth, classes)
    return Decision(linear, trees)


def _scaled(arrays: Arrays, name: str) -> Floats:
    return np.asarray(arrays[name], np.float32) * np.asarray(arrays[f"{name}_scale"], np.float32)


@cache
def load_models() -> Models | None:
    """The models that ship with tocsin, or None where they are left out of the installation."""
    if not WEIGHTS.exists():
        return None
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        return models_from(dict(stored))


def models_from(arrays: Arrays) -> Models:
    """The models out of the arrays of the weights file. Raises KeyError where one is missing."""
    names = [str(name) for name in arrays["curve_names"]]
    curves = {
        n: Curve(*map(float, row)) for n, row in zip(names, np.asarray(arrays["curves"], np.float64), strict=True)
    }
    return Models(
        trigger=decision_from(arrays, "trigger"),
        count=decision_from(arrays, "count"),
        party=decision_from(arrays, "party"),
        kind=Linear(_scaled(arrays, "kind_linear"), np.asarray(arrays["kind_bias"], np.float32)),
        worth=decision_from(arrays, "worth"),
        curves=curves,
        version=str(arrays["version"]),
    )
