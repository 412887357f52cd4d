"""What a person decides about incidents: merged, split, undone. Safe beside the running pipeline.

Each runs in one transaction under the lock of the write step, so that no story joins meanwhile, and revises the alerts that it
touches. A decision is pinned: the stream, which groups stories anew as they come, does not overrule it until it is undone.
Raises `UsageError` for what can't be done.
"""

from collections.abc import Sequence

from pipeline.errors import UsageError
from pipeline.incidents.clustering import Shift
from pipeline.records import IncidentId, StoryId
from pipeline.records.identity import digest, incident_id
from pipeline.store.connection import WRITE_LOCK, Connection
from pipeline.store.moves import carry_out, last_by_hand, recorded
from pipeline.store.revisions import revise_alert

STORIES = "SELECT story_id FROM incident_stories WHERE incident_id = %s ORDER BY seen, story_id"
INCIDENT_OF = "SELECT incident_id FROM incident_stories WHERE story_id = %s"
EARLIER = "SELECT incident_id FROM incidents WHERE incident_id = ANY(%s) ORDER BY first_seen, incident_id"
IN_USE = "SELECT merged_into IS NOT NULL FROM incidents WHERE incident_id = %s"


def merge(connection: Connection, one: IncidentId, other: IncidentId, why: str = "") -> tuple[int, Shift]:
    """Make two incidents one, under the name of the earlier; the number of the change, and what was moved."""
    _lock(connection)
    found = [IncidentId(str(row[0])) for row in connection.execute(EARLIER, ([one, other],)).fetchall()]
    if len(found) < 2:
        raise UsageError("both are in one incident already" if one == other else f"{one} or {other} is not known")
    target, source = found
    shift = Shift(
        kind="merge",
        came_from=source,
        went_to=target,
        moved=_stories(connection, source),
        stayed=_stories(connection, target),
        reason=_because("merged by hand", why),
    )
    return _do(connection, shift, pins=True)


def split(connection: Connection, stories: Sequence[StoryId], why: str = "") -> tuple[int, Shift]:
    """Take stories out of their incident into one of their own. An incident keeps its name where the story that began it is."""
    _lock(connection)
    homes = {home_of(connection, story) for story in stories}
    if len(homes) != 1:
        raise UsageError("these stories are not in one incident: split them one incident at a time")
    (source,) = homes
    moved = tuple(dict.fromkeys(stories))
    stayed = tuple(story for story in _stories(connection, source) if story not in moved)
    if not stayed:
        raise UsageError(f"{source} has no other story: there is nothing to part it from")
    if any(incident_id(story) == source for story in moved):
        moved, stayed = stayed, moved
    shift = Shift(
        kind="split",
        came_from=source,
        went_to=_free_name(connection, moved),
        moved=moved,
        stayed=stayed,
        reason=_because("split by hand", why),
    )
    return _do(connection, shift, pins=True)


def undo(connection: Connection, change: int | None = None) -> tuple[int, Shift]:
    """Move back what a change moved; the latest change by hand when none is named.

    Undoing a person's decision gives it back to the stream; undoing what the stream did is a decision, and pinned. An undo can
    be undone. Stories that joined since stay where they are.
    """
    _lock(connection)
    number = change if change is not None else last_by_hand(connection)
    if number is None:
        raise UsageError(
            "nothing was merged or split by hand that could be undone; name a change (`tocsin story show`)"
        )
    past = recorded(connection, number)
    if past is None:
        raise UsageError(f"there is no change {number}, or it is older than what is kept")
    if past.undone_by is not None:
        raise UsageError(f"change {number} was undone by change {past.undone_by}: undo that one to have it back")
    here = _stories(connection, past.went_to)
    moved = tuple(story for story in here if story in past.moved)
    if not moved:
        raise UsageError(
            f"the stories that change {number} moved are no longer in {past.went_to}: later changes moved them"
        )
    left = tuple(story for story in here if story not in moved)
    there = _stories(connection, past.came_from)
    shift = Shift(
        kind="merge" if not left else "move" if there else "split",
        came_from=past.went_to,
        went_to=past.came_from,
        moved=moved,
        stayed=there or left,
        reason=f"change {number} undone by hand",
    )
    return _do(connection, shift, pins=not past.pins, undoes=number)


def _do(connection: Connection, shift: Shift, *, pins: bool, undoes: int | None = None) -> tuple[int, Shift]:
    change = carry_out(connection, shift, by="hand", pins=pins, undoes=undoes)
    revise_alert(connection, shift.went_to, (), (shift,))
    return change, shift


def _lock(connection: Connection) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))


def _stories(connection: Connection, incident: IncidentId) -> tuple[StoryId, ...]:
    return tuple(StoryId(str(row[0])) for row in connection.execute(STORIES, (incident,)).fetchall())


def home_of(connection: Connection, story: StoryId) -> IncidentId:
    """The incident of a story. Raises `UsageError` for a story that is in none."""
    row = connection.execute(INCIDENT_OF, (story,)).fetchone()
    if row is None:
        raise UsageError(f"{story} is in no incident")
    return IncidentId(str(row[0]))


def _free_name(connection: Connection, stories: Sequence[StoryId]) -> IncidentId:
    """The name of an incident that one of the stories once began and that was merged away, or one not in use."""
    state = {i: connection.execute(IN_USE, (i,)).fetchone() for i in map(incident_id, stories)}
    former = [i for i, row in state.items() if row is not None and row[0]]
    unused = [i for i, row in state.items() if row is None]
    return (former or unused or [IncidentId(f"inc:{digest('group', *stories)}")])[0]


def _because(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
