"""Learn what a report is to its incident: `python -m training.incidents.relations [--gold FILE …]`.

From the reports of `training/reports/incidents` and of the gold files named. Prints held-out figures, writes `pipeline/incidents/data/relation.npz`.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pipeline.incidents import matching
from pipeline.incidents.relation import CLASSES, marks_of
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from training.incidents.told import REPORTS, read_folder, read_lines

WEIGHTS = Path(matching.__file__).parent / "data" / "relation.npz"
COUNT_MIN = 2
SENSE_SCALE = 3.0
STRENGTH = 1.0
Example = tuple[list[str], np.ndarray, str]


def examples(gold: Sequence[Path]) -> list[Example]:
    """Marks, senses and class of every text."""
    reports = [*read_folder(REPORTS), *(r for path in gold for r in read_lines(path))]
    found = [(*marks_of(r.article.title or "", r.article.text), r.relation if r.incident else "none") for r in reports]
    return [e for e in found if e[2] in CLASSES]


def matrix(given: Sequence[Example], vocabulary: Sequence[str]) -> np.ndarray:
    """A row a text: its stems of the vocabulary, then its senses."""
    place = {word: i for i, word in enumerate(vocabulary)}
    rows = np.zeros((len(given), len(vocabulary) + len(given[0][1])), np.float32)
    for i, (marks, sense, _) in enumerate(given):
        rows[i, [place[m] for m in marks if m in place]] = 1.0
        rows[i, len(vocabulary) :] = sense * SENSE_SCALE
    return rows


def vocabulary_of(given: Sequence[Example]) -> list[str]:
    """Stems that stand in more than one text."""
    counts = Counter(mark for marks, *_ in given for mark in marks)
    return sorted(mark for mark, count in counts.items() if count >= COUNT_MIN)


def learn(given: Sequence[Example], vocabulary: Sequence[str]) -> LogisticRegression:
    """The fitted model; rare relations weigh as much as their share's root."""
    counts = Counter(kind for *_, kind in given)
    weight = [(len(given) / counts[kind]) ** 0.5 for *_, kind in given]
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    return model.fit(matrix(given, vocabulary), [kind for *_, kind in given], sample_weight=weight)


def main() -> None:
    """Learn by folds, tell figures, learn from all, write."""
    parser = argparse.ArgumentParser(description="Learn what a report is to its incident.")
    parser.add_argument("--gold", type=Path, action="append", default=[])
    parser.add_argument("--figures-only", action="store_true")
    asked = parser.parse_args()
    given = examples(asked.gold)
    kinds = np.array([kind for *_, kind in given])
    guessed = np.array(kinds)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=1).split(kinds, kinds):
        part = [given[i] for i in train]
        words = vocabulary_of(part)
        guessed[test] = learn(part, words).predict(matrix([given[i] for i in test], words))
    for kind in CLASSES:
        hit = int(((guessed == kind) & (kinds == kind)).sum())
        told, true = int((guessed == kind).sum()), int((kinds == kind).sum())
        print(f"{kind:14s} P {hit / max(1, told):.2f} R {hit / max(1, true):.2f} of {true}")
    print(f"all            {(guessed == kinds).mean():.3f} of {len(kinds)}")
    if asked.figures_only:
        return
    words = vocabulary_of(given)
    model = learn(given, words)
    order = [list(model.classes_).index(kind) for kind in CLASSES]
    weights = model.coef_[order].T
    np.savez_compressed(
        WEIGHTS,
        vocabulary=np.frombuffer("\n".join(words).encode(), np.uint8),
        words=weights[: len(words)].astype(np.float16),
        senses=(weights[len(words) :] * SENSE_SCALE).astype(np.float16),
        bias=model.intercept_[order].astype(np.float32),
    )


if __name__ == "__main__":
    main()
