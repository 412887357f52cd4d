"""Merges and splits of incidents in the store: carried out, recorded, looked up. Runs inside the write transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import Literal

import msgspec
from msgspec import Struct

from pipeline.incidents.clustering import Pair, Shift
from pipeline.records import IncidentId, StoryId
from pipeline.store.connection import Connection

By = Literal["stream", "hand"]

COLUMNS = "change, at, kind, by, came_from, went_to, moved, stayed, reason, pins, undoes, undone_by"
OPEN = """
INSERT INTO incidents (incident_id, category, first_seen, last_seen)
SELECT %(target)s, category, (SELECT min(seen) FROM incident_stories WHERE story_id = ANY(%(moved)s)), last_seen
FROM incidents WHERE incident_id = %(source)s
ON CONFLICT (incident_id) DO UPDATE SET merged_into = NULL, last_seen = greatest(incidents.last_seen, excluded.last_seen)
"""
MOVE = """
UPDATE incident_stories SET incident_id = %(target)s, reason = %(reason)s
WHERE incident_id = %(source)s AND (%(all)s OR story_id = ANY(%(moved)s)) RETURNING story_id
"""
CLOSE = """
UPDATE incidents SET merged_into = %s
WHERE incident_id = %s AND NOT EXISTS (SELECT FROM incident_stories s WHERE s.incident_id = incidents.incident_id)
"""
RECORD = """
INSERT INTO incident_changes (kind, by, came_from, went_to, moved, stayed, reason, pins, undoes)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING change
"""
PINS = """
SELECT kind, moved, stayed FROM incident_changes
WHERE pins AND undone_by IS NULL AND (moved && %(stories)s OR stayed && %(stories)s) ORDER BY change
"""
OF_INCIDENTS = (
    f"SELECT {COLUMNS} FROM incident_changes WHERE came_from = ANY(%(i)s) OR went_to = ANY(%(i)s) ORDER BY change"  # noqa: S608
)
ONE = f"SELECT {COLUMNS} FROM incident_changes WHERE change = %s FOR UPDATE"  # noqa: S608
LAST_BY_HAND = "SELECT change FROM incident_changes WHERE by = 'hand' AND undone_by IS NULL AND undoes IS NULL ORDER BY change DESC LIMIT 1"
UNDONE = "UPDATE incident_changes SET undone_by = %s WHERE change = %s"


class Recorded(Struct, frozen=True, array_like=True):
    """A merge, split or move as it was recorded, in the order of `COLUMNS`."""

    change: int
    at: datetime
    kind: str
    by: By
    came_from: IncidentId
    went_to: IncidentId
    moved: tuple[StoryId, ...]
    stayed: tuple[StoryId, ...]
    reason: str
    pins: bool
    undoes: int | None
    undone_by: int | None


def carry_out(
    connection: Connection,
    shift: Shift,
    *,
    by: By = "stream",
    pins: bool = False,
    undoes: int | None = None,
    everything: bool = False,
) -> int:
    """Move the stories and record it; the number of the change. `everything`: all stories of the incident, named or not."""
    names = {"source": shift.came_from, "target": shift.went_to, "moved": list(shift.moved)}
    connection.execute(OPEN, names)
    moving = {**names, "all": everything, "reason": shift.reason}
    moved = sorted(str(row[0]) for row in connection.execute(MOVE, moving).fetchall())
    connection.execute(CLOSE, (shift.went_to, shift.came_from))
    row = connection.execute(
        RECORD,
        (shift.kind, by, shift.came_from, shift.went_to, moved, list(shift.stayed), shift.reason, pins, undoes),
    ).fetchone()
    assert row is not None  # noqa: S101 - RETURNING
    change = int(str(row[0]))
    if undoes is not None:
        connection.execute(UNDONE, (change, undoes))
    return change


def decided(connection: Connection, stories: Iterable[StoryId]) -> tuple[set[Pair], set[Pair]]:
    """Pairs of stories that a person put together, and that a person put apart; the later decision counts."""
    together: set[Pair] = set()
    apart: set[Pair] = set()
    for kind, moved, stayed in connection.execute(PINS, {"stories": list(stories)}).fetchall():
        pairs = {frozenset(pair) for pair in product(_stories(moved), _stories(stayed))}
        together, apart = (together - pairs, apart | pairs) if kind == "split" else (together | pairs, apart - pairs)
    return together, apart


def of_incidents(connection: Connection, incidents: Sequence[IncidentId]) -> list[Recorded]:
    """What was merged and split of these incidents, oldest first."""
    return [_recorded(row) for row in connection.execute(OF_INCIDENTS, {"i": list(incidents)}).fetchall()]


def recorded(connection: Connection, change: int) -> Recorded | None:
    """One change, its row locked."""
    row = connection.execute(ONE, (change,)).fetchone()
    return _recorded(row) if row else None


def last_by_hand(connection: Connection) -> int | None:
    """The latest change made by a person that has not been undone."""
    row = connection.execute(LAST_BY_HAND).fetchone()
    return int(str(row[0])) if row else None


def _recorded(row: tuple[object, ...]) -> Recorded:
    return msgspec.convert(row, Recorded)


def _stories(value: object) -> list[StoryId]:
    return msgspec.convert(value, list[StoryId])
