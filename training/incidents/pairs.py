"""Pairs of reports as the pair model sees them, and the weights that tell those of one incident from the others.

Logistic regression whose weights may have only the sign that `likeness` gives them, so that no agreement ever parts two reports
because the confusable neighbours of a training set happen to share it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from msgspec import Struct
from pipeline.incidents.likeness import FACTS, WORDS, compare
from pipeline.incidents.matching import Traits, Weights, keys, rarity_of
from scipy.optimize import minimize

from training.incidents.told import Report

DAYS_APART_MAX = 14
SAME_WEIGHT = 2.0
"""A pair of one incident counts so much more than one of two: they are the rarer."""
PENALTY = 8.0
SCALE_MIN = 0.05
"""Comparisons that vary less are scaled as if they varied so much."""
AT_MOST = {"cve_other": -10.0}
"""Advisories of one vendor differ in nothing else: whatever agrees, other CVEs are another matter."""
PRIOR = {"cve_same": 2.0, "cve_other": -10.0, "hunted_same": 2.0, "country_other": -2.0, "day_far": -2.0}
"""Where the penalty pulls weights to, instead of to 0: comparisons that few pairs can show, or none."""
Matrix = np.ndarray


class Pair(Struct, frozen=True):
    """Two reports by index, their comparison, whether they are of one incident, and their groups."""

    a: int
    b: int
    compared: Mapping[str, float]
    same: bool
    groups: frozenset[str]


def pairs_of(reports: Sequence[Report], told: Sequence[Traits]) -> list[Pair]:
    """All pairs that the stream would compare: some key in common, not too long apart."""
    bearers = Counter(name for t in told for name in t.names)
    rarity = rarity_of(bearers, len(told))
    found = []
    for i, j in combinations(range(len(reports)), 2):
        one, other = reports[i], reports[j]
        apart = abs((told[i].seen - told[j].seen).days)
        if apart > DAYS_APART_MAX or not set(keys(told[i])) & set(keys(told[j])):
            continue
        if "retrospective" in (one.relation, other.relation) or (one.incident is None and other.incident is None):
            continue
        same = one.incident is not None and one.incident == other.incident
        found.append(Pair(i, j, compare(told[i], told[j], rarity), same, frozenset((one.group, other.group))))
    return found


def fit(pairs: Sequence[Pair], signs: Mapping[str, int]) -> Weights:
    """The weights of these comparisons; those whose values never differ get none."""
    names = list(signs)
    x = np.array([[p.compared.get(n, 0.0) for n in names] for p in pairs])
    y = np.array([p.same for p in pairs], float)
    scale = np.maximum(x.std(0), SCALE_MIN)
    used = np.array([s > SCALE_MIN or n in PRIOR for n, s in zip(names, scale, strict=True)])
    x = x[:, used] / scale[used]
    prior = np.array([PRIOR.get(n, 0.0) for n in names])[used] * scale[used]
    weight = np.where(y > 0, SAME_WEIGHT, 1.0)
    bounds = [_bound(n, signs[n], s) for n, s, u in zip(names, scale, used, strict=True) if u]

    def loss(w: Matrix) -> tuple[float, Matrix]:
        margin = x @ w[:-1] + w[-1]
        odds = np.logaddexp(0, margin)
        error = weight * (1 / (1 + np.exp(-margin)) - y)
        value = float((weight * (odds - y * margin)).sum() + PENALTY / 2 * ((w[:-1] - prior) ** 2).sum())
        return value, np.r_[x.T @ error + PENALTY * (w[:-1] - prior), error.sum()]

    start = np.zeros(x.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)], options={"maxiter": 500})
    kept = [n for n, u in zip(names, used, strict=True) if u]
    weights = {n: round(float(v / s), 4) for n, v, s in zip(kept, found.x, scale[used], strict=False)}
    return Weights(round(float(found.x[-1]), 4), {n: w for n, w in weights.items() if abs(w) >= 1e-3})


def points(weights: Weights, compared: Mapping[str, float]) -> float:
    """Log-odds that a pair is of one incident."""
    return weights.bias + sum(w * compared.get(n, 0.0) for n, w in weights.weights.items())


def _bound(name: str, sign: int, scale: float) -> tuple[float | None, float | None]:
    if name in AT_MOST:
        return None, AT_MOST[name] * scale
    return (0, None) if sign > 0 else (None, 0) if sign < 0 else (None, None)


MODELS: dict[str, Mapping[str, int]] = {"facts": FACTS, "words": FACTS | WORDS}
