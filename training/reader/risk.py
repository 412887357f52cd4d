"""Risk and coverage: of what is stated from a chance on, how much is right, and how much of what could be stated is stated.

Every chance is one of a fold's models that had not seen the report, put on the curve that the other folds' reports gave.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.text.reader.models import Curve

from training.reader.measure import Judged, figures_of, fit_curves

STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
BIN_MIN = 50
"""Chances are compared with what was right in bins of so many elements at least."""
BINS = 10

Pairs = list[tuple[float, bool]]


def held_out_chances(judged: Sequence[Judged], folds: Sequence[int]) -> dict[str, Pairs]:
    """Of each element of each line, by name: how sure it was held out, and whether it was right."""
    out: dict[str, Pairs] = defaultdict(list)
    for fold in sorted(set(folds)):
        others = [j for j, f in zip(judged, folds, strict=True) if f != fold]
        mine = [j for j, f in zip(judged, folds, strict=True) if f == fold]
        curves = fit_curves(others)
        for name, pairs in figures_of(mine).scores.items():
            curve = Curve(*curves.get(name, (1.0, 0.0)))
            out[name] += [(curve(p), right) for p, right in pairs]
    return out


def table(pairs: Pairs) -> Iterator[tuple[float, float, float, int]]:
    """From each chance on: the share that is right, the share of the right ones that is stated, how many are stated."""
    right = sum(ok for _, ok in pairs)
    for step in STEPS:
        stated = [ok for p, ok in pairs if p >= step]
        if stated:
            yield step, sum(stated) / len(stated), sum(stated) / max(1, right), len(stated)


def misfit(pairs: Pairs) -> float:
    """The largest distance between mean chance and share right over bins of equal number, each of `BIN_MIN` or more."""
    ordered = sorted(pairs)
    size = max(BIN_MIN, math.ceil(len(ordered) / BINS))
    bins = [ordered[k : k + size] for k in range(0, len(ordered), size)]
    whole = [b for b in bins if len(b) >= BIN_MIN]
    return max((abs(sum(p for p, _ in b) - sum(ok for _, ok in b)) / len(b) for b in whole), default=0.0)


def tell_risk(judged: Sequence[Judged], folds: Sequence[int]) -> Iterator[str]:
    """The table of every element, a line a chance, and how far its chances were from the truth."""
    for name, pairs in held_out_chances(judged, folds).items():
        yield f"{name}: {len(pairs)} elements, {sum(ok for _, ok in pairs)} right; largest misfit of a bin {misfit(pairs):.3f}"
        for step, right, covered, stated in table(pairs):
            yield f"  from {step:.1f}: right {right:.3f}, of the right ones stated {covered:.3f} ({stated} stated)"
