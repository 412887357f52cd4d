"""How far two readers agree on the same briefs: `python -m training.reader.agreement --data DATA`.

`training/second` holds a second reading of briefs of `training/reports/voa`, made without sight of the first; neither is trained on twice.
Sets (parties, times, numbers, events) give F, which does not care who came first; everything else gives the share that is the same.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from training.reader.annotations import Annotated, Number, Quote, Told
from training.reader.data import REPORTS, briefs
from training.reader.labels import is_alike, overlap

SECOND = REPORTS.parent / "second"
_T = TypeVar("_T")
_Figure = tuple[float, str]
"""A share and what it is made of."""


class Agreement:
    """Counts of one comparison, by the name of the field."""

    def __init__(self) -> None:
        self._same: Counter[str] = Counter()
        self._all: Counter[str] = Counter()  # for a set: elements of both readers

    def one(self, name: str, same: bool) -> None:
        """A field that has one value."""
        self._same[name] += same
        self._all[name] += 1

    def many(self, name: str, first: Iterable[_T], second: Iterable[_T], same: Callable[[_T, _T], bool]) -> None:
        """A field that has several; each element pairs with one of the other reader at most."""
        mine, left = list(first), list(second)
        self._all[name] += len(mine) + len(left)
        for element in mine:
            other = next((x for x in left if same(element, x)), None)
            if other is not None:
                left.remove(other)
                self._same[name] += 2

    def figures(self) -> dict[str, _Figure]:
        """The share that is the same, and the counts it is made of."""
        return {n: (self._same[n] / max(1, k), f"{self._same[n]} of {k}") for n, k in self._all.items()}


def compare(first: Sequence[Annotated], second: Sequence[Annotated]) -> dict[str, _Figure]:
    """Agreement by field on the briefs that both have read. Raises KeyError for one that the first has not."""
    known = {record.source: record for record in first}
    told = Agreement()
    for b in second:
        a = known[b.source]
        told.one("worth", a.worthy == b.worthy)
        told.one("worth, no yes against no", {a.worthy, b.worthy} != {"yes", "no"})
        told.many("events", a.events, b.events, _is_same_event)
        told.many("numbers bound", _bound(a), _bound(b), _is_bound_alike)
        if a.main is not None and b.main is not None:
            told.one("main event", _is_same_event(a.main, b.main))
            _compare_main(told, a.main, b.main)
        elif a.main is not None or b.main is not None:
            told.one("main event", same=False)
    return told.figures()


def _compare_main(told: Agreement, a: Told, b: Told) -> None:
    told.one("class", a.classes[0] == b.classes[0])
    told.one("realis", a.realis == b.realis)
    told.one("how", a.how == b.how)
    told.many("agents", a.by, b.by, _is_same_party)
    told.many("targets, victims", a.target + a.victim, b.target + b.victim, _is_same_party)
    told.many("weapons", a.weapon, b.weapon, _is_same_party)
    told.one("most exact place", _is_within(a.at[:1], b.at[:1]))
    told.many("times", a.on, b.on, lambda x, y: _is_within([x], [y]))
    told.many("numbers of the main event", a.numbers, b.numbers, _is_same_number)


def _is_same_event(a: Told, b: Told) -> bool:
    return any(overlap(x.start, x.end, y.start, y.end) for x in a.words for y in b.words)


def _is_same_party(a: Sequence[Quote], b: Sequence[Quote]) -> bool:
    return any(is_alike(x.text, y.text) or _is_within([x], [y]) for x in a for y in b)


def _is_within(a: Sequence[Quote], b: Sequence[Quote]) -> bool:
    """The same words, or one is part of the other; none and none are the same."""
    if not a or not b:
        return not a and not b
    return a[0].text in b[0].text or b[0].text in a[0].text


def _is_same_number(a: Number, b: Number) -> bool:
    return (a.kind, a.low, a.high) == (b.kind, b.low, b.high)


def _bound(record: Annotated) -> list[tuple[Told, Number]]:
    return [(event, number) for event in record.events for number in event.numbers]


def _is_bound_alike(a: tuple[Told, Number], b: tuple[Told, Number]) -> bool:
    return _is_same_number(a[1], b[1]) and _is_same_event(a[0], b[0])


def main() -> None:
    """Print the agreement by field."""
    parser = argparse.ArgumentParser(description="How far two readers agree on the same briefs.")
    parser.add_argument("--data", type=Path, required=True, help="the folder with ner_dataset.csv.zip")
    asked = parser.parse_args()
    first, second = (list(briefs(folder, asked.data / "ner_dataset.csv.zip")) for folder in (REPORTS, SECOND))
    print(f"{len(second)} briefs read twice")
    for name, (share, of) in compare(first, second).items():
        print(f"{name:26} {share:.2f}  ({of})")


if __name__ == "__main__":
    main()
