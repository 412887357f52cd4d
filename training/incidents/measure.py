"""Held-out figures: pairs weighed by a model that has not seen their groups, stories grouped as the stream groups them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from msgspec import Struct

from training.incidents.told import Report


class Figures(Struct, frozen=True):
    """Pairwise and B-cubed precision, recall, F1 over reports of incidents; the share of the others that are of none."""

    pairs: tuple[float, float, float]
    bcubed: tuple[float, float, float]
    apart: float

    def text(self) -> str:
        """One line."""
        p, b = self.pairs, self.bcubed
        return f"pairs P {p[0]:.3f} R {p[1]:.3f} F {p[2]:.3f}   B-cubed P {b[0]:.3f} R {b[1]:.3f} F {b[2]:.3f}   of none {self.apart:.3f}"


def figures(reports: Sequence[Report], label: Sequence[object | None]) -> Figures:
    """`label`: each report's group, None for none."""
    real = [i for i, r in enumerate(reports) if r.incident]
    given = {i: label[i] if label[i] is not None else ("none", i) for i in real}
    tp = fp = fn = 0
    for i, j in combinations(real, 2):
        same, joined = reports[i].incident == reports[j].incident, given[i] == given[j]
        tp += same and joined
        fp += joined and not same
        fn += same and not joined
    none = [i for i, r in enumerate(reports) if not r.incident]
    apart = sum(label[i] is None for i in none) / len(none) if none else 1.0
    return Figures(_prf(tp / (tp + fp or 1), tp / (tp + fn or 1)), _bcubed(reports, real, given), apart)


def _bcubed(reports: Sequence[Report], real: Sequence[int], given: dict[int, object]) -> tuple[float, float, float]:
    size = Counter(reports[i].incident for i in real)
    mine: dict[object, set[int]] = defaultdict(set)
    true: dict[object, set[int]] = defaultdict(set)
    for i in real:
        mine[given[i]].add(i)
        true[reports[i].incident].add(i)
    many = [i for i in real if size[reports[i].incident] > 1]
    both = [(len(mine[given[i]] & true[reports[i].incident]), i) for i in many]
    precision = sum(n / len(mine[given[i]]) for n, i in both) / (len(many) or 1)
    recall = sum(n / len(true[reports[i].incident]) for n, i in both) / (len(many) or 1)
    return _prf(precision, recall)


def _prf(precision: float, recall: float) -> tuple[float, float, float]:
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0
