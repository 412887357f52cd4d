"""The knowledge base that a worker analyses with: the shipped one with the users' changes, as of a few seconds ago.

A knowledge base is immutable, and each finding names the version that it was made with.
"""

from collections.abc import Sequence
from functools import cache, partial

import msgspec

from pipeline.store import changes
from pipeline.store.connection import Connection
from pipeline.store.latest import Latest
from pipeline.text.knowledge import Knowledge, default_knowledge, load_subjects
from pipeline.text.knowledge.changes import KnowledgeChange, apply

AREA = "knowledge"


@cache
def current_knowledge(store_url: str) -> Latest[list[bytes], Knowledge]:  # noqa: ARG001 - the key: one for each store in a process
    """What everything in this process shares."""
    return Latest(
        "knowledge base",
        default_knowledge(),
        seen=partial(changes.version, area=AREA),
        read=partial(changes.in_force, area=AREA),
        build=build_knowledge,
    )


def build_knowledge(payloads: Sequence[bytes], *, with_change: KnowledgeChange | None = None) -> Knowledge:
    """The knowledge base with the changes in the payloads, and one more that is only thought of."""
    made = [msgspec.json.decode(payload, type=KnowledgeChange) for payload in payloads]
    made += [with_change] if with_change else []
    return Knowledge(apply(load_subjects(), made)) if made else default_knowledge()


def knowledge_in_force(connection: Connection, *, with_change: KnowledgeChange | None = None) -> Knowledge:
    """The knowledge base with all changes that are not undone, and one more that is only thought of."""
    return build_knowledge(changes.in_force(connection, AREA), with_change=with_change)
