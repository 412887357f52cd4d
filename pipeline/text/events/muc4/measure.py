"""How well models read documents that they have not seen: F of relevance, types and fillers."""

import numpy as np
import numpy.typing as npt

from pipeline.text.events.muc4.documents import (
    ROLES,
    Role,
    normal,
)
from pipeline.text.events.muc4.keyed import SLOTS, Document
from pipeline.text.events.muc4.reader import (
    Weights,
    read_with,
)


def count_fillers(document: Document, role: Role, chosen: list[str]) -> tuple[int, int, int]:
    """Right, wrong and missed fillers of one role: each entity of the key once, by any of its wordings."""
    key = [
        ({normal(a) for a in entity["alts"]} - {""}, entity["optional"] or template["optional"])
        for template in document.templates
        for slot in SLOTS[role]
        for entity in template[slot]
    ]
    right = [text for text in chosen if any(text in wordings for wordings, _ in key)]
    missed = {frozenset(w) for w, optional in key if w and not optional and not w & set(chosen)}
    return len(right), len(chosen) - len(right), len(missed)


def f_of(counts: npt.NDArray[np.float64]) -> float:
    """F1 of right, wrong and missed."""
    right, wrong, missed = counts
    return float(2 * right / (2 * right + wrong + missed)) if right else 0.0


def read(weights: Weights, document: Document) -> tuple[frozenset[str], list[tuple[Role, str]]]:
    """The types and the fillers that the models find in a document, as the pipeline reads it."""
    found = read_with(weights, document.text, document.scenes, document.entities, document.events)
    return found.types, [(filler.role, normal(document.text[filler.start : filler.end])) for filler in found.fillers]


def report(weights: Weights, documents: list[Document]) -> None:
    """Print the F of relevance, types and fillers on documents that the weights have not seen."""
    totals: dict[str, npt.NDArray[np.float64]] = {name: np.zeros(3) for name in ("relevance", "types")}
    of_roles: dict[str, npt.NDArray[np.float64]] = {role: np.zeros(3) for role in ROLES}
    for document in documents:
        types, chosen = read(weights, document)
        right = {name for template in document.templates for name in template["type"]}
        due = {name for template in document.templates if not template["optional"] for name in template["type"][:1]}
        totals["relevance"] += (bool(types and right), bool(types and not right), bool(due and not types))
        totals["types"] += (len(types & right), len(types - right), len(due - types))
        for role in ROLES:
            of_roles[role] += count_fillers(document, role, [text for r, text in chosen if r == role])
    totals |= of_roles | {"fillers": np.sum(list(of_roles.values()), axis=0)}
    for name, counts in totals.items():
        print(f"{name}: F {f_of(counts):.3f}")  # noqa: T201 - the command's output
