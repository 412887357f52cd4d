"""Train the learned reader: `python -m training.reader --data DATA [--reports FOLDER] [--figures-only] [--risk]`.

DATA: the folder with `ner_dataset.csv.zip` (the GMB extract that the annotations point into). Writes
`pipeline/text/reader/data/reader.npz` and prints held-out figures, which docs/reading.md repeats.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from pipeline.text.findings import Analyzer
from pipeline.text.reader.models import WEIGHTS

from training.reader.data import REPORTS, briefs, examples
from training.reader.measure import figures_of, fit_curves, folds_of, read_held_out
from training.reader.risk import tell_risk
from training.reader.train import learn, version_of

NAMES = ("worth", "main", "what", "by", "against", "where", "exact", "counts")


def say(text: str) -> None:
    """Progress, to standard error."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Read, learn by folds, tell figures, learn from all, write."""
    parser = argparse.ArgumentParser(description="Train the learned reader from annotated reports.")
    parser.add_argument("--data", type=Path, required=True, help="the folder with ner_dataset.csv.zip")
    parser.add_argument("--reports", type=Path, default=REPORTS, help="annotations (default: those of the project)")
    parser.add_argument("--figures-only", action="store_true", help="write no weights")
    parser.add_argument("--risk", action="store_true", help="also how much is right from each chance on")
    asked = parser.parse_args()
    records = list(briefs(asked.reports, asked.data / "ner_dataset.csv.zip"))
    say(f"{len(records)} reports annotated, {sum(r.worthy == 'yes' for r in records)} worth an alert; reading them")
    given = examples(records, Analyzer())
    say("learning by folds")
    judged, _ = read_held_out(given)
    figures = figures_of(judged)
    for name in NAMES:
        print(figures.text(name))
    if asked.risk:
        for told in tell_risk(judged, folds_of(given)):
            print(told)
    if asked.figures_only:
        return
    say("learning from all")
    learned = learn(given)
    learned.curves = fit_curves(judged)
    WEIGHTS.parent.mkdir(exist_ok=True)
    np.savez_compressed(WEIGHTS, **learned.arrays(version_of(given)))
    say(f"wrote {WEIGHTS} ({WEIGHTS.stat().st_size // 1000} kB)")


if __name__ == "__main__":
    main()
