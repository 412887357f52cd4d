"""Names as an alert may print them: whole, without what only connects them to their sentence."""

import re

from pipeline.text.dates.words import CARDINALS
from pipeline.text.reader.same import content

NAME_CHARS_MAX = 80
"""Longer ones are no names but clauses."""
_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}
_EDGES = " \t\n,;:.-–—"
_TRAILING = frozenset("first also later earlier then still now today yesterday".split())
"""Adverbs that a phrase took along."""
_LETTER = re.compile(r"\w")
_ONLY_HOW_MANY = frozenset(
    "dead injured wounded victim bodie casualty casualtie number lot rest dozen score hundred thousand many several half most all".split()
)
"""Words that count or tell what became of people, as `content` gives them; names of nobody."""
NO_ACTORS = frozenset(
    "airstrike airstrikes ambush assault attack attacks blast blasts bomb bombing bombings bombs bullet bullets bus car cars clash clashes crash device devices"
    " drone drones explosion explosions explosives fire gunfire grenade grenades ied incident landmine mine missile missiles mortar"
    " motorcycle motorcycles plot quake raid raids rocket rockets shell shelling shells shooting storm strike strikes truck van vehicle vehicles"
    " violence weapons".split()
)
"""What does the harm in a sentence, and is no actor."""
_CRAFT = frozenset("aircraft helicopter helicopters jet jets plane planes warplane warplanes".split())
"""What nobody can be blamed for alone; "Turkish warplanes" are Turkey's."""
_PEOPLE = re.compile(r"\b(?:people|persons?)\b", re.IGNORECASE)
_ROLES_ALONE = frozenset("attacker assailant perpetrator culprit raider man men group".split())
"""Who did it, with no word more than that."""
_VEHICLES = frozenset("bu car lorry lorrie minibu motorbike motorcycle pickup lorrie truck van vehicle".split())
_RELATES = re.compile(r"\s(?:of|from|in|at|on|near|with|by|who|that)\s")
_BARE = frozenset(
    "others other another it they he she them him her who which that this these those one ones none no nobody".split()
)


def whole(text: str) -> str:
    """The name on one line, without an open bracket or quotation mark and without signs at its edges."""
    words = " ".join(text.split()).strip(_EDGES).split()
    while len(words) > 1 and words[0].casefold() == "dead":
        words.pop(0)
    if len(words) > 2 and [w.casefold() for w in words[:2]] == ["number", "of"]:
        words = words[2:]
    if len(words) > 1 and words[-1].casefold() == "dead":
        words.pop()
    while len(words) > 1 and words[-1].casefold() in _TRAILING:
        words.pop()
    name = " ".join(words)
    for opening, closing in _PAIRS.items():
        if name.count(opening) != name.count(closing):
            name = name.replace(opening, "").replace(closing, "")
    if name.count('"') % 2:
        name = name.replace('"', "")
    return " ".join(name.split()).strip(_EDGES)


def is_name(text: str) -> bool:
    """Whether something is left that can be printed: letters, more than a pronoun, no clause."""
    name = whole(text)
    says = bool(_LETTER.search(name)) and bool(_said(name) or _PEOPLE.search(name))
    return says and name.casefold() not in _BARE and len(name) <= NAME_CHARS_MAX


def can_act(text: str) -> bool:
    """Whether a name's head is somebody: "Russian missiles" and "a suspected attack" are nobody, "the army's drone unit" is."""
    head = _RELATES.split(whole(text), maxsplit=1)[0].split()
    return not head or (head[-1].casefold() not in NO_ACTORS and not (len(head) == 1 and head[0].casefold() in _CRAFT))


def is_role_alone(text: str) -> bool:
    """Whether a name says no more than that somebody did it."""
    return set(_said(whole(text))) <= _ROLES_ALONE


def is_people_alone(text: str) -> bool:
    """Whether a name is people without a word more: "15 people"."""
    return not _said(whole(text))


def is_vehicle_alone(text: str) -> bool:
    """Whether a name is a vehicle without a word more: "car", and no "police van"."""
    return set(_said(whole(text))) <= _VEHICLES


def _said(name: str) -> tuple[str, ...]:
    """The words that tell who or what, without how many and what became of them."""
    return tuple(w for w in content(name) if w not in _ONLY_HOW_MANY and w not in CARDINALS)
