"""Join the trained parts into the pipeline that is shipped, with word statistics baked in.

`python -m training.assemble DATA SENTENCES ENTITIES SYNTAX OUT`: three `model-best` folders and the place of the result. Each
part keeps a tok2vec of its own, so that the syntactic part can stay idle where no sentence asks for it.
"""

import argparse
import json
import shutil
from pathlib import Path

import spacy
import spacy_lookups_data  # the word lists (MIT; WordNet data under WordNet's licence)
from spacy.lookups import load_lookups

from training.casing import count_casing
from training.entities import ALL_SETS
from training.entity_sets import read_all

VERSION = "0.2.0"
STAGES = {"read": ["senter", "ner"], "parse": ["tok2vec", "tagger", "parser"]}
LICENCE = Path(__file__).with_name("MODEL-LICENSE")


def forget_training_words(nlp: spacy.Language, strings: Path) -> None:
    """Rewrite the saved strings without the words met in training: no component needs them, and they are 2 MB."""
    kept = set(spacy.blank("en").vocab.strings)
    kept |= {label for name in nlp.pipe_names for label in getattr(nlp.get_pipe(name), "labels", ())}
    kept.discard("")
    strings.write_text(json.dumps(sorted(kept), ensure_ascii=False, indent=0), encoding="utf-8")


def assemble(data: Path, sentences: Path, entities: Path, syntax: Path, out: Path) -> None:
    """Write the pipeline to `out`, replacing what is there."""
    nlp = spacy.blank("en")
    for source, names in (
        (sentences, ["senter"]),
        (entities, ["ner"]),
        (syntax, ["tok2vec", "tagger", "parser"]),
    ):
        trained = spacy.load(source)
        for name in names:
            nlp.add_pipe(name, source=trained)
    sets, _ = read_all(data, ALL_SETS)
    # Tweets are left out: their capitals follow no rule.
    examples = [e for name, found in sets.items() if name not in {"btc", "wnut17"} for e in found]
    words = load_lookups("en", ["lemma_index"]).get_table("lemma_index")
    dictionary = {w for pos in ("noun", "verb", "adj", "adv") for w in words.get(pos, ())}
    casing = nlp.vocab.lookups.add_table("casing")
    for key, value in count_casing(examples, dictionary).items():
        casing[key] = value
    nlp.meta.update(
        {
            "name": "tocsin_en",
            "version": VERSION,
            "description": "English news and threat reports: sentences, entities; tags and dependencies on demand.",
            "author": "the tocsin authors",
            "license": "CC BY-SA 4.0",
            "tocsin_stages": STAGES,
            "performance": {},
        }
    )
    if out.exists():
        shutil.rmtree(out)
    nlp.to_disk(out)
    forget_training_words(nlp, out / "vocab" / "strings.json")
    shutil.copy(LICENCE, out / "LICENSE")
    shutil.copy(Path(spacy_lookups_data.__file__).parent / "data" / "en_license.txt", out / "LICENSE.wordnet")
    print("size", sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) / 1e6, "MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("data", "sentences", "entities", "syntax", "out"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    assemble(arguments.data, arguments.sentences, arguments.entities, arguments.syntax, arguments.out)
