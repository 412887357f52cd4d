"""What a person names, found in the store: an article, version, address, story, incident or alert, by its id or a part of it."""

from pipeline.errors import UsageError
from pipeline.records import IncidentId, StoryId
from pipeline.records.identity import article_id
from pipeline.store.connection import Connection

ID_CHARS_MIN = 6
"""Least digits of an id that may stand for the whole."""
PREFIXES = ("art:", "ver:", "story:", "inc:", "alert:")

INCIDENTS = "SELECT incident_id FROM incidents WHERE incident_id LIKE %s LIMIT 2"
ALERTS = "SELECT incident_id FROM alerts WHERE alert_id LIKE %s LIMIT 2"
STORIES = """
SELECT story_id FROM (SELECT DISTINCT story_id FROM findings WHERE story_id LIKE %(id)s
    UNION SELECT DISTINCT story_id FROM incident_stories WHERE story_id LIKE %(id)s) AS found LIMIT 2
"""
BY_ARTICLE = """
SELECT DISTINCT f.story_id FROM articles a JOIN findings f USING (version_id)
WHERE a.version_id LIKE %(id)s OR a.article_id LIKE %(id)s OR a.article_id = %(link)s OR a.url = %(what)s LIMIT 2
"""
HOME = "SELECT incident_id FROM incident_stories WHERE story_id = %s"
GOES_ON = "SELECT merged_into FROM incidents WHERE incident_id = %s"
MERGES_MAX = 50


def find_story(connection: Connection, what: str) -> StoryId:
    """The story that an id or address belongs to. Raises `UsageError` when there is none, or more than one."""
    if what.startswith("story:"):
        rows = connection.execute(STORIES, {"id": _pattern(what)}).fetchall()
    elif what.startswith(("inc:", "alert:")):
        raise UsageError(f"{what} may have several stories: name a story, an article or an address")
    else:
        known = {"id": _pattern(what), "what": what, "link": article_id(feed="", url=what) if "//" in what else what}
        rows = connection.execute(BY_ARTICLE, known).fetchall()
    return StoryId(_only(what, rows))


def find_incident(connection: Connection, what: str) -> IncidentId | None:
    """The incident that it belongs to, the one that goes on if it was merged away; None for a story that is in none."""
    if what.startswith("inc:"):
        found = _only(what, connection.execute(INCIDENTS, (_pattern(what),)).fetchall())
    elif what.startswith("alert:"):
        found = _only(what, connection.execute(ALERTS, (_pattern(what),)).fetchall())
    else:
        row = connection.execute(HOME, (find_story(connection, what),)).fetchone()
        if row is None:
            return None
        found = str(row[0])
    for _ in range(MERGES_MAX):
        row = connection.execute(GOES_ON, (found,)).fetchone()
        if row is None or row[0] is None:
            break
        found = str(row[0])
    return IncidentId(found)


def _pattern(what: str) -> str:
    """For LIKE: an id may be cut short, anything else must be whole."""
    cut = what.startswith(PREFIXES) and len(what.partition(":")[2]) >= ID_CHARS_MIN
    return what.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + ("%" if cut else "")


def _only(what: str, rows: list[tuple[object, ...]]) -> str:
    if not rows:
        raise UsageError(
            f"nothing is known of {what!r}: not analysed yet, or older than what is kept (store.keep_days)"
        )
    if len(rows) > 1:
        raise UsageError(f"{what!r} stands for several: give more of it")
    return str(rows[0][0])
