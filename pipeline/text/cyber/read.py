"""One article of the trade, decoded: frames sentence by sentence, put together to an event a class, with claims and the line.

The trade is recognised by its words in the headline and the lead. In its articles the verbs of war mean computers, so what the rules of violence
read there goes, unless somebody was hurt. What only could happen, is denied, averaged or advertised is told as such or not at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from pipeline.records import (
    Claim,
    Confidence,
    Element,
    Entity,
    Event,
    Indicator,
    Line,
    LineCount,
    Mention,
    Party,
    Realis,
    Stance,
)
from pipeline.text.claims.attribution import source_of
from pipeline.text.cyber.amounts import amounts_in
from pipeline.text.cyber.frames import FRAMES, Act, Frame
from pipeline.text.cyber.names import Name
from pipeline.text.cyber.parties import OFFENSIVE, Actor, Cast, has_agent, subject_of, victims_of
from pipeline.text.cyber.products import flaws_in
from pipeline.text.cyber.trade import is_of_the_trade, is_ransom
from pipeline.text.events.cyber import malware_of, sector_of
from pipeline.text.events.gather import Draft
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.ontology import class_named
from pipeline.text.events.reading import Reading
from pipeline.text.events.roles import fill_setting
from pipeline.text.events.tokens import Sentence, split_sentences

SENTENCES_MAX = 200
"""Sentences of an article that are read for events of the trade; more is a catalogue."""
SURE_NAMED = 0.85
"""Chance of a class, actor or victim told with a name of its own (docs/events.md)."""
SURE_BARE = 0.6
SURE_PLACE = 0.6
SURE_COUNT = 0.8
_COULD = re.compile(
    r"\b(?:could|would|might|may|can|cannot|if|should|potential(?:ly)?|likely to|trying to|tried to|attempt(?:s|ed)? to|allow(?:s|ing)?|risk of|to prevent|simulat\w+|In an exercise|in an exercise|a drill|protects?|prevents?|stops?|stopping|defends?|detects?|helps?|learn how|how to|were to|successful)\b"
)
_DENIED = re.compile(
    r"\b(?:no evidence|no sign|no indication|denied|denies|deny|not|never|n't|no reports?|without|nor|neither|nobody|no one|no known|none|not been|rules out|ruled out|false|no (?:data|customer|passwords|records|files))\b",
    re.IGNORECASE,
)
_MEAN = re.compile(
    r"\b(?:average|on average|every year|each year|per cent of|percent of|survey|statistics|the yearly report|a typical)\b",
    re.IGNORECASE,
)
_DRILL = re.compile(
    r"\b(?:in an exercise|an exercise|a drill|simulated|red team|penetration test|tabletop)\b", re.IGNORECASE
)
_CLAUSE = re.compile(r"[;:,]|\s(?:and|but|which|who)\s")
_LAW = re.compile(
    r"\b(?:police|authorit\w+|agenc(?:y|ies)|FBI|Europol|Interpol|Eurojust|prosecutors?|law enforcement|courts?|investigators|operation|NCA|BKA|Department of Justice|officials|officers|sheriff|customs|task force)\b",
    re.IGNORECASE,
)
_CRIME = re.compile(
    r"\b(?:botnets?|stealers?|malware|marketplaces?|leak site|for-hire|booter|gang|ransomware|loader|hack\w*|criminals?|cyber\w*|phishing|fraud|DDoS|dark ?web)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"[^.;]{0,25}\b(?:its|their|his|her|some|several|the (?:company|firm|hospital)['’]s)\s(?:own\s)?(?:\w+\s){0,2}(?:servers?|systems?|network|sites?|web ?sites?|services?|infrastructure|platform)"
)
_UNSURE = re.compile(r"(?:attacked|targeted|hit|got into)\Z", re.IGNORECASE)
_FLOOD = re.compile(r"\b(?:ddos|denial|flood\w*|hacktivis\w*|traffic|botnet|overload\w*)\b", re.IGNORECASE)
_WAVE = re.compile(r"\b(?:campaign|wave|since|victims|recipients|sent)\b")
_EXPOSED = re.compile(r"\b(?:exposed|leaked|published|spilled)\b")
_FORM = re.compile(r"(?m)^\s*(?:Company|Victim|Name|Organi[sz]ation|Target)\s?:\s*(?P<name>[A-Z][^\n,;()]{1,60}?)\s*$")
_SAYERS = re.compile(r"\b(?:gang|group|hackers?|seller|user|crew|it|post)\b", re.IGNORECASE)
COULD_CHARS = 70
"""How far before a trigger, in its clause, a word may stand that makes it hypothetical or denied, characters."""
_ORDER: tuple[Act, ...] = (
    "flood",
    "deface",
    "exploit",
    "ransom",
    "theft",
    "steal",
    "leak",
    "takedown",
    "arrest",
    "lure",
    "attack",
)
_KEPT = frozenset(("Protests", "Riots"))
_WEIGHT = {
    "Ransomware": 9,
    "Takedown": 8,
    "Denial of service": 7,
    "Exploitation": 7,
    "Defacement": 6,
    "Intrusion": 6,
    "Data leak": 5,
    "Arrest": 4,
}


@dataclass(frozen=True)
class Reread:
    """What takes the place of what the rules read."""

    events: tuple[Event, ...]
    claims: tuple[Claim, ...]
    line: Line | None


@dataclass
class _Hit:
    """A frame met in a sentence."""

    frame: Frame
    sentence: Sentence
    start: int
    end: int
    realis: Realis
    actor: Actor | None
    victims: list[Name]
    subtype: str = "Intrusion"


@dataclass
class _Group:
    """The hits of one event."""

    hits: list[_Hit]
    actors: list[Actor] = field(default_factory=list)
    victims: list[Name] = field(default_factory=list)
    how: Confidence | None = None

    @property
    def first(self) -> _Hit:
        return next((h for h in self.hits if h.victims or h.actor), self.hits[0])


def read_cyber(
    text: str,
    entities: tuple[Entity, ...],
    told: tuple[tuple[Event, ...], tuple[Claim, ...]],
    *,
    indicators: tuple[Indicator, ...] = (),
    title: str | None = None,
    published: datetime | None = None,
) -> Reread | None:
    """The events, claims and line of an article of the trade; None where it is of another, and what was `told` stands.

    Offsets point into `text`. Raises nothing on any text.
    """
    events, claims = told
    hurt = any(c.kind in ("killed", "wounded") and c.stance != "denies" for c in claims)
    trade = is_of_the_trade(text, title, entities, indicators, hurt=hurt)
    if trade == "no":
        return None
    reading = Reading(split_sentences(text, title), text, entities, published)
    cast = Cast(text, entities)
    cast.is_warned = bool(_WAVE.search(text)) or any(i.verdict in ("malicious", "suspicious") for i in indicators)
    hits = [h for s in reading.sentences[:SENTENCES_MAX] if s.start < reading.end for h in _hits(cast, s)]
    groups = _groups(cast, hits, text)
    found = [_event(reading, group) for group in groups]
    amounts = _amounts(reading, found)
    if trade == "perhaps" and not amounts:
        return None
    kept = [e for e in events if e.type in _KEPT or (e.weapons and e.place and not _touches(e, hits))]
    moved = [_moved(c, found) for c in claims if c.kind != "seized"]
    exploited = [one.value for one in indicators if one.state == "exploited"]
    told_now = bool(groups) and found[0].realis == "actual"
    line = _line(reading, groups[0], found[0], amounts, exploited) if told_now else None
    return Reread((*found, *kept), tuple(sorted((*moved, *amounts), key=lambda c: (c.start, c.end))), line)


def _touches(event: Event, hits: Sequence[_Hit]) -> bool:
    return any(h.sentence.start <= event.start < h.sentence.end for h in hits)


def _moved(claim: Claim, found: Sequence[Event]) -> Claim:
    """A claim that the rules read, hung on the event it belongs to now."""
    wanted = "Arrest" if claim.kind in ("captured", "released") else None
    place = next((k for k, e in enumerate(found) if wanted is None or e.subtype == wanted), None)
    return replace(claim, event=place)


def _hits(cast: Cast, sentence: Sentence) -> list[_Hit]:
    text, opens, closes = cast.text, sentence.start, sentence.end
    found: dict[int, _Hit] = {}
    for frame in sorted(FRAMES, key=lambda f: _ORDER.index(f.act)):
        for match in frame.pattern.finditer(text, opens, closes):
            start, end = match.span()
            if any(s < end and start < h.end for s, h in found.items()) or not _holds(
                cast, frame, opens, start, end, closes
            ):
                continue
            actor = subject_of(cast, frame, opens, start, end, closes)
            victims = victims_of(cast, frame, opens, start, end, closes)
            if actor is not None:
                victims = [v for v in victims if v.text.casefold() != actor.name.text.casefold()]
            found[start] = _Hit(frame, sentence, start, end, _realis(text, opens, start, closes), actor, victims)
    return [found[start] for start in sorted(found)]


def _holds(cast: Cast, frame: Frame, opens: int, start: int, end: int, closes: int) -> bool:
    """Whether the company that a frame needs is there."""
    text = cast.text
    words = text[opens:closes]
    agent = has_agent(text, opens, start) or bool(cast.actors_within(opens, start))
    if frame.act == "attack" and _UNSURE.search(text[start:end]):
        return agent
    if frame.act == "takedown":
        lawful = bool(_LAW.search(words)) or (bool(_CRIME.search(words)) and not agent)
        return lawful and not _OWN.match(text, end, closes) and not re.search(r"\b[Hh]ackers?\s\Z", text[opens:start])
    if frame.act == "flood":
        return bool(_FLOOD.search(text)) or (agent and "site" in words)
    if frame.act == "arrest":
        return bool(_CRIME.search(text)) and bool(
            _LAW.search(words)
            or re.search(
                r"\b(?:man|woman|men|suspects?|people|hackers?|members?|administrators?|developers?|leaders?|year-old|was|were)\b",
                words,
            )
        )
    return frame.act != "lure" or (cast.is_warned and not _DRILL.search(text))


def _realis(text: str, opens: int, start: int, closes: int) -> Realis:
    floor = max(opens, start - COULD_CHARS)
    clauses = [m.end() for m in _CLAUSE.finditer(text, floor, start)]
    before = text[clauses[-1] if clauses else floor : start]
    if _DRILL.search(text, opens, closes):
        return "exercise"
    if _COULD.search(before) or text[opens : opens + 3] == "If ":
        return "hypothetical"
    if _DENIED.search(before) or before.casefold().endswith((" no ", "no customer ", "no personal ")):
        return "denied"
    return "background" if _MEAN.search(text, opens, start) else "actual"


def _subtype(hit: _Hit, text: str, *, ransom: bool) -> str:
    act = hit.frame.act
    fixed = {
        "flood": "Denial of service",
        "deface": "Defacement",
        "exploit": "Exploitation",
        "takedown": "Takedown",
        "arrest": "Arrest",
    }
    if act in fixed:
        return fixed[act]
    if act == "ransom" or (ransom and act in ("attack", "steal", "leak", "theft", "lure")):
        return "Ransomware"
    if act in ("steal", "leak"):
        return "Data leak"
    words = text[hit.start : hit.sentence.end]
    if act == "attack" and re.match(r"(?:\w+\s)?(?:data )?(?:breach|leak)", words) and _EXPOSED.search(words):
        return "Data leak"
    return "Intrusion"


def _groups(cast: Cast, hits: list[_Hit], text: str) -> list[_Group]:
    """An event a class: the actual hits of one class together, or else those that were denied or supposed."""
    ransom = is_ransom(text)
    by_class: dict[str, list[_Hit]] = {}
    for hit in hits:
        hit.subtype = _subtype(hit, text, ransom=ransom)
        if hit.realis in ("actual", "denied") or hit.victims or hit.actor:
            by_class.setdefault(hit.subtype, []).append(hit)
    groups: list[_Group] = []
    for same in by_class.values():
        actual = [h for h in same if h.realis == "actual"]
        groups.append(_gathered(actual or same[:1], text))
    _share(cast, groups)
    order = {id(g): k for k, g in enumerate(groups)}
    opening = min((h.start for g in groups for h in g.hits if h.realis == "actual"), default=0)
    groups.sort(
        key=lambda g: (g.first.realis != "actual", not _opens(g, opening), -_WEIGHT[g.first.subtype], order[id(g)])
    )
    return [g for g in groups if _is_told(g)]


def _opens(group: _Group, opening: int) -> bool:
    """Whether the article opens with the law's work: what the gang did before stands behind it."""
    return group.first.frame.act not in OFFENSIVE and min(h.start for h in group.hits) == opening


def _is_told(group: _Group) -> bool:
    """Whether an event is more than a word: a bare noun, hypothesis or average without a party is none."""
    return group.first.realis == "actual" or (group.first.realis == "denied" and bool(group.victims))


def _gathered(hits: list[_Hit], text: str) -> _Group:
    group = _Group(hits)
    for hit in hits:
        lawful = hit.frame.act not in OFFENSIVE
        if (
            hit.actor is not None
            and all(a.name.text.casefold() != hit.actor.name.text.casefold() for a in group.actors)
            and not (lawful and re.match(r"\s(?:ransomware\s)?(?:gang|group)", text[hit.actor.name.end :]))
        ):
            group.actors.append(hit.actor)
            claimed = hit.frame.claims or re.search(
                r"\b(?:claim|sa(?:ys|id) (?:on \w+ ){0,2}that it)", text[hit.sentence.start : hit.end]
            )
            group.how = group.how or ("claimed" if claimed else hit.actor.how)
        for victim in hit.victims:
            low = victim.text.casefold()
            if all(low not in v.text.casefold() and v.text.casefold() not in low for v in group.victims):
                group.victims.append(victim)
    return group


def _share(cast: Cast, groups: list[_Group]) -> None:
    """Who is named with one act of an article did the others too, and to the same: an article tells one story as a rule."""
    offensive = [g for g in groups if g.first.frame.act in OFFENSIVE]
    if not offensive:
        return
    hit = {v.text.casefold() for g in groups for v in g.victims}
    for group in offensive:  # "a breach at X exposed" does not make X the one who exposed
        group.actors = [a for a in group.actors if a in cast.actors or a.name.text.casefold() not in hit]
    actors = {a.name.text.casefold(): a for g in offensive for a in g.actors}
    if not actors:
        actors = {a.name.text.casefold(): a for a in cast.actors}
    victims = {v.text.casefold(): v for g in groups for v in g.victims}
    for group in offensive:
        if not group.actors and len(actors) == 1:
            only = next(iter(actors.values()))
            group.actors, group.how = [only], only.how
        if not group.victims and len(victims) == 1 and group.first.frame.act not in ("exploit", "lure"):
            group.victims = list(victims.values())
        if group.first.frame.act == "ransom" and not group.victims:
            group.victims = [Name(m["name"], *m.span("name")) for m in _FORM.finditer(cast.text)][:1]


def _draft(reading: Reading, group: _Group) -> Draft:
    hit = group.first
    tokens = hit.sentence.at(hit.start, hit.end) or (0, 1)
    phrase = reading.text[hit.start : hit.end].casefold()
    cue = Cue("action.cyber", tokens[0], tokens[1], "verb", "past", phrase)
    draft = Draft(class_named(hit.subtype), None, hit.realis, cue, hit.sentence, hit.start, hit.end)
    draft.sentences = {h.sentence.index for h in group.hits}
    return draft


def _event(reading: Reading, group: _Group) -> Event:
    hit = group.first
    draft = _draft(reading, group)
    fill_setting(reading, draft)
    draft.targets = [_mention(reading, v) for v in group.victims]
    cls = draft.cls
    place = draft.place
    if place is not None and any(place.start < v.end and v.start < place.end for v in group.victims):
        place = None  # "the city of Marlow" is hit, and no setting
    return Event(
        type=cls.type,
        subtype=cls.subtype,
        realis=hit.realis,
        date=draft.date,
        place=place,
        perpetrators=tuple(Party(a.name.text, a.name.start, a.name.end, a.id, "organisation") for a in group.actors),
        perpetrator_confidence=group.how if group.actors else None,
        targets=tuple(draft.targets),
        malware=malware_of(reading, draft),
        sector=sector_of(reading, draft),
        plover="/".join(part for part in (cls.plover, cls.mode) if part) or None,
        cameo=cls.cameo,
        start=hit.start,
        end=hit.end,
    )


def _mention(reading: Reading, name: Name) -> Mention:
    known = next((e.id for e in reading.entities if e.start < name.end and name.start < e.end and e.id), None)
    return Mention(name.text, name.start, name.end, known)


def _amounts(reading: Reading, events: Sequence[Event]) -> list[Claim]:
    """The amounts of the article, where something was taken; each number of a claimant once."""
    if not any(e.realis in ("actual", "denied") and e.subtype not in ("Takedown", "Arrest") for e in events):
        return []
    out: list[Claim] = []
    for sentence in reading.sentences[:SENTENCES_MAX]:
        for amount in amounts_in(reading.text, sentence.start, sentence.end):
            tokens = sentence.at(amount.start, amount.end) or (0, 1)
            said = source_of(reading.saids[sentence.index], sentence, tokens[0])
            stance: Stance = said.stance if said else "states"
            if said and said.claimant and _SAYERS.search(said.claimant.text) and stance == "states":
                stance = "claims"
            if any((c.kind, c.low) == (amount.kind, amount.value) for c in out):
                continue
            out.append(
                Claim(
                    kind=amount.kind,
                    low=amount.value,
                    high=None if amount.hedge in _LOWER else amount.value,
                    hedge=amount.hedge,
                    stance="states" if stance in ("accuses", "denies") else stance,
                    claimant=_claimant(said.claimant) if said else None,
                    object=Mention(reading.text[slice(*amount.what)], *amount.what) if amount.what else None,
                    text=reading.text[amount.start : amount.end],
                    start=amount.start,
                    end=amount.end,
                    event=0,
                )
            )
    return out


def _claimant(mention: Mention | None) -> Mention | None:
    """The claimant without the clause that a reading without syntax took along; None where that leaves no name of anybody."""
    if mention is None:
        return None
    text = _CLAUSE_BEHIND.split(mention.text)[0].rstrip(" ,")
    return replace(mention, text=text, end=mention.start + len(text)) if text and not _DIGIT.search(text) else None


_CLAUSE_BEHIND = re.compile(r"\s(?:holds|has|had|is|was|are|were|put|which|who|that|will|contains?|includes?)\b|,")
_DIGIT = re.compile(r"\d")
_LOWER = frozenset(("more than", "over", "at least", "some"))


def _line(reading: Reading, group: _Group, event: Event, amounts: Sequence[Claim], exploited: Sequence[str]) -> Line:
    """What the article is mainly about, with the names that its words give."""
    named = SURE_NAMED if group.actors or group.victims else SURE_BARE
    against = [Element(t.text, SURE_NAMED, t.start, t.end, t.id) for t in event.targets]
    if event.subtype == "Exploitation" and (flaws := flaws_in(reading.text, group.first.sentence.start, exploited)):
        against, named = [Element(f.text, SURE_NAMED, f.start, f.end) for f in flaws], SURE_NAMED
    if event.subtype in ("Takedown", "Arrest") and not against:
        against = [Element(m.text, SURE_NAMED, m.start, m.end, m.id) for m in event.malware[:1]]
        named = SURE_NAMED if against else named
    place, when = event.place, event.date
    where = (Element(place.text, SURE_PLACE, place.start, place.end, place.id),) if place and place.id else ()
    return Line(
        what=Element(f"Cyber: {event.subtype}", named, event.start, event.end),
        realis=event.realis,
        by=tuple(Element(p.text, SURE_NAMED, p.start, p.end, p.id) for p in event.perpetrators),
        by_how=event.perpetrator_confidence,
        against=tuple(against),
        where=where if against or event.perpetrators or amounts else (),
        when=Element(when, SURE_PLACE, event.start, event.end) if when else None,
        counts=tuple(
            LineCount(
                kind=c.kind,
                low=c.low,
                high=c.high,
                hedge=c.hedge,
                by=Element(c.claimant.text, SURE_COUNT, c.claimant.start, c.claimant.end) if c.claimant else None,
                object=c.object.text if c.object else c.text,
                p=SURE_COUNT,
                start=c.start,
                end=c.end,
            )
            for c in amounts
        ),
        start=event.start,
        end=event.end,
    )
