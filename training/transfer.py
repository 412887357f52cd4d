"""How the entity recognizer does on text of a kind it was not trained on: leave one set out.

`prepare DATA OUT` writes training documents for the news set alone (without any augmentation: the baseline) and for all
sets but one, three times; the recipe trains one recognizer on each; `score OUT` prints F1 on the set left out, exact spans
of PERSON, ORG and places (GPE, LOC and FAC as one), which are what those sets annotate.
"""

import argparse
from collections import Counter
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin

from training.entities import ALL_SETS, save, write
from training.entity_sets import read_all

HELD = ("wikigold", "uner-ewt", "wnut17")
KINDS = {"PERSON": "PERSON", "ORG": "ORG", "GROUP": "ORG", "GPE": "PLACE", "LOC": "PLACE", "FAC": "PLACE"}


def prepare(data: Path, out: Path) -> None:
    """Write the baseline's and each held-out run's documents, and the held sets themselves."""
    every, lexicon = read_all(data, ALL_SETS)
    write(every, lexicon.norps, out / "gmb-only", ("gmb",), plain=True)
    nlp = spacy.blank("en")
    for held in HELD:
        write(every, lexicon.norps, out / f"without-{held}", tuple(s for s in ALL_SETS if s != held))
        save(nlp, every[held], out / f"{held}.spacy")


def spans(doc: Doc) -> set[tuple[int, int, str]]:
    """Entities that the held sets annotate."""
    return {(e.start_char, e.end_char, KINDS[e.label_]) for e in doc.ents if e.label_ in KINDS}


def f1(model: Path, gold: Path) -> tuple[float, float, float]:
    """Precision, recall and F1 of the recognizer in `model` on the documents of `gold`."""
    nlp = spacy.load(model)
    docs = list(DocBin().from_disk(gold).get_docs(nlp.vocab))
    counts: Counter[str] = Counter()
    for want, got in zip(docs, nlp.pipe(d.text for d in docs), strict=True):
        a, b = spans(want), spans(got)
        counts.update(right=len(a & b), gold=len(a), found=len(b))
    precision = counts["right"] / max(1, counts["found"])
    recall = counts["right"] / max(1, counts["gold"])
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def score(out: Path) -> None:
    """Print the table."""
    means: dict[str, list[float]] = {"gmb-only": [], "mixed": []}
    for held in HELD:
        for name, run in (("gmb-only", out / "gmb-only"), ("mixed", out / f"without-{held}")):
            p, r, f = f1(run / "model" / "model-best", out / f"{held}.spacy")
            means[name].append(f)
            print(f"{held:10} {name:9} P {p:.3f} R {r:.3f} F {f:.3f}")
    for name, values in means.items():
        print(f"mean       {name:9} F {sum(values) / len(values):.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("do", choices=("prepare", "score"))
    parser.add_argument("folders", nargs="+", type=Path)
    arguments = parser.parse_args()
    if arguments.do == "prepare":
        prepare(*arguments.folders)
    else:
        score(*arguments.folders)
