"""Words that may tell of an event, and where they stand in a sentence.

`Lexicon.find` gives the cues of a sentence: triggers of an action, marks of context (who, with what), and figures of speech. It looks each
word up once in a table of inflected forms, so its time is linear in the sentence, and a sentence without a trigger costs nothing more.
The words are data (`data/triggers.toml`); a malformed file fails at load, never later.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pipeline.text.events.tokens import Sentence

DATA = Path(__file__).parent / "data"
GAP_WORDS_MAX = 5
"""How many words `_` in a pattern may stand for; the parser's verb phrases are rarely longer."""
OBJECT_WORDS_MAX = 7
"""How far after its verb an object of a named set (`@arms`) may stand, words."""

Form = Literal["verb", "noun", "phrase"]
Inflection = Literal["base", "s", "past", "ing", "part", "sg", "pl", ""]

_IRREGULAR: dict[str, tuple[str, str, str, str]] = {  # base: third person, past, participle, -ing
    "beat": ("beats", "beat", "beaten", "beating"),
    "slay": ("slays", "slew", "slain", "slaying"),
    "shoot": ("shoots", "shot", "shot", "shooting"),
    "take": ("takes", "took", "taken", "taking"),
    "hold": ("holds", "held", "held", "holding"),
    "throw": ("throws", "threw", "thrown", "throwing"),
    "blow": ("blows", "blew", "blown", "blowing"),
    "set": ("sets", "set", "set", "setting"),
    "hit": ("hits", "hit", "hit", "hitting"),
    "strike": ("strikes", "struck", "struck", "striking"),
    "leave": ("leaves", "left", "left", "leaving"),
    "go": ("goes", "went", "gone", "going"),
    "steal": ("steals", "stole", "stolen", "stealing"),
    "win": ("wins", "won", "won", "winning"),
    "drive": ("drives", "drove", "driven", "driving"),
    "swear": ("swears", "swore", "sworn", "swearing"),
    "send": ("sends", "sent", "sent", "sending"),
    "seek": ("seeks", "sought", "sought", "seeking"),
    "sink": ("sinks", "sank", "sunk", "sinking"),
    "die": ("dies", "died", "died", "dying"),
    "flee": ("flees", "fled", "fled", "fleeing"),
    "free": ("frees", "freed", "freed", "freeing"),
    "hurt": ("hurts", "hurt", "hurt", "hurting"),
    "find": ("finds", "found", "found", "finding"),
    "meet": ("meets", "met", "met", "meeting"),
    "lay": ("lays", "laid", "laid", "laying"),
    "put": ("puts", "put", "put", "putting"),
    "give": ("gives", "gave", "given", "giving"),
    "overrun": ("overruns", "overran", "overrun", "overrunning"),
    "retake": ("retakes", "retook", "retaken", "retaking"),
    "overthrow": ("overthrows", "overthrew", "overthrown", "overthrowing"),
    "run": ("runs", "ran", "run", "running"),
    "break": ("breaks", "broke", "broken", "breaking"),
    "build": ("builds", "built", "built", "building"),
    "fight": ("fights", "fought", "fought", "fighting"),
    "withdraw": ("withdraws", "withdrew", "withdrawn", "withdrawing"),
    "shut": ("shuts", "shut", "shut", "shutting"),
    "let": ("lets", "let", "let", "letting"),
    "split": ("splits", "split", "split", "splitting"),
    "dig": ("digs", "dug", "dug", "digging"),
    "be": ("is", "was", "been", "being"),
    "fly": ("flies", "flew", "flown", "flying"),
    "knock": ("knocks", "knocked", "knocked", "knocking"),
    "say": ("says", "said", "said", "saying"),
    "tell": ("tells", "told", "told", "telling"),
    "make": ("makes", "made", "made", "making"),
    "recruit": ("recruits", "recruited", "recruited", "recruiting"),
    "read": ("reads", "read", "read", "reading"),
    "begin": ("begins", "began", "begun", "beginning"),
    "fall": ("falls", "fell", "fallen", "falling"),
    "fling": ("flings", "flung", "flung", "flinging"),
    "tear": ("tears", "tore", "torn", "tearing"),
    "come": ("comes", "came", "come", "coming"),
    "do": ("does", "did", "done", "doing"),
    "cut": ("cuts", "cut", "cut", "cutting"),
    "bring": ("brings", "brought", "brought", "bringing"),
    "quit": ("quits", "quit", "quit", "quitting"),
    "slit": ("slits", "slit", "slit", "slitting"),
    "burn": ("burns", "burned", "burned", "burning"),
}
_DOUBLING = frozenset("lob slam ban trap ram stab gun kidnap mob rob bar plan step drop rip bug gas defer refer admit commit nab traffic trap regret".split())  # fmt: skip
_NO_DOUBLING = frozenset("traffic".split())


def inflect_verb(base: str) -> tuple[tuple[str, Inflection], ...]:
    """Forms of an English verb given by its base form."""
    if base in _IRREGULAR:
        third, past, part, ing = _IRREGULAR[base]
        extra: tuple[tuple[str, Inflection], ...] = (("burnt", "past"),) if base == "burn" else ()
        extra += (("are", "base"), ("were", "past")) if base == "be" else ()
        return ((base, "base"), (third, "s"), (past, "past"), (part, "part"), (ing, "ing"), *extra)
    if base == "traffic":
        return (("traffic", "base"), ("traffics", "s"), ("trafficked", "past"), ("trafficking", "ing"))
    if base.endswith("e"):
        return ((base, "base"), (base + "s", "s"), (base + "d", "past"), (base[:-1] + "ing", "ing"))
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return ((base, "base"), (base[:-1] + "ies", "s"), (base[:-1] + "ied", "past"), (base + "ing", "ing"))
    stem = base + base[-1] if base in _DOUBLING else base
    third = base + ("es" if base.endswith(("s", "sh", "ch", "x", "z")) else "s")
    return ((base, "base"), (third, "s"), (stem + "ed", "past"), (stem + "ing", "ing"))


def pluralise(noun: str) -> str:
    """Plural of an English noun."""
    if noun.endswith("man") and noun not in {"human", "german"}:
        return noun[:-3] + "men"
    if noun.endswith(("s", "sh", "ch", "x")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


_BEFORE_ADJECTIVE = frozenset("the a an his her its their this these those of newly recently".split())
_BEFORE_NOUN = _BEFORE_ADJECTIVE | frozenset(
    "in on at by for with from that car roadside suicide truck any another one two three 's and".split()
)
_BEFORE_MONTH = frozenset("in since of until by early late mid last from this next on between and before after".split())
_BEFORE_GERUND = frozenset("of for by from in after before without while".split())
_BEFORE_VERB = frozenset(
    "to will would could should may might can must shall not n't they we i you he she it who did do does also".split()
)


_HYPHEN = re.compile(r"(-)")
_BE = frozenset("is are was were be been being".split())
_SUBJECT_ENDS = frozenset(". ; : ( ) said who by after when while".split())
_OBJECT_ENDS = frozenset(". ; : , ( ) that which who when while as after before by to place part".split())


@dataclass(frozen=True, slots=True)
class Cue:
    """A lexicon entry found in a sentence: tokens `first`..`last` (end exclusive)."""

    kind: str  # action.kill, context.armed, weapon.aircraft, figure, fiction, …
    first: int
    last: int
    form: Form
    inflection: Inflection
    phrase: str  # the entry in base form

    @property
    def action(self) -> str:
        """Name without its group."""
        return self.kind.partition(".")[2]


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[str, ...]  # `_` is a gap
    kind: str
    form: Form
    inflection: Inflection
    phrase: str
    objects: frozenset[str] = frozenset()  # one of these words must be what the verb acts on
    subjects: frozenset[str] = frozenset()  # or what acts


class Lexicon:
    """Patterns by their first word."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._by_first: dict[str, list[_Entry]] = {}
        for entry in entries:
            self._by_first.setdefault(entry.words[0], []).append(entry)
        for entries_of_word in self._by_first.values():
            entries_of_word.sort(key=lambda e: -len(e.words))

    def find(self, sentence: Sentence) -> tuple[Cue, ...]:
        """Cues from left to right. Within one kind the longest wins; kinds may overlap."""
        out: list[Cue] = []
        taken: dict[str, int] = {}
        words = sentence.words
        for k, word in enumerate(words):
            for entry in self._by_first.get(word, ()):
                if taken.get(entry.kind, 0) > k:
                    continue
                last = _match(entry.words, words, k)
                if last and entry.objects:
                    last = _match_object(entry, words, k, last)
                if last and entry.subjects and not _has_subject(entry, words, k):
                    continue
                if last and (len(entry.words) > 1 or entry.form == "phrase" or _fits(sentence, k, entry)):
                    out.append(Cue(entry.kind, k, last, entry.form, entry.inflection, entry.phrase))
                    taken[entry.kind] = k + 1 if "_" in entry.words else last
        return tuple(cue for cue in out if not any(_is_swallowed(cue, other) for other in out))


def _fits(sentence: Sentence, k: int, entry: _Entry) -> bool:
    """Whether the word at `k` can be the verb, or the noun, that the entry is: by its tag, or else by the word before."""
    tag = sentence.tokens[k].tag
    before = sentence.words[k - 1] if k else ""
    if entry.words[0] == "march" and _is_month(sentence, k, before):
        return False
    if tag:
        if entry.form == "noun":
            return tag.startswith(("NN", "JJ", "FW")) or (tag == "VBG" and before in _BEFORE_NOUN)
        gerund = entry.inflection == "ing" and before in _BEFORE_GERUND
        if entry.inflection in {"past", "part"} and not tag.startswith("NN"):
            return True  # the tagger takes rare participles for anything
        return tag.startswith("VB") or gerund or (tag == "JJ" and entry.inflection == "ing")
    if entry.form == "noun":
        return not (before in _BEFORE_VERB and entry.inflection in {"sg", "pl"} and not entry.words[0].endswith("ing"))
    if entry.inflection in {"base", "s"}:
        return before in _BEFORE_VERB or (bool(before) and before not in _BEFORE_NOUN and before.endswith(("s", "men")))
    return before not in _BEFORE_NOUN - _BEFORE_GERUND if entry.inflection == "ing" else before not in _BEFORE_ADJECTIVE


def _is_month(sentence: Sentence, k: int, before: str) -> bool:
    """ "March 13", "in March": the month; "a march" is none."""
    after = sentence.words[k + 1] if k + 1 < len(sentence.words) else ""
    dated = after[:1].isdigit() or before[:1].isdigit()
    return dated or (sentence.tokens[k].text != "march" and before in _BEFORE_MONTH)


def _is_swallowed(cue: Cue, other: Cue) -> bool:
    """Whether a trigger or weapon is only a word of a longer one: "riot" of "riot police", "bomb" of "petrol bomb"."""
    if cue.kind.partition(".")[0] != other.kind.partition(".")[0] or cue.kind == other.kind or "_" in other.phrase:
        return False
    return other.last - other.first > cue.last - cue.first and other.first <= cue.first and cue.last <= other.last


def _match(pattern: tuple[str, ...], words: tuple[str, ...], k: int) -> int | None:
    """End of the match of `pattern` at `k`, or None."""
    at = k
    gap = 0
    for part in pattern:
        if part == "_":
            gap = GAP_WORDS_MAX
            at += 1
            continue
        if gap:
            stop = min(len(words), at + gap)
            while at < stop and words[at] != part:
                if words[at] in {".", ",", ";", ":"}:
                    return None
                at += 1
            gap = 0
        if at >= len(words) or words[at] != part:
            return None
        at += 1
    return at


def _match_object(entry: _Entry, words: tuple[str, ...], k: int, last: int) -> int | None:
    """End of verb and object: "launched eight rockets", or in the passive, "rockets were launched", of the verb alone."""
    for at in range(last, min(len(words), last + OBJECT_WORDS_MAX)):
        if words[at] in _OBJECT_ENDS:
            break
        if words[at] in entry.objects:
            return at + 1
    if entry.inflection in {"past", "part"} and set(words[max(0, k - 3) : k]) & _BE:
        for at in range(k - 1, max(-1, k - 1 - 2 * OBJECT_WORDS_MAX), -1):
            if words[at] in {".", ";", ":"}:
                break
            if words[at] in entry.objects:
                return last
    return None


def _has_subject(entry: _Entry, words: tuple[str, ...], k: int) -> bool:
    """Whether one of the entry's subjects stands before the verb, within its clause: "two shells fell", "jets dropped"."""
    for at in range(k - 1, max(-1, k - 1 - OBJECT_WORDS_MAX), -1):
        if words[at] in _SUBJECT_ENDS:
            return False
        if words[at] in entry.subjects:
            return True
    return False


def _act_entries(kind: str, phrase: str, sets: dict[str, frozenset[str]]) -> Iterable[_Entry]:
    """Entries of a verb with a named set before or after it."""
    words = phrase.split()
    objects = sets[words.pop()[1:]] if words[-1].startswith("@") else frozenset()
    subjects = sets[words.pop(0)[1:]] if words[0].startswith("@") else frozenset()
    for entry in _verb_entries(kind, " ".join(words)):
        yield replace(entry, phrase=phrase, objects=objects, subjects=subjects)


def _verb_entries(kind: str, phrase: str) -> Iterable[_Entry]:
    words = phrase.split()
    k = 1 if words[0].endswith("ly") and len(words) > 1 else 0  # "sexually assault"
    for form, inflection in inflect_verb(words[k]):
        yield _Entry((*words[:k], form, *words[k + 1 :]), kind, "verb", inflection, phrase)


def _noun_entries(kind: str, phrase: str) -> Iterable[_Entry]:
    *rest, last = phrase.split()
    if last == "of":
        yield _Entry((*rest, last), kind, "noun", "sg", phrase)
        return
    yield _Entry((*rest, last), kind, "noun", "sg", phrase)
    yield _Entry((*rest, pluralise(last)), kind, "noun", "pl", phrase)


def _sets(table: dict[str, Any]) -> dict[str, frozenset[str]]:
    """The named sets of objects, singular and plural."""
    return {
        name: frozenset(form for noun in nouns for form in (noun, pluralise(noun)))
        for name, nouns in table["objects"].items()
    }


def _entries(table: dict[str, Any]) -> Iterable[_Entry]:
    sets = _sets(table)
    for group in ("action", "count", "context", "weapon"):
        for name, lists in table[group].items():
            kind = f"{group}.{name}"
            for phrase in lists.get("verbs", ()):
                yield from _verb_entries(kind, phrase)
            for phrase in lists.get("acts", ()):
                yield from _act_entries(kind, phrase, sets)
            for phrase in (*lists.get("nouns", ()), *lists.get("words", ())):
                yield from _noun_entries(kind, phrase)
            for phrase in lists.get("phrases", ()):
                yield _Entry(tuple(phrase.split()), kind, "phrase", "", phrase)
    for name, form in (("phrases", "figure"), ("near", "sport"), ("fiction", "fiction"), ("exercise", "exercise")):
        for phrase in table["figure"][name]:
            yield _Entry(tuple(phrase.split()), form, "phrase", "", phrase)


def _both_ways(entry: _Entry) -> Iterable[_Entry]:
    """The entry, and what it looks like where hyphens are tokens of their own: "sit-in" is one word here and three to spaCy."""
    yield entry
    if any("-" in word[1:-1] for word in entry.words):
        yield replace(entry, words=tuple(part for word in entry.words for part in _HYPHEN.split(word) if part))


@cache
def load_lexicon() -> Lexicon:
    """The lexicon that ships with tocsin."""
    table = tomllib.loads((DATA / "triggers.toml").read_text(encoding="utf-8"))
    return Lexicon(either for entry in _entries(table) for either in _both_ways(entry))
