"""Counts as claims: how many were killed, wounded, captured, released and so on, of whom, by whom.

The window proposes (a number near a trigger, `_PATTERNS` of news prose), the parse confirms the agent and object. A number goes to one
trigger, or to several that are coordinated ("killed and wounded hundreds"); a number after "including" is a part of the total before it.
"""

from dataclasses import dataclass

from pipeline.records import ClaimKind
from pipeline.text.claims.numbers import Number, find_numbers
from pipeline.text.events.classify import Scene
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.phrases import Phrase, phrase_at, run_after
from pipeline.text.events.syntax import is_passive, roles_of
from pipeline.text.events.tokens import Sentence

BEFORE_WORDS_MAX = 4
"""A number stands at most so many words after its active verb."""
AFTER_WORDS_MAX = 14
"""And at most so many words before a passive one ("12 people from two villages near the border were killed")."""

SEIZED_WORDS_MAX = 7
"""What is seized may stand behind what it was found in: "seized a boat with 600 rifles"."""
_CARRIED = frozenset("with and carrying containing including plus".split())

_KINDS: dict[str, ClaimKind] = {
    "action.kill": "killed",
    "action.die": "killed",
    "action.wound": "wounded",
    "action.arrest": "captured",
    "action.abduct": "abducted",
    "action.release": "released",
    "action.surrender": "surrendered",
    "action.displace": "displaced",
    "count.missing": "missing",
    "count.seized": "seized",
    "count.toll": "killed",
    "count.deaths": "killed",
}
_FILLERS = frozenset("of a the to another their his its in up at as all".split())
_TOLL_VERBS = frozenset(
    "to at is was reached stands stood rose risen climbed reaching hit exceeded of passed topped".split()
)
_PART = frozenset(("including", "include", "includes", "included", "among"))
_NO_PEOPLE = frozenset(
    "cattle goats sheep livestock cows camels dogs chickens attacks villages towns districts cities homes houses buildings bases vehicles years days "
    "months weeks hours minutes cases jobs times points seats provinces countries incidents bombings operations shots rounds kilometers "
    "kilometres miles percent groups posts checkpoints rockets missiles drones tanks aircraft strikes charges counts others' bills bombs explosions "
    "weapons rifles guns artists albums songs reports records details cars trucks shops schools".split()
)
_THINGS_SEIZED = frozenset(
    "weapons rifles guns rockets kilograms kilos kg grenades explosives vehicles ammunition rounds mortars detonators pistols bombs trucks tanks missiles drones pounds tons tonnes cartridges ak-47s boats".split()
)
_VERB_KINDS = frozenset(("killed", "wounded", "captured", "abducted", "released", "displaced"))
_HUMAN = frozenset("dead killed wounded injured".split())


@dataclass(frozen=True, slots=True)
class Count:
    """A number with its trigger, before attribution."""

    kind: ClaimKind
    cue: Cue
    low: int | None
    high: int | None
    hedge: str | None
    agent: Phrase | None
    object: Phrase | None
    first: int  # tokens of the claim's words
    last: int
    is_part: bool = False


def _kind(cue: Cue) -> ClaimKind | None:
    if cue.action == "agree" and cue.phrase.startswith(("exchange", "swap")):
        return "released"
    return _KINDS.get(cue.kind)


def _blocked(sentence: Sentence, first: int, last: int, numbers: tuple[Number, ...]) -> bool:
    """Whether a stop or another number stands between."""
    if any(first <= n.first < last for n in numbers):
        return True
    return any(sentence.words[k] in {";", ":", "(", ")", "."} for k in range(first, last))


def _after_verb(sentence: Sentence, cue: Cue, number: Number) -> bool:
    """ "killed 12", "killing at least 30", "arrested another four", "death of two"."""
    gap = sentence.words[cue.last : number.first]
    if cue.first < number.first and number.last <= cue.last:
        return True  # within the pattern: "took 34 passengers hostage"
    if cue.phrase in {"bodies", "body"} and gap == ("of",):
        return True
    if number.first < cue.last or cue.form == "phrase":
        return False
    if cue.kind == "count.seized" and len(gap) <= SEIZED_WORDS_MAX and gap[-1:] and gap[-1] in _CARRIED:
        return True
    if len(gap) > BEFORE_WORDS_MAX:
        return False
    if cue.kind == "count.toll" or cue.phrase == "death toll":
        return bool(set(gap) & _TOLL_VERBS) or not gap
    if cue.form == "noun":
        return gap[:1] == ("of",)
    return all(w in _FILLERS for w in gap) and not (
        cue.inflection in {"past", "part"} and sentence.words[cue.first - 1 : cue.first] in {("were",), ("was",)}
    )


_PUTS = frozenset("put puts raise raises raised revised lowered".split())


def _toll_far(sentence: Sentence, cue: Cue, number: Number) -> bool:
    """ "the death toll from Tuesday's attack rose to 15", "put the number of dead at 40"."""
    before = sentence.words[max(0, cue.first - 8) : cue.first]
    puts = bool(set(before) & _PUTS) and cue.phrase in {"dead", "deaths", "death", "killed", "kill"}
    if (cue.phrase not in {"death toll", "toll"} and not puts) or not cue.last <= number.first <= cue.last + 14:
        return False
    return (
        sentence.words[number.first - 1] in {"to", "at", "reached", "of", "is"}
        and sentence.words[number.first - 1] != "from"
    )


def _before_verb(sentence: Sentence, cue: Cue, number: Number) -> bool:
    """ "12 people were killed", "5 dead", "3 others injured", "20 arrests"."""
    if cue.first < number.last or cue.first - number.last > AFTER_WORDS_MAX or cue.action == "agree":
        return False
    gap = sentence.words[number.last : cue.first]
    if cue.form == "noun":
        return (not gap and cue.kind != "count.toll") or (
            len(gap) == 1 and gap[0] in {"civilian", "new", "confirmed", "more", "other"}
        )
    if cue.kind in {"count.deaths", "count.missing"} or cue.phrase in _HUMAN or cue.form == "phrase":
        return len(gap) <= 5 and "," not in gap
    passive = is_passive(sentence, cue.first) or bool(set(gap[-3:]) & {"was", "were", "been", "be"})
    if cue.inflection in {"past", "part"} or (passive and cue.form == "verb"):  # "hurt" is base and participle
        return (
            passive
            or cue.action in {"die", "surrender"}
            or cue.phrase == "flee"
            or (len(gap) <= 2 and cue.action != "release")
        )
    return cue.action in {"die", "surrender"} and not set(gap) & {","}


def _hangs_on(sentence: Sentence, cue: Cue, number: Number) -> bool:
    """Whether the parse makes what is counted object or passive subject of the verb, be it by coordination ("the chief and two of his guards")."""
    if not sentence.is_parsed or cue.form != "verb" or cue.kind in {"count.missing", "count.toll"}:
        return False
    tokens = sentence.tokens
    at = number.last - 1
    for _ in range(4):
        token = tokens[at]
        if token.head == at:
            return False
        if cue.first <= token.head < cue.last:
            return token.dep in {"obj", "nsubj:pass"} or (token.dep == "nsubj" and cue.action in {"die", "surrender"})
        if token.dep not in {"nummod", "conj", "compound", "amod", "det"}:
            return False
        at = token.head
    return False


def _candidates(scene: Scene, number: Number, numbers: tuple[Number, ...]) -> list[Cue]:
    """Triggers that the number may belong to, the likeliest first."""
    sentence = scene.sentence
    scored: list[tuple[int, Cue]] = []
    for cue in scene.cues:
        if _kind(cue) is None:
            continue
        if _after_verb(sentence, cue, number) and not _blocked(sentence, cue.last, number.first, numbers):
            scored.append((number.first - cue.last, cue))
        elif _toll_far(sentence, cue, number):
            scored.append((1, cue))
        elif _hangs_on(sentence, cue, number):
            scored.append((3, cue))
        elif _before_verb(sentence, cue, number) and not _blocked(sentence, number.last, cue.first, numbers):
            between = [c for c in scene.cues if _kind(c) and number.last <= c.first < cue.first and c.form != "noun"]
            scored.append((2 + cue.first - number.last + 20 * bool(between), cue))
    scored.sort(key=lambda pair: pair[0])
    return [cue for _, cue in scored]


def _coordinated(scene: Scene, cue: Cue) -> list[Cue]:
    """Triggers joined to `cue` by "and" or "or": "killed and injured", "killed or wounded"."""
    words = scene.sentence.words
    out = [cue]
    for other in scene.cues:
        if _kind(other) is None or other is cue or _kind(other) == _kind(cue):
            continue
        gap = words[other.last : cue.first] if other.last <= cue.first else words[cue.last : other.first]
        if len(gap) == 1 and gap[0] in {"and", "or", "and/or", "&"} and other.inflection == cue.inflection:
            out.append(other)
    return out


def _object(sentence: Sentence, cue: Cue, number: Number) -> Phrase | None:
    """What is counted: the words that the number stands before."""
    words = sentence.words
    k = number.last
    if words[k : k + 1] == ("of",):
        k += 1
    if words[k : k + 1] == ("more",):
        k += 1
    while words[k : k + 1] and words[k] in {"the", "these", "those", "its", "their"}:
        k += 1
    if k >= len(words) or cue.first <= k < cue.last or sentence.tokens[k].start >= sentence.tokens[-1].end:
        return None
    if sentence.is_parsed:
        head = sentence.tokens[number.last - 1].head
        if k <= head < k + 8 and sentence.tokens[head].tag.startswith("NN"):
            found = phrase_at(sentence, head)
            first = max(found.first, k)
            if first < found.last:
                return Phrase(sentence, first, found.last, head)
    return run_after(sentence, k)


def _agent(sentence: Sentence, cue: Cue, counted: Phrase | None) -> Phrase | None:
    """Who did it. Nobody does a dying."""
    if cue.action == "die":
        return None
    agents = roles_of(sentence, cue).agents
    for phrase in agents:
        if phrase.words[-1][0].isdigit():
            continue
        if counted is None or phrase.last <= counted.first or phrase.first >= counted.last:
            return phrase
    return None


def _fits(kind: ClaimKind, counted: Phrase | None) -> bool:
    """Whether the thing counted can suffer the action."""
    if counted is None:
        return kind != "seized"
    last = counted.words[-1]
    head = counted.sentence.words[counted.head]
    if kind == "seized":
        return bool(set(counted.words) & _THINGS_SEIZED)
    return head not in _NO_PEOPLE and not (last in _NO_PEOPLE and "of" not in counted.words)


def _counted(scene: Scene, number: Number, cue: Cue, *, is_part: bool = False, alone: bool = False) -> Count | None:
    """The count, quoted with its trigger unless it is a part or stands `alone` in a list."""
    kind = _kind(cue)
    if kind is None:
        return None
    counted = _object(scene.sentence, cue, number)
    if kind == "captured" and counted is not None and set(counted.words) & _THINGS_SEIZED:
        kind = "seized"
    if not _fits(kind, counted):
        return None
    firsts, lasts = [number.first], [number.last]
    if counted is not None:
        lasts.append(counted.last)
    if not is_part and not alone:
        firsts.append(cue.first)
        lasts.append(cue.last)
    agent = None if cue.form == "phrase" else _agent(scene.sentence, cue, counted)
    return Count(kind, cue, number.low, number.high, number.hedge, agent, counted, min(firsts), max(lasts), is_part)


def _is_none(sentence: Sentence, number: Number) -> bool:
    """ "no one was killed", "no 12 people" count nobody."""
    return bool(number.first) and sentence.words[number.first - 1] in {"no", "any", "not"}


_OWN_VERBS = frozenset("were was are is have has had remain remained".split())


def _listed(sentence: Sentence, number: Number, found: list[Count]) -> list[Cue]:
    """The trigger of the count before, where the number goes on with its list: "seized 200 rifles and 15 grenades"."""
    if not found or found[-1].object is None:
        return []
    gap = sentence.words[found[-1].last : number.first]
    if set(sentence.words[number.last : number.last + 4]) & _OWN_VERBS:
        return []  # "six died and nine others were hurt"
    return [found[-1].cue] if gap in {("and",), (",",), (",", "and")} else []


def _is_part(sentence: Sentence, number: Number) -> bool:
    before = sentence.words[max(0, number.first - 3) : number.first]
    return bool(set(before) & _PART) or "of them" in " ".join(sentence.words[number.last : number.last + 2])


def find_counts(scene: Scene) -> tuple[Count, ...]:
    """The counts of one sentence, left to right."""
    if not any(_kind(cue) for cue in scene.cues):
        return ()
    numbers = tuple(n for n in find_numbers(scene.sentence) if n.is_count and not _is_none(scene.sentence, n))
    totals = tuple(n for n in numbers if not _is_part(scene.sentence, n))
    out: list[Count] = []
    for number in numbers:
        cues = _candidates(scene, number, totals) or _listed(scene.sentence, number, out)
        part = bool(out) and number not in totals
        if part:
            found = _counted(scene, number, out[-1].cue, is_part=True)
            out += [found] if found else []
            continue
        listed = bool(cues) and bool(out) and cues[0] is out[-1].cue and number.first > out[-1].last
        for cue in _coordinated(scene, cues[0]) if cues else ():
            found = _counted(scene, number, cue, alone=listed)
            if found and not any(c.kind == found.kind and c.low == found.low and c.high == found.high for c in out):
                out.append(found)
    return (*out, *_single(scene, numbers, out))


def _single(scene: Scene, numbers: tuple[Number, ...], found: list[Count]) -> list[Count]:
    """One person, told by the article: "killed a policeman", "a teacher was abducted"."""
    out: list[Count] = []
    sentence = scene.sentence
    for cue in scene.cues:
        kind = _kind(cue)
        if kind not in _VERB_KINDS or cue.form != "verb" or any(c.cue == cue for c in found):
            continue
        for phrase in roles_of(sentence, cue).patients[:1]:
            before = sentence.words[phrase.first - 1] if phrase.first else ""
            if (
                before not in {"a", "an"}
                or any(phrase.first <= n.first < phrase.last for n in numbers)
                or not _is_person(phrase)
            ):
                continue
            first, last = min(phrase.first - 1, cue.first), max(phrase.last, cue.last)
            agent = _agent(sentence, cue, phrase)
            out.append(Count(kind, cue, 1, 1, None, agent, phrase, first, last))
    return out


_PERSON_NOUNS = frozenset(
    "man woman boy girl child person soldier policeman policewoman officer civilian militant fighter rebel gunman teacher student journalist reporter "
    "priest judge lawyer doctor nurse farmer worker activist leader commander official mayor politician guard driver villager resident "
    "tourist businessman engineer pilot suspect terrorist insurgent candidate minister senator deputy deputy-mayor bishop imam cleric elder "
    "peacekeeper contractor diplomat bystander pedestrian passenger teenager baby infant protester demonstrator detainee prisoner spy hacker "
    "national citizen guerrilla peasant magistrate sergeant captain colonel general lieutenant constable shopkeeper trader cameraman photographer".split()
)


def _is_person(phrase: Phrase) -> bool:
    return phrase.sentence.words[phrase.head] in _PERSON_NOUNS


__all__ = ["Count", "find_counts"]
