"""What the knowledge base holds: subjects (groups, malware, tools, forces) and the names they go by.

A name is an edge, not a merge: it says who uses it, since when, how surely, and can be taken away again without touching
the subject. All records are frozen.
"""

from typing import Literal

from msgspec import Struct

from pipeline.records import EntityLabel

SubjectId = str
"""`group:…`, `attack:G…`, `attack:S…`, `actor:…`, `malware:…`, `tool:…` or `org:…`."""

AliasKind = Literal["name", "alias", "acronym", "former", "derogatory"]


class Alias(Struct, frozen=True, forbid_unknown_fields=True):
    """A name of a subject, as one source uses it."""

    name: str
    kind: AliasKind = "alias"
    confidence: float = 0.9  # 0..1: that the name, met in the news, means this subject
    needs_context: bool = False  # also a common word, or the name of something else
    since: str | None = None  # ISO 8601, reduced precision
    until: str | None = None
    source: str | None = None  # None: the source of the subject


class Subject(Struct, frozen=True, kw_only=True):
    """A group, an actor, a piece of malware, a tool or a force that the news names."""

    id: SubjectId
    name: str
    label: EntityLabel
    kind: str  # jihadist, separatist, criminal, state-sponsored, ransomware, …
    source: str  # where the record can be checked: "UN 1267 list", "MITRE ATT&CK", "press"
    area: tuple[str, ...] = ()  # ISO 3166-1 alpha-2 of the countries it is active in
    parent: SubjectId | None = None  # the body that it is a branch of
    splinter_of: SubjectId | None = None
    aliases: tuple[Alias, ...] = ()  # the canonical name first
