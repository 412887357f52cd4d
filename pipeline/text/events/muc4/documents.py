"""What the incident models look at in a whole document, and the hashing that all their features share.

Features are strings hashed into a table of fixed size (CRC-32, the same on every machine), so that no word of the training texts is
stored. Everything is lower-cased: text in capitals and mixed case look alike. Linear in the text.
"""

import math
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipeline.records import Event
from pipeline.text.events.classify import Scene
from pipeline.text.events.lexicon import Cue

TABLE_BITS = 17
"""Rows of each hash table, as a power of two; doubling it gained under .002 F."""
ROWS = 1 << TABLE_BITS
HASHES_KEPT = 1 << 17
"""Features whose row is remembered: about 20 MB, and half the time of the token features."""
LEAD_SENTENCES = 6
"""Sentences that count as the lead: their words are features of their own."""
NEAR_WORDS = 4
"""Words on either side of a trigger that are its company."""

Role = Literal["perpetrator", "organisation", "weapon", "target", "victim"]
ROLES: tuple[Role, ...] = ("perpetrator", "organisation", "weapon", "target", "victim")
TYPES = ("ARSON", "ATTACK", "BOMBING", "FORCED WORK STOPPAGE", "KIDNAPPING", "ROBBERY")
"""MUC-4 incident types; one more output, after them, is relevance."""
GROUP_WEIGHTS = {"word": 0.7, "pair": 1.0, "lead": 0.7, "cue": 1.5, "rule": 1.0, "near": 1.0}
"""How much each group of document features counts: by cross-validation on the development documents."""

Floats = npt.NDArray[np.float32]
Adder = Callable[[str, str, float], None]
"""Counts a feature of a group so many times."""
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=HASHES_KEPT)
def hashed(feature: str) -> int:
    """Row of a feature."""
    return zlib.crc32(feature.encode()) & (ROWS - 1)


def normal(text: str) -> str:
    """Words of a filler without case, signs and articles: how two mentions are told to be the same."""
    return " ".join(w for w in _WORD.findall(text.casefold()) if w not in {"the", "a", "an"})


def document_counts(scenes: Sequence[Scene], events: tuple[Event, ...]) -> dict[str, dict[int, float]]:
    """Counts of hashed features by group."""
    counts: dict[str, dict[int, float]] = {group: defaultdict(float) for group in GROUP_WEIGHTS}

    def add(group: str, feature: str, times: float) -> None:
        counts[group][hashed(f"{group}|{feature}")] += times

    for i, scene in enumerate(scenes):
        words = scene.sentence.words
        lead = i < LEAD_SENTENCES
        for k, word in enumerate(words):
            add("word", word, 1)
            pair = f"{word}_{words[k + 1]}" if k + 1 < len(words) else ""
            add("pair", pair, 1)
            add("pair", f"{word}__{words[k + 2]}" if k + 2 < len(words) else "", 1)
            if lead:
                add("lead", word, 1)
                add("lead", pair, 1)
        _add_cues(add, scene.cues)
        _add_company(add, words, scene.cues)
    _add_rules(add, events)
    return counts


def _add_cues(add: Adder, cues: tuple[Cue, ...]) -> None:
    for cue in cues:
        add("cue", cue.kind, 1)
        add("cue", f"{cue.kind}{cue.form}{cue.inflection}", 1)
        add("cue", f"{cue.phrase}{cue.inflection}", 1)
    kinds = sorted({cue.kind for cue in cues})
    for k, kind in enumerate(kinds):
        for other in kinds[:k]:
            add("cue", f"{kind}+{other}", 1)


def _add_company(add: Adder, words: Sequence[str], cues: tuple[Cue, ...]) -> None:
    """The words around each trigger, with their side: who is killed, not only that somebody is."""
    for cue in cues:
        if cue.kind.startswith("action."):
            for k in range(max(0, cue.first - NEAR_WORDS), min(len(words), cue.last + NEAR_WORDS)):
                add("near", f"{cue.kind}{'<' if k < cue.first else '>'}{words[k]}", 1)


def _add_rules(add: Adder, events: tuple[Event, ...]) -> None:
    for event in events:
        add("rule", f"{event.muc4}{event.realis}", 1)
        add("rule", f"{event.subtype}{event.realis}", 1)
        add("rule", f"{event.muc4}{event.realis}{bool(event.perpetrators)}{bool(event.victims)}", 1)
    if events:
        add("rule", f"main {events[0].subtype}{events[0].realis}", 2)


def document_vector(counts: dict[str, dict[int, float]], idf: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Rows and values: each group scaled to its weight, rare features above common ones."""
    rows: list[int] = []
    values: list[float] = []
    for group, found in counts.items():
        power = 0.5 if group in {"cue", "rule"} else 1.0
        weighed = {row: (1 + math.log(n)) * float(idf[row]) ** power for row, n in found.items() if idf[row] > 0}
        length = math.sqrt(sum(v * v for v in weighed.values())) or 1.0
        rows += weighed
        values += [math.sqrt(GROUP_WEIGHTS[group]) * v / length for v in weighed.values()]
    return np.array(rows, np.int64), np.array(values, np.float32)
