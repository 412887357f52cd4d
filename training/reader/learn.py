"""Learning one decision: a linear model over hashed words, then boosted trees over numbers and what the words say.

The trees see the linear model's chances as it gives them for reports that it was not trained on, else they would trust it too much.
Seeds are fixed: the same data give the same weights.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
from pipeline.text.reader.looks import Look
from pipeline.text.reader.models import FLOOR, TABLE_BITS, hashed
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

INNER_FOLDS = 4
STRENGTH = 0.3
"""Inverse of the linear model's penalty: .1 to 1 were level by folds."""
LEAVES = 8
LEAF_MIN = 8
RATE = 0.06
SEED = 1


def matrix(words: Sequence[Sequence[str]]) -> csr_matrix:
    """Words as a sparse matrix (things x hash table)."""
    rows = [sorted({hashed(w) for w in row}) for row in words]
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.array([c for row in rows for c in row], np.int32)
    return csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(len(rows), 1 << TABLE_BITS))


class Linear:
    """Softmax regression over hashed words, for classes 0..n-1 of which each must be in the data."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def fit(self, words: Sequence[Sequence[str]], labels: np.ndarray) -> "Linear":
        self._model = LogisticRegression(C=STRENGTH, max_iter=400, tol=1e-3).fit(matrix(words), labels)
        return self

    def ask(self, words: Sequence[Sequence[str]]) -> np.ndarray:
        out = np.zeros((len(words), self.classes))
        out[:, self._model.classes_] = self._model.predict_proba(matrix(words))
        return out

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Weights (hash table x classes) as 8-bit integers with a scale, and bias."""
        weights, bias = np.zeros((1 << TABLE_BITS, self.classes)), np.full(self.classes, -20.0)
        if len(self._model.coef_) == 1:
            weights[:, 1], bias[:] = self._model.coef_[0], (0.0, self._model.intercept_[0])
        else:
            weights[:, self._model.classes_], bias[self._model.classes_] = self._model.coef_.T, self._model.intercept_
        scale = np.abs(weights).max() / 127 or 1.0
        return {
            f"{name}_linear": np.round(weights / scale).astype(np.int8),
            f"{name}_linear_scale": np.float32(scale),
            f"{name}_bias": bias.astype(np.float32),
        }


class Decision:
    """Both steps."""

    def __init__(self, classes: int, rounds: int) -> None:
        self.classes, self.rounds = classes, rounds

    def fit(self, looks: Sequence[Look], labels: Sequence[int], groups: Sequence[str]) -> "Decision":
        """`groups`: what a thing's report belongs to; reports of one group are never on both sides of an inner fold."""
        words, y = [w for _, w in looks], np.array(labels)
        self.linear = Linear(self.classes).fit(words, y)
        fold = np.array([zlib.crc32(g.encode()) % INNER_FOLDS for g in groups])
        honest = np.zeros((len(y), self.classes))
        for k in range(INNER_FOLDS):
            learn, ask = np.where(fold != k)[0], np.where(fold == k)[0]
            if len(ask) and len(set(y[learn])) > 1:
                honest[ask] = Linear(self.classes).fit([words[i] for i in learn], y[learn]).ask([words[i] for i in ask])
        table = np.hstack([np.array([n for n, _ in looks]), np.log(honest + FLOOR)]).astype(np.float32)
        settings: dict[str, Any] = {
            "objective": "binary" if self.classes == 2 else "multiclass",
            "num_leaves": LEAVES,
            "min_child_samples": LEAF_MIN,
            "learning_rate": RATE,
            "n_estimators": self.rounds,
            "subsample": 0.8,
            "subsample_freq": 1,
            "colsample_bytree": 0.6,
            "reg_lambda": 3.0,
            "random_state": SEED,
            "n_jobs": 2,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        self.trees = lightgbm.LGBMClassifier(**settings).fit(table, y)
        return self

    def ask(self, looks: Sequence[Look]) -> np.ndarray:
        """Of each thing the chance of each class."""
        if not looks:
            return np.zeros((0, self.classes))
        by_words = self.linear.ask([w for _, w in looks])
        table = np.hstack([np.array([n for n, _ in looks]), np.log(by_words + FLOOR)]).astype(np.float32)
        return np.asarray(self.trees.predict_proba(table))

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The arrays that `pipeline.text.reader.models` reads."""
        dumped = self.trees.booster_.dump_model()["tree_info"]
        flat = [_flat(tree["tree_structure"]) for tree in dumped]
        size = max(len(nodes) for nodes, _ in flat)
        out = {key: np.zeros((len(flat), size), kind) for key, kind in _COLUMNS.items()}
        for t, (nodes, _) in enumerate(flat):
            for n, node in enumerate(nodes):
                for key, value in zip(_COLUMNS, node, strict=True):
                    out[key][t, n] = value
        shape = np.array([max(depth for _, depth in flat), 1 if self.classes == 2 else self.classes], np.int32)
        return {**self.linear.arrays(name), **{f"{name}_{k}": v for k, v in out.items()}, f"{name}_shape": shape}


_COLUMNS = {
    "feature": np.int32,
    "threshold": np.float32,
    "left": np.int32,
    "right": np.int32,
    "value": np.float32,
}
_Node = tuple[int, float, int, int, float]


def _flat(root: dict[str, Any]) -> tuple[list[_Node], int]:
    """A tree as rows (feature, threshold, left, right, value), the root first, and its depth."""
    nodes: list[_Node] = []

    def put(node: dict[str, Any]) -> tuple[int, int]:
        at = len(nodes)
        if "leaf_value" in node:
            nodes.append((0, 0.0, at, at, float(node["leaf_value"])))
            return at, 0
        nodes.append((0, 0.0, 0, 0, 0.0))
        left, a = put(node["left_child"])
        right, b = put(node["right_child"])
        nodes[at] = (int(node["split_feature"]), float(node["threshold"]), left, right, 0.0)
        return at, 1 + max(a, b)

    _, depth = put(root)
    return nodes, depth


def curve(scores: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Slope and offset of the logistic curve that makes scores probabilities (Platt 1999)."""
    p = np.clip(np.array(scores), FLOOR, 1 - FLOOR)
    odds = np.log(p / (1 - p))[:, None]
    model = LogisticRegression(C=1.0).fit(odds, np.array(right))
    return float(model.coef_[0, 0]), float(model.intercept_[0])
