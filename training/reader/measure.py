"""Held-out figures: each decision on reports whose block was not trained on, and the curves that make its chances hold.

Party and number are scored as an alert would state them: each of the gold's parties is found once, another wording of one already found is
neither right nor wrong, a number's both ends must be right.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.records import Element, Line
from pipeline.text.reader.article import anchor_of
from pipeline.text.reader.decide import line_of, weigh, weigh_triggers, worth_of

from training.reader import labels
from training.reader.annotations import Told
from training.reader.labels import Example
from training.reader.learn import curve
from training.reader.train import Learned, learn

FOLDS = 5
STATED = 0.5
"""Probability from which an element counts as stated in these figures."""


@dataclass
class Judged:
    """One held-out report as it was read."""

    example: Example
    line: Line | None
    worth: float
    anchor: int  # label of the likeliest trigger


@dataclass
class Figures:
    """Right, wrong and missed of each element; and every element with its score, for the curves."""

    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    scores: dict[str, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))

    def put(self, name: str, p: float, right: bool, stated: float) -> None:
        """One element that might be stated."""
        self.scores[name].append((p, right))
        if p >= stated:
            self.counts[name][0 if right else 1] += 1

    def text(self, name: str) -> str:
        """Precision, recall and F of an element."""
        right, wrong, missed = self.counts[name]
        p, r = right / max(1, right + wrong), right / max(1, right + missed)
        return f"{name:10} P {p:.3f}  R {r:.3f}  F {2 * p * r / max(1e-9, p + r):.3f}  ({right} right, {wrong} wrong, {missed} missed)"


def folds_of(examples: Sequence[Example]) -> list[int]:
    """The fold of each report: whole blocks, and reports of one incident together with the first of them."""
    blocks = sorted({e.gold.block for e in examples})
    place = {block: i % FOLDS for i, block in enumerate(blocks)}
    return [place[e.gold.block] for e in examples]


def read_held_out(examples: Sequence[Example]) -> tuple[list[Judged], list[Learned]]:
    """Every report read by models that were trained without its fold."""
    fold = folds_of(examples)
    out: list[Judged | None] = [None] * len(examples)
    made: list[Learned] = []
    for k in range(FOLDS):
        learned = learn([e for e, f in zip(examples, fold, strict=True) if f != k])
        made.append(learned)
        models = learned.models()
        for i, e in enumerate(examples):
            if fold[i] == k:
                chances = weigh(models, e.given, weigh_triggers(models, e.given))
                events = e.given.events
                how = events[0].perpetrator_confidence if events else None
                anchor = anchor_of(chances.mains)
                line = line_of(models, e.given, chances, how, None)
                worth = worth_of(models, e.given, chances.mains)
                out[i] = Judged(e, line, worth, labels.of_trigger(e.gold, anchor) if anchor else labels.NONE)
    return [j for j in out if j is not None], made


def figures_of(judged: Sequence[Judged], stated: float = STATED) -> Figures:
    """What the lines state, against the gold of the reports that have a main event to tell."""
    out = Figures()
    for one in judged:
        if one.example.gold.worthy != "either":
            right = one.example.gold.worthy == "yes"
            out.scores["worth"].append((one.worth, right))
            if one.worth >= stated:
                out.counts["worth"][0 if right else 1] += 1
            elif right:
                out.counts["worth"][2] += 1
        if one.example.is_told:
            _judge(out, one, stated)
    return out


def _judge(out: Figures, one: Judged, stated: float) -> None:
    gold, line = one.example.gold, one.line or Line()
    main = gold.main
    assert main is not None  # noqa: S101 - only reports with one are given
    out.counts["main"][0 if one.anchor == labels.MAIN else 1] += 1
    if line.what:
        out.put("what", line.what.p, line.what.value in labels.kinds_of(main), 0.0)
    else:
        out.counts["what"][2] += 1
    _parties(out, "by", line.by, [[q.text for q in party] for party in main.by], stated)
    _parties(out, "against", line.against, [[q.text for q in p] for p in (*main.victim, *main.target)], stated)
    _places(out, line.where, [q.text for q in main.at], stated)
    _numbers(out, line, main, stated)


def _parties(out: Figures, name: str, said: Sequence[Element], sets: Sequence[Sequence[str]], stated: float) -> None:
    seen: set[int] = set()
    for element in said:
        hits = {i for i, names in enumerate(sets) if any(labels.is_alike(element.value, n) for n in names)}
        if hits and not hits - seen:
            continue
        out.put(name, element.p, bool(hits), stated)
        if element.p >= stated:
            seen |= hits
    out.counts[name][2] += sum(i not in seen for i in range(len(sets)))


def _places(out: Figures, said: Sequence[Element], gold: Sequence[str], stated: float) -> None:
    for k, element in enumerate(said):
        right = any(labels.is_alike(element.value, name) for name in gold)
        out.scores["where"].append((element.p, right))
        if k == 0 and element.p >= stated:
            out.counts["where"][0 if right else 1] += 1
            rank = next((i for i, name in enumerate(gold) if labels.is_alike(element.value, name)), None)
            out.counts["exact"][0 if rank == 0 else 1] += 1
    if gold and not (said and said[0].p >= stated):
        out.counts["where"][2] += 1


def _numbers(out: Figures, line: Line, main: Told, stated: float) -> None:
    gold = {(n.kind, n.low, n.high) for n in main.numbers}
    found = set()
    for count in line.counts:
        key = (count.kind, count.low, count.high)
        out.put("counts", count.p, key in gold, stated)
        if count.p >= stated:
            found.add(key)
    told = {n.kind for n in main.numbers if not n.part}
    out.counts["counts"][2] += len(told - {k for k, _, _ in found & gold})


def fit_curves(judged: Sequence[Judged]) -> dict[str, tuple[float, float]]:
    """The curve of each element, from what held-out reports showed of its scores."""
    scores = figures_of(judged).scores
    return {
        name: curve([p for p, _ in pairs], [ok for _, ok in pairs])
        for name, pairs in scores.items()
        if len({ok for _, ok in pairs}) == 2
    }
