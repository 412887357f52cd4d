"""A document of MUC-4 with its key, as the pipeline reads it: what the models are trained and measured on."""

import re
from typing import Any

from pipeline.text.events.muc4.candidates import Article
from pipeline.text.events.muc4.documents import (
    ROLES,
    TYPES,
    Role,
    document_counts,
    normal,
)
from pipeline.text.events.muc4.tagging import token_rows
from pipeline.text.events.tokens import Sentence
from pipeline.text.findings import Analyzer

NEIGHBOURS = 20
"""Documents of neighbouring numbers come from the same days, so they stay in one fold."""
Line = dict[str, Any]
"""One document of the training file."""


SLOTS: dict[Role, tuple[str, ...]] = {
    "perpetrator": ("perp_individual",),
    "organisation": ("perp_org",),
    "weapon": ("weapon",),
    "target": ("target",),
    "victim": ("victim_name", "victim_description"),
}


class Document:
    """One training document with everything computed once."""

    def __init__(self, line: Line, analyzer: Analyzer) -> None:
        self.text: str = line["text"]
        self.templates: list[Line] = line["templates"]
        self.block = int(re.findall(r"\d+", line["id"])[-1]) // NEIGHBOURS
        reading, self.events = analyzer.read_events(self.text)
        self.scenes, self.entities = reading.scenes, reading.entities
        self.article = Article(self.scenes, self.entities, self.events)
        self.counts = document_counts(self.scenes, self.events)
        self.rows = [token_rows(scene, self.entities) if scene.cues else [] for scene in self.scenes]
        self.tags = [tags_of(self, scene.sentence) for scene in self.scenes]
        self.targets = [1.0 if any(t in x["type"] for x in self.templates) else -1.0 for t in TYPES]
        self.targets.append(1.0 if self.templates else -1.0)

    def fillers(self, role: Role) -> set[str]:
        """All wordings that fill a role."""
        found = {normal(a) for t in self.templates for slot in SLOTS[role] for e in t[slot] for a in e["alts"]}
        return found - {""}


def tags_of(document: Document, sentence: Sentence) -> list[int]:
    """Gold tags: every wording of every filler, wherever it stands, the longest first."""
    tags = [0] * len(sentence.words)
    wanted = [(k, w.split()) for k, role in enumerate(ROLES) for w in document.fillers(role)]
    for k, words in sorted(wanted, key=lambda pair: (-len(pair[1]), pair)):
        for first in range(len(tags)):
            last = _matches(sentence, first, words)
            if last and not any(tags[first:last]):
                tags[first:last] = [1 + 2 * k] + [2 + 2 * k] * (last - first - 1)
    return tags


def _matches(sentence: Sentence, first: int, words: list[str]) -> int | None:
    """End of the stretch that begins at `first` and reads `words`, signs and articles inside skipped."""
    done, at = 0, first
    while done < len(words) and at < len(sentence.words):
        parts = normal(sentence.words[at]).split()
        if not parts:
            if at == first:
                return None
        elif words[done : done + len(parts)] == parts:
            done += len(parts)
        else:
            return None
        at += 1
    return at if done == len(words) else None
