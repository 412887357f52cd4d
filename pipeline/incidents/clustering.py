"""Which stories form one incident: a partition of the stories at hand that does not depend on the order in which they came.

When a story joins, or is revised, all stories of the incidents that it agrees with are grouped anew, from what each says now: the
two groups that agree most are joined, again and again, as long as their stories agree on average (average linkage). So a report
that ties two incidents together merges them, and when a revision takes away what tied them, they come apart again, unless
enough else holds them. Single pairs that look alike can't chain incidents: it is the average that counts, and stories that
contradict each other lower it.

What an analyst decided stands: `together` and `apart` are never overruled. An incident keeps its name where the story that
began it is. Pure: no store; bounded by `POOL_MAX` stories.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

from pipeline.incidents.matching import AGREE_POINTS, WINDOW, Rarity, Traits, agreement, rarity_of
from pipeline.records import IncidentId, StoryId
from pipeline.records.identity import digest, incident_id

GROUP_POINTS = 1.2
"""Points on which the stories of two groups must agree on average; below `AGREE_POINTS`, because follow-ups share less."""
POOL_MAX = 48
"""Stories compared in one go; pairs grow with its square, some milliseconds at this number."""

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
    speaking = [told for told in ordered if not told.traits.is_withdrawn]
    points = {
        (a.story, b.story): agreement(a.traits, b.traits, rarity)[0]
        for a, b in combinations(ordered, 2)
        if abs(a.traits.seen - b.traits.seen) <= WINDOW  # else nothing can be said either way
    }
    groups = _bound(speaking, together)
    while (pair := _closest(groups, points, apart)) is not None:
        first, second = pair
        groups[first] += groups.pop(second)
    silent = [told.story for told in ordered if told.traits.is_withdrawn]
    return [tuple(g) for g in _attach(groups, silent, points, together)]


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
) -> list[list[StoryId]]:
    """Reports that were withdrawn hold nothing together; each stays with the group that it once agreed with most."""
    found = [list(g) for g in groups]
    for story in silent:
        bound = [g for g in found if any(frozenset((story, other)) in together for other in g)]
        scored = [(max((_points(points, story, o) or 0.0 for o in g), default=0.0), -i) for i, g in enumerate(found)]
        if bound:
            bound[0].append(story)
        elif scored and max(scored)[0] >= AGREE_POINTS:
            found[-max(scored)[1]].append(story)
        else:
            found.append([story])
    return found


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

    def join(self, story: StoryId, mine: Traits) -> tuple[IncidentId, str | None]:
        """The incident of a story that is met for the first time, and why it was joined; None where it begins one."""
        rarity = rarity_of(self._bearers, len(self._told))
        near = {t.incident for t in self._told.values() if agreement(mine, t.traits, rarity)[0] >= AGREE_POINTS}
        pool = [t for t in self._told.values() if t.incident in near]
        self._bearers.update(mine.names.keys())
        rarity = rarity_of({n: count - 1 for n, count in self._bearers.items()}, len(self._told))
        self._told[story] = Told(story, mine)
        pool.append(self._told[story])
        former = {incident_id(s) for s in self._told} - {t.incident for t in self._told.values()}
        names = name(group(pool, rarity), pool, former)
        for told in pool:
            self._told[told.story] = replace(told, incident=names[told.story])
        others = [t.traits for t in pool if t.story != story and names[t.story] == names[story]]
        return names[story], why_together(mine, others, rarity) if others else None

    def incident(self, story: StoryId) -> IncidentId | None:
        """Where a story stands now; later stories may have moved it."""
        told = self._told.get(story)
        return told.incident if told else None
