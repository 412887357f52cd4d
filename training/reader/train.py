"""All decisions learned in turn, each from what the earlier ones say of reports that they were not trained on."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from pipeline.text.reader.article import KINDS, look_at_article, words_of_kind
from pipeline.text.reader.decide import ROLES
from pipeline.text.reader.looks import Mains, look_at_count, look_at_party, look_at_trigger
from pipeline.text.reader.models import Models, models_from

from training.reader import labels
from training.reader.labels import Example
from training.reader.learn import INNER_FOLDS, Decision, Linear

ROUNDS = {"trigger": 120, "count": 80, "party": 120, "worth": 80}
"""Trees a class: more gained nothing by folds."""
STRAIGHT = (1.0, 0.0)
"""A curve that changes nothing."""
CURVES = ("what", "by", "against", "where", "counts", "worth")


@dataclass
class Learned:
    """The decisions of one training set, and the curves if they are known."""

    trigger: Decision
    count: Decision
    party: Decision
    kind: Linear
    worth: Decision
    curves: dict[str, tuple[float, float]] = field(default_factory=dict)

    def arrays(self, version: str) -> dict[str, np.ndarray]:
        """What the weights file holds."""
        out: dict[str, np.ndarray] = {"version": np.array(version)}
        for name in ("trigger", "count", "party", "worth"):
            out |= getattr(self, name).arrays(name)
        out |= self.kind.arrays("kind")
        out["curve_names"] = np.array(CURVES)
        out["curves"] = np.array([self.curves.get(name, STRAIGHT) for name in CURVES])
        return out

    def models(self, version: str = "") -> Models:
        """As the stream uses them."""
        return models_from(self.arrays(version))


def learn(examples: Sequence[Example]) -> Learned:
    """Everything but the curves, which need reports that were held out."""
    trigger = _triggers(examples)
    mains = _honest_mains(examples)
    told = [i for i, e in enumerate(examples) if e.is_told]
    return Learned(
        trigger,
        _counts([(examples[i], mains[i]) for i in told]),
        _parties([(examples[i], mains[i]) for i in told]),
        _kinds([(examples[i], mains[i]) for i in told]),
        _worth([(e, m) for e, m in zip(examples, mains, strict=True) if e.gold.worthy != "either"]),
    )


def version_of(examples: Sequence[Example]) -> str:
    """Names the training set: how many reports, and a digest of their sources and labels."""
    told = "\n".join(f"{e.gold.source} {e.gold.worthy} {len(e.gold.events)}" for e in examples)
    return f"{len(examples)} reports {hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _triggers(examples: Sequence[Example]) -> Decision:
    rows = [
        (look_at_trigger(e.given.report, e.given.setting, t), labels.of_trigger(e.gold, t), e.gold.block)
        for e in examples
        for t in e.given.report.triggers
    ]
    return _decision(rows, 3, "trigger")


def _decision(rows: Sequence[tuple], classes: int, name: str) -> Decision:  # type: ignore[type-arg]
    looks, y, groups = zip(*rows, strict=True)
    return Decision(classes, ROUNDS[name]).fit(looks, y, groups)


def _honest_mains(examples: Sequence[Example]) -> list[Mains]:
    """What a model says of each report's triggers that has not seen its block."""
    fold = [zlib.crc32(e.gold.block.encode()) % INNER_FOLDS for e in examples]
    out: list[Mains] = [Mains({}, {})] * len(examples)
    for k in range(INNER_FOLDS):
        model = _triggers([e for e, f in zip(examples, fold, strict=True) if f != k])
        for i, e in enumerate(examples):
            if fold[i] == k:
                triggers = e.given.report.triggers
                p = model.ask([look_at_trigger(e.given.report, e.given.setting, t) for t in triggers])
                main = {t: float(row[2]) for t, row in zip(triggers, p, strict=True)}
                out[i] = Mains(main, {t: float(row[1]) for t, row in zip(triggers, p, strict=True)})
    return out


def _counts(given: Sequence[tuple[Example, Mains]]) -> Decision:
    rows = []
    for e, mains in given:
        for claim in e.given.report.counts:
            look = look_at_count(e.given.report, e.given.setting, mains, claim)
            if look is not None:
                event, _ = labels.number_of(e.gold, claim)
                rows.append((look, int(event is not None and event.main), e.gold.block))
    return _decision(rows, 2, "count")


def _parties(given: Sequence[tuple[Example, Mains]]) -> Decision:
    rows = []
    for e, mains in given:
        main = e.gold.main
        assert main is not None  # noqa: S101 - only reports with one are given
        for party in e.given.report.parties:
            look = look_at_party(e.given.report, e.given.setting, mains, party, e.given.roles)
            rows.append((look, labels.of_party(e.gold, main, party), e.gold.block))
    return _decision(rows, len(ROLES), "party")


def _kinds(given: Sequence[tuple[Example, Mains]]) -> Linear:
    words, y = [], []
    for e, mains in given:
        main = e.gold.main
        name = labels.kind_of(main) if main else None
        if name in KINDS and mains.main:
            words.append(words_of_kind(e.given, mains))
            y.append(KINDS.index(name))
    return Linear(len(KINDS)).fit(words, np.array(y))


def _worth(given: Sequence[tuple[Example, Mains]]) -> Decision:
    rows = [
        (
            look_at_article(e.given, mains),
            int(e.gold.worthy == "yes"),
            e.gold.block,
        )
        for e, mains in given
    ]
    return _decision(rows, 2, "worth")
