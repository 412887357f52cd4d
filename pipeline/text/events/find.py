"""Events and claims of one article: the one entry point, pure and in time linear in the text.

`find_events_and_claims` reads sentences (parsed or not), their entities, and the day of publication. Sentences without a trigger
are skipped. Offsets point into `text`; every claim's words are `text[start:end]`. It raises nothing on any text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pipeline.records import Claim, Confidence, Entity, Event, Line, Mention, Party
from pipeline.text.claims.join import join_claims
from pipeline.text.claims.read import read_claims
from pipeline.text.events.cyber import malware_of, sector_of
from pipeline.text.events.drafts import read_drafts
from pipeline.text.events.gather import Draft, order
from pipeline.text.events.judge import judge
from pipeline.text.events.lexicon import load_lexicon
from pipeline.text.events.muc4 import Incidents, read_incidents
from pipeline.text.events.reading import Reading
from pipeline.text.events.tokens import Sentence, attach_syntax, keep_names_whole, sentences_of, split_sentences
from pipeline.text.events.topics import speaks_in_figures
from pipeline.text.events.victims import kinds_of
from pipeline.text.reader.decide import bound, line_of, main_first, weigh, weigh_triggers, worth_of
from pipeline.text.reader.gather import Gathered, gather_report
from pipeline.text.reader.models import load_models

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.tokens import Doc, Span

READ_MIN = 0.05
"""An article less sure than this to be worth an alert is read no further: who did what in it, nobody asks (three articles in four of ordinary news)."""
_NO_AGENT = frozenset(("diplomacy", "disaster", "accident", "crime", "agree", "base", "strategic-other"))
_SUSPECTED = frozenset(
    ("suspected", "believed", "alleged", "allegedly", "presumed", "presumably", "apparently", "reportedly")
)


def find_events_and_claims(
    text: str,
    entities: tuple[Entity, ...] = (),
    *,
    doc: "Doc | None" = None,
    parse: "Callable[[Sequence[Span]], Sequence[Doc]] | None" = None,
    title: str | None = None,
    published: datetime | None = None,
) -> tuple[tuple[Event, ...], tuple[Claim, ...]]:
    """The events of an article, the main one first, and its claims in order of place.

    Args:
        text: the article's text, which all offsets point into.
        entities: found in `text`, in order.
        doc: the text read by the model (same length as `text`); without it the window rules work alone.
        parse: gives each span of `doc` as a Doc with tags and dependencies (`model.parse` with the pipeline bound); asked only
            for sentences with a trigger. Not needed when `doc` is parsed whole.
        title: the article's headline, to know it again where the text begins with it.
        published: day of publication, from which "on Wednesday" and "since mid-August" are resolved.
    """
    told = read_told(text, entities, doc=doc, parse=parse, title=title, published=published)
    return told.events, told.claims


@dataclass(frozen=True)
class Told:
    """What an article tells: its events and claims, what it is mainly about, and how sure it is that it is worth an alert."""

    events: tuple[Event, ...] = ()
    claims: tuple[Claim, ...] = ()
    line: Line | None = None
    worth: float | None = None
    reader: str = ""  # version of the learned reader; empty where it did not read


def read_told(
    text: str,
    entities: tuple[Entity, ...] = (),
    *,
    doc: "Doc | None" = None,
    parse: "Callable[[Sequence[Span]], Sequence[Doc]] | None" = None,
    title: str | None = None,
    published: datetime | None = None,
) -> Told:
    """Everything that an article tells; arguments as for `find_events_and_claims`. The learned reader needs `doc`."""
    reading = read_article(text, entities, doc=doc, parse=parse, title=title, published=published)
    found = _found(reading)
    models = load_models() if doc is not None else None
    if models is None or not found.events or found.in_figures:
        return Told(found.events, found.claims)
    gathered = gather_report(reading, found.events, found.claims, found.incidents, title)
    mains = weigh_triggers(models, gathered)
    worth = worth_of(models, gathered, mains)
    if worth < READ_MIN:
        return Told(found.events, found.claims, None, round(worth, 3), models.version)
    chances = weigh(models, gathered, mains)
    events, moved = main_first(found.events, chances.mains)
    claims = bound(models, found.claims, chances)
    return Told(
        events,
        tuple(replace(c, event=moved[c.event]) if c.event is not None else c for c in claims),
        line_of(models, gathered, chances, events[0].perpetrator_confidence, events[0].date),
        round(worth, 3),
        models.version,
    )


@dataclass(frozen=True)
class _Found:
    """What the rules and the incident models read."""

    events: tuple[Event, ...]
    claims: tuple[Claim, ...]
    incidents: Incidents | None = None
    in_figures: bool = False


def _found(reading: Reading) -> _Found:
    drafts = read_drafts(reading)
    if drafts and speaks_in_figures(reading.scenes, reading.entities):
        drafts = [d for d in drafts if d.cls.type == "Cyber"]
        return _Found(tuple(_event(reading, d) for d in order(drafts)), (), in_figures=True)
    judged = None
    if drafts:
        rules = tuple(_event(reading, d) for d in order(drafts))
        judged = read_incidents(reading.text, reading.scenes, reading.entities, rules)
        if judged is not None:
            drafts = judge(drafts, judged, reading.text, reading.entities)
    events = order(drafts)
    return _Found(tuple(_event(reading, e) for e in events), join_claims(read_claims(reading), events), judged)


def gather_article(
    text: str,
    entities: tuple[Entity, ...],
    *,
    doc: "Doc",
    parse: "Callable[[Sequence[Span]], Sequence[Doc]]",
    title: str | None = None,
) -> Gathered:
    """What the learned reader decides about, without deciding: what it is trained on."""
    reading = read_article(text, entities, doc=doc, parse=parse, title=title)
    found = _found(reading)
    return gather_report(reading, found.events, found.claims, found.incidents, title)


def read_article(
    text: str,
    entities: tuple[Entity, ...] = (),
    *,
    doc: "Doc | None" = None,
    parse: "Callable[[Sequence[Span]], Sequence[Doc]] | None" = None,
    title: str | None = None,
    published: datetime | None = None,
) -> Reading:
    """The sentences and cues of an article, parsed where that is worth it; arguments as for `find_events_and_claims`."""
    if doc is None:
        return Reading(split_sentences(text, title), text, entities, published)
    keep_names_whole(doc, entities)
    sentences = sentences_of(doc, text, title)
    if parse is not None and not doc.has_annotation("DEP"):
        attach_syntax([s for s in sentences if is_worth_parsing(s)], doc, parse)
    return Reading(sentences, text, entities, published)


def is_worth_parsing(sentence: Sentence) -> bool:
    """Whether the sentence holds a trigger whose agent matters."""
    return any(
        cue.kind.startswith(("action.", "count.")) and cue.action not in _NO_AGENT
        for cue in load_lexicon().find(sentence)
    )


def read_rules(reading: Reading) -> tuple[Event, ...]:
    """The events that the rules alone read, without the trained judge."""
    return tuple(_event(reading, draft) for draft in order(read_drafts(reading)))


def _confidence(draft: Draft, reading: Reading) -> Confidence | None:
    if not draft.perpetrators:
        return None
    sentence = draft.sentence
    if set(sentence.words) & _SUSPECTED:
        return "suspected"
    stances = {said.stance for said in reading.saids[sentence.index]}
    if "accuses" in stances:
        return "accused"
    if "denies" in stances:
        return "denied"
    return "claimed" if "claims" in stances else "reported"


def _event(reading: Reading, draft: Draft) -> Event:
    return Event(
        type=draft.cls.type,
        subtype=draft.cls.subtype,
        muc4=draft.muc4,
        realis=draft.realis,
        date=draft.date,
        place=draft.place,
        perpetrators=tuple(p for p in draft.perpetrators if isinstance(p, Party)),
        perpetrator_confidence=_confidence(draft, reading),
        targets=tuple(draft.targets),
        victims=tuple(draft.victims),
        weapons=_longest(draft.weapons),
        victim_kinds=kinds_of(draft.victims),
        malware=malware_of(reading, draft) if draft.cls.type == "Cyber" else (),
        sector=sector_of(reading, draft) if draft.cls.type == "Cyber" else None,
        plover="/".join(part for part in (draft.cls.plover, draft.cls.mode) if part) or None,
        cameo=draft.cls.cameo,
        gtd=draft.cls.gtd,
        start=draft.start,
        end=draft.end,
    )


def _longest(mentions: list[Mention]) -> tuple[Mention, ...]:
    """Mentions without those that stand inside another, each text once."""
    out: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        inside = any(o.start <= mention.start and mention.end <= o.end for o in out)
        if not inside and all(o.text.casefold() != mention.text.casefold() for o in out):
            out.append(mention)
    return tuple(out)
