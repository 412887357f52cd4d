"""What the incident models look at: features of a document, of each token, and of each candidate filler.

Features are strings hashed into a table of fixed size (CRC-32, the same on every machine), so that no word of the training texts is
stored. Everything is lower-cased: text in capitals and mixed case look alike. Linear in the text.
"""

import math
import re
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipeline.records import Event
from pipeline.text.events.lexicon import Cue, load_lexicon
from pipeline.text.events.tokens import Sentence

TABLE_BITS = 17
"""Rows of each hash table, as a power of two; doubling it gained under .002 F."""
ROWS = 1 << TABLE_BITS
LEAD_SENTENCES = 6
"""Sentences that count as the lead: their words are features of their own."""
CUE_DISTANCE_MAX = 3
"""Distance classes of three words each to the nearest trigger; further away is all one."""

Role = Literal["perpetrator", "organisation", "weapon", "target", "victim"]
ROLES: tuple[Role, ...] = ("perpetrator", "organisation", "weapon", "target", "victim")
TYPES = ("ARSON", "ATTACK", "BOMBING", "FORCED WORK STOPPAGE", "KIDNAPPING", "ROBBERY")
"""MUC-4 incident types; one more output, after them, is relevance."""
GROUP_WEIGHTS = {"word": 0.7, "pair": 1.0, "lead": 0.7, "cue": 1.5, "rule": 1.0}
"""How much each group of document features counts: by cross-validation on the development documents."""

Floats = npt.NDArray[np.float32]
Adder = Callable[[str, str, float], None]
"""Counts a feature of a group so many times."""
_WORD = re.compile(r"\w+")


def hashed(feature: str) -> int:
    """Row of a feature."""
    return zlib.crc32(feature.encode()) & (ROWS - 1)


def normal(text: str) -> str:
    """Words of a filler without case, signs and articles: how two mentions are told to be the same."""
    return " ".join(w for w in _WORD.findall(text.casefold()) if w not in {"the", "a", "an"})


def document_counts(sentences: tuple[Sentence, ...], events: tuple[Event, ...]) -> dict[str, dict[int, float]]:
    """Counts of hashed features by group."""
    counts: dict[str, dict[int, float]] = {group: defaultdict(float) for group in GROUP_WEIGHTS}

    def add(group: str, feature: str, times: float) -> None:
        counts[group][hashed(f"{group}|{feature}")] += times

    for i, sentence in enumerate(sentences):
        words = sentence.words
        lead = i < LEAD_SENTENCES
        for k, word in enumerate(words):
            add("word", word, 1)
            pair = f"{word}_{words[k + 1]}" if k + 1 < len(words) else ""
            add("pair", pair, 1)
            add("pair", f"{word}__{words[k + 2]}" if k + 2 < len(words) else "", 1)
            if lead:
                add("lead", word, 1)
                add("lead", pair, 1)
        _add_cues(add, load_lexicon().find(sentence))
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


def _nearest(cues: list[Cue], k: int) -> tuple[Cue | None, Cue | None]:
    left = right = None
    for cue in cues:
        if cue.last <= k:
            left = cue
        elif cue.first > k:
            right = cue
            break
    return left, right


def token_rows(sentence: Sentence, cues: tuple[Cue, ...], types: str) -> list[list[int]]:
    """Hashed features of each token; `types` names the document's incident types."""
    words = ("<s>", "<s>", *sentence.words, "</s>", "</s>")
    triggers = [cue for cue in cues if cue.kind.startswith("action.")]
    kinds: dict[int, list[str]] = defaultdict(list)
    for cue in cues:
        for k in range(cue.first, cue.last):
            kinds[k].append(cue.kind)
    place = min(sentence.index // 4, 4)
    out: list[list[int]] = []
    last_by = -99
    for k, word in enumerate(sentence.words):
        last_by = k if word == "by" else last_by
        by = "by" if 0 < k - last_by <= 5 else ""
        left, right = _nearest(triggers, k)
        features = [*_around(words, k + 2), *(f"k{kind}" for kind in kinds[k]), *_beside(word, k, left, right, by)]
        features += [f"P{types}", f"Pw{types}_{word}", f"pos{place}", f"pw{place}{word}"]
        out.append([hashed(f) for f in features])
    return out


def _around(words: tuple[str, ...], k: int) -> list[str]:
    word, before, after = words[k], words[k - 1], words[k + 1]
    return [
        f"w{word}",
        f"a{before}",
        f"b{after}",
        f"c{words[k - 2]}",
        f"d{words[k + 2]}",
        f"ab{before}_{word}",
        f"wb{word}_{after}",
        f"s{word[-3:]}",
        f"p{word[:4]}",
        f"ca{words[k - 2]}_{before}",
        f"bd{after}_{words[k + 2]}",
    ]


def _beside(word: str, k: int, left: Cue | None, right: Cue | None, by: str) -> list[str]:
    """The nearest triggers on both sides, with form and distance."""
    before = f"{left.action}{left.form[0]}{left.inflection}" if left else "none"
    after = f"{right.action}{right.form[0]}{right.inflection}" if right else "none"
    near = min(CUE_DISTANCE_MAX, (k - left.last) // 3) if left else 9
    far = min(CUE_DISTANCE_MAX, (right.first - k) // 3) if right else 9
    return [
        f"L{before}{near}{by}",
        f"R{after}{far}",
        f"LR{before}{after}",
        f"Lw{before}_{word}",
        f"Rw{after}_{word}",
        f"Ls{before}{near}{word[-2:]}",
        f"by{by}{before}",
    ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One stretch of words that may fill a role, with the tagger's view of it."""

    role: Role
    start: int
    end: int
    sentence: int
    begins: float  # probability that a filler of the role begins here
    inside: float  # mean probability of going on
    after: float  # probability of going on past the end
    actions: tuple[str, ...]  # of the sentence
    before: str  # words beside it
    behind: str


def candidate_features(
    groups: dict[tuple[Role, str], list[Candidate]], scores: Floats
) -> list[tuple[npt.NDArray[np.int64], Floats]]:
    """Rows and values for each group of same-worded candidates; `scores` are the document's types and relevance."""
    tops = {
        role: max((c.begins for (r, _), cs in groups.items() if r == role for c in cs), default=0.0) for role in ROLES
    }
    by_text: dict[str, dict[str, float]] = defaultdict(dict)
    for (role, text), candidates in groups.items():
        by_text[text][role] = max(c.begins for c in candidates)
    out = []
    for (role, text), candidates in groups.items():
        best = max(candidates, key=lambda c: (c.begins, -c.start))
        rivals = [(t, max(c.begins for c in cs)) for (r, t), cs in groups.items() if r == role and t != text]
        other = max((p for r, p in by_text[text].items() if r != role), default=0.0)
        features = [*_numbers(best, candidates, rivals, scores, tops[role]), ("other", other), *_words(text, best)]
        rows = np.array([hashed(f"{role}|{name}") for name, _ in features], np.int64)
        out.append((rows, np.array([value for _, value in features], np.float32)))
    return out


def _numbers(
    best: Candidate, candidates: list[Candidate], rivals: list[tuple[str, float]], scores: Floats, top: float
) -> list[tuple[str, float]]:
    log_odds = math.log(best.begins / (1.0001 - best.begins))
    nowhere = math.prod(1 - min(0.99, c.begins) for c in candidates)
    return [
        ("bias", 1.0),
        ("log odds", log_odds),
        ("anywhere", -math.log(nowhere + 1e-6)),
        ("mentions", math.log(len(candidates))),
        ("inside", best.inside),
        ("after", best.after),
        ("place", min(best.sentence, 12) / 12),
        ("first", min(*(c.sentence for c in candidates), 12) / 12),
        ("rank", sum(1 for _, p in rivals if p > best.begins) / 5),
        ("ratio", best.begins / top if top else 0.0),
        ("relevant", float(scores[len(TYPES)])),
        ("odds if relevant", log_odds * float(scores[len(TYPES)])),
        *((f"type {k}", float(scores[k])) for k in range(len(TYPES))),
    ]


def _words(text: str, best: Candidate) -> list[tuple[str, float]]:
    words = text.split()
    return [
        ("length", min(len(words), 6) / 6),
        ("one word", float(len(words) == 1)),
        (f"head {words[-1]}", 0.7),
        (f"first {words[0]}", 0.5),
        (f"text {text}", 0.7),
        (f"suffix {words[-1][-3:]}", 0.4),
        (f"before {best.before}", 0.4),
        (f"behind {best.behind}", 0.4),
        *((f"action {action}", 0.25) for action in best.actions),
        *((f"word {word}", 0.3) for word in words),
    ]
