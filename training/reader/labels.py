"""From annotations to labels: which trigger, phrase and number of a report is what an annotator says it is."""

from dataclasses import dataclass

from pipeline.records import Claim
from pipeline.text.reader.decide import ROLES
from pipeline.text.reader.gather import Gathered
from pipeline.text.reader.report import Party, Trigger
from pipeline.text.reader.same import content

from training.reader.annotations import CLASSES, Annotated, Number, Quote, Told

NONE, OTHER, MAIN = 0, 1, 2
"""Labels of triggers."""


@dataclass(frozen=True)
class Example:
    """One annotated report beside what there is to decide in it."""

    gold: Annotated
    given: Gathered

    @property
    def is_told(self) -> bool:
        """Whether it has a main event that an alert would state."""
        return self.gold.worthy != "no" and self.gold.main is not None


def overlap(a: int, b: int, c: int, d: int) -> bool:
    """Whether two spans share a character."""
    return a < d and c < b


def occurrences(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand, in any letter case."""
    low, wanted = text.casefold(), words.casefold()
    out, at = [], low.find(wanted)
    while at >= 0:
        out.append((at, at + len(wanted)))
        at = low.find(wanted, at + 1)
    return out


def is_alike(name: str, gold: str) -> bool:
    """The same content words, or one more than the gold's, or one less but not its last ("coal" is no coal miner)."""
    mine, theirs = content(name), content(gold)
    if not mine or not theirs:
        return name.casefold() == gold.casefold()
    x, y = set(mine), set(theirs)
    return x == y or (y < x and len(x - y) == 1) or (x < y and len(y - x) == 1 and theirs[-1] in x)


def of_trigger(gold: Annotated, trigger: Trigger) -> int:
    """Whether a trigger tells of the main event, of another, of none."""
    best = NONE
    for event in gold.events:
        if any(overlap(trigger.start, trigger.end, w.start, w.end) for w in event.words):
            best = max(best, MAIN if event.main else OTHER)
    return best


def _fits(text: str, start: int, end: int, name: str, wordings: list[Quote]) -> bool:
    return any(
        is_alike(name, w.text) and any(overlap(start, end, *span) for span in occurrences(text, w.text))
        for w in wordings
    )


def of_party(gold: Annotated, event: Told, party: Party) -> int:
    """The role of a phrase in an event, as an index into `ROLES`."""
    start, end = party.phrase.start, party.phrase.end
    name = gold.text[start:end]
    for role, parties in (("by", event.by), ("victim", event.victim), ("target", event.target), ("with", event.weapon)):
        if any(_fits(gold.text, start, end, name, wordings) for wordings in parties):
            return ROLES.index(role)
    head = party.sentence.tokens[party.phrase.head]
    for place in event.at:
        inside = any(overlap(head.start, head.end, *span) for span in occurrences(gold.text, place.text))
        if inside and (is_alike(name, place.text) or name in place.text):
            return ROLES.index("at")
    return 0


def number_of(gold: Annotated, claim: Claim) -> tuple[Told | None, Number | None]:
    """The event and number that a count is, by its words or else by its range."""
    named: tuple[Told, Number] | None = None
    for event in gold.events:
        for number in event.numbers:
            if (number.kind, number.low, number.high) != (claim.kind, claim.low, claim.high):
                continue
            if overlap(claim.start, claim.end, number.words.start, number.words.end):
                return event, number
            named = named or (event, number)
    return named or (None, None)


def kind_of(event: Told) -> str | None:
    """The class that an event is called first, in ACLED's names."""
    return next((name for short in event.classes if (name := CLASSES[short])), None)


def kinds_of(event: Told) -> set[str]:
    """All classes that are right."""
    return {name for short in event.classes if (name := CLASSES[short])}
