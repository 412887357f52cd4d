"""What the outlets of a run publish: invented reports of invented incidents, with reprints and edits. Pure, from a seed.

Every place, group, company and person in here is made of syllables. The same seed and length give the same wordings at the
same seconds, so that a run can be repeated.
"""

import random
from typing import Literal

from msgspec import Struct

OUTLETS = 8
REPRINTS_SHARE_MIN = 0.4
"""Of all wordings: reprints and edits, without which there is little to repeat and to number."""
EDIT_WAIT_S = (8.0, 45.0)
TOLD_AGAIN_WAIT_S = (1.0, 12.0)
REPRINT_WAIT_S = (1.0, 20.0)
"""In a run of a minute or more; shorter ones have no time for the longest."""
WAITS_SHARE_MAX = 1 / 3
QUIET_PER_INCIDENT = 0.5

Kind = Literal["report", "reprint", "edit", "quiet"]

ONSETS = "b br d dr f g gr h j k kr l m n p r s sh st t tr v z".split()
VOWELS = "a e i o u a o".split()
CODAS = "l m n r s th k rd nd sk".split()
ENDINGS = "abad ovka ingrad umbe ara iel stan oru".split()

LEADS = (
    "A car bomb killed at least {n} people at the {spot} market in {town}, police said.",
    "At least {n} people were killed when gunmen opened fire on a bus near {town} close to {spot} bridge, officials said.",
    "{n} soldiers were killed in an ambush on a convoy outside {town}, near the village of {spot}, the army said.",
    "A roadside bomb near {spot} killed {n} people on the way to {town}, a hospital official told reporters.",
    "Militants abducted {n} villagers from {spot} in the district of {town}, the governor said.",
    "A drone strike on a depot at {spot} in {town} killed {n} people, local media reported.",
    "Shelling of the {spot} quarter of {town} killed {n} civilians, the mayor said.",
    "Ransomware has locked the systems of {spot} Systems in {town}; data of {n} thousand patients was stolen, the firm said.",
)
TITLES = (
    "Blast kills {n} in {town}",
    "{n} dead near {spot}, {town}",
    "{town}: attack at {spot} leaves {n} dead",
    "Attack at {spot} shakes {town}",
)
CLAIMED = (
    "The {group} Brigade claimed responsibility for the attack.",
    "No group has claimed responsibility; officials suspect the {group} Front.",
    "A spokesman of the {group} Movement denied any part in it.",
    "Commander {person} of the {group} Brigade was accused by the authorities.",
)
AFTER = (
    "{m} others were wounded and taken to the hospital of {spot}.",
    "The road to {town} was closed until the evening.",
    "Witness {person} spoke of a loud noise and smoke over {spot}.",
    "Schools in {town} stay closed, said the teacher {person}.",
    "Helicopters circled over {spot} for an hour.",
    "Shops near {spot} had not opened again by noon.",
)
QUIET = (
    "{town} beat {spot} two to one in the cup, with a late goal by {person}.",
    "The bakery of {person} in {town} sells a hundred loaves of {spot} bread a day.",
    "A choir from {spot} sings in {town} on Sunday under {person}.",
)


class Wording(Struct, frozen=True):
    """One wording of one entry of one outlet's feed."""

    outlet: int
    entry: int  # unique in the run; an edit has the number of what it edits
    edition: int  # from 1
    at_s: float  # seconds after the start at which it goes into the feed
    kind: Kind
    title: str
    text: str

    @property
    def guid(self) -> str:
        """As in the feed."""
        return f"report-{self.entry}"

    @property
    def url(self) -> str:
        """The article's address, which nobody fetches."""
        return f"https://outlet-{self.outlet}.example/{self.guid}"


class _Incident:
    """Names and numbers of one invented incident."""

    def __init__(self, chance: random.Random, name: "_Names") -> None:
        self.words = {"town": name.place(), "spot": name.plain(), "group": name.plain(), "person": name.plain()}
        self.killed = chance.randint(3, 60)
        self.wounded = chance.randint(2, 90)
        self._chance = chance

    def tell(self, *, quiet: bool = False) -> tuple[str, str]:
        """Title and text in words of their own; the number stands as `{n}` for an edit to fill in."""
        chance = self._chance
        if quiet:
            return "{town}, {spot} and {person}".format(**self.words), chance.choice(QUIET).format(**self.words)
        parts = [chance.choice(LEADS), chance.choice(CLAIMED), chance.choice(AFTER)]
        fill = {**self.words, "n": "{n}", "m": self.wounded}
        return chance.choice(TITLES).format(**fill), " ".join(part.format(**fill) for part in parts)


class _Names:
    """Names that no other incident of the run bears."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._taken: set[str] = set()

    def plain(self) -> str:
        return self._make("")

    def place(self) -> str:
        return self._make(self._chance.choice(ENDINGS))

    def _make(self, ending: str) -> str:
        pick = self._chance.choice
        while True:
            name = pick(ONSETS) + pick(VOWELS) + pick(CODAS) + pick(ONSETS) + (ending or pick(VOWELS) + pick(CODAS))
            if name not in self._taken:
                self._taken.add(name)
                return name.capitalize()


def write(seed: int, *, per_s: float, seconds: float) -> list[Wording]:
    """About `per_s * seconds` wordings, in the order in which they go into their feeds."""
    chance = random.Random(f"newsroom {seed}")
    names = _Names(chance)
    found: list[Wording] = []
    entry = 0
    while len(found) < per_s * seconds:
        incident = _Incident(chance, names)
        at_s = chance.uniform(0.0, seconds)
        hurry = min(1.0, seconds * WAITS_SHARE_MAX / EDIT_WAIT_S[1])
        for wording in _cover(incident, chance, entry, at_s, hurry):
            entry = wording.entry
            if wording.at_s <= seconds:
                found.append(wording)
    return sorted(found, key=lambda w: (w.at_s, w.entry, w.edition))


def _cover(incident: _Incident, chance: random.Random, entry: int, at_s: float, hurry: float) -> list[Wording]:
    """Everything that the outlets publish about one incident, and something about nothing; `hurry` shortens the waits."""
    outlets = chance.sample(range(OUTLETS), OUTLETS)
    title, text = incident.tell()
    found: list[Wording] = []

    def add(kind: Kind, outlet: int, at: float, words: tuple[str, str], n: int, edition: int = 1, of: int = 0) -> None:
        nonlocal entry
        if edition == 1:
            entry += 1
        found.append(
            Wording(outlet, of or entry, edition, round(at, 3), kind, words[0].format(n=n), words[1].format(n=n))
        )

    killed = incident.killed
    add("report", outlets[0], at_s, (title, text), killed)
    first = entry
    if chance.random() < 0.8:
        edited_at = at_s + hurry * chance.uniform(*EDIT_WAIT_S)
        add("edit", outlets[0], edited_at, (title, text), killed + chance.randint(1, 9), edition=2, of=first)
    for outlet in outlets[1 : 1 + chance.choice((1, 1, 2))]:
        add("reprint", outlet, at_s + hurry * chance.uniform(*REPRINT_WAIT_S), (title, text), killed)
    if chance.random() < 0.6:
        add("report", outlets[4], at_s + hurry * chance.uniform(*TOLD_AGAIN_WAIT_S), incident.tell(), killed)
    if chance.random() < QUIET_PER_INCIDENT:
        add("quiet", outlets[5], at_s, incident.tell(quiet=True), 0)
    return found
