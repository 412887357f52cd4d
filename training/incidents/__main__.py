"""Learn what tells incidents apart: `python -m training.incidents [--reports FOLDER] [--lexicon DATA] [--figures-only] [--misses]`.

Prints held-out figures (each group of confusable incidents judged by a model that has not seen it), then writes
`pipeline/incidents/data/pairs.json`. `--lexicon DATA` counts the words anew first (`words.npz`).
"""

import argparse
import hashlib
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from pipeline.incidents import matching
from pipeline.incidents.matching import PairModel, Traits, Weights, traits
from pipeline.text.findings import Analyzer
from pipeline.text.scoring import assess

from training.incidents import lexicon
from training.incidents.measure import figures
from training.incidents.pairs import MODELS, Pair, fit, pairs_of, points
from training.incidents.told import REPORTS, Report, read_folder, read_lines

DATA = Path(matching.__file__).parent / "data"
FOLDS = 8
PAIR, GROUP = 0.0, 0.0
"""What a pair, and the average of two groups, must reach: chosen on the folds' figures (docs/incidents.md)."""
GRID = (-1.0, -0.5, 0.0, 0.5)


def say(text: str) -> None:
    """Progress, to standard error."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Read, learn by folds, tell figures, learn from all, write."""
    parser = argparse.ArgumentParser(description="Learn the weights that tell incidents apart.")
    parser.add_argument("--reports", type=Path, default=REPORTS, help="reports to learn from (default: the project's)")
    parser.add_argument("--gold", type=Path, action="append", default=[], help="further reports in JSON Lines")
    parser.add_argument("--lexicon", type=Path, help="count words anew over this folder of training data")
    parser.add_argument("--figures-only", action="store_true", help="write no weights")
    parser.add_argument("--misses", action="store_true", help="print the pairs that are wrong, held out")
    asked = parser.parse_args()
    if asked.lexicon:
        say("counting words")
        np.savez_compressed(DATA / "words.npz", **lexicon.learn(list(lexicon.sentences(asked.lexicon))))
    reports = [*read_folder(asked.reports), *(r for path in asked.gold for r in read_lines(path))]
    say(f"{len(reports)} reports of {len({r.incident for r in reports if r.incident})} incidents; reading them")
    told = read(reports)
    pairs = pairs_of(reports, told)
    say(f"{len(pairs)} pairs, {sum(p.same for p in pairs)} of one incident; learning by folds")
    for name, signs in MODELS.items():
        held = held_out(pairs, signs)
        for limit in GRID:
            print(name, limit, figures(reports, group(len(reports), held, limit)).text())
        if asked.misses and name == "words":
            tell_misses(reports, pairs, held, group(len(reports), held, 0.0))
    if asked.figures_only:
        return
    learned = {name: fit(pairs, signs) for name, signs in MODELS.items()}
    digest = hashlib.sha256(msgspec.json.encode([(r.incident, r.article.text) for r in reports])).hexdigest()[:12]
    model = PairModel(digest, PAIR, GROUP, learned["facts"], learned["words"])
    (DATA / "pairs.json").write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")
    say(f"wrote {DATA / 'pairs.json'}")


def read(reports: Sequence[Report]) -> list[Traits]:
    """The traits of each, as the stream makes them."""
    found = Analyzer().analyse([r.article for r in reports])
    return [traits(r.article, f, assess(r.article, f)) for r, f in zip(reports, found, strict=True)]


def held_out(pairs: Sequence[Pair], signs: Mapping[str, int]) -> dict[tuple[int, int], float]:
    """The points of each pair by a model that has seen no report of its groups."""
    names = sorted({g for p in pairs for g in p.groups})
    found: dict[tuple[int, int], float] = {}
    for fold in range(FOLDS):
        mine = set(names[fold::FOLDS])
        weights: Weights = fit([p for p in pairs if not p.groups & mine], signs)
        found |= {(p.a, p.b): points(weights, p.compared) for p in pairs if p.groups & mine}
    return found


def group(count: int, held: Mapping[tuple[int, int], float], limit: float) -> list[int]:
    """Average linkage over the points, as `pipeline.incidents.clustering` does it; pairs never compared count for nothing."""
    sums, pairs = np.zeros((count, count)), np.zeros((count, count))
    for (i, j), value in held.items():
        sums[i, j] = sums[j, i] = value
        pairs[i, j] = pairs[j, i] = 1.0
    label = np.arange(count)
    while True:
        mean = np.where(pairs > 0, sums / np.maximum(pairs, 1.0), -np.inf)
        np.fill_diagonal(mean, -np.inf)
        a, b = np.unravel_index(int(mean.argmax()), mean.shape)
        if mean[a, b] < limit:
            return [int(n) for n in label]
        for table in (sums, pairs):
            table[a] += table[b]
            table[:, a] += table[:, b]
            table[b] = table[:, b] = 0.0
        label[label == b] = a


def tell_misses(
    reports: Sequence[Report],
    pairs: Sequence[Pair],
    held: Mapping[tuple[int, int], float],
    label: Sequence[int],
) -> None:
    """Pairs that were joined wrongly or not joined, the surest errors first."""
    for p in sorted(pairs, key=lambda p: -abs(held[p.a, p.b])):
        if p.same != (label[p.a] == label[p.b]):
            values = {k: round(v, 2) for k, v in p.compared.items() if v}
            kind = "MISSED" if p.same else "JOINED"
            print(
                f"{held[p.a, p.b]:6.1f} {kind} {reports[p.a].incident} {reports[p.b].incident} | {reports[p.a].article.title} | {reports[p.b].article.title} | {values}"
            )


if __name__ == "__main__":
    main()
