"""A value made of what stands in the store, made anew when that changes: watch rules, knowledge base, warning lists.

Users change them while workers run. Whoever uses one asks the store at most every `FRESH_S` seconds, cheaply, whether it is another, and
names the value's version on what is made with it.
"""

import time
from collections.abc import Callable
from typing import Generic, Optional, TypeVar

import structlog

from pipeline.errors import ConfigError, TocsinError
from pipeline.store.connection import Connection

FRESH_S = 10.0
"""How old a value in use may be, seconds."""

T = TypeVar("T")
M = TypeVar("M")
Found = Optional[tuple[object, M]]  # noqa: UP045 - an alias of types that are not known yet
Transact = Callable[[Callable[[Connection], Found[M]]], Found[M]]

log = structlog.get_logger()


class Latest(Generic[M, T]):
    """The value in force.

    `start` is in force before the first look. `seen` tells cheaply whether the store's part is another, `read` reads it, `build`
    makes the value of it. To build can take seconds, and a transaction that does nothing for so long is ended: so `refresh` reads
    in a transaction and builds after it. What can't be built (made by a later version of the code: `ConfigError`) is logged, and the
    value before stays in use. Safe in several threads: two that look at once do the same work twice.
    """

    def __init__(
        self,
        what: str,
        start: T,
        *,
        seen: Callable[[Connection], object],
        read: Callable[[Connection], M],
        build: Callable[[M], T],
        fresh_s: float = FRESH_S,
    ) -> None:
        self._what = what
        self._ask = seen
        self._load = read
        self._build = build
        self._fresh_s = fresh_s
        self._looked_at = float("-inf")
        self._seen: object = object()  # equal to nothing
        self._value = start

    def refresh(self, transact: Transact[M]) -> T:
        """The value in force; `transact` runs a function in a transaction. Raises what `transact` does."""
        if self._is_due():
            self._use(transact(self._read))
        return self._value

    def refresh_or_keep(self, transact: Transact[M]) -> T:
        """As `refresh`; while the store does not answer, the value in use stays in use."""
        if self._is_due():
            self._looked_at = time.monotonic()
            try:
                self._use(transact(self._read))
            except TocsinError as error:
                log.warning("store_not_asked", what=self._what, error=str(error).strip())
        return self._value

    def get(self, connection: Connection) -> T:
        """The value in force, for callers that are inside a transaction: built there only if nobody refreshed it before."""
        if self._is_due():
            self._use(self._read(connection))
        return self._value

    def forget(self) -> None:
        """Ask the store at the next use, however soon."""
        self._looked_at = float("-inf")

    def _is_due(self) -> bool:
        return time.monotonic() - self._looked_at >= self._fresh_s

    def _read(self, connection: Connection) -> Found[M]:
        seen = self._ask(connection)
        return None if seen == self._seen else (seen, self._load(connection))

    def _use(self, found: Found[M]) -> None:
        self._looked_at = time.monotonic()
        if found is None:
            return
        seen, material = found
        try:
            self._value = self._build(material)
        except ConfigError as error:
            log.error("stored_value_unusable", what=self._what, error=str(error))
        else:
            log.info("stored_value_in_use", what=self._what, version=getattr(self._value, "version", None))
        self._seen = seen
