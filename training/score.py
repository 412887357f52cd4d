"""Scores of the assembled pipeline on held-out text, as the model card gives them.

`python -m training.score MODEL CORPORA`: syntax on the test parts of both treebanks, entities on the development blocks (in
domain: flattering; training/transfer.py measures the rest), and words a second of each stage on this machine.
"""

import argparse
import time
from pathlib import Path

import spacy
from pipeline.text.model import load_model, parse, read
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc, DocBin
from spacy.training import Example

SHOWN = ("tag_acc", "pos_acc", "lemma_acc", "dep_uas", "dep_las", "sents_f", "ents_p", "ents_r", "ents_f")
TIMED_TEXTS = 400


def load(nlp: Language, path: Path) -> list[Doc]:
    """The documents of a DocBin."""
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def show(name: str, nlp: Language, gold: list[Doc]) -> None:
    """Print the scores that `gold` can be asked for."""
    examples = [Example(got, want) for got, want in zip(nlp.pipe(d.text for d in gold), gold, strict=True)]
    found = Scorer(nlp).score(examples)
    print(name.ljust(16), "  ".join(f"{k} {found[k]:.3f}" for k in SHOWN if found.get(k)))
    for label, scores in sorted((found.get("ents_per_type") or {}).items()):
        print("    ", label.ljust(8), " ".join(f"{k} {v:.3f}" for k, v in scores.items()))


def timed(nlp: Language, texts: list[str]) -> None:
    """Print words a second of processor time, each stage on its own and both on all sentences."""
    started = time.process_time()
    docs = list(read(nlp, texts))
    between = time.process_time()
    sentences = [s for d in docs for s in d.sents]
    parse(nlp, sentences)
    ended = time.process_time()
    words = sum(len(d) for d in docs)
    for name, seconds in (("read", between - started), ("parse", ended - between), ("both", ended - started)):
        print(f"{name:6} {words / seconds:,.0f} words/s")


def main(model: str, corpora: Path) -> None:
    """Print everything."""
    nlp = load_model(model)
    for name in ("gum", "ewt"):
        gold = load(nlp, corpora / "syntax" / f"{name}-test.spacy")
        with nlp.select_pipes(disable=["ner"]):
            show(f"{name} test", nlp, gold)
    bare = spacy.blank("en", vocab=nlp.vocab)
    bare.add_pipe("ner", source=nlp)
    show("entities, dev", bare, load(nlp, corpora / "entities" / "dev.spacy"))
    texts = [d.text for d in load(nlp, corpora / "syntax" / "gum-test.spacy")][:TIMED_TEXTS]
    list(read(nlp, texts[:50]))
    timed(nlp, texts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a name or folder, as load_model takes it")
    parser.add_argument("corpora", type=Path)
    arguments = parser.parse_args()
    main(arguments.model, arguments.corpora)
