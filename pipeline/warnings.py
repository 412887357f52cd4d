"""The warning lists in force, for the analysis: read from the store at most every `FRESH_S` seconds, handed on as a value.

A store that is away is no reason to stop: the lists in use stay in use. What was loaded once is not loaded again, so that a
change of one list costs that list only.
"""

import threading
import time
from functools import cache

import structlog

from pipeline.errors import TocsinError
from pipeline.store import warnings as stored
from pipeline.store.connection import Connection
from pipeline.store.session import Session
from pipeline.text.indicators.lists import Lists, WarningList
from pipeline.text.indicators.warnings import Warnings, own_warnings, with_lists

FRESH_S = 10.0
"""How old the lists in use may be, seconds."""

log = structlog.get_logger()


class CurrentWarnings:
    """The warning lists in force in one store. Thread-safe."""

    def __init__(self, fresh_s: float = FRESH_S) -> None:
        self._fresh_s = fresh_s
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._id: int | None = None
        self._loaded: dict[str, WarningList] = {}
        self._value = own_warnings()

    def get(self, store: Session) -> Warnings:
        """The lists in force, ours among them."""
        with self._lock:
            if time.monotonic() - self._looked_at >= self._fresh_s:
                self._looked_at = time.monotonic()
                try:
                    store.transact(self._read)
                except TocsinError as error:
                    log.warning("warnings_unreadable", error=str(error), in_use=self._value.version)
            return self._value

    def _read(self, connection: Connection) -> None:
        found = stored.latest_id(connection)
        if found == self._id:
            return
        snapshot = stored.latest(connection)
        listed = snapshot.lists if snapshot else ()
        loaded = {one.digest: self._loaded.get(one.digest) or stored.load(connection, one.digest) for one in listed}
        self._loaded = loaded
        self._value = (
            with_lists(own_warnings(), snapshot.version, Lists(tuple(loaded.values())))
            if snapshot and loaded
            else own_warnings()
        )
        self._id = found
        log.info("warnings_in_use", version=self._value.version, lists=len(loaded))


@cache
def current_warnings(store_url: str) -> CurrentWarnings:  # noqa: ARG001 - the key: one for each store in a process
    """What everything in this process shares."""
    return CurrentWarnings()
