"""Events and claims of one article: the one entry point, pure and in time linear in the text.

`find_events_and_claims` reads sentences (parsed or not), their entities, and the day of publication. Sentences without a trigger
are skipped. Offsets point into `text`; every claim's words are `text[start:end]`. It raises nothing on any text.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.records import Claim, Confidence, Entity, Event, Mention, Party, Place
from pipeline.text.claims.attribution import Said, read_speakers, source_of
from pipeline.text.claims.counts import Count, find_counts
from pipeline.text.claims.join import join_claims
from pipeline.text.claims.responsibility import Responsibility, find_responsibility
from pipeline.text.dates import find_dates, resolve_date
from pipeline.text.events.classify import Scene, classify, muc4_type
from pipeline.text.events.gather import Draft, fold, gather, order
from pipeline.text.events.incidents import read_incidents
from pipeline.text.events.judge import judge
from pipeline.text.events.lexicon import Cue, load_lexicon
from pipeline.text.events.parties import bare, kind_of, party_of
from pipeline.text.events.phrases import Phrase
from pipeline.text.events.realis import is_figure, realis_of
from pipeline.text.events.syntax import roles_of
from pipeline.text.events.tokens import Sentence, attach_syntax, keep_names_whole, sentences_of, split_sentences
from pipeline.text.places import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.tokens import Doc, Span

_INCIDENT_LABELS = frozenset(("GPE", "LOC", "FAC"))
_PLACE_WORDS = frozenset(("in", "at", "near", "outside", "around", "across", "inside", "of", "from", "on", "to"))
_NO_FILLERS = frozenset(("killed", "dead", "wounded", "injured", "each", "ransom", "others", "some", "many"))
_OUTCOMES = frozenset(("kill", "die", "wound", "displace"))
_NO_AGENT = frozenset(("diplomacy", "disaster", "accident", "crime", "agree", "base", "strategic-other"))
_SETS_SCENE = frozenset(
    "following after over for of despite amid during in against about since before on from behind last".split()
)
_SUSPECTED = frozenset(
    ("suspected", "believed", "alleged", "allegedly", "presumed", "presumably", "apparently", "reportedly")
)
_BOILERPLATE = (
    "leave a reply",
    "your email address will not be published",
    "all rights reserved",
    "required fields are marked",
    "subscribe to our",
)


class _Reading:
    """One article being read: its text, entities and day, shared by the steps."""

    def __init__(
        self, sentences: Sequence[Sentence], text: str, entities: tuple[Entity, ...], published: datetime | None
    ) -> None:
        self.sentences = tuple(sentences)
        self.text = text
        self.entities = entities
        self.published = published
        self.year = published.year if published else None
        lexicon = load_lexicon()
        self.scenes = tuple(Scene(s, lexicon.find(s)) for s in self.sentences)
        self.saids = read_speakers(self.sentences, text, entities)
        self.end = _body_end(self.sentences, text)

    def entities_in(self, sentence: Sentence) -> tuple[Entity, ...]:
        """The entities of one sentence."""
        return tuple(e for e in self.entities if sentence.start <= e.start < sentence.end)


def _body_end(sentences: tuple[Sentence, ...], text: str) -> int:
    """Where the article ends and the page's own words begin."""
    for sentence in sentences:
        if text[sentence.start : sentence.end].lower().startswith(_BOILERPLATE):
            return sentence.start
    return len(text)


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
    if doc is not None:
        keep_names_whole(doc, entities)
    sentences = split_sentences(text, title) if doc is None else sentences_of(doc, text, title)
    if doc is not None and parse is not None and not doc.has_annotation("DEP"):
        attach_syntax([s for s in sentences if is_worth_parsing(s)], doc, parse)
    reading = _Reading(sentences, text, entities, published)
    drafts = _read_drafts(reading)
    plain = tuple(sentences) if doc is None else split_sentences(text, title)
    if drafts:
        before = drafts if doc is None else _read_drafts(_Reading(plain, text, (), published))
        judged = read_incidents(text, plain, tuple(_event(reading, d) for d in order(before)))
        if judged is not None:
            drafts = judge(drafts, judged, text, entities)
    return _finish(reading, drafts)


def is_worth_parsing(sentence: Sentence) -> bool:
    """Whether the sentence holds a trigger whose agent matters."""
    return any(
        cue.kind.startswith(("action.", "count.")) and cue.action not in _NO_AGENT
        for cue in load_lexicon().find(sentence)
    )


def read_rules(sentences: Sequence[Sentence], text: str) -> tuple[tuple[Event, ...], tuple[Claim, ...]]:
    """What the rules alone find in sentences that stand already: no entities, no dates, no trained judge."""
    reading = _Reading(sentences, text, (), None)
    return _finish(reading, _read_drafts(reading))


def _read_drafts(reading: _Reading) -> list[Draft]:
    drafts: list[Draft] = []
    for scene in reading.scenes:
        if scene.sentence.start < reading.end and scene.actions:
            drafts += fold(_drafts(reading, scene))
    return gather([d for d in drafts if not _says_nobody(d)])


def _says_nobody(draft: Draft) -> bool:
    """ "No one was killed" tells of no killing; what did happen stands beside it."""
    return (
        draft.realis == "denied"
        and draft.cue.action in _OUTCOMES
        and bool(set(draft.sentence.words[: draft.cue.first]) & {"no", "nobody", "none", "without", "nor"})
    )


def _finish(reading: _Reading, drafts: list[Draft]) -> tuple[tuple[Event, ...], tuple[Claim, ...]]:
    events = order(drafts)
    return tuple(_event(reading, e) for e in events), join_claims(_claims(reading), events)


def _is_trigger(cue: Cue, sentence: Sentence) -> bool:
    """Whether the word is used as the lexicon says: a verb as a verb, a noun as a noun (where tags are known)."""
    if not cue.kind.startswith("action."):
        return False
    first = sentence.tokens[cue.first]
    return (
        first.dep != "amod" or first.head < cue.first or cue.last - cue.first > 1 or cue.form != "verb"
    )  # "the occupied town"


def _drafts(reading: _Reading, scene: Scene) -> list[Draft]:
    out: list[Draft] = []
    for cue in scene.cues:
        if not _is_trigger(cue, scene.sentence) or is_figure(scene, cue):
            continue
        cls = classify(scene, cue)
        if cls is None:
            continue
        realis = realis_of(scene, cue, reading.year)
        sentence = scene.sentence
        start, end = sentence.tokens[cue.first].start, sentence.tokens[cue.last - 1].end
        draft = Draft(cls, muc4_type(cls, cue), realis, cue, sentence, start, end, sentences={sentence.index})
        draft.prominence = _prominence(sentence, cue)
        draft.is_definite = cue.form == "noun" and sentence.words[max(0, cue.first - 2) : cue.first][-1:] in {
            ("the",),
            ("this",),
            ("that",),
        }
        if cls.type != "Other":
            _fill_roles(reading, draft, scene, cue)
        _fill_setting(reading, draft)
        out.append(draft)
    return out


def _prominence(sentence: Sentence, cue: Cue) -> float:
    """How much the sentence is about this trigger: -30 for a noun that only sets the scene ("following last week's bombing"), up to 20."""
    early = 6 * (1 - cue.first / len(sentence.words))
    if cue.form != "noun":
        return 14 + early
    left = sentence.words[max(0, cue.first - 4) : cue.first]
    return early - (30 if set(left) & _SETS_SCENE else 0)


def _fill_roles(reading: _Reading, draft: Draft, scene: Scene, cue: Cue) -> None:
    entities = reading.entities_in(scene.sentence)
    roles = roles_of(scene.sentence, cue)
    for phrase in roles.agents:
        kind = kind_of(phrase, entities)
        if phrase.is_pronoun or kind == "event" or (kind in {"thing", "place"} and not _acts(phrase, entities)):
            continue
        if kind == "weapon":
            draft.weapons.append(bare(phrase, reading.text, entities))
            draft.start = min(draft.start, phrase.start)
        else:
            draft.perpetrators.append(party_of(phrase, reading.text, entities))
    for phrase in roles.patients:
        kind = kind_of(phrase, entities)
        if phrase.is_pronoun or kind in {"event", "place"}:
            continue
        mention = bare(phrase, reading.text, entities)
        if (
            mention.text.casefold() in _NO_FILLERS
            or not any(c.isalpha() for c in mention.text)
            or mention.text.casefold().startswith("cve-")
        ):
            continue
        if kind == "weapon":
            if cue.action in {"explode", "grenade", "shell", "suicide-bomb", "disrupt-weapons"}:
                draft.weapons.append(mention)
        elif kind == "person":
            draft.victims.append(mention)
        else:
            draft.targets.append(mention)
        draft.end = (
            max(draft.end, phrase.end) if phrase.first >= cue.first and phrase.first - cue.last <= 4 else draft.end
        )
    for other in scene.cues:
        if other.kind.startswith("weapon.") and cue.action not in {"arrest", "disrupt-weapons"}:
            first, last = scene.sentence.tokens[other.first], scene.sentence.tokens[other.last - 1]
            draft.weapons.append(Mention(reading.text[first.start : last.end], first.start, last.end))


def _acts(phrase: Phrase, entities: tuple[Entity, ...]) -> bool:
    """Whether a thing or place can be a perpetrator: an organisation or a state."""
    return any(
        e.label in {"GROUP", "ORG", "GPE", "NORP"} and e.start < phrase.end and phrase.start < e.end for e in entities
    )


def _fill_setting(reading: _Reading, draft: Draft) -> None:
    sentence = draft.sentence
    draft.place = _place(reading, sentence, draft)
    for first, last in find_dates(reading.text, sentence.start, sentence.end):
        before = reading.text[max(0, first - 8) : first].lower().split()
        if before[-1:] == ["since"]:
            continue
        draft.date = resolve_date(reading.text[first:last], reading.published)
        if draft.date:
            break


def _place(reading: _Reading, sentence: Sentence, draft: Draft) -> Place | None:
    """The place nearest to the trigger that a preposition of place leads in; else the first of the sentence."""
    best: tuple[float, Entity] | None = None
    for entity in reading.entities_in(sentence):
        if entity.label not in {"GPE", "LOC"}:
            continue
        span = sentence.at(entity.start, entity.end)
        if span is None:
            continue
        led = sentence.words[max(0, span[0] - 3) : span[0]]
        distance = (
            abs(span[0] - draft.cue.first)
            + (0 if set(led) & _PLACE_WORDS else 100)
            - (20 if led[-1:] in {("in",), ("near",), ("at",)} else 0)
        )
        if set(led[-1:]) & {"told", "with", "by", "against", "'s"}:
            distance += 100
        if best is None or distance < best[0]:
            best = (distance, entity)
    if best is None or best[0] >= 100:
        return None
    entity = best[1]
    return place_of(entity) or Place(entity.text, entity.start, entity.end, entity.id, entity.name)


def _confidence(draft: Draft, reading: _Reading) -> Confidence | None:
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


def _event(reading: _Reading, draft: Draft) -> Event:
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


def _claims(reading: _Reading) -> list[Claim]:
    out: list[Claim] = []
    captives = any("action.abduct" in scene.kinds for scene in reading.scenes)  # else people are rescued from the sea
    for scene in reading.scenes:
        if scene.sentence.start >= reading.end:
            break
        saids = reading.saids[scene.sentence.index]
        counts = [count for count in find_counts(scene) if not is_figure(scene, count.cue)]
        counts = [count for count in counts if count.cue.phrase != "rescue" or captives]
        out += [_count_claim(reading, scene, count, saids) for count in counts]
        out += [_responsibility_claim(reading, scene, found, saids) for found in find_responsibility(scene)]
    return out


def _agent_mention(reading: _Reading, phrase: Phrase | None, said: Said | None) -> Mention | None:
    """Who did it; "they" in a report are those who report."""
    if phrase is None:
        return said.target if said and said.stance == "accuses" else None
    if phrase.is_pronoun:
        if said is None or phrase.words[0] not in {"they", "it", "he", "she", "we"}:
            return None
        return said.claimant
    return phrase.mention(reading.text, reading.entities)


def _since(reading: _Reading, sentence: Sentence) -> str | None:
    words = sentence.words
    for k, word in enumerate(words[:-1]):
        if word != "since":
            continue
        for first, last in find_dates(reading.text, sentence.tokens[k].end, sentence.end)[:1]:
            return resolve_date(reading.text[first:last], reading.published)
    return None


def _count_claim(reading: _Reading, scene: Scene, count: Count, saids: tuple[Said, ...]) -> Claim:
    sentence = scene.sentence
    saids = (
        tuple(s for s in saids if not _owns_up(sentence, s))
        or _quoted(reading, sentence)
        or _goes_on(reading, sentence)
    )
    said = source_of(saids, sentence, count.cue.first)
    start, end = sentence.tokens[count.first].start, sentence.tokens[count.last - 1].end
    return Claim(
        kind=count.kind,
        low=count.low,
        high=count.high,
        hedge=count.hedge,
        since=_since(reading, sentence),
        stance=said.stance if said else "states",
        realis=realis_of(scene, count.cue, reading.year),
        claimant=said.claimant if said else None,
        agent=_agent_mention(reading, count.agent, said),
        object=count.object.mention(reading.text, reading.entities) if count.object else None,
        text=reading.text[start:end],
        start=start,
        end=end,
        part=count.is_part,
    )


def _owns_up(sentence: Sentence, said: Said) -> bool:
    """ "Claimed responsibility" says who did it, not how many died."""
    return said.verb >= 0 and bool(set(sentence.words[said.verb + 1 : said.verb + 3]) & {"responsibility", "credit"})


def _goes_on(reading: _Reading, sentence: Sentence) -> tuple[Said, ...]:
    """The attribution of the sentence before, where this one goes on with it: "They also killed …"."""
    if sentence.words[0] not in {"they", "he", "she", "it"} or "also" not in sentence.words[1:4] or not sentence.index:
        return ()
    return tuple(Said(-1, s.stance, s.claimant, s.target) for s in reading.saids[sentence.index - 1])


def _quoted(reading: _Reading, sentence: Sentence) -> tuple[Said, ...]:
    """The attribution of a sentence inside quotation marks that another sentence of its paragraph carries."""
    if not (sentence.tokens[0].text in '“"' or any(sentence.is_quote_open)):
        return ()
    for other in reading.sentences[max(0, sentence.index - 2) : sentence.index + 3]:
        if other.paragraph == sentence.paragraph and reading.saids[other.index]:
            return tuple(Said(-1, s.stance, s.claimant, s.target) for s in reading.saids[other.index])
    return ()


def _responsibility_claim(reading: _Reading, scene: Scene, found: Responsibility, saids: tuple[Said, ...]) -> Claim:
    sentence = scene.sentence
    start, end = sentence.tokens[found.first].start, sentence.tokens[max(found.last, found.first + 1) - 1].end
    mine = next((s for s in saids if found.first <= s.verb < found.last), None)

    def named(phrase: Phrase | None) -> Mention | None:
        if phrase is None or phrase.is_pronoun:
            return mine.claimant if mine and phrase is not None else None
        return phrase.mention(reading.text, reading.entities)

    cue = next((c for c in scene.cues if c.first >= found.first and c.kind.startswith("action.")), None)
    realis = realis_of(scene, cue, reading.year) if cue else "actual"
    return Claim(
        kind="responsibility",
        low=found.low,
        high=found.high,
        hedge=found.hedge,
        stance=found.stance,
        realis="actual" if realis == "denied" and found.stance == "denies" else realis,
        claimant=named(found.claimant) or (mine.claimant if mine else None),
        agent=named(found.agent),
        object=named(found.object),
        text=reading.text[start:end],
        start=start,
        end=end,
    )
