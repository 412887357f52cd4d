"""The stored incidents, one after the other, for back-tests and replays. Read in small transactions that hold nothing up."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from pipeline.incidents.members import Member
from pipeline.records import IncidentId
from pipeline.store import incidents
from pipeline.store.connection import Connection

INCIDENTS = "SELECT incident_id FROM incidents WHERE last_seen >= %s ORDER BY first_seen, incident_id"
QUIET = """
SELECT DISTINCT ON (f.article_id) a.record, f.story_id, f.verdict, f.findings, f.assessment
FROM findings f JOIN articles a USING (version_id)
WHERE a.fetched >= %s AND NOT EXISTS (SELECT FROM incident_stories s WHERE s.story_id = f.story_id)
ORDER BY f.article_id, a.fetched DESC, a.version_id DESC
"""
OLDEST = "SELECT min(fetched) FROM articles"


def incidents_since(connection: Connection, since: datetime) -> list[IncidentId]:
    """The incidents that have been told since then, oldest first."""
    return [IncidentId(str(row[0])) for row in connection.execute(INCIDENTS, (since,))]


def grown(connection: Connection, wanted: Sequence[IncidentId]) -> Iterator[tuple[IncidentId, list[Member]]]:
    """Each incident with its reports."""
    for incident in wanted:
        yield incident, incidents.members(connection, incident)


def quiet_since(connection: Connection, since: datetime) -> list[Member]:
    """The reports fetched since then whose story belongs to no incident, in the order they were fetched."""
    found = [incidents.read_member(row) for row in connection.execute(QUIET, (since,))]
    return sorted(found, key=lambda m: (m.article.fetched, m.article.version_id))


def oldest(connection: Connection) -> datetime | None:
    """When the oldest article that is kept was fetched."""
    row = connection.execute(OLDEST).fetchone()
    return cast("datetime | None", row[0] if row else None)
