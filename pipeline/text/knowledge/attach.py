"""How the records of a list meet the knowledge base: known bodies get more names, the others become subjects. Pure.

A record is a known body when it has its ATT&CK id; or when its own name is a plain name of exactly one subject of the same family; or when
two of its aliases are, and no other subject has as many. Two records that share but one alias stay two: a wrong merge costs more than a
missing one. Names that mean something else too (another subject's, a plain word, three letters) are taken with the condition that the
article shows what is meant.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from pipeline.text.knowledge.changes import Edge, KnowledgeChange
from pipeline.text.knowledge.fold import cut
from pipeline.text.knowledge.lists.records import Family, Listed
from pipeline.text.knowledge.load import CONTEXT_CONFIDENCE, WORD_CONFIDENCE
from pipeline.text.knowledge.records import Alias, AliasKind, Subject, SubjectId

LISTED_CONFIDENCE = 0.7
"""Of a name that one list has and nobody has checked."""
SHARED_ALIASES_MIN = 2
SHORT_LETTERS_MAX = 3
_WORD = re.compile(r"[A-Z]?[a-z]+")
_GROUPS = ("group:", "org:")


class Attached(Struct, frozen=True):
    """What a list brings."""

    change: KnowledgeChange
    joined: int  # records that are known bodies
    names: int  # names that those did not have
    known: int  # records that brought nothing


class _Index:
    """Which subjects a name plainly means."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self.subjects = {subject.id: subject for subject in subjects}
        self._plain: defaultdict[str, set[SubjectId]] = defaultdict(set)
        self._all: defaultdict[str, set[SubjectId]] = defaultdict(set)
        for subject in self.subjects.values():
            for alias in subject.aliases:
                self._all[key_of(alias.name)].add(subject.id)
                if not alias.needs_context:
                    self._plain[key_of(alias.name)].add(subject.id)

    def plainly(self, name: str, family: Family) -> set[SubjectId]:
        return {found for found in self._plain.get(key_of(name), ()) if _is_of(found, family)}

    def has(self, subject: SubjectId, name: str) -> bool:
        return subject in self._all.get(key_of(name), ())

    def is_taken(self, name: str, by_other_than: SubjectId) -> bool:
        return bool(self._all.get(key_of(name), set()) - {by_other_than})


def attach(subjects: Iterable[Subject], records: Sequence[Listed], *, source: str, prefix: str) -> Attached:
    """The change that lays a list over the subjects. `prefix` begins the ids of bodies that nobody knew."""
    index = _Index(subjects)
    edges: list[Edge] = []
    fresh: dict[SubjectId, Subject] = {}
    joined = known = 0
    for record in records:
        subject_id = _find(index, record)
        if subject_id is None:
            made = _make(index, record, source, prefix)
            fresh.setdefault(made.id, made)
            continue
        joined += 1
        more = [a for a in _aliases(index, record, subject_id, source) if not index.has(subject_id, a.name)]
        known += not more
        edges += [Edge(subject_id, alias) for alias in more]
    change = KnowledgeChange(kind="import", source=source, subjects=tuple(fresh.values()), edges=tuple(edges))
    return Attached(change, joined, len(edges), known)


def key_of(name: str) -> str:
    """The form under which spellings of a name are equal."""
    return "".join(word.folded for word in cut(name))


def _find(index: _Index, record: Listed) -> SubjectId | None:
    for number in record.attack:
        if f"attack:{number}" in index.subjects:
            return f"attack:{number}"
    named = index.plainly(record.name, record.family)
    if len(named) == 1:
        return next(iter(named))
    votes = Counter(found for name in {*record.names} for found in index.plainly(name, record.family))
    ranked = votes.most_common(2)
    if not ranked or ranked[0][1] < SHARED_ALIASES_MIN or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return None
    return ranked[0][0]


def _make(index: _Index, record: Listed, source: str, prefix: str) -> Subject:
    number = next(iter(record.attack), None)
    subject_id = f"attack:{number}" if number else f"{record.family}:{prefix}-{_slug(record.key)}"
    own = _alias(index, record.name, subject_id, source, kind="name")
    return Subject(
        id=subject_id,
        name=record.name,
        label={"group": "GROUP", "actor": "GROUP", "malware": "MALWARE", "tool": "TOOL"}[record.family],  # type: ignore[arg-type]
        kind=record.kind or record.family,
        source=f"{source}, {record.designation}" if record.designation else source,
        area=record.area,
        aliases=(own, *_aliases(index, record, subject_id, source)),
    )


def _aliases(index: _Index, record: Listed, subject_id: SubjectId, source: str) -> list[Alias]:
    found: dict[str, Alias] = {}
    for names, kind, is_weak in (
        (record.names, "alias", False),
        (record.former, "former", False),
        (record.weak, "alias", True),
    ):
        for name in names:
            alias = _alias(index, name, subject_id, source, kind=kind, is_weak=is_weak)  # type: ignore[arg-type]
            found.setdefault(key_of(name), alias)
    found.pop("", None)
    found.pop(key_of(record.name), None)
    return list(found.values())


def _alias(
    index: _Index, name: str, subject_id: SubjectId, source: str, *, kind: AliasKind, is_weak: bool = False
) -> Alias:
    """The name with how far it can be trusted."""
    is_word = bool(_WORD.fullmatch(name))
    letters = sum(char.isalpha() for char in name)
    needs_context = is_weak or is_word or letters <= SHORT_LETTERS_MAX or index.is_taken(name, subject_id)
    confidence = WORD_CONFIDENCE if is_weak or (is_word and kind != "name") else CONTEXT_CONFIDENCE
    return Alias(
        name,
        kind=kind,
        confidence=confidence if needs_context else LISTED_CONFIDENCE,
        needs_context=needs_context,
        source=source,
    )


def _is_of(subject_id: SubjectId, family: Family) -> bool:
    """Whether a subject can be a record of the family: malware and tools are told apart too differently to insist."""
    if family == "group":
        return subject_id.startswith(_GROUPS)
    if family == "actor":
        return subject_id.startswith(("attack:G", "actor:", "group:"))
    return subject_id.startswith(("attack:S", "malware:", "tool:"))


def _slug(key: str) -> str:
    """A key as part of an id: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", key.casefold()).strip("-") or "x"
