"""The knowledge base as the analysis uses it: an immutable, versioned snapshot."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from pipeline.text.knowledge.load import load_subjects
from pipeline.text.knowledge.names import Match, NameTable
from pipeline.text.knowledge.records import Subject, SubjectId

_ANCESTORS_MAX = 8
"""Longest chain of parents that is followed; a ring in the data ends there."""


class Knowledge:
    """Subjects and their names, compiled; `version` tells one snapshot from another."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._subjects = {subject.id: subject for subject in subjects}
        self._names = NameTable(self._subjects.values())
        wire = msgspec.json.encode(sorted(self._subjects.values(), key=lambda subject: subject.id))
        self.version: str = hashlib.sha256(wire).hexdigest()[:12]

    def __len__(self) -> int:
        return len(self._subjects)

    def subject(self, subject_id: SubjectId) -> Subject | None:
        """The record of an id, or None."""
        return self._subjects.get(subject_id)

    def subjects(self) -> tuple[Subject, ...]:
        """All records."""
        return tuple(self._subjects.values())

    def find(self, text: str) -> list[Match]:
        """The names in `text` with their readings, left to right, none inside another."""
        return self._names.find(text)

    def is_branch(self, subject_id: SubjectId, of: SubjectId) -> bool:
        """Whether `subject_id` is a branch, at any depth, of `of`."""
        subject = self._subjects.get(subject_id)
        for _ in range(_ANCESTORS_MAX):
            if subject is None or subject.parent is None:
                return False
            if subject.parent == of:
                return True
            subject = self._subjects.get(subject.parent)
        return False


@lru_cache(maxsize=1)
def default_knowledge() -> Knowledge:
    """The knowledge base that ships with the project; compiled once per process."""
    return Knowledge(load_subjects())
