"""What an article in another language is mainly about, and how sure it is that an editor wants an alert for it.

A sum of plain signs, as log-odds: a word of an act, people harmed, armed actors, weapons, a place and a day speak for it; the words of sport,
courts long after, films, accidents, markets and figures of speech against. The weights are set by hand on the odd-numbered reports of the gold.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.records import Realis
from pipeline.text.languages.lexicon import Hit

BASE = -3.2
SURE, PLAIN, WEAK = 4.2, 2.6, 0.6
"""A word of an act that is sure by itself, a plain one, and one that needs something beside it."""
ACT_AGAIN = 0.9
"""The title and the text tell of an act."""
HARM, ACTOR, WEAPON, PLACE, DAY = 1.4, 1.4, 0.7, 0.4, 0.3
CALM, CALM_AGAIN, CALM_AGAIN_MAX = -2.9, -0.7, 3
OLD = -3.5
"""Every act is of the past, planned, or only thought of."""
WORTH_MAX = 0.99
SHARPNESS = 1.5
LEAD_SENTENCES = 2
TITLE_POINTS, LEAD_POINTS, SECOND_POINTS = 30, 25, 8
RANK_SHARE = 0.5
"""What a class's rank counts beside where it is told."""
UNREAL_POINTS = {
    "background": -60,
    "hypothetical": -60,
    "planned": -30,
    "denied": -20,
    "threatened": -10,
    "attempted": 0,
}
WEAK_POINTS = 25
GENERIC = frozenset(("Attack", "Peaceful protest", "Cyber: Intrusion"))
"""Classes whose words are said of other classes too."""
QUIET = frozenset(("Natural disaster", "Man-made disaster", "Diplomacy", "Peaceful protest"))
"""Classes that are no violence: they are told, and ring nothing by themselves."""


class EventKind(Protocol):
    """What is used of a class of events (`pipeline.text.events.ontology`, which this room does not import)."""

    @property
    def type(self) -> str:
        """ACLED's type, "Cyber" or "Other"."""

    @property
    def subtype(self) -> str | None:
        """ACLED's sub-type."""

    @property
    def rank(self) -> int:
        """How much it says, 0 to 100."""

    @property
    def muc4(self) -> str | None:
        """The incident type of MUC-4."""

    @property
    def plover(self) -> str | None:
        """PLOVER's type."""

    @property
    def mode(self) -> str | None:
        """PLOVER's mode."""

    @property
    def cameo(self) -> str | None:
        """CAMEO's root code."""

    @property
    def gtd(self) -> str | None:
        """The attack type of the Global Terrorism Database."""


Classes = Callable[[str], EventKind]
"""Gives the class of a sub-type; KeyError for an unknown one."""


@dataclass(frozen=True, slots=True)
class Act:
    """A word of an act: its class, where it stands (-1: the title), and whether it happened."""

    sentence: int
    hit: Hit
    cls: EventKind
    what: str
    realis: Realis

    @property
    def is_violent(self) -> bool:
        """Whether it speaks for an alert."""
        return self.cls.subtype not in QUIET

    @property
    def place_points(self) -> float:
        """How likely it is, by where it stands, that the article is about it."""
        return {-1: TITLE_POINTS, 0: LEAD_POINTS, 1: SECOND_POINTS}.get(self.sentence, 0)

    @property
    def class_points(self) -> float:
        """How likely it is by what it is."""
        return (
            RANK_SHARE * self.cls.rank
            + UNREAL_POINTS.get(self.realis, 0)
            - (WEAK_POINTS if "?" in self.hit.mark else 0)
        )


def main_act(acts: Sequence[Act]) -> Act | None:
    """What the article is mainly about: title and lead together decide, but a word for any attack is said of every kind of it."""

    def points(act: Act) -> tuple[float, int]:
        zones = {a.sentence: a.place_points for a in acts if a.what == act.what and a.realis == act.realis}
        where = max(zones.values()) if act.what in GENERIC else sum(zones.values())
        return where + act.class_points, -act.sentence

    return max(acts, key=points, default=None)


def _strength(act: Act) -> float:
    return SURE if "!" in act.hit.mark else WEAK if "?" in act.hit.mark else PLAIN


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for an alert beside the acts."""

    harm: bool
    actor: bool
    weapon: bool
    place: bool
    day: bool
    calm: Counter[str]


def weigh(acts: Sequence[Act], signs: Signs) -> float:
    """How sure it is, 0..1, that an editor wants an alert."""
    lead = [a for a in acts if a.sentence < LEAD_SENTENCES and a.is_violent]
    real = [a for a in lead if a.realis in ("actual", "attempted", "threatened")]
    points = BASE + max((_strength(a) for a in lead), default=-2.0)
    if lead and not real:
        points += OLD
    if len({a.sentence == -1 for a in real}) > 1:
        points += ACT_AGAIN
    for given, sign in (
        (HARM, signs.harm),
        (ACTOR, signs.actor),
        (WEAPON, signs.weapon),
        (PLACE, signs.place),
        (DAY, signs.day),
    ):
        points += given * sign
    for count in signs.calm.values():
        points += CALM + CALM_AGAIN * min(count - 1, CALM_AGAIN_MAX)
    return min(WORTH_MAX, 1 / (1 + math.exp(-SHARPNESS * points)))
