"""Which stories form one incident: a partition of the stories at hand that does not depend on the order in which they came.

When a story joins, or is revised, all stories of the incidents that it agrees with are grouped anew, from what each says now: the
two groups that agree most are joined, again and again, as long as their stories agree on average (average linkage). So a report
that ties two incidents together merges them, and when a revision takes away what tied them, they come apart again, unless
enough else holds them. Single pairs that look alike can't chain incidents: it is the average that counts, and stories that
contradict each other lower it.

Reports that are worth no alert of their own (funerals, condemnations, hearings, a flash that says too little) are followers: they
join the incident that they agree with most, when they agree enough, tie nothing together, and never open one. A round-up ties
nothing together either, but may stand alone.

What an analyst decided stands: `together` and `apart` are never overruled. An incident keeps its name where the story that
began it is. Pure: no store; bounded by `POOL_MAX` stories.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

from pipeline.incidents.matching import (
    AGREE_POINTS,
    GROUP_POINTS,
    Rarity,
    Traits,
    agreement,
    is_near,
    keys,
    rarity_of,
)
from pipeline.records import IncidentId, StoryId
from pipeline.records.identity import digest, incident_id

PART_POINTS = AGREE_POINTS + 1.5
"""What a part of a report must agree with some story of an incident: more than a whole report, because it says less."""
POOL_MAX = 48
"""Stories compared in one go; pairs grow with its square, some milliseconds at this number."""

TELLS_MIN = 0.5
"""How sure it must be that a report worth no alert tells of an incident at all, for it to join one."""

Pair = frozenset[StoryId]
Groups = list[tuple[StoryId, ...]]


class Told(Struct, frozen=True):
    """A story in the pool."""

    story: StoryId
    traits: Traits
    incident: IncidentId | None = None  # where it stands now; None for a story that is new
    whole: bool = False  # its incident is too large to be taken apart: it moves whole or not at all


class Shift(Struct, frozen=True, kw_only=True):
    """Stories that leave one incident for another."""

    kind: str  # merge: nothing is left behind; split: the other incident is new, or one that had been merged; move: both go on
    came_from: IncidentId
    went_to: IncidentId
    moved: tuple[StoryId, ...]
    stayed: tuple[StoryId, ...]  # what they were parted from, or joined with
    reason: str


def group(
    pool: Sequence[Told], rarity: Rarity, together: Collection[Pair] = (), apart: Collection[Pair] = ()
) -> Groups:
    """The partition of the pool into incidents; the same for every order of the pool."""
    ordered = sorted(pool, key=lambda told: (told.traits.seen, told.story))
    speaking = [told for told in ordered if _ties(told) or (told.whole and not told.traits.is_withdrawn)]
    points = {
        (a.story, b.story): agreement(a.traits, b.traits, rarity)[0]
        for a, b in combinations(ordered, 2)
        if is_near(a.traits, b.traits)  # else nothing can be said either way
    }
    groups = _bound(speaking, together)
    while (pair := _closest(groups, points, apart)) is not None:
        first, second = pair
        groups[first] += groups.pop(second)
    placed = {story for g in groups for story in g}
    following = [told for told in ordered if told.story not in placed and not told.traits.is_withdrawn]
    joining = [told.story for told in following if told.traits.opens or told.traits.tells >= TELLS_MIN]
    groups = _attach(groups, joining, points, together, apart)
    groups += [[told.story] for told in following if told.story not in joining]
    silent = [told.story for told in ordered if told.traits.is_withdrawn]
    return [tuple(g) for g in _attach(groups, silent, points, together, apart)]


def _ties(told: Told) -> bool:
    return told.traits.opens and told.traits.ties and not told.traits.is_withdrawn


def opened(groups: Groups, pool: Sequence[Told]) -> Groups:
    """The groups that are incidents: those with a story that may open one, or that stands in one already."""
    place = {told.story: told for told in pool}
    return [g for g in groups if any(place[s].traits.opens or place[s].incident is not None for s in g)]


def _bound(pool: Sequence[Told], together: Collection[Pair]) -> list[list[StoryId]]:
    """Groups to begin with: single stories, but for those that must stay together."""
    groups: list[list[StoryId]] = []
    wholes: dict[IncidentId, list[StoryId]] = {}
    for told in pool:
        held = [g for g in groups if any(frozenset((told.story, other)) in together for other in g)]
        if told.whole and told.incident is not None and told.incident in wholes:
            whole = wholes[told.incident]
            held = [whole, *(g for g in held if g is not whole)]
        mine = held[0] if held else []
        mine.append(told.story)
        for other in held[1:]:
            mine += other
        groups = [g for g in groups if all(g is not h for h in held)] + [mine]
        if told.whole and told.incident is not None:
            wholes[told.incident] = mine
        wholes = {incident: mine if any(w is h for h in held) else w for incident, w in wholes.items()}
    return groups


def _closest(
    groups: Sequence[Sequence[StoryId]], points: Mapping[tuple[StoryId, StoryId], float], apart: Collection[Pair]
) -> tuple[int, int] | None:
    """The two groups that agree most, of those that agree enough."""
    best: tuple[float, int, int] | None = None
    for i, j in combinations(range(len(groups)), 2):
        found = [p for a in groups[i] for b in groups[j] if (p := _points(points, a, b)) is not None]
        if not found or max(found) < AGREE_POINTS:
            continue
        mean = sum(found) / len(found)
        if mean < GROUP_POINTS or (best is not None and mean <= best[0]):
            continue
        if apart and any(frozenset((a, b)) in apart for a in groups[i] for b in groups[j]):
            continue
        best = (mean, i, j)
    return best[1:] if best else None


def _attach(
    groups: list[list[StoryId]],
    silent: Iterable[StoryId],
    points: Mapping[tuple[StoryId, StoryId], float],
    together: Collection[Pair],
    apart: Collection[Pair],
) -> list[list[StoryId]]:
    """Each of the stories goes to the group that it agrees with most, on average, or stands alone; none ties groups together."""
    found = [list(g) for g in groups]
    core = [list(g) for g in groups]  # what joins now says nothing for the next
    for story in silent:
        bound = [i for i, g in enumerate(found) if any(frozenset((story, other)) in together for other in g)]
        best = bound[0] if bound else _nearest(story, core, points, apart)
        if best is None:
            found.append([story])
        else:
            found[best].append(story)
    return found


def _nearest(
    story: StoryId,
    groups: Sequence[Sequence[StoryId]],
    points: Mapping[tuple[StoryId, StoryId], float],
    apart: Collection[Pair],
) -> int | None:
    """The group that a story agrees with most, of those that it agrees with enough; the first of equals."""
    best: tuple[float, int] | None = None
    for i, group_ in enumerate(groups):
        told = [p for other in group_ if (p := _points(points, story, other)) is not None]
        if not told or max(told) < AGREE_POINTS or any(frozenset((story, other)) in apart for other in group_):
            continue
        mean = round(sum(told) / len(told), 6)  # sums of one pair's parts differ in the last digits
        if mean >= GROUP_POINTS and (best is None or mean > best[0]):
            best = (mean, i)
    return best[1] if best else None


def _points(points: Mapping[tuple[StoryId, StoryId], float], a: StoryId, b: StoryId) -> float | None:
    found = points.get((a, b))
    return points.get((b, a)) if found is None else found


def name(
    groups: Groups,
    pool: Sequence[Told],
    former: Collection[IncidentId] = (),
    taken: Collection[IncidentId] = (),
) -> dict[StoryId, IncidentId]:
    """The incident of each story: a group goes on under the name of its earliest incident, or gets one of its own.

    `former`: incidents that were merged away and may come back; `taken`: names that are in use.
    """
    place = {told.story: told for told in pool}
    began: dict[IncidentId, tuple[object, ...]] = {}
    for told in pool:
        if told.incident is not None:
            mine = (told.traits.seen, told.story)
            began[told.incident] = min(began.get(told.incident, mine), mine)
    claims: dict[IncidentId, int] = {}
    for incident in sorted(began):
        claims[incident] = max(range(len(groups)), key=lambda i: (_claim(incident, groups[i], place), -i))
    names: dict[StoryId, IncidentId] = {}
    for i, stories in enumerate(groups):
        own = sorted((incident for incident, at in claims.items() if at == i), key=lambda x: (began[x], x))
        first = min(stories, key=lambda s: (place[s].traits.seen, s))
        back = [incident_id(s) for s in stories if incident_id(s) in former and incident_id(s) not in began]
        names |= dict.fromkeys(
            stories, own[0] if own else back[0] if back else _unused(first, stories, {*began, *taken})
        )
    return names


def _claim(incident: IncidentId, stories: Sequence[StoryId], place: Mapping[StoryId, Told]) -> tuple[bool, int]:
    """How good a claim a group has on an incident's name: the story that began it, else most of its stories."""
    mine = [s for s in stories if place[s].incident == incident]
    return any(incident_id(s) == incident for s in mine), len(mine)


def _unused(first: StoryId, stories: Sequence[StoryId], taken: Collection[IncidentId]) -> IncidentId:
    """A name for a group that has none: after its earliest story."""
    free = (incident_id(s) for s in (first, *stories) if incident_id(s) not in taken)
    return next(free, IncidentId(f"inc:{digest('group', *stories)}"))


def shifts(pool: Sequence[Told], names: Mapping[StoryId, IncidentId], rarity: Rarity) -> list[Shift]:
    """What has to be moved so that the stories stand where `names` says; stories that are new move from nowhere."""
    by_move: dict[tuple[IncidentId, IncidentId], list[StoryId]] = {}
    place = {told.story: told for told in pool}
    for told in pool:
        if told.incident is not None and names[told.story] != told.incident:
            by_move.setdefault((told.incident, names[told.story]), []).append(told.story)
    before = {told.incident for told in pool}
    found = []
    for (source, target), moved in sorted(by_move.items()):
        left = [s for s in place if place[s].incident == source and names[s] == source]
        there = [s for s in place if names[s] == target and s not in moved]
        kind = "merge" if not left else "move" if target in before else "split"
        other = there if kind != "split" else left
        why = _why([place[s].traits for s in moved], [place[s].traits for s in other], rarity)
        found.append(
            Shift(
                kind=kind,
                came_from=source,
                went_to=target,
                moved=tuple(moved),
                stayed=tuple(other),
                reason=why if kind != "split" else "what they report no longer agrees with the rest of the incident",
            )
        )
    return found


def why_together(mine: Traits, others: Sequence[Traits], rarity: Rarity) -> str:
    """In words, on what a story agrees with the rest of its incident."""
    return _why([mine], others, rarity)


def _why(some: Sequence[Traits], others: Sequence[Traits], rarity: Rarity) -> str:
    found = [agreement(a, b, rarity) for a in some for b in others]
    return max(found)[1] if found else "began the incident"


class MemoryIncidents:
    """Incidents in memory: joins stories as the store does, for the offline commands and for measuring."""

    def __init__(self) -> None:
        self._told: dict[StoryId, Told] = {}
        self._bearers: Counter[str] = Counter()
        self._by_key: dict[str, list[StoryId]] = {}

    def join(self, story: StoryId, mine: Traits) -> tuple[IncidentId | None, str | None]:
        """The incident of a story that is met for the first time, and why it was joined; None where it begins, or is of, none."""
        near = self._near(mine)
        pool = [t for t in self._told.values() if t.story in near]
        self._bearers.update(mine.names.keys())
        for key in keys(mine):
            self._by_key.setdefault(key, []).append(story)
        rarity = rarity_of({n: count - 1 for n, count in self._bearers.items()}, len(self._told))
        self._told[story] = Told(story, mine)
        pool.append(self._told[story])
        former = {incident_id(s) for s in self._told} - {t.incident for t in self._told.values()}
        names = name(opened(group(pool, rarity), pool), pool, former)
        for told in pool:
            self._told[told.story] = replace(told, incident=names.get(told.story))
        mine_now = names.get(story)
        others = [t.traits for t in pool if t.story != story and mine_now and names.get(t.story) == mine_now]
        return mine_now, why_together(mine, others, rarity) if others else None

    def _near(self, mine: Traits) -> set[StoryId]:
        """The stories of the incidents that it agrees with, and those of no incident that it may take along."""
        rarity = rarity_of(self._bearers, len(self._told))
        asked = dict.fromkeys(story for key in keys(mine) for story in self._by_key.get(key, ()))
        told = [self._told[story] for story in asked if is_near(mine, self._told[story].traits)]
        agreeing = [t for t in told if agreement(mine, t.traits, rarity)[0] >= AGREE_POINTS]
        incidents = {t.incident for t in agreeing if t.incident is not None}
        return {t.story for t in self._told.values() if t.incident in incidents} | {t.story for t in agreeing}

    def mentioned(self, parts: Sequence[Traits], main: IncidentId | None) -> list[IncidentId]:
        """Further incidents that parts of a report tell of, in the order of the parts."""
        found: dict[IncidentId, None] = {}
        for part in parts:
            other = self._closest_to(part)
            if other is not None and other != main:
                found.setdefault(other)
        return list(found)

    def _closest_to(self, part: Traits) -> IncidentId | None:
        """The incident that a part of a report agrees with most, if it does enough."""
        near = self._near(part)
        rarity = rarity_of(self._bearers, len(self._told))
        by_incident: dict[IncidentId, list[float]] = {}
        for story in near:
            told = self._told[story]
            if told.incident is not None and is_near(part, told.traits):
                by_incident.setdefault(told.incident, []).append(agreement(part, told.traits, rarity)[0])
        ranked = sorted((-sum(p) / len(p), i) for i, p in by_incident.items() if max(p) >= PART_POINTS)
        return ranked[0][1] if ranked else None

    def incident(self, story: StoryId) -> IncidentId | None:
        """Where a story stands now; later stories may have moved it."""
        told = self._told.get(story)
        return told.incident if told else None
