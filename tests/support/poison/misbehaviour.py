"""A spaCy component that misbehaves on marker words. The faults are real ones that no exception tells of: the process
aborts, or a regular expression holds the interpreter and never comes back.

`python misbehaviour.py FOLDER` saves a tiny pipeline with the component.
"""

import os
import re
import resource
import sys
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

ARTICLE_S_MAX = 8.0
BATCH_S_PER_ARTICLE_MAX = 0.2
"""Instead of `pipeline.flow.extract`'s, so that a test need not wait as long."""
MEMORY_MORE_BYTES = 256 * 1024 * 1024
"""What an article may need beyond what the process has already."""
PIECE_BYTES = 64 * 1024 * 1024


def eat_memory() -> None:
    """Ask for memory until the system refuses, as it does where a process has a limit."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY_MORE_BYTES, before[1]))
    hoard = []
    try:
        while True:
            hoard.append(bytearray(PIECE_BYTES))
    finally:
        hoard.clear()
        resource.setrlimit(resource.RLIMIT_AS, before)


@Language.component("tocsin_test_misbehave")
def misbehave(doc: Doc) -> Doc:
    """End, hang, swell or raise, as the text says."""
    if "arsenic" in doc.text:
        os.abort()
    if "hemlock" in doc.text:
        re.match(r"(a+)+$", "a" * 60 + "b")
    if "nightshade" in doc.text:
        eat_memory()
    if "cyanide" in doc.text:
        raise ValueError("no antidote")
    return doc


if __name__ == "__main__":
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler")
    nlp.add_pipe("tocsin_test_misbehave")
    nlp.to_disk(sys.argv[1])
