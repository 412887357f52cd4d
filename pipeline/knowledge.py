"""The knowledge base that a worker analyses with: the shipped one with the users' changes, as of a few seconds ago.

A snapshot is immutable; a worker asks the store at most every `ASK_S` seconds whether there is another, and each finding names the version
that it was made with. While the store does not answer the last snapshot goes on being used.
"""

import time
from collections.abc import Callable, Sequence

import msgspec
import psycopg
import structlog

from pipeline.errors import RetryableError
from pipeline.store import changes
from pipeline.store.connection import Connection
from pipeline.store.session import Session
from pipeline.text.knowledge import Knowledge, default_knowledge, load_subjects
from pipeline.text.knowledge.changes import KnowledgeChange, apply

AREA = "knowledge"
ASK_S = 10.0

log = structlog.get_logger()


class Snapshots:
    """Tells when there is a new knowledge base to use."""

    def __init__(self, store: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._asked = -ASK_S
        self._version = (0, 0)

    def news(self) -> Knowledge | None:
        """The new snapshot; None when the last one is still in force, or it is too soon to ask."""
        if self._clock() - self._asked < ASK_S:
            return None
        self._asked = self._clock()
        try:
            return self._store.transact(self._read)
        except (RetryableError, psycopg.Error) as error:
            log.warning("knowledge_not_asked", error=str(error).strip())
            return None

    def _read(self, connection: Connection) -> Knowledge | None:
        version = changes.version(connection, AREA)
        if version == self._version:
            return None
        payloads = changes.in_force(connection, AREA)
        made = Knowledge(apply(load_subjects(), [msgspec.json.decode(p, type=KnowledgeChange) for p in payloads]))
        self._version = version
        log.info("knowledge", version=made.version, subjects=len(made), changes=len(payloads))
        return made


def build_knowledge(payloads: Sequence[bytes], *, with_change: KnowledgeChange | None = None) -> Knowledge:
    """The knowledge base with the changes in the payloads, and one more that is only thought of."""
    made = [msgspec.json.decode(payload, type=KnowledgeChange) for payload in payloads]
    made += [with_change] if with_change else []
    return Knowledge(apply(load_subjects(), made)) if made else default_knowledge()


def knowledge_in_force(connection: Connection, *, with_change: KnowledgeChange | None = None) -> Knowledge:
    """The knowledge base with all changes that are not undone, and one more that is only thought of."""
    return build_knowledge(changes.in_force(connection, AREA), with_change=with_change)
