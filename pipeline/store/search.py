"""Alerts and articles looked for: by words, severity, actor, place, source and time, the latest first.

Pages follow one another by key, not by number, so that the thousandth costs what the first does.
"""

from datetime import datetime
from typing import Any, cast

import msgspec
from msgspec import Struct

from pipeline.records import SEVERITIES, Alert, AlertId, Article, Category, Findings, Severity, VersionId
from pipeline.records.codec import decode
from pipeline.store.connection import Connection

ARTICLE_CHARS_SEARCHED = 50_000
"""Of a text; what is beyond is not found by its words."""
PAGE_MAX = 200
WORD_CHARS_MAX = 300
"""Of a question."""

ALERTS = """
SELECT alert, updated_at, created_at FROM alerts
WHERE (%(severities)s::text[] IS NULL OR severity = ANY(%(severities)s))
  AND (%(category)s::text IS NULL OR category = %(category)s)
  AND (%(event)s::text IS NULL OR event = %(event)s)
  AND (%(country)s::text IS NULL OR country = %(country)s)
  AND (%(place)s::text IS NULL OR place = %(place)s)
  AND (%(actor)s::text IS NULL OR actors @> ARRAY[%(actor)s::text])
  AND (%(feed)s::text IS NULL OR feeds @> ARRAY[%(feed)s::text])
  AND (%(words)s::text IS NULL OR words @@ websearch_to_tsquery('english', %(words)s))
  AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR updated_at < %(until)s)
  AND (%(over)s OR in_scope)
  AND (%(at)s::timestamptz IS NULL OR (updated_at, alert_id) < (%(at)s, %(id)s))
ORDER BY updated_at DESC, alert_id DESC LIMIT %(most)s
"""
ALERT = "SELECT alert, updated_at, created_at FROM alerts WHERE alert_id = %s"
FINDINGS = "SELECT findings FROM findings WHERE version_id = %s"
NEWS = """
SELECT alert_id, revision, updated_at FROM alerts WHERE updated_at > %s ORDER BY updated_at LIMIT 500
"""
NOW = "SELECT now()"
REVISIONS = """
SELECT revision, at, change, changes, severity, credibility, sources, independent
FROM alert_revisions WHERE alert_id = %s ORDER BY revision
"""
RELATED = """
SELECT alert, updated_at, created_at FROM alerts
WHERE alert_id <> %(id)s AND in_scope AND (actors && %(actors)s OR (country = %(country)s AND place = %(place)s))
ORDER BY updated_at DESC LIMIT %(most)s
"""
ARTICLES = """
SELECT a.record, f.findings IS NOT NULL, al.alert_id, a.fetched FROM articles a
LEFT JOIN findings f USING (version_id)
LEFT JOIN incident_stories s ON s.story_id = f.story_id
LEFT JOIN alerts al ON al.incident_id = s.incident_id
WHERE (%(words)s::text IS NULL OR a.words @@ websearch_to_tsquery('english', %(words)s))
  AND (%(feed)s::text IS NULL OR a.feed = %(feed)s)
  AND (%(at)s::timestamptz IS NULL OR (a.stored_at, a.version_id) < (%(at)s, %(id)s))
ORDER BY a.stored_at DESC, a.version_id DESC LIMIT %(most)s
"""
STORED = "SELECT stored_at FROM articles WHERE version_id = %s"
ACTIVITY = """
SELECT date_trunc('day', last_seen AT TIME ZONE 'UTC')::date, count(*) FROM alerts
WHERE in_scope AND last_seen >= now() - make_interval(days => %(days)s)
  AND (%(actor)s::text IS NULL OR actors @> ARRAY[%(actor)s::text])
  AND (%(country)s::text IS NULL OR country = %(country)s)
  AND (%(place)s::text IS NULL OR place = %(place)s)
GROUP BY 1 ORDER BY 1
"""


class Wanted(Struct, frozen=True, kw_only=True):
    """What is looked for; None asks for nothing in particular."""

    words: str | None = None  # as a web search has it: "a phrase", -not, or
    severity: Severity | None = None  # at least
    category: Category | None = None
    event: str | None = None
    actor: str | None = None  # id, else name in small letters
    country: str | None = None
    place: str | None = None
    feed: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    over: bool = False  # also those that were retracted or merged away


class Found(Struct, frozen=True):
    """An alert with when its revision was kept, and when its first."""

    alert: Alert
    at: datetime
    created: datetime


class Told(Struct, frozen=True, array_like=True):
    """A revision in an alert's history."""

    revision: int
    at: datetime
    change: str
    changes: tuple[str, ...]
    severity: Severity
    credibility: float
    sources: int
    independent: int


class FoundArticle(Struct, frozen=True):
    """An article, and the alert that it stands in."""

    article: Article
    is_analysed: bool
    alert_id: AlertId | None
    fetched: datetime


def find_alerts(
    connection: Connection, wanted: Wanted, *, after: tuple[datetime, str] | None = None, most: int = 50
) -> list[Found]:
    """The latest alerts; `after` is time and id of the last one of the page before."""
    asked: dict[str, Any] = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    asked["words"] = plain(wanted.words or "")[:WORD_CHARS_MAX] or None
    asked["severities"] = list(SEVERITIES[SEVERITIES.index(wanted.severity) :]) if wanted.severity else None
    asked |= {"at": after[0] if after else None, "id": after[1] if after else None, "most": min(most, PAGE_MAX)}
    return [_found(row) for row in connection.execute(ALERTS, asked).fetchall()]


def find_all(connection: Connection, wanted: Wanted, *, most: int) -> list[Found]:
    """The latest alerts, page after page, until there are no more or at least `most`."""
    found: list[Found] = []
    while len(found) < most:
        after = (found[-1].at, found[-1].alert.alert_id) if found else None
        more = find_alerts(connection, wanted, after=after, most=PAGE_MAX)
        found += more
        if len(more) < PAGE_MAX:
            break
    return found


def find_alert(connection: Connection, alert_id: str) -> Found | None:
    """The latest revision of an alert."""
    row = connection.execute(ALERT, (alert_id,)).fetchone()
    return _found(row) if row else None


def findings_of(connection: Connection, version: VersionId) -> Findings | None:
    """What was found in an article's version; None when it was not analysed."""
    row = connection.execute(FINDINGS, (version,)).fetchone()
    return msgspec.json.decode(cast("bytes", row[0]), type=Findings) if row else None


def news_since(connection: Connection, since: datetime) -> list[tuple[str, int, datetime]]:
    """Id, revision and time of the alerts that got a revision after `since`, oldest first."""
    return [cast("tuple[str, int, datetime]", row) for row in connection.execute(NEWS, (since,)).fetchall()]


def clock(connection: Connection) -> datetime:
    """The store's."""
    row = connection.execute(NOW).fetchone()
    assert row is not None  # noqa: S101 - now() always answers
    return cast("datetime", row[0])


def history_of(connection: Connection, alert_id: str) -> list[Told]:
    """The revisions of an alert, oldest first; those from before the store kept them are not there."""
    return [msgspec.convert(row, Told) for row in connection.execute(REVISIONS, (alert_id,)).fetchall()]


def related_to(connection: Connection, alert: Alert, most: int = 8) -> list[Found]:
    """The latest other alerts with an actor of this one, or in its place."""
    asked = {
        "id": alert.alert_id,
        "actors": actors_of(alert),
        "country": alert.place.country if alert.place else None,
        "place": place_of(alert),
        "most": most,
    }
    return [_found(row) for row in connection.execute(RELATED, asked).fetchall()]


def find_articles(
    connection: Connection, words: str, *, feed: str | None = None, after: VersionId | None = None, most: int = 50
) -> list[FoundArticle]:
    """The latest articles with these words; `after` is the last version of the page before."""
    at = connection.execute(STORED, (after,)).fetchone() if after else None
    asked = {
        "words": plain(words)[:WORD_CHARS_MAX] or None,
        "feed": feed or None,
        "at": at[0] if at else None,
        "id": after,
        "most": min(most, PAGE_MAX),
    }
    rows = cast("list[tuple[bytes, bool, str | None, datetime]]", connection.execute(ARTICLES, asked).fetchall())
    return [FoundArticle(decode(r, Article), done, AlertId(a) if a else None, at) for r, done, a, at in rows]


def activity(
    connection: Connection,
    *,
    days: int,
    actor: str | None = None,
    country: str | None = None,
    place: str | None = None,
) -> dict[str, int]:
    """Alerts a day (UTC, ISO 8601) over the last days, by when they were last told; days without one are left out."""
    asked = {"days": days, "actor": actor, "country": country, "place": place}
    return {str(day): int(str(count)) for day, count in connection.execute(ACTIVITY, asked).fetchall()}


def plain(words: str) -> str:
    """As PostgreSQL can keep it, and be asked for it: an article may have a NUL."""
    return words.replace("\0", " ")


def actors_of(alert: Alert) -> list[str]:
    """What an alert's actors are found by: ids, else names in small letters."""
    return list(dict.fromkeys(plain(actor.id or actor.text.lower()) for actor in alert.actors))


def place_of(alert: Alert) -> str | None:
    """The name that an alert's place is found by."""
    return plain(alert.place.name or alert.place.text) if alert.place else None


def words_of(alert: Alert) -> str:
    """What an alert is found by."""
    actors = [word for actor in alert.actors for word in (actor.text, actor.id or "")]
    return plain(" ".join([alert.headline, alert.what, place_of(alert) or "", *actors]))


def _found(row: tuple[object, ...]) -> Found:
    record, at, created = cast("tuple[bytes, datetime, datetime]", row)
    return Found(decode(record, Alert), at, created)
