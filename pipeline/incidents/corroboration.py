"""Which sources of an alert tell it independently of each other: what is of one story, one agency, one feed or one owner counts once.

Only those that tell the facts count: who condemns, denies, claims or looks back has them from others.
"""

from collections.abc import Iterable

from pipeline.records import Source

TELL_FACTS = frozenset({"report", "toll"})


def groups_of(sources: Iterable[Source]) -> list[list[Source]]:
    """The sources, those that count as one together, in the order of their first."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    given = list(sources)
    for source in given:
        first, *others = _names(source)
        for name in others:
            parent[root(name)] = root(first)
    groups: dict[str, list[Source]] = {}
    for source in given:
        groups.setdefault(root(_names(source)[0]), []).append(source)
    return list(groups.values())


def independent(sources: Iterable[Source]) -> int:
    """How many sources are independent; 1 at least."""
    return max(1, len(groups_of(source for source in sources if source.relation in TELL_FACTS)))


def _names(source: Source) -> list[str]:
    # An agency's text is the agency's wherever it stands: the outlet that prints it vouches for nothing.
    teller = f"agency:{source.agency}" if source.agency else f"feed:{source.feed}"
    owner = [f"owner:{source.owner.casefold()}"] if source.owner else []
    return [f"story:{source.story}", teller, *owner]
