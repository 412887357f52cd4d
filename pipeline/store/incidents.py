"""What was found, the members of an incident, and its alert, in the store. Every function runs inside the write transaction."""

from collections.abc import Sequence
from typing import cast

import msgspec

from pipeline.incidents.changes import ENDED
from pipeline.incidents.members import Member
from pipeline.records import (
    Alert,
    Article,
    Assessment,
    Findings,
    IncidentId,
    LinkVerdict,
    Scored,
    StoryId,
)
from pipeline.records.codec import decode, encode
from pipeline.records.outcomes import to_json
from pipeline.store import search
from pipeline.store.connection import Connection

MEMBERS = """
SELECT DISTINCT ON (f.article_id) a.record, f.story_id, f.verdict, f.findings, f.assessment,
    coalesce(convert_from(s.traits, 'UTF8')::jsonb ->> 'relation', 'report')
FROM incident_stories s JOIN findings f USING (story_id) JOIN articles a USING (version_id)
WHERE s.incident_id = %s ORDER BY f.article_id, a.fetched DESC, a.version_id DESC
"""
KEEP_FINDINGS = """
INSERT INTO findings (version_id, article_id, story_id, verdict, findings, assessment) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (version_id) DO NOTHING
"""
LATEST = "SELECT alert FROM alerts WHERE incident_id = %s FOR UPDATE"
KEEP_ALERT = """
INSERT INTO alerts AS a (alert_id, incident_id, revision, category, severity, what, closed, alert,
    event, place, country, actors, feeds, in_scope, last_seen, words)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, to_tsvector('english', %s))
ON CONFLICT (alert_id) DO UPDATE SET revision = excluded.revision, category = excluded.category,
    severity = excluded.severity, what = excluded.what, closed = excluded.closed, alert = excluded.alert,
    event = excluded.event, place = excluded.place, country = excluded.country, actors = excluded.actors,
    feeds = excluded.feeds, in_scope = excluded.in_scope, last_seen = excluded.last_seen, words = excluded.words,
    updated_at = now()
"""
KEEP_REVISION = """
INSERT INTO alert_revisions (alert_id, revision, change, changes, severity, credibility, sources, independent)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

_findings = msgspec.json.Decoder(Findings)
_assessment = msgspec.json.Decoder(Assessment)


def keep_findings(connection: Connection, scored: Scored) -> None:
    """Keep what was found in one version."""
    linked = scored.analysed.linked
    values = (linked.article.version_id, linked.article.article_id, linked.story, linked.verdict)
    connection.execute(KEEP_FINDINGS, (*values, to_json(scored.analysed.findings), to_json(scored.assessment)))


def members(connection: Connection, incident: IncidentId) -> list[Member]:
    """The latest version of each article of the incident."""
    rows = connection.execute(MEMBERS, (incident,)).fetchall()
    return [read_member(row) for row in rows]


def read_member(row: Sequence[object]) -> Member:
    """A report from its columns: record, story, verdict, findings, assessment, and what it is to its incident where asked."""
    record, story, verdict, found, assessed, *relation = row
    return Member(
        decode(cast("bytes", record), Article),
        StoryId(str(story)),
        cast("LinkVerdict", verdict),
        _findings.decode(cast("bytes", found)),
        _assessment.decode(cast("bytes", assessed)),
        *(str(r) for r in relation),
    )


def latest_alert(connection: Connection, incident: IncidentId) -> Alert | None:
    """The alert's latest revision, its row locked until the transaction ends."""
    row = connection.execute(LATEST, (incident,)).fetchone()
    return decode(cast("bytes", row[0]), Alert) if row else None


def read_alert(connection: Connection, incident: IncidentId) -> Alert | None:
    """The alert's latest revision, to look at."""
    row = connection.execute("SELECT alert FROM alerts WHERE incident_id = %s", (incident,)).fetchone()
    return decode(cast("bytes", row[0]), Alert) if row else None


def alert_named(connection: Connection, alert_id: str) -> Alert | None:
    """The latest revision of an alert, its row locked until the transaction ends."""
    row = connection.execute("SELECT alert FROM alerts WHERE alert_id = %s FOR UPDATE", (alert_id,)).fetchone()
    return decode(cast("bytes", row[0]), Alert) if row else None


def alerts_beginning(connection: Connection, start: str, most: int = 2) -> list[Alert]:
    """The latest revisions of the alerts whose id begins so, at most `most`."""
    rows = connection.execute("SELECT alert FROM alerts WHERE starts_with(alert_id, %s) LIMIT %s", (start, most))
    return [decode(cast("bytes", row[0]), Alert) for row in rows]


def keep_alert(connection: Connection, alert: Alert) -> None:
    """Make this revision the latest, and note it in the alert's history."""
    what, changes = search.plain(alert.what), [search.plain(change) for change in alert.changes]
    head = (alert.alert_id, alert.incident, alert.revision, alert.category, alert.severity, what)
    closed = alert.change in ENDED
    country = alert.place.country if alert.place else None
    found_by = (alert.event_subtype or alert.event_type, search.place_of(alert), country, search.actors_of(alert))
    feeds = list(dict.fromkeys(source.feed for source in alert.sources))
    rest = (feeds, alert.in_scope, alert.last_seen, search.words_of(alert))
    connection.execute(KEEP_ALERT, (*head, closed, encode(alert), *found_by, *rest))
    told = (alert.alert_id, alert.revision, alert.change, changes, alert.severity, alert.credibility)
    connection.execute(KEEP_REVISION, (*told, len(alert.sources), alert.independent_sources))
