"""A story finds its incident: looked up, joined, and the incidents that it ties together grouped anew.

Runs inside the write transaction, under its advisory lock, so that two workers see each other's stories. What is decided is in
`pipeline.incidents.clustering`; this file fetches the pool for it and writes down what comes out.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipeline.incidents import matching as incidents
from pipeline.incidents.clustering import POOL_MAX, TELLS_MIN, Shift, Told, group, name, opened, shifts, why_together
from pipeline.incidents.matching import AGREE_POINTS, Rarity, Traits, agreement, is_near
from pipeline.records import IncidentId, Scored, StoryId
from pipeline.records.identity import incident_id
from pipeline.records.outcomes import to_json
from pipeline.store.connection import Connection
from pipeline.store.moves import carry_out, decided

CANDIDATES_MAX = 50
"""Incidents compared with one story."""
STORIES_COMPARED_MAX = 20
"""Latest stories of each; an incident with more is not taken apart by the stream."""

FIND = "SELECT incident_id, article_id, traits FROM incident_stories WHERE story_id = %s"
CANDIDATES = """
SELECT incident_id FROM incident_stories WHERE keys && %(keys)s AND seen BETWEEN %(first)s AND %(last)s
GROUP BY incident_id
ORDER BY max(cardinality(ARRAY(SELECT unnest(keys) INTERSECT SELECT unnest(%(keys)s)))) DESC, max(seen) DESC, incident_id
LIMIT %(most)s
"""
STORIES = """
SELECT story_id, traits, incident_id, stories > %(most)s FROM (
    SELECT story_id, traits, incident_id, seen, count(*) OVER (PARTITION BY incident_id) AS stories,
        row_number() OVER (PARTITION BY incident_id ORDER BY seen DESC, story_id) AS place
    FROM incident_stories WHERE incident_id = ANY(%(incidents)s)) AS ranked
WHERE place <= %(most)s ORDER BY seen, story_id
"""
BEARERS = """
SELECT key, count(DISTINCT story_id) FROM incident_stories, unnest(keys) AS key
WHERE keys && %(keys)s AND seen BETWEEN %(first)s AND %(last)s AND key = ANY(%(keys)s) AND story_id <> %(story)s GROUP BY key
"""
COUNT = "SELECT count(*) FROM incident_stories WHERE seen BETWEEN %s AND %s AND story_id <> %s"
FORMER = "SELECT incident_id, merged_into IS NOT NULL FROM incidents WHERE incident_id = ANY(%s)"
CREATE = """
INSERT INTO incidents (incident_id, category, first_seen, last_seen) VALUES (%s, %s, %s, %s)
ON CONFLICT (incident_id) DO UPDATE SET merged_into = NULL
"""
JOIN = """
INSERT INTO incident_stories (story_id, incident_id, reason, traits, keys, seen, article_id)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (story_id) DO NOTHING
"""
REREAD = "UPDATE incident_stories SET traits = %s, keys = %s, article_id = %s WHERE story_id = %s"
TOUCH = "UPDATE incidents SET last_seen = greatest(last_seen, %s) WHERE incident_id = %s"
RINGS = """
SELECT EXISTS (SELECT FROM (SELECT DISTINCT ON (article_id) assessment FROM findings
    WHERE story_id = %s AND article_id <> %s ORDER BY article_id, at DESC) AS latest
WHERE convert_from(assessment, 'UTF8')::jsonb ->> 'severity' IS NOT NULL)
"""

_traits = msgspec.json.Decoder(Traits)


class Placed(Struct, frozen=True):
    """Where a story stands, and what was moved on its account."""

    incident: IncidentId
    shifts: tuple[Shift, ...] = ()


def place(connection: Connection, scored: Scored, mine: Traits | None = None) -> Placed | None:
    """Find, or begin, the incident of the article's story; None when it is of none.

    A reprint changes nothing. A new story, and a revision of the article that the story was judged by, are grouped anew. A report
    that is worth no alert joins an incident that it tells of, and begins none. `mine`: the article's traits, where the caller made them
    before it took the lock.
    """
    linked, article = scored.analysed.linked, scored.analysed.linked.article
    row = connection.execute(FIND, (linked.story,)).fetchone()
    if row is None:
        mine = mine or incidents.traits(article, scored.analysed.findings, scored.assessment)
        if not mine.opens and mine.tells < TELLS_MIN:
            return None
        return _regroup(connection, scored, Told(linked.story, mine))
    incident, carrier, raw = row
    told = Told(linked.story, _decode(raw), IncidentId(str(incident)))
    connection.execute(TOUCH, (article.fetched, incident))
    if linked.verdict == "revision" and carrier in (None, article.article_id):
        again = _reread(connection, scored, told.traits)
        if again != told.traits:
            values = (to_json(again), list(incidents.keys(again)), article.article_id, linked.story)
            connection.execute(REREAD, values)
            return _regroup(connection, scored, replace(told, traits=again))
    return Placed(IncidentId(str(incident)))


def _reread(connection: Connection, scored: Scored, former: Traits) -> Traits:
    """The traits of the latest wording; a story of which nothing alarming is left keeps its own, and is withdrawn."""
    article = scored.analysed.linked.article
    if scored.assessment.severity is not None:
        mine = incidents.traits(article, scored.analysed.findings, scored.assessment)
        return replace(mine, seen=former.seen)
    row = connection.execute(RINGS, (scored.analysed.linked.story, article.article_id)).fetchone()
    return replace(former, is_withdrawn=not (row and row[0]))


def _regroup(connection: Connection, scored: Scored, mine: Told) -> Placed | None:
    pool, rarity = _pool(connection, mine)
    groups = opened(group(pool, rarity, *decided(connection, [told.story for told in pool])), pool)
    if not any(mine.story in stories for stories in groups):
        return None
    former, taken = _former(connection, pool)
    names = name(groups, pool, former, taken)
    moves = shifts(pool, names, rarity)
    incident = names[mine.story]
    if mine.incident is None:
        _begin_or_join(connection, scored, mine, incident, pool, names, rarity)
    wholes = {told.incident for told in pool if told.whole}
    for shift in moves:
        carry_out(connection, shift, everything=shift.came_from in wholes)
    return Placed(incident, tuple(moves))


def _begin_or_join(
    connection: Connection,
    scored: Scored,
    mine: Told,
    incident: IncidentId,
    pool: Sequence[Told],
    names: dict[StoryId, IncidentId],
    rarity: Rarity,
) -> None:
    article = scored.analysed.linked.article
    others = [told.traits for told in pool if told.story != mine.story and names[told.story] == incident]
    reason = why_together(mine.traits, others, rarity)
    seen, category = article.fetched, scored.assessment.category or "other"
    connection.execute(CREATE, (incident, category, seen, seen))
    keys = list(incidents.keys(mine.traits))
    values = (mine.story, incident, reason, to_json(mine.traits), keys, seen, article.article_id)
    connection.execute(JOIN, values)
    connection.execute(TOUCH, (seen, incident))


def _pool(connection: Connection, mine: Told) -> tuple[list[Told], Rarity]:
    """The story, all stories of its incident and of those that it agrees with, and how rare each name is."""
    reach = incidents.reach_of(mine.traits)
    window = (mine.traits.seen - reach, mine.traits.seen + reach)
    keys = list(incidents.keys(mine.traits))
    wanted = {"keys": keys, "first": window[0], "last": window[1], "most": CANDIDATES_MAX}
    near = [row[0] for row in connection.execute(CANDIDATES, wanted).fetchall()]
    asked = [*near, *([mine.incident] if mine.incident and mine.incident not in near else [])]
    found = connection.execute(STORIES, {"incidents": asked, "most": STORIES_COMPARED_MAX}).fetchall()
    told = [
        Told(StoryId(str(s)), _decode(t), IncidentId(str(i)), bool(whole))
        for s, t, i, whole in found
        if s != mine.story
    ]
    if mine.incident is not None:
        mine = replace(mine, whole=any(t.whole for t in told if t.incident == mine.incident))
    rarity = _rarity(connection, mine, keys, *window)
    best: Counter[IncidentId] = Counter()
    for other in told:
        if not is_near(mine.traits, other.traits) and other.incident != mine.incident:
            continue
        points = agreement(mine.traits, other.traits, rarity)[0]
        if other.incident is not None and (points >= AGREE_POINTS or other.incident == mine.incident):
            best[other.incident] = max(best[other.incident], points + 1e3 * (other.incident == mine.incident))  # type: ignore[assignment]
    pool = [mine]
    for incident, _ in sorted(best.items(), key=lambda item: (-item[1], item[0])):
        stories = [t for t in told if t.incident == incident]
        if len(pool) + len(stories) <= POOL_MAX:
            pool += stories
    shared = Counter(n for t in pool for n in t.traits.names)
    more = [f"name:{n}" for n, bearers in sorted(shared.items()) if bearers > 1 and n not in mine.traits.names]
    return pool, _rarity(connection, mine, [*keys, *more], *window) if more else rarity


def _rarity(connection: Connection, mine: Told, keys: list[str], first: datetime, last: datetime) -> Rarity:
    """From how many other stories of these days bear each name."""
    asked = {
        "keys": [key for key in keys if key.startswith("name:")],
        "first": first,
        "last": last,
        "story": mine.story,
    }
    rows = connection.execute(BEARERS, asked).fetchall()
    counts = {str(key).removeprefix("name:"): int(str(count)) for key, count in rows}
    counts = {n: count if n in mine.traits.names else count - 1 for n, count in counts.items()}
    row = connection.execute(COUNT, (first, last, mine.story)).fetchone()
    return incidents.rarity_of(counts, int(str(row[0])) if row else 0)


def rarity_between(connection: Connection, story: StoryId, mine: Traits, other: Traits) -> Rarity:
    """How rare names are in the days around two stories, as the first of them sees it."""
    first, last = min(mine.seen, other.seen) - incidents.WINDOW, max(mine.seen, other.seen) + incidents.WINDOW
    return _rarity(connection, Told(story, mine), list(incidents.keys(mine)), first, last)


def _former(connection: Connection, pool: Sequence[Told]) -> tuple[set[IncidentId], set[IncidentId]]:
    """Of the incidents that the pool's stories began: which were merged away, and which are alive."""
    rows = connection.execute(FORMER, ([incident_id(told.story) for told in pool],)).fetchall()
    return {IncidentId(str(i)) for i, merged in rows if merged}, {
        IncidentId(str(i)) for i, merged in rows if not merged
    }


def _decode(raw: object) -> Traits:
    assert isinstance(raw, bytes)  # noqa: S101 - the column's type
    return _traits.decode(raw)
