"""Incidents and alerts in the store: looked up, joined, revised. Every function runs inside the write transaction."""

from datetime import datetime
from typing import cast

import msgspec

from pipeline import incidents
from pipeline.alerts import ENDED, Member
from pipeline.codec import decode, encode
from pipeline.identity import incident_id
from pipeline.incidents import Traits
from pipeline.outcomes import to_json
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
from pipeline.store.connection import Connection

CANDIDATES_MAX = 50
STORIES_COMPARED_MAX = 20

FIND = "SELECT incident_id FROM incident_stories WHERE story_id = %s"
CANDIDATES = """
SELECT incident_id, array_agg(traits ORDER BY seen DESC) FROM incident_stories
WHERE incident_id IN (
    SELECT incident_id FROM incident_stories WHERE keys && %s AND seen BETWEEN %s AND %s
    GROUP BY incident_id ORDER BY max(seen) DESC LIMIT %s)
GROUP BY incident_id ORDER BY min(seen), incident_id
"""
BEARERS = """
SELECT key, count(DISTINCT story_id) FROM incident_stories, unnest(keys) AS key
WHERE keys && %(keys)s AND seen BETWEEN %(first)s AND %(last)s AND key = ANY(%(keys)s) GROUP BY key
"""
STORIES = "SELECT count(*) FROM incident_stories WHERE seen BETWEEN %s AND %s"
CREATE = """
INSERT INTO incidents (incident_id, category, first_seen, last_seen) VALUES (%s, %s, %s, %s)
ON CONFLICT (incident_id) DO NOTHING
"""
JOIN = """
INSERT INTO incident_stories (story_id, incident_id, reason, traits, keys, seen) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (story_id) DO NOTHING
"""
TOUCH = "UPDATE incidents SET last_seen = greatest(last_seen, %s) WHERE incident_id = %s"
MEMBERS = """
SELECT DISTINCT ON (f.article_id) a.record, f.story_id, f.verdict, f.findings, f.assessment
FROM incident_stories s JOIN findings f USING (story_id) JOIN articles a USING (version_id)
WHERE s.incident_id = %s ORDER BY f.article_id, a.fetched DESC, a.version_id DESC
"""
KEEP_FINDINGS = """
INSERT INTO findings (version_id, article_id, story_id, verdict, findings, assessment) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (version_id) DO NOTHING
"""
LATEST = "SELECT alert FROM alerts WHERE incident_id = %s FOR UPDATE"
KEEP_ALERT = """
INSERT INTO alerts AS a (alert_id, incident_id, revision, category, severity, what, closed, alert)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (alert_id) DO UPDATE SET revision = excluded.revision, category = excluded.category,
    severity = excluded.severity, what = excluded.what, closed = excluded.closed, alert = excluded.alert, updated_at = now()
"""

_traits = msgspec.json.Decoder(Traits)
_findings = msgspec.json.Decoder(Findings)
_assessment = msgspec.json.Decoder(Assessment)


def keep_findings(connection: Connection, scored: Scored) -> None:
    """Keep what was found in one version."""
    linked = scored.analysed.linked
    values = (linked.article.version_id, linked.article.article_id, linked.story, linked.verdict)
    connection.execute(KEEP_FINDINGS, (*values, to_json(scored.analysed.findings), to_json(scored.assessment)))


def incident_of(connection: Connection, scored: Scored) -> IncidentId | None:
    """The incident that the article's story belongs to, joined or begun now; None when the story is worth none."""
    linked = scored.analysed.linked
    row = connection.execute(FIND, (linked.story,)).fetchone()
    if row:
        incident = IncidentId(str(row[0]))
        connection.execute(TOUCH, (linked.article.fetched, incident))
        return incident
    if scored.assessment.severity is None:
        return None
    mine = incidents.traits(linked.article, scored.analysed.findings, scored.assessment)
    incident, reason = _match(connection, mine) or (incident_id(linked.story), "began the incident")
    seen, category = linked.article.fetched, scored.assessment.category or "other"
    connection.execute(CREATE, (incident, category, seen, seen))
    connection.execute(JOIN, (linked.story, incident, reason, to_json(mine), list(incidents.keys(mine)), seen))
    connection.execute(TOUCH, (seen, incident))
    return incident


def _match(connection: Connection, mine: Traits) -> tuple[IncidentId, str] | None:
    window = (mine.seen - incidents.WINDOW, mine.seen + incidents.WINDOW)
    keys = list(incidents.keys(mine))
    rarity = _rarity(connection, keys, *window)
    best: tuple[float, IncidentId, str] | None = None
    for incident, stored in connection.execute(CANDIDATES, (keys, *window, CANDIDATES_MAX)):
        others = [_traits.decode(raw) for raw in cast("list[bytes]", stored)[:STORIES_COMPARED_MAX]]
        if found := incidents.same_incident(mine, others, rarity):
            points, why = found
            if best is None or points > best[0]:
                best = (points, IncidentId(str(incident)), why)
    return best[1:] if best else None


def _rarity(connection: Connection, keys: list[str], first: datetime, last: datetime) -> incidents.Rarity:
    rows = connection.execute(BEARERS, {"keys": keys, "first": first, "last": last}).fetchall()
    counts = {str(key).removeprefix("name:"): int(str(count)) for key, count in rows}
    row = connection.execute(STORIES, (first, last)).fetchone()
    return incidents.rarity_of(counts, int(str(row[0])) if row else 0)


def members(connection: Connection, incident: IncidentId) -> list[Member]:
    """The latest version of each article of the incident."""
    rows = connection.execute(MEMBERS, (incident,)).fetchall()
    return [
        Member(
            decode(cast("bytes", record), Article),
            StoryId(str(story)),
            cast("LinkVerdict", verdict),
            _findings.decode(cast("bytes", found)),
            _assessment.decode(cast("bytes", assessed)),
        )
        for record, story, verdict, found, assessed in rows
    ]


def latest_alert(connection: Connection, incident: IncidentId) -> Alert | None:
    """The alert's latest revision, its row locked until the transaction ends."""
    row = connection.execute(LATEST, (incident,)).fetchone()
    return decode(cast("bytes", row[0]), Alert) if row else None


def keep_alert(connection: Connection, alert: Alert) -> None:
    """Make this revision the latest."""
    head = (alert.alert_id, alert.incident, alert.revision, alert.category, alert.severity, alert.what)
    closed = alert.change in ENDED
    connection.execute(KEEP_ALERT, (*head, closed, encode(alert)))
