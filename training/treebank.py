"""Treebanks (CoNLL-U) to spaCy training documents for tagger, morphologizer, parser and sentence recognizer.

One document is one paragraph of at most `SENTENCES_MAX` sentences, with its spacing as in the raw text, so that the
model learns from what it will read. Multiword tokens ("can't") keep their parts unspaced. Copies in other cases are added
for the training parts only: headlines and all-capitals wire text have to be read too.
"""

import argparse
import gzip
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import spacy
from pipeline.text.model.typography import normalise_typography
from spacy.tokens import Doc, DocBin

SENTENCES_MAX = 12
SUBTYPES_KEPT = frozenset(
    "nsubj:pass aux:pass obl:agent acl:relcl nmod:poss obl:unmarked nmod:unmarked compound:prt csubj:pass".split()
)
"""Universal Dependencies subtypes that rules read voice, agents and relative clauses from; others are cut to their type."""
SETS = ("gum", "ewt")
SHARE_UPPER, SHARE_TITLE, SHARE_LOWER = 0.04, 0.05, 0.02  # of the training documents, copied in this case
SEED = 11


@dataclass
class Sentence:
    """Parallel columns of one sentence; `heads` are indices within it."""

    words: list[str] = field(default_factory=list)
    spaces: list[bool] = field(default_factory=list)
    lemmas: list[str] = field(default_factory=list)
    upos: list[str] = field(default_factory=list)
    xpos: list[str] = field(default_factory=list)
    morphs: list[str] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    deps: list[str] = field(default_factory=list)


def read_paragraphs(path: Path) -> Iterator[list[Sentence]]:
    """The paragraphs of a gzipped CoNLL-U file, split after `SENTENCES_MAX` sentences."""
    paragraph: list[Sentence] = []
    rows: list[list[str]] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith(("# newdoc", "# newpar id", "# newpar")):
                if paragraph:
                    yield paragraph
                paragraph = []
            elif line and line[0].isdigit():
                rows.append(line.split("\t"))
            elif not line and rows:
                paragraph.append(_sentence(rows))
                rows = []
                if len(paragraph) == SENTENCES_MAX:
                    yield paragraph
                    paragraph = []
    if paragraph:
        yield paragraph


def _sentence(rows: list[list[str]]) -> Sentence:
    sentence = Sentence()
    inside_until, space_after = 0, True  # of the multiword token we are in
    for row in rows:
        if "." in row[0]:  # an empty node of the enhanced graph
            continue
        spaced = "SpaceAfter=No" not in row[9]
        if "-" in row[0]:
            inside_until, space_after = int(row[0].split("-")[1]), spaced
            continue
        number = int(row[0])
        if number <= inside_until:
            spaced = space_after if number == inside_until else False
        sentence.words.append(normalise_typography(row[1]).replace(" ", ""))
        sentence.spaces.append(spaced)
        sentence.lemmas.append(row[2])
        sentence.upos.append(row[3])
        sentence.xpos.append(row[4])
        sentence.morphs.append("" if row[5] == "_" else _morph(row[5]))
        sentence.heads.append(int(row[6]) - 1 if row[6] != "0" else number - 1)
        sentence.deps.append("ROOT" if row[6] == "0" else _dep(row[7]))
    return sentence


def _dep(label: str) -> str:
    return label if label in SUBTYPES_KEPT else label.split(":")[0]


_FEATURES = re.compile(r"^(Number|Tense|VerbForm|Voice|Mood|Person|Degree|PronType|Case|Poss|NumType|Polarity)=")


def _morph(features: str) -> str:
    """Only the features that rules and the lemmatizer read: fewer classes, better learnt."""
    return "|".join(f for f in features.split("|") if _FEATURES.match(f))


def to_doc(vocab: spacy.Vocab, paragraph: list[Sentence]) -> Doc:
    """One reference document with everything the syntactic components are trained on."""
    words: list[str] = []
    columns: dict[str, list] = {
        k: [] for k in ("spaces", "lemmas", "pos", "tags", "morphs", "heads", "deps", "sent_starts")
    }
    for sentence in paragraph:
        base = len(words)
        words += sentence.words
        columns["spaces"] += [*sentence.spaces[:-1], True]
        columns["lemmas"] += sentence.lemmas
        columns["pos"] += sentence.upos
        columns["tags"] += sentence.xpos
        columns["morphs"] += sentence.morphs
        columns["heads"] += [base + head for head in sentence.heads]
        columns["deps"] += sentence.deps
        columns["sent_starts"] += [i == 0 for i in range(len(sentence.words))]
    return Doc(vocab, words=words, **columns)


def recase(paragraph: list[Sentence], how: str) -> list[Sentence]:
    """A copy in "upper", "title" or "lower" case; "title" leaves short function words small, as headlines do."""
    small = {
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "by",
        "and",
        "or",
        "as",
        "with",
        "from",
        "after",
        "over",
        "'s",
    }

    def case(word: str, first: bool) -> str:
        if how == "upper":
            return word.upper()
        if how == "lower":
            return word.lower()
        return word if not first and word.lower() in small else word[:1].upper() + word[1:]

    copies = []
    for sentence in paragraph:
        words = [case(word, i == 0) for i, word in enumerate(sentence.words)]
        copies.append(Sentence(words, *[getattr(sentence, k) for k in Sentence.__dataclass_fields__ if k != "words"]))
    return copies


def prepare(data: Path, out: Path) -> None:
    """Write `out/{train,dev,test}.spacy` (all sets) and `out/{set}-test.spacy` from `data/{set}-{part}.conllu.gz`."""
    out.mkdir(parents=True, exist_ok=True)
    vocab = spacy.blank("en").vocab
    draw = random.Random(SEED)
    for part in ("train", "dev", "test"):
        everything = DocBin(store_user_data=False)
        for name in SETS:
            own = DocBin()
            for paragraph in read_paragraphs(data / f"{name}-{part}.conllu.gz"):
                doc = to_doc(vocab, paragraph)
                everything.add(doc)
                own.add(doc)
                if part == "train":
                    chance = draw.random()
                    for how, share in (("upper", SHARE_UPPER), ("title", SHARE_TITLE), ("lower", SHARE_LOWER)):
                        if chance < share:
                            everything.add(to_doc(vocab, recase(paragraph, how)))
                            break
                        chance -= share
            own.to_disk(out / f"{name}-{part}.spacy")
        everything.to_disk(out / f"{part}.spacy")
        print(part, len(everything), "documents")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with gum-*.conllu.gz and ewt-*.conllu.gz")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    prepare(arguments.data, arguments.out)
