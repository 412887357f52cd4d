"""What users add to the shipped knowledge base, and take away from it: changes in order, each of which can be undone.

A change never touches a record: it brings subjects and names of its own, or hides a name. `apply` lays the changes that are in
force over the shipped subjects; the same changes over the same subjects give the same snapshot. Pure.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from pipeline.text.knowledge.records import Alias, Subject, SubjectId

ChangeKind = Literal["import", "alias-add", "alias-remove"]


class Edge(Struct, frozen=True, forbid_unknown_fields=True):
    """A name for a subject that exists."""

    subject: SubjectId
    alias: Alias


class KnowledgeChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that a user did."""

    kind: ChangeKind
    source: str  # where it can be checked: a file and its date, or what the user said
    subjects: tuple[Subject, ...] = ()  # import: bodies that nobody knew
    edges: tuple[Edge, ...] = ()  # import, alias-add: more names of known ones
    hidden: tuple[Edge, ...] = ()  # alias-remove


def apply(subjects: Iterable[Subject], changes: Sequence[KnowledgeChange]) -> tuple[Subject, ...]:
    """The subjects with the changes laid over them, in order; a later change wins.

    An edge to a subject that no longer exists (its import was undone) waits without effect.
    """
    known = {subject.id: subject for subject in subjects}
    for change in changes:
        for subject in change.subjects:
            known.setdefault(subject.id, subject)
        for edge in change.edges:
            if edge.subject in known:
                known[edge.subject] = _without(known[edge.subject], edge.alias, and_then=(edge.alias,))
        for edge in change.hidden:
            if edge.subject in known:
                known[edge.subject] = _without(known[edge.subject], edge.alias)
    return tuple(known.values())


def _without(subject: Subject, alias: Alias, *, and_then: tuple[Alias, ...] = ()) -> Subject:
    """The subject without what was said of a name, and with what is said now."""
    return replace(subject, aliases=(*(kept for kept in subject.aliases if kept.name != alias.name), *and_then))
