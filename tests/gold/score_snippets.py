"""Scores the first event of each snippet of our own gold: `python tests/gold/score_snippets.py [--model]`.

Prints weighted F1 for the snippets that rules are developed on, with what was missed, and for those that are only scored, without.
With `--model` the shipped pipeline reads the text; else the window rules work alone.
"""

import sys
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from score_reports import Find, find_by_model, find_by_window

DAY = datetime(2024, 3, 5, tzinfo=UTC)


def read_pairs(name: str, find: Find) -> list[tuple[str, str | None, str]]:
    """Gold class, class of the first event, and text of each snippet."""
    table = tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    out = []
    for subtype, texts in table.items():
        for text in texts:
            events = find(text, DAY)[0]
            out.append((subtype, events[0].subtype if events else None, text))
    return out


def weighted_f1(pairs: list[tuple[str, str | None, str]]) -> float:
    """Mean of the classes' F1, weighted by how many snippets are of the class."""
    due, told = Counter(gold for gold, _, _ in pairs), Counter(mine for _, mine, _ in pairs)
    right = Counter(gold for gold, mine, _ in pairs if gold == mine)
    return sum(n * 2 * right[k] / (n + told[k]) for k, n in due.items()) / len(pairs)


if __name__ == "__main__":
    reader = find_by_model() if "--model" in sys.argv else find_by_window
    for name in ("acled_snippets.toml", "acled_snippets_unseen.toml"):
        pairs = read_pairs(name, reader)
        for gold, mine, text in pairs:
            if gold != mine and "unseen" not in name:
                print(f"{gold} | {mine} | {text}")
        print(f"{name}: weighted F1 {weighted_f1(pairs):.3f} of {len(pairs)}")
