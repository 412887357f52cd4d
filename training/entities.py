"""Entity training documents: sets harmonised, split by blocks, augmented, written as spaCy DocBins.

`python -m training.entities DATA OUT` writes `train.spacy` and `dev.spacy`.
"""

import argparse
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin
from spacy.training.iob_utils import offsets_to_biluo_tags

from training.entity_sets import read_all
from training.harmonise import Labelled, Span
from training.names import Namer

SEED = 23
ALL_SETS = ("gmb", "wikigold", "wnut17", "btc", "uner-ewt", "gum", "annoctr", "cyner")
DEV_EVERY, DEV_REST = 12, 7  # of a set's blocks of neighbouring sentences, one in so many is for choosing the best step
COPIES = {"gmb": 1, "wikigold": 4, "wnut17": 1, "btc": 1, "uner-ewt": 2, "gum": 3, "annoctr": 2, "cyner": 1}
"""How often a set's sentences are used: small clean sets more often, so that the news set's habits do not win by number."""
SHARE_SWAPPED = 0.6  # of the sentences with names, repeated with other names
SWAP = {"PERSON": 0.9, "ORG": 0.45, "GPE": 0.3, "NORP": 0.2, "FAC": 0.8, "MALWARE": 0.85, "GROUP": 0.85, "TOOL": 0.3}
SHARE_RANKED = 0.08  # of the swapped persons that no title stands before get one of RANKS
RANKS = (
    "Maj. Gen.",
    "Brig. Gen.",
    "Lt. Col.",
    "Capt.",
    "Col.",
    "Spc.",
    "Sgt.",
    "Rear Adm.",
    "Foreign Secretary",
    "Foreign Minister",
)
RANKS += (
    "Defence Minister",
    "Minister",
    "spokesman",
    "spokeswoman",
    "Sheikh",
    "Mullah",
    "Dr.",
    "activist",
    "lawmaker",
    "Governor",
)
_CAPITAL_BEFORE = re.compile(r"[A-Z][\w.]* $")
SHARE_FACILITY = 0.05  # of the swapped places after a preposition become a facility
SHARE_UPPER, SHARE_TITLE, SHARE_LOWER, SHARE_CURLY = 0.03, 0.05, 0.02, 0.05
SENTENCES_TOGETHER = 3  # a document of the model holds up to so many neighbouring sentences


def swap_names(example: Labelled, namer: Namer, draw: random.Random) -> Labelled:
    """A copy in which some entities have other names of the same kind."""

    def other(label: str, name: str) -> str | None:
        if label not in SWAP or draw.random() > SWAP[label]:
            return None
        if label == "PERSON":
            return namer.person(len(name.split()))
        if label == "GPE":
            return namer.place() if "." not in name else None
        if label == "FAC":
            return namer.facility()
        if label == "MALWARE":
            return namer.malware()
        if label == "GROUP":
            return namer.actor()
        if label == "TOOL":
            return namer.malware()
        if label == "NORP":
            return namer.norp() if " " not in name and not name.endswith("s") else None
        return namer.organisation()

    text, spans, at = "", [], 0
    for start, end, label in example.spans:
        text += example.text[at:start]
        if label == "PERSON" and draw.random() < SHARE_RANKED and not _CAPITAL_BEFORE.search(text):
            text += draw.choice(RANKS) + " "
        elif label == "GPE" and draw.random() < SHARE_FACILITY and text.endswith((" in ", " near ", " at ", " from ")):
            text, label = f"{text}the ", "FAC"
        name = other(label, example.text[start:end]) or example.text[start:end]
        spans.append((len(text), len(text) + len(name), label))
        text += name
        at = end
    return replace(example, text=text + example.text[at:], spans=tuple(spans))


def _same_length(change: Callable[[str], str]) -> Callable[[Labelled], Labelled]:
    def apply(example: Labelled) -> Labelled:
        text = change(example.text)
        return replace(example, text=text) if len(text) == len(example.text) else example

    return apply


_SMALL = frozenset("a an the of in on at to for by and or as with from after over but".split())


def title_case(text: str) -> str:
    """Headline case: every word with a capital but small function words."""
    return " ".join(w if w in _SMALL else w[:1].upper() + w[1:] for w in text.split(" "))


CASES = (
    (SHARE_UPPER, _same_length(str.upper)),
    (SHARE_TITLE, _same_length(title_case)),
    (SHARE_LOWER, _same_length(str.lower)),
    (SHARE_CURLY, _same_length(lambda t: t.replace("'", "’"))),
)


def augment(examples: list[Labelled], namer: Namer, draw: random.Random) -> list[Labelled]:
    """The examples, then copies with swapped names and in other cases."""
    out = list(examples)
    named = [e for e in examples if any(s[2] in SWAP for s in e.spans)]
    out += [swap_names(e, namer, draw) for e in named if draw.random() < SHARE_SWAPPED]
    for example in examples:
        chance = draw.random()
        for share, change in CASES:
            if chance < share:
                out.append(change(example))
                break
            chance -= share
    return out


def join(examples: list[Labelled], draw: random.Random) -> list[Labelled]:
    """Runs of one to `SENTENCES_TOGETHER` neighbours as one text each."""
    out: list[Labelled] = []
    i = 0
    while i < len(examples):
        take = draw.randint(1, SENTENCES_TOGETHER)
        run = [e for e in examples[i : i + take] if (e.source, e.group) == (examples[i].source, examples[i].group)]
        text, spans = "", []
        for example in run:
            base = len(text) + (1 if text else 0)
            text += (" " if text else "") + example.text
            spans += [(base + a, base + b, label) for a, b, label in example.spans]
        out.append(replace(run[0], text=text, spans=tuple(spans)))
        i += len(run)
    return out


def to_doc(nlp: spacy.Language, example: Labelled) -> Doc:
    """A document with entities; where a span does not fall on token borders its tokens are left unknown."""
    doc = nlp.make_doc(example.text)
    tags = offsets_to_biluo_tags(doc, [list(s) for s in _snap(doc, example.spans)], missing="O")
    return Doc(
        doc.vocab,
        words=[t.text for t in doc],
        spaces=[bool(t.whitespace_) for t in doc],
        ents=[t if t != "-" else "" for t in _iob(tags)],
    )


def _snap(doc: Doc, spans: tuple[Span, ...]) -> list[Span]:
    out = []
    for start, end, label in spans:
        span = doc.char_span(start, end, label=label, alignment_mode="contract") or doc.char_span(
            start, end, label=label, alignment_mode="expand"
        )
        if span is not None and not any(span.start_char < b and a < span.end_char for a, b, _ in out):
            out.append((span.start_char, span.end_char, label))
    return out


def _iob(tags: list[str]) -> list[str]:
    return ["B-" + t[2:] if t[0] in "BU" else "I-" + t[2:] if t[0] in "IL" else t for t in tags]


def write(
    every: dict[str, list[Labelled]], norps: frozenset[str], out: Path, sets: tuple[str, ...], *, plain: bool = False
) -> None:
    """Write `out/train.spacy` and `out/dev.spacy` from the named sets of `every`. `plain` leaves out every copy."""
    out.mkdir(parents=True, exist_ok=True)
    nlp = spacy.blank("en")
    persons = {
        w for name in sets for e in every[name] for a, b, k in e.spans if k == "PERSON" for w in e.text[a:b].split()
    }
    draw = random.Random(SEED)
    namer = Namer(persons, norps, draw)
    train: list[Labelled] = []
    dev: list[Labelled] = []
    for name in sets:
        own = [e for e in every[name] if e.group % DEV_EVERY != DEV_REST]
        dev += [e for e in every[name] if e.group % DEV_EVERY == DEV_REST]
        for _ in range(1 if plain else COPIES[name]):
            train += join(own if plain else augment(own, namer, draw), draw)
    draw.shuffle(train)
    for part, examples in (("train", train), ("dev", dev)):
        save(nlp, examples, out / f"{part}.spacy")
        print(out.name, part, len(examples), "texts")


def save(nlp: spacy.Language, examples: list[Labelled], path: Path) -> None:
    """Write examples as a DocBin."""
    DocBin(attrs=["ENT_IOB", "ENT_TYPE", "SPACY"], docs=[to_doc(nlp, e) for e in examples]).to_disk(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    read, words = read_all(arguments.data, ALL_SETS)
    write(read, words.norps, arguments.out, ALL_SETS)
