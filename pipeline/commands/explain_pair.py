"""`tocsin explain A B`: why two articles were, or were not, joined; as reprints, and as reports of one incident."""

from typing import cast

import msgspec

from pipeline.errors import UsageError
from pipeline.incidents.matching import AGREE_POINTS, Traits, agreement
from pipeline.records import Article, Assessment, IncidentId, StoryId
from pipeline.records.codec import decode
from pipeline.records.identity import article_id
from pipeline.store import joining as placing
from pipeline.store import moves as shifts
from pipeline.store.connection import Connection
from pipeline.store.stories import recorded
from pipeline.text.dedupe.link import compare

FIND = """
SELECT record FROM articles WHERE version_id = %(id)s OR article_id = %(id)s OR article_id = %(link)s OR url = %(id)s
ORDER BY fetched DESC, version_id DESC LIMIT 1
"""
FOUND = "SELECT story_id, verdict, assessment FROM findings WHERE version_id = %s"
STANDS = "SELECT incident_id, traits, reason FROM incident_stories WHERE story_id = %s"


def explain_pair(connection: Connection, one: str, other: str) -> list[str]:
    """What was decided about the two, and how they compare by themselves, a line each. Raises `UsageError`."""
    a, b = _article(connection, one), _article(connection, other)
    lines = [
        f"A         {a.feed}: {a.title or '(no title)'}",
        f"          {a.version_id}",
        f"B         {b.feed}: {b.title or '(no title)'}",
        f"          {b.version_id}",
    ]
    lines += _as_reprints(connection, a, b)
    return lines + _as_reports(connection, a, b)


def _article(connection: Connection, what: str) -> Article:
    link = article_id(feed="", url=what) if "//" in what else what
    row = connection.execute(FIND, {"id": what, "link": link}).fetchone()
    if row is None:
        raise UsageError(f"nothing is known of {what!r}: not fetched, or older than what is kept (store.keep_days)")
    return decode(cast("bytes", row[0]), Article)


def _as_reprints(connection: Connection, a: Article, b: Article) -> list[str]:
    lines = []
    for label, article in (("A", a), ("B", b)):
        known = recorded(connection, article.version_id)
        if known is None:
            lines.append(f"dedupe    {label} is not linked, or has left the horizon of the fingerprints")
        else:
            of = f" of {known.of}" if known.of else ""
            lines.append(f"dedupe    {label} is {known.verdict}{of} in {known.story}: {known.reason}")
    if a.article_id == b.article_id:
        return [*lines, "          they are versions of one article"]
    ruling, match = compare(a, b)
    verdict = "one report" if ruling.same else "distinct"
    lines.append(f"          compared by themselves: {verdict}, {ruling.reason}")
    lines.append(
        f"          {match.containment:.0%} of the shorter text is in the other, {match.resemblance:.0%} of both together; about "
        f"{match.words:.0f} words, spread {match.spread:.2f}, order {match.order:.2f}, beginning {match.lead:.2f}"
    )
    lines.append(
        "          (in the stream, words that many other stories share count less, and the best match is joined, no other)"
    )
    return lines


def _as_reports(connection: Connection, a: Article, b: Article) -> list[str]:
    stories = [_story(connection, article) for article in (a, b)]
    lines, stands = [], []
    for label, (story, why_not) in zip("AB", stories, strict=True):
        row = connection.execute(STANDS, (story,)).fetchone() if story else None
        if row is None:
            lines.append(f"incident  {label} is in none: {why_not or 'its story is worth no alert'}")
        else:
            incident, raw, reason = row
            lines.append(f"incident  {label} is in {incident}: {reason}")
            stands.append((IncidentId(str(incident)), msgspec.json.decode(cast("bytes", raw), type=Traits)))
    if len(stands) < 2 or stories[0][0] == stories[1][0]:
        return lines + (
            ["          they are one story, and so in one incident"] if stories[0][0] == stories[1][0] else []
        )
    (one, mine), (other, others) = stands
    points, why = agreement(
        mine, others, placing.rarity_between(connection, stories[0][0] or StoryId(""), mine, others)
    )
    lines.append(f"          {'one incident' if one == other else 'two incidents'}; between the two: {why}")
    lines.append(
        f"          {points:+.1f} in log-odds that it is one event ({AGREE_POINTS:+.1f} is enough for a pair); all stories of both incidents count, on average"
    )
    for change in shifts.of_incidents(connection, [one, other]):
        if {change.came_from, change.went_to} == {one, other} or one == other:
            undone = f", undone by change {change.undone_by}" if change.undone_by else ""
            lines.append(f"          change {change.change}: {change.kind} by {change.by}{undone}: {change.reason}")
    return lines


def _story(connection: Connection, article: Article) -> tuple[StoryId | None, str | None]:
    row = connection.execute(FOUND, (article.version_id,)).fetchone()
    if row is None:
        return None, "not analysed yet, or rejected"
    assessment = msgspec.json.decode(cast("bytes", row[2]), type=Assessment)
    return StoryId(str(row[0])), assessment.why_not
