"""What there is to decide about in one article: its triggers, the phrases that may be parties, its counts.

A `Report` is made of a `Reading` once; nothing here decides. Phrases are found by the parse, so a sentence that was not parsed has none.
"""

from dataclasses import dataclass, field
from functools import cached_property

from pipeline.records import Claim, Entity, Realis
from pipeline.text.events.classify import Scene, classify
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.ontology import EventClass
from pipeline.text.events.phrases import Phrase, phrase_at
from pipeline.text.events.reading import Reading
from pipeline.text.events.realis import is_figure, is_past_era, realis_of
from pipeline.text.events.tokens import Sentence

SENTENCES_MAX = 60
"""Sentences of an article that are decided about; what stands later in a long one is background as a rule."""
_NAMES = frozenset(("GROUP", "ORG", "NORP", "GPE", "PERSON", "FAC", "LOC", "WEAPON"))
_INSIDE = frozenset(("compound", "flat", "flat:name", "flat:foreign", "amod", "fixed", "goeswith"))
_PRONOUNS = frozenset(("PRP", "PRP$", "WP", "WDT", "EX", "DT"))


@dataclass(frozen=True, eq=False)
class Trigger:
    """A word that may tell of an event."""

    scene: Scene
    cue: Cue
    cls: EventClass | None
    realis: Realis

    @property
    def sentence(self) -> Sentence:
        """Where it stands."""
        return self.scene.sentence

    @property
    def start(self) -> int:
        """Offset of its first character."""
        return self.sentence.tokens[self.cue.first].start

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.sentence.tokens[self.cue.last - 1].end


@dataclass(frozen=True, eq=False)
class Party:
    """A phrase that may have a role."""

    phrase: Phrase
    entity: Entity | None  # the name in it that ends where it ends, or the last in it
    is_modifier: bool  # a name before another noun: "Taliban" in "a Taliban attack"

    @property
    def sentence(self) -> Sentence:
        """Where it stands."""
        return self.phrase.sentence

    @property
    def head(self) -> str:
        """The lower-cased word that it is about."""
        return self.phrase.sentence.words[self.phrase.head]


@dataclass(frozen=True, eq=False)
class Report:
    """One article with what there is to decide about."""

    reading: Reading
    triggers: tuple[Trigger, ...]
    parties: tuple[Party, ...]
    counts: tuple[Claim, ...]
    title: str | None = None
    index: dict[int, tuple[Trigger, ...]] = field(default_factory=dict)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences that are decided about."""
        return self.reading.sentences[:SENTENCES_MAX]

    @cached_property
    def _alike(self) -> dict[str, list[int]]:
        """Places of the parties with each head, and with each id of their names."""
        found: dict[str, list[int]] = {}
        for k, party in enumerate(self.parties):
            found.setdefault(f"head {party.head}", []).append(k)
            if party.entity and party.entity.id:
                found.setdefault(f"id {party.entity.id}", []).append(k)
        return found

    def like(self, party: Party) -> list[Party]:
        """The parties with the same head or the same known name, this one among them, in order."""
        places = set(self._alike.get(f"head {party.head}", ()))
        if party.entity and party.entity.id:
            places |= set(self._alike[f"id {party.entity.id}"])
        return [self.parties[k] for k in sorted(places)]

    def sentence_of(self, offset: int) -> Sentence | None:
        """The sentence that holds a character of the text."""
        return next((s for s in self.sentences if s.start <= offset < s.end), None)


def make_report(reading: Reading, claims: tuple[Claim, ...], title: str | None = None) -> Report:
    """The report of a reading; `claims` are the counts that the rules found, in order."""
    triggers = tuple(t for scene in reading.scenes[:SENTENCES_MAX] for t in find_triggers(reading, scene))
    parties = tuple(p for scene in reading.scenes[:SENTENCES_MAX] for p in find_parties(reading, scene))
    index: dict[int, list[Trigger]] = {}
    for trigger in triggers:
        index.setdefault(trigger.sentence.index, []).append(trigger)
    counts = tuple(c for c in claims if c.kind != "responsibility")
    return Report(reading, triggers, parties, counts, title, {k: tuple(v) for k, v in index.items()})


def find_triggers(reading: Reading, scene: Scene) -> list[Trigger]:
    """The action words of a sentence that are meant literally, with the class and realis that the rules read."""
    out: list[Trigger] = []
    for cue in scene.cues:
        if not cue.kind.startswith("action.") or is_figure(scene, cue):
            continue
        realis = realis_of(scene, cue, reading.year)
        if realis == "actual" and is_past_era(reading.sentences, scene.sentence.index, reading.year):
            realis = "background"
        out.append(Trigger(scene, cue, classify(scene, cue), realis))
    return out


def find_parties(reading: Reading, scene: Scene) -> list[Party]:
    """The noun phrases of a parsed sentence by their heads, and the names that stand before another noun."""
    sentence = scene.sentence
    if not sentence.is_parsed:
        return []
    entities = reading.entities_in(sentence)
    ends = {}
    for entity in entities:
        span = sentence.at(entity.start, entity.end)
        if span and entity.label in _NAMES:
            ends[span[1] - 1] = (span, entity)
    out: list[Party] = []
    for k, token in enumerate(sentence.tokens):
        if not token.is_word or token.tag in _PRONOUNS:
            continue
        nominal = token.tag.startswith("NN") or (
            token.tag in {"CD", "JJ"} and token.dep in {"nsubj", "nsubj:pass", "obj", "obl:agent"}
        )
        inner = token.dep in _INSIDE and token.head != k
        if nominal and not inner:
            phrase = phrase_at(sentence, k)
            inside = [e for span, e in ends.values() if phrase.first <= span[0] and span[1] <= phrase.last]
            named = next((e for e in inside if e.end == phrase.end), inside[-1] if inside else None)
            out.append(Party(phrase, named, False))
        elif inner and k in ends:
            span, entity = ends[k]
            if token.head >= span[1] and not (nominal and not inner):
                out.append(Party(Phrase(sentence, span[0], span[1], k), entity, True))
    return out
