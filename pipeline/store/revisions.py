"""The next revision of every alert that a change of incidents touches: kept, and put into the outbox.

Merged away: the alert is closed by a revision that names the one that goes on. Split: both alerts get a revision that says so; the one
that comes (back) has what now belongs to it. All else is `alerts.revise`. Runs inside the write transaction.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from pipeline.incidents.alerts import compose
from pipeline.incidents.changes import CHANGES_MAX, revise
from pipeline.incidents.clustering import Shift
from pipeline.incidents.members import Member
from pipeline.records import Alert, IncidentId
from pipeline.records.identity import alert_id
from pipeline.store import incidents
from pipeline.store.announce import announce
from pipeline.store.connection import Connection

LATE_S_MIN = 600
"""A report that waited longer makes its alert late: the stream was behind, or the report was replayed."""


def revise_alert(
    connection: Connection,
    incident: IncidentId,
    notes: Sequence[str] = (),
    shifts: Iterable[Shift] = (),
    *,
    waited_s: int = 0,
) -> Alert | None:
    """Revise the incident's alert and those of the incidents that gave or got stories; the revision of the first, if any.

    `waited_s`: for how long the report that leads to it had been fetched.
    """
    done = tuple(shifts)
    touched = dict.fromkeys((incident, *(s.went_to for s in done), *(s.came_from for s in done)))
    published: Alert | None = None
    for one in touched:
        members = incidents.members(connection, one)
        previous = incidents.latest_alert(connection, one)
        alert = next_revision(one, previous, members, notes if one == incident else (), done)
        if alert is not None:
            alert = announce(connection, mark_late(alert, waited_s), members)
            published = alert if one == incident else published
    return published


def mark_late(alert: Alert, waited_s: int) -> Alert:
    """The alert with how long its report had waited since it was fetched, if that is long."""
    return replace(alert, late_s=waited_s if waited_s >= LATE_S_MIN else 0)


def next_revision(
    incident: IncidentId,
    previous: Alert | None,
    members: Sequence[Member],
    notes: Sequence[str],
    shifts: Sequence[Shift],
) -> Alert | None:
    """The incident's next revision after the shifts; pure. None when a subscriber would learn nothing new."""
    lost = [s for s in shifts if s.came_from == incident]
    got = [s for s in shifts if s.went_to == incident]
    if lost and not members:
        return close_merged(previous, lost[-1]) if previous else None
    draft = compose(incident, members)
    told = [f"parted from {alert_id(s.went_to)}: {s.reason}" for s in lost]
    told += [f"parted from {alert_id(s.came_from)}: {s.reason}" for s in got if s.kind == "split"]
    if told and draft is not None:
        return divide(previous, draft, (*told, *notes))
    joined = [f"joined by the reports of {alert_id(s.came_from)}: {s.reason}" for s in got]
    return revise(previous, draft, (*joined, *notes))


def close_merged(previous: Alert, shift: Shift) -> Alert | None:
    """The last revision of an alert whose stories all went to another; None when it says so already."""
    into = alert_id(shift.went_to)
    if previous.merged_into == into:
        return None
    return replace(
        previous,
        revision=previous.revision + 1,
        change="merged",
        changes=(f"merged into {into}: {shift.reason}",),
        in_scope=False,
        merged_into=into,
    )


def divide(previous: Alert | None, draft: Alert, why: Sequence[str]) -> Alert:
    """The next revision of an alert that lost stories to another, or came of another."""
    revision = previous.revision + 1 if previous else 1
    return replace(draft, revision=revision, change="split", changes=tuple(why)[:CHANGES_MAX])
