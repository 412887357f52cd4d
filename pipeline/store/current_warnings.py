"""The warning lists that a worker analyses with: ours and those that users imported, as of a few seconds ago.

What was loaded once is not loaded again, so that a change of one list costs that list only.
"""

from functools import cache

from msgspec import Struct

from pipeline.store import warnings as stored
from pipeline.store.connection import Connection
from pipeline.store.latest import FRESH_S, Latest
from pipeline.text.indicators.lists import Lists, WarningList
from pipeline.text.indicators.warnings import Warnings, own_warnings, with_lists


class Imported(Struct, frozen=True):
    """The lists in force beside ours, and the version of them all together."""

    version: str = ""
    lists: tuple[WarningList, ...] = ()


class _Shelf:
    """The lists by digest, loaded each once."""

    def __init__(self) -> None:
        self._loaded: dict[str, WarningList] = {}

    def read(self, connection: Connection) -> Imported:
        snapshot = stored.latest(connection)
        if snapshot is None:
            return Imported()
        loaded = {
            one.digest: self._loaded.get(one.digest) or stored.load(connection, one.digest) for one in snapshot.lists
        }
        self._loaded = loaded
        return Imported(snapshot.version, tuple(loaded.values()))


def make_current(fresh_s: float = FRESH_S) -> Latest[Imported, Warnings]:
    """The lists in force in one store."""
    return Latest(
        "warning lists",
        own_warnings(),
        seen=stored.latest_id,
        read=_Shelf().read,
        build=lambda found: (
            with_lists(own_warnings(), found.version, Lists(found.lists)) if found.lists else own_warnings()
        ),
        fresh_s=fresh_s,
    )


@cache
def current_warnings(store_url: str) -> Latest[Imported, Warnings]:  # noqa: ARG001 - the key: one for each store in a process
    """What everything in this process shares."""
    return make_current()
