"""Did it happen? Negated, attempted, threatened, planned, supposed, past, rehearsed or invented events are told from actual ones.

`realis_of` reads the words around a trigger: what governs it from the left within its clause, what is said of it on the right, and what kind
of noun it is (one attack, or attacks in general). Marks and their reach were written from the class definitions of PLOVER's auxiliary modes
(historical, future, hypothetical, negation); figures of speech and sport are no realis but no event (`is_figure`).
"""

import re
from collections.abc import Sequence

from pipeline.records import Realis
from pipeline.text.events.classify import Scene
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.tokens import Sentence

REACH_WORDS = 9
"""How far to the left of a trigger a governing word may stand, words."""
NEGATION_REACH_WORDS = 4
"""Negation reaches less far: beyond it another word is usually meant."""
RECENT_YEARS = 1
"""An event of a year earlier than the publication year less this is background."""

_ATTEMPT = frozenset("attempted attempt attempts attempting tried trying tries foiled foil thwarted thwart averted prevented botched unsuccessful aborted deactivated failed unsuccessfully".split())  # fmt: skip
_THREAT = frozenset("threaten threatens threatened threatening threat threats vowed vows vowing vow warned warns warning ultimatum".split())  # fmt: skip
_PLAN = frozenset("plan plans planned planning plot plots plotted plotting preparing prepare prepared prepares intend intends intended intending conspired conspiring conspiracy plotters scheming upcoming scheduled".split())  # fmt: skip
_SUPPOSED = frozenset("could might would should if unless whether fear fears feared fearing risk risks possible possibility potential potentially capable ability prevent preventing avoid avoiding deter deterring against likely unlikely can cannot hope hopes hoping wants want wanted allow able call calls called calling urge urged urges demand demanded demands demanding appeal appealed suppose imagine consider considering hypothetical refrain willing ready order ordered must allegedly-planned needs need combat counter countering fight fighting counteract stop curb halt end ending".split())  # fmt: skip
_FUTURE = frozenset("will shall".split())
_NEGATION = frozenset("no not n't never without neither nor nobody none cannot hardly".split())
_DENY = frozenset("deny denies denied denying denial refuted rejected rejects disproved dismissed".split())
_HABIT = frozenset("repeatedly often frequently regularly routinely notorious notoriously traditionally historically previously formerly sporadic sporadically usually periodically always".split())  # fmt: skip
_MANY = frozenset("several numerous many countless dozens scores hundreds thousands series wave waves spate uptick rise increase surge escalation string previous past earlier recent similar other such frequent increasing growing continued further all any these those terrorist most".split())  # fmt: skip
_BACKGROUND = tuple(
    re.compile(p)
    for p in (
        r"\banniversar(?:y|ies)\b",
        r"\b(?:years?|decades?|months) (?:ago|earlier|before)\b",
        r"\blast year\b",
        r"\b(?:in|over|during|for) (?:the )?(?:past|last|recent) (?:\w+ )?(?:years?|decades?|months?)\b",
        r"\bin recent (?:years|months|weeks)\b",
        r"\bsince (?:the )?(?:19|20)\d\d\b",
        r"\b(?:decade|year)s?-(?:long|old) (?:war|conflict|insurgency|campaign|rebellion|presence)\b",
        r"\b(?:commemorat|remember(?:ing|ed) |in memory of|marking the|memorial)",
        r"\bback in\b",
        r"\bhistory of\b",
        r"\bonce (?:attacked|killed|bombed)\b",
        r"\bover the years\b",
        r"\b(?:kills?|claims?) [^.]{0,60}\b(?:a|each|every|per) year\b",
    )
)
_YEAR = re.compile(r"\b(?:in|of|since|from|by|until) (?:\w+ )?((?:19|20)\d\d)\b|\b(?:\w+) \d{1,2}, ((?:19|20)\d\d)\b")
_CLAUSE_END = frozenset(
    (";", ":", ".", "but", "while", "although", "whereas", "after", "when", "because", "since", "--")
)
_ENDS_REACH = frozenset(("said", "says", "told", "reported", "announced", "added", "stated", "confirmed"))
_DOERS = ("er", "or", "ist")  # "protester" names who acts, not what happens
_HAVE = frozenset(("has", "have", "had", "'ve", "'s", "having"))
_RUMOUR = frozenset(("may", "might", "could"))
_BARE_ROLES = frozenset(
    ("in", "of", "for", "on", "over", "about", "against", "from", "such", "including", "like", "as", "into", "to", "by")
)


def is_figure(scene: Scene, cue: Cue) -> bool:
    """Whether the trigger is a figure of speech, or the sentence is about sport."""
    overlapped = any(c.kind == "figure" and c.first < cue.last and cue.first < c.last for c in scene.cues)
    sport = [c for c in scene.cues if c.kind == "sport"]
    armed = scene.has("context.armed", "weapon.explosive", "weapon.firearm", "weapon.artillery", "action.suicide-bomb")
    strong = len({c.phrase for c in sport}) > 1 or not scene.has(
        "action.kill", "action.wound", "action.arrest", "action.die"
    )
    return overlapped or (bool(sport) and not armed and strong)


def _left(sentence: Sentence, cue: Cue) -> tuple[str, ...]:
    """The words that may govern the trigger: left of it, within its clause."""
    words = sentence.words
    first = cue.first
    for k in range(cue.first - 1, max(-1, cue.first - 1 - REACH_WORDS), -1):
        if words[k] in _CLAUSE_END or (words[k] in _ENDS_REACH and cue.first - k > 1):
            break
        if words[k] == "," and cue.form == "verb" and k + 1 < cue.first and words[k + 1] not in {"and", "or"}:
            break
        first = k
    return words[first : cue.first]


def _is_negated(left: tuple[str, ...], cue: Cue) -> bool:
    near = left[-NEGATION_REACH_WORDS:]
    for k, word in enumerate(near):
        if word in _NEGATION and near[k + 1 : k + 2] not in (("only",), ("fewer",), ("less",), ("more",)):
            return not (word == "without" and cue.form == "verb" and cue.inflection == "past")
    if any(word in _DENY for word in left):
        return True
    return bool(left) and left[0] in {"nobody", "none"}


def _does_harm(sentence: Sentence, cue: Cue) -> bool:
    """Whether the plural is what killed or hit just now: "Air strikes on the town killed 16 people"."""
    after = sentence.words[cue.last : cue.last + 9]
    return any(
        w in {"killed", "wounded", "injured", "destroyed", "hit", "struck", "damaged", "left"} for w in after
    ) and not any(w in {"have", "has", "had", "year", "years"} for w in after)


def _is_general(sentence: Sentence, cue: Cue, left: tuple[str, ...]) -> bool:
    """Whether a noun names events in general ("attacks", "a rise in bombings") and not one of them."""
    if cue.form != "noun" or cue.phrase.endswith(_DOERS):
        return False
    near = left[-5:]
    if cue.inflection == "pl":
        if _does_harm(sentence, cue) and not any(w in _MANY for w in near):
            return False
        if any(w in _MANY for w in near):
            return True
        before = left[-1] if left else ""
        return not near or before in _BARE_ROLES or before in {",", "and", "or", "'s"}
    return any(w in {"any", "every", "such", "each"} for w in near[-2:])


def _is_habit(sentence: Sentence, cue: Cue, left: tuple[str, ...]) -> bool:
    """Present perfect with many objects, or an adverb of repetition: "has carried out dozens of attacks"."""
    if any(w in _HABIT for w in left):
        return True
    after = sentence.words[cue.last : cue.last + 5]
    perfect = any(w in _HAVE for w in left[-3:])
    return (
        perfect
        and cue.form == "verb"
        and any(
            w in {"dozens", "scores", "hundreds", "thousands", "numerous", "many", "several", "countless", "multiple"}
            for w in after
        )
    )


def _is_old(sentence: Sentence, year: int | None) -> bool:
    text = " ".join(sentence.words)
    if any(p.search(text) for p in _BACKGROUND):
        return True
    if year is None:
        return False
    years = [int(a or b) for a, b in _YEAR.findall(text)]
    return bool(years) and max(years) < year - RECENT_YEARS + 1


ERA_SENTENCES = 3
"""How many sentences a year that was named goes on to date what is told."""
_NOW = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday tonight overnight now week month recently latest".split()
)
_BARE_YEAR = re.compile(
    r"\b(?:in|of|since|from|by|until|during|around|early|late|spring|summer|autumn|fall|winter) ((?:1[5-9]|20)\d\d)\b"
)


def is_past_era(sentences: Sequence[Sentence], index: int, year: int | None) -> bool:
    """Whether the story is in the past: the last year named, a few sentences back, is long over, and nothing here says that it is now."""
    if year is None or set(sentences[index].words) & _NOW:
        return False
    for sentence in reversed(sentences[max(0, index - ERA_SENTENCES) : index + 1]):
        years = [int(y) for y in _BARE_YEAR.findall(" ".join(sentence.words))]
        if years:
            return max(years) < year - RECENT_YEARS
        if set(sentence.words) & _NOW:
            return False
    return False


def _governed(left: tuple[str, ...], right: tuple[str, ...], cue: Cue) -> Realis | None:
    """What a governing word on the left makes of the trigger."""
    near = left[-6:]
    seen = set(near)
    if seen & _ATTEMPT or (right[:3] and set(right[:3]) & {"foiled", "thwarted", "averted", "attempt"}):
        return "attempted"
    if seen & _RUMOUR and not set(near) & _HAVE:
        return "hypothetical"
    if seen & _THREAT and not (cue.form == "noun" and {"warned", "warning"} & seen):
        return "threatened"
    if seen & _PLAN:
        return "planned"
    if seen & _RUMOUR and set(near) & _HAVE:
        return None
    if seen & _FUTURE:
        return "planned"
    return "hypothetical" if _is_supposed(near, cue) else None


def _is_supposed(near: tuple[str, ...], cue: Cue) -> bool:
    """Modal verbs, conditions, fears, and aims ("to attack", "in order to stop")."""
    if cue.form == "noun":
        return any(
            w in _SUPPOSED - {"called", "order", "ordered", "end", "ending", "against", "can", "fight", "fighting"}
            for w in near[-4:]
        )
    strong = _SUPPOSED - {
        "ordered",
        "order",
        "call",
        "called",
        "against",
        "fight",
        "fighting",
        "end",
        "ending",
        "combat",
    }
    if any(w in {"could", "might", "would", "should", "can", "cannot", "must", "may", "if", "unless"} for w in near):
        return True
    infinitive = bool(near) and near[-1] == "to" and cue.inflection == "base"
    return (infinitive or cue.inflection == "ing") and any(w in strong for w in near)


def realis_of(scene: Scene, cue: Cue, year: int | None) -> Realis:
    """Whether and how the event that `cue` triggers took place; `year` is that of publication."""
    sentence = scene.sentence
    left, right = _left(sentence, cue), sentence.words[cue.last : cue.last + 8]
    if scene.has("fiction"):
        return "fiction"
    if scene.has("exercise") and not scene.has("action.kill"):
        return "exercise"
    if _is_negated(left, cue):
        return "denied"
    governed = _governed(left, right, cue)
    if governed:
        return governed
    if _is_old(sentence, year) or _is_habit(sentence, cue, left) or _is_general(sentence, cue, left):
        return "background"
    return "actual"
