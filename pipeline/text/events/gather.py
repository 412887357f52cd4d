"""From triggers to events: what one sentence tells is folded, what several tell of one event is gathered.

Within a sentence an outcome ("killed 12") folds into its means ("a bomb exploded"); across sentences mentions of one class and realis are one
event, unless place or date differ or the words say "another". The first event is what the article is mainly about: headline and
lead weigh most, then what happened over what is background, then how much the class says.
"""

from dataclasses import dataclass, field, replace

from pipeline.records import Mention, Party, Place, Realis
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.ontology import EventClass
from pipeline.text.events.tokens import Sentence

EVENTS_MAX = 40
"""Events kept of one article; more is a list, not a report."""
OUTCOME_WORDS_MAX = 10
"""An outcome further from its means, in words, is not quoted with it."""
_HAPPENED = frozenset(("actual", "attempted"))
_OUTCOMES = frozenset(("die", "wound", "kill", "displace"))
_ANOTHER = frozenset(("another", "separate", "separately", "elsewhere", "second", "meanwhile", "similar", "third"))
_VIOLENT = frozenset(("Battles", "Explosions/Remote violence", "Violence against civilians"))
_GENERIC = frozenset(("Attack", "Armed clash"))
_CROWD = frozenset(("Protests", "Riots"))
_QUIET_RANK = 50
"""Classes below this rank are told only where nothing else is, or where the article opens with them."""


@dataclass
class Draft:
    """An event in the making."""

    cls: EventClass
    muc4: str | None
    realis: Realis
    cue: Cue
    sentence: Sentence
    start: int
    end: int
    perpetrators: list[Party] = field(default_factory=list)
    targets: list[Mention] = field(default_factory=list)
    victims: list[Mention] = field(default_factory=list)
    weapons: list[Mention] = field(default_factory=list)
    place: Place | None = None
    date: str | None = None
    mentions: int = 1
    sentences: set[int] = field(default_factory=set)
    prominence: float = 0.0  # how much its sentence is about it
    is_definite: bool = False  # "the attack": points back


def _union(mine: list[Mention], other: list[Mention]) -> None:
    seen = {(m.id or m.text.casefold()) for m in mine}
    for mention in other:
        if (mention.id or mention.text.casefold()) not in seen:
            mine.append(mention)
            seen.add(mention.id or mention.text.casefold())


def absorb(into: Draft, other: Draft) -> None:
    """Take over what `other` says of the same event."""
    _union(into.targets, other.targets)
    _union(into.victims, other.victims)
    _union(into.weapons, other.weapons)
    _union(into.perpetrators, other.perpetrators)  # type: ignore[arg-type]
    into.place = into.place or other.place
    into.date = into.date or other.date
    into.mentions += other.mentions
    into.prominence = max(into.prominence, other.prominence)
    into.sentences |= other.sentences


def fold(drafts: list[Draft]) -> list[Draft]:
    """The events of one sentence: outcomes fold into means, repeated classes into one, the generic into the special."""
    out: list[Draft] = []
    for draft in sorted(drafts, key=lambda d: (-d.cls.rank, d.cue.action in _OUTCOMES, d.start)):
        host = next((d for d in out if _is_same_in_sentence(d, draft)), None)
        if host is None:
            out.append(draft)
        else:
            absorb(host, draft)
            _stretch(host, draft)
            if host.muc4 is None and draft.muc4 == "ATTACK" and draft.cls.type == host.cls.type:
                host.muc4 = draft.muc4
    return sorted(out, key=lambda d: d.start)


def _stretch(host: Draft, outcome: Draft) -> None:
    """Let the event's words take in the outcome beside them: "operations have killed almost 40 militants"."""
    if (outcome.cue.action in _OUTCOMES or outcome.cls == host.cls) and abs(
        outcome.cue.first - host.cue.last
    ) <= OUTCOME_WORDS_MAX:
        host.start, host.end = min(host.start, outcome.start), max(host.end, outcome.end)


def _is_same_in_sentence(host: Draft, draft: Draft) -> bool:
    if (host.realis in _HAPPENED) != (draft.realis in _HAPPENED):
        return False
    if host.cls == draft.cls:
        return True
    if host.cls.type in _VIOLENT and draft.cls.type in _VIOLENT:
        return (draft.cls.subtype in _GENERIC and draft.realis in _HAPPENED) or draft.cue.action in _OUTCOMES
    if host.cls.type in _CROWD and (draft.cls.type in _CROWD or draft.cls.subtype == "Arrests"):
        return True
    if draft.cls.subtype == "Attribution of responsibility" and host.prominence < 0:
        return False  # the sentence is about who did it
    return draft.cls.rank < _QUIET_RANK and draft.cls.type == "Other" and host.realis in _HAPPENED


def _conflicts(a: Draft, b: Draft) -> bool:
    """Whether place or date tell two mentions apart."""
    if (
        a.place
        and b.place
        and a.place.id
        and b.place.id
        and a.place.id != b.place.id
        and a.place.text.casefold() != b.place.text.casefold()
    ):
        return True
    if a.date and b.date and a.date != b.date:
        short = min(len(a.date), len(b.date))
        return a.date[:short] != b.date[:short]
    return False


def _is_same(old: Draft, new: Draft) -> bool:
    """Whether two mentions in different sentences tell one event."""
    if (old.realis in _HAPPENED) != (new.realis in _HAPPENED) or (
        old.realis not in _HAPPENED and old.realis != new.realis
    ):
        return False
    if old.muc4 != new.muc4 and not new.is_definite:
        return False
    if set(new.sentence.words[: new.cue.last]) & _ANOTHER or _conflicts(old, new):
        return False
    if old.cls == new.cls:
        return True
    if old.cls.type in _VIOLENT and new.cls.type in _VIOLENT:
        return new.cls.subtype in _GENERIC and (new.is_definite or new.cue.action in _OUTCOMES)
    return old.cls.type in _CROWD and new.cls.type in _CROWD and abs(old.sentence.index - new.sentence.index) <= 2


def gather(drafts: list[Draft]) -> list[Draft]:
    """The events of an article, in the order of their first mention."""
    out: list[Draft] = []
    for draft in drafts:
        host = next((d for d in reversed(out) if _is_same(d, draft)), None)
        if host is None:
            out.append(draft)
            continue
        if draft.cls.rank > host.cls.rank and host.cls.subtype in _GENERIC:
            host.cls, host.muc4 = draft.cls, draft.muc4 or host.muc4
        if host.sentence.is_title and not draft.sentence.is_title:
            # The body tells it in full: quote the body, keep the headline's weight.
            host.start, host.end, host.cue, host.sentence = draft.start, draft.end, draft.cue, draft.sentence
        absorb(host, draft)
    return _without_noise(out)[:EVENTS_MAX]


def _without_noise(events: list[Draft]) -> list[Draft]:
    """Drop quiet classes beside loud ones, and all but the first of each."""
    loud = [e for e in events if e.cls.rank >= _QUIET_RANK or e.cls.type in {"Cyber", "Strategic developments"}]
    out: list[Draft] = []
    for event in events:
        quiet = event not in loud
        opens = min(event.sentences, default=event.sentence.index) <= 1
        if quiet and (not opens or (loud and not _is_lead(event, loud)) or any(o.cls == event.cls for o in out)):
            continue
        out.append(event)
    return out


def _is_lead(event: Draft, loud: list[Draft]) -> bool:
    """Whether a quiet event stands before every loud one that happened, or beside one that only sets its scene ("claimed the bombing")."""
    return all(
        event.sentence.index < other.sentence.index or (event.sentence is other.sentence and other.prominence < 0)
        for other in loud
        if other.realis in _HAPPENED
    )


def _weight(event: Draft) -> float:
    """How much the event is what the article is about."""
    first = min(event.sentences, default=event.sentence.index)
    position = {0: 80.0, 1: 45.0, 2: 25.0, 3: 12.0}.get(first, 0.0)
    happened = (
        60.0
        if event.realis == "actual"
        else 45.0
        if event.realis == "attempted"
        else 20.0
        if event.realis in {"threatened", "planned", "denied"}
        else 0.0
    )
    if event.cls.subtype == "Attribution of responsibility":
        happened = 60.0  # that nobody has claimed it is said all the same
    return event.cls.rank + position + happened + event.prominence + min(event.mentions, 5)


def order(events: list[Draft]) -> list[Draft]:
    """What the article is mainly about first, the rest as told."""
    if not events:
        return []
    main = max(events, key=_weight)
    return [main, *(e for e in events if e is not main)]


__all__ = ["Draft", "absorb", "fold", "gather", "order", "replace"]
