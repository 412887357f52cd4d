"""Who and what an alert names, by the knowledge base that ships: canonical names, aliases, and who is an actor of concern.

That is decided by the record behind the id, never by the part played in an event: police, vendors, armies, companies and states are none.
"""

from functools import cache

from pipeline.incidents.wording import clean
from pipeline.text.knowledge import Subject, load_subjects

ALIASES_MAX = 30
SELLERS = frozenset({"vendor", "contractor"})
"""Sell what others attack with: no set of intrusions of their own."""
TAKEDOWNS = frozenset({"Takedown", "Arrest", "Arrests"})
"""Events whose perpetrators stop others."""


@cache
def _subjects() -> dict[str, Subject]:
    return {subject.id: subject for subject in load_subjects()}


def subject_of(thing_id: str | None) -> Subject | None:
    """What the knowledge base that ships says of an id."""
    return _subjects().get(thing_id or "")


def names_of(thing_id: str | None, written: str) -> tuple[str, list[str]]:
    """Canonical name and the other names, sorted; the name as written where nothing is known."""
    subject = subject_of(thing_id)
    if subject is None:
        return clean(written), []
    others = {clean(alias.name) for alias in subject.aliases} - {clean(subject.name)}
    return clean(subject.name), sorted(others)[:ALIASES_MAX]


def party_kind(party_id: str | None) -> str:
    """`intrusion-set`, `threat-actor` or `identity`."""
    subject, given = subject_of(party_id), party_id or ""
    if not given.startswith(("attack:G", "actor:", "group:")):
        return "identity"
    if subject is not None and (subject.label != "GROUP" or subject.kind == "political"):
        return "identity"
    sells = subject is not None and subject.kind in SELLERS
    return "threat-actor" if given.startswith("group:") or sells else "intrusion-set"
