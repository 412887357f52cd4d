"""Values that people marked as no sign of an attack: one warning list of its own, beside those that were imported."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.store import warnings as stored
from pipeline.store.connection import Connection
from pipeline.text.indicators.lists import Lists, Provenance, WarningList, make_list, names_of
from pipeline.text.indicators.warnings import Warnings, own_warnings, with_lists

MARKED = "marked"
"""The list's name; `tocsin warnings show marked` prints it, `tocsin warnings undo` takes the last mark back."""
REASON = "marked as no sign of an attack"


def marked(connection: Connection) -> list[str]:
    """The values on the list."""
    now = stored.latest(connection)
    digest = next((listed.digest for listed in now.lists if listed.name == MARKED), None) if now else None
    return names_of(stored.names(connection, digest)) if digest else []


def keep_marked(connection: Connection, values: Sequence[str]) -> None:
    """Put these values in force, in place of those before."""
    with connection.transaction():
        stored.put(connection, *_list(values))


def warnings_in_force(connection: Connection, values: Sequence[str] | None = None) -> Warnings:
    """Our list and the imported ones; with `values`, as if these were the marked ones."""
    now = stored.latest(connection)
    names = [x for x in (now.lists if now else ()) if values is None or x.name != MARKED]
    lists = [stored.load(connection, listed.digest) for listed in names]
    if values is None:
        return with_lists(own_warnings(), now.version, Lists(tuple(lists))) if now and lists else own_warnings()
    one, _ = _list(values)
    return with_lists(own_warnings(), f"{now.version if now else ''}+{one.digest[:8]}", Lists((*lists, one)))


def _list(values: Sequence[str]) -> tuple[WarningList, bytes]:
    today = datetime.now(UTC).date().isoformat()
    return make_list(Provenance(MARKED, "benign", REASON, "tocsin alerts mark", today, today), values)
