"""All decisions of an article taken together: the chances of each phrase and number, put into one line.

One phrase has one role; two wordings of one party are one; a number is told once of each kind and claimant. Nothing is dropped for being
unsure (that is for whoever states the line): what is hopeless is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from pipeline.records import Claim, Confidence, Element, Event, Line, LineCount, Mention, Realis
from pipeline.text.events.ontology import load_classes
from pipeline.text.places.gazetteer import default_gazetteer
from pipeline.text.reader.article import KINDS, anchor_of, look_at_article, words_of_kind
from pipeline.text.reader.gather import Gathered
from pipeline.text.reader.looks import Mains, look_at_count, look_at_party, look_at_trigger
from pipeline.text.reader.models import Floats, Models
from pipeline.text.reader.report import Party, Report, Trigger
from pipeline.text.reader.same import content, is_same_party

ROLES = ("none", "by", "target", "victim", "with", "at")
SAME_MIN = 0.5
"""Events of triggers from this chance on to be main are one with the surest."""
HOPELESS_MAX = 0.08
"""An element as sure as this or less is not kept."""
PARTIES_MAX = 4
"""Parties kept on each side, the surest first."""
PLACES_MAX = 4
COUNTS_MAX = 8
NEAR_BEST = 0.6
"""A wording this near to the surest of its party may be chosen for saying more."""
_OPENLY = frozenset(("Arrests", "Disrupted weapons use", "Agreement", "Non-violent transfer of territory"))
"""What is done openly, so that nobody is blamed for it."""
_TWO_SIDED = frozenset(
    (
        "Armed clash",
        "Government regains territory",
        "Non-state actor overtakes territory",
        "Agreement",
        "Change to group/activity",
    )
)
"""Who speaks of these takes part in them as a rule."""
_DEEDS = ("perpetrators", "claim-agents", "muc-by", "responsible", "accused")
"""Roles by which somebody did something."""
SURE_PLACE = 0.5
"""Among places at least this sure the most exact comes first."""
_LEADING = frozenset(("IN", "DT", "TO", "CC", "RB", "RBR", "JJS", "PRP$", "WDT"))
_TOLD_BY = frozenset(("VBD", "VBZ", "VBP"))
_LEADS = frozenset(("as", "least", "than", "between", "a", "an", "the", "other"))
"""Tags of words, and words, that lead to a name and are no part of it."""
_PLACE_LABELS = frozenset(("GPE", "LOC", "FAC"))
_DIVISIONS = frozenset(
    ("province", "state", "region", "county", "governorate", "department", "oblast", "peninsula", "territory")
)


@dataclass(frozen=True)
class Chances:
    """What the models say of everything in an article."""

    mains: Mains
    parties: tuple[tuple[Party, Floats], ...]
    counts: tuple[tuple[Claim, float], ...]


def weigh(models: Models, gathered: Gathered, mains: Mains) -> Chances:
    """Ask about every phrase and number."""
    report, setting = gathered.report, gathered.setting
    looks = [look_at_party(report, setting, mains, p, gathered.roles) for p in report.parties]
    asked = [(c, look) for c in report.counts if (look := look_at_count(report, setting, mains, c)) is not None]
    counted = models.count.ask([look for _, look in asked])
    return Chances(
        mains,
        tuple(zip(report.parties, models.party.ask(looks), strict=True)),
        tuple((c, float(p[1])) for (c, _), p in zip(asked, counted, strict=True)),
    )


def weigh_triggers(models: Models, gathered: Gathered) -> Mains:
    """The chance of each trigger to tell of the main event, and of another."""
    report = gathered.report
    found = models.trigger.ask([look_at_trigger(report, gathered.setting, t) for t in report.triggers])
    return Mains(
        {t: float(p[2]) for t, p in zip(report.triggers, found, strict=True)},
        {t: float(p[1]) for t, p in zip(report.triggers, found, strict=True)},
    )


def worth_of(models: Models, gathered: Gathered, mains: Mains) -> float:
    """How sure it is that an editor wants an alert."""
    look = look_at_article(gathered, mains)
    return models.curves["worth"](float(models.worth.ask([look])[0][1]))


def line_of(
    models: Models, gathered: Gathered, chances: Chances, how: Confidence | None, when: str | None
) -> Line | None:
    """The line of an article; None where no trigger tells of anything. `how`, `when`: of the main event, as the rules read them."""
    anchor = anchor_of(chances.mains)
    if anchor is None:
        return None
    if anchor.cls is not None and anchor.cls.type == "Cyber":
        return _cyber_line(gathered, chances.mains, anchor, how, when)
    kind = _kind(models, gathered, chances.mains, anchor)
    speakers = () if kind is not None and kind.value in _TWO_SIDED else mere_speakers(gathered)
    by, against = _sides(models, gathered.report, chances, speakers)
    sure = chances.mains.main[anchor]
    date = Element(when, round(sure, 3), anchor.start, anchor.end) if when else None
    return Line(
        what=kind,
        realis=_realis(anchor, chances.mains),
        by=by,
        by_how=(None if kind is not None and kind.value in _OPENLY else how) if by else None,
        against=against,
        where=_places(models, gathered.report, chances),
        when=date,
        counts=_counts(models, chances),
        start=anchor.start,
        end=anchor.end,
    )


def _cyber_line(gathered: Gathered, mains: Mains, anchor: Trigger, how: Confidence | None, when: str | None) -> Line:
    """A computer event as the rules read it: roles of such events have not been learned, so only known names are kept."""
    sure = round(mains.main[anchor], 3)
    event = next((e for e in gathered.events if e.start < anchor.end and anchor.start < e.end), None)
    actors = [m for m in (event.perpetrators if event else ()) if m.id]
    victims = [m for m in ((*event.targets, *event.victims) if event else ()) if m.id]
    return Line(
        what=Element(f"Cyber: {anchor.cls.subtype}", sure, anchor.start, anchor.end) if anchor.cls else None,
        realis=anchor.realis,
        by=tuple(Element(m.text, sure, m.start, m.end, m.id) for m in actors[:PARTIES_MAX]),
        by_how=how if actors else None,
        against=tuple(Element(m.text, sure, m.start, m.end, m.id) for m in victims[:PARTIES_MAX]),
        when=Element(when, sure, anchor.start, anchor.end) if when else None,
        start=anchor.start,
        end=anchor.end,
    )


def _kind(models: Models, gathered: Gathered, mains: Mains, anchor: Trigger) -> Element | None:
    """The class of the main event."""
    chances = models.kind.probabilities([words_of_kind(gathered, mains)])[0]
    best = int(chances.argmax())
    return Element(KINDS[best], round(models.curves["what"](float(chances[best])), 3), anchor.start, anchor.end)


def _realis(anchor: Trigger, mains: Mains) -> Realis:
    """That of the surest trigger, unless it only names and another as sure tells."""
    if anchor.realis == "actual":
        return "actual"
    near = [t for t, p in mains.main.items() if p > NEAR_BEST * mains.main[anchor]]
    return "actual" if sum(t.realis == "actual" for t in near) > len(near) / 2 else anchor.realis


@dataclass
class _Named:
    """One party with its wordings and their chances."""

    wordings: list[tuple[float, Party]]

    @property
    def best(self) -> float:
        return max(p for p, _ in self.wordings)


def _span(party: Party) -> tuple[int, int]:
    """Where a party's name stands: its phrase without the words that only lead to it ("as a", "between the", "at least")."""
    phrase = party.phrase
    tokens = phrase.sentence.tokens
    first = phrase.first
    while first < phrase.head and (tokens[first].tag in _LEADING or tokens[first].lower in _LEADS):
        first += 1
    verbs = [i for i in range(first, phrase.head) if tokens[i].tag in _TOLD_BY]
    first = verbs[-1] + 1 if verbs else first  # "its fighters shot civilians" is no name
    return tokens[first].start, phrase.end


def _text(report: Report, party: Party) -> str:
    start, end = _span(party)
    return report.reading.text[start:end]


def _group(report: Report, found: Sequence[tuple[float, Party]]) -> list[_Named]:
    """The wordings of each party together, the surest party first."""
    groups: list[_Named] = []
    for p, party in sorted(found, key=lambda pair: -pair[0]):
        name = _text(report, party)
        mine = party.entity.id if party.entity else None
        for group in groups:
            other = group.wordings[0][1]
            theirs = other.entity.id if other.entity else None
            if is_same_party(name, _text(report, other)) or (mine is not None and mine == theirs):
                group.wordings.append((p, party))
                break
        else:
            groups.append(_Named([(p, party)]))
    return groups


def mere_speakers(gathered: Gathered) -> tuple[tuple[int, int], ...]:
    """Where somebody stands who is quoted, and of whom neither the rules nor the incident models read that they did anything."""
    saids = [s.claimant for saids in gathered.report.reading.saids for s in saids if s.claimant]
    told = {(m.start, m.end) for m in (*saids, *(c.claimant for c in gathered.report.counts if c.claimant))}
    acted = {span for name in _DEEDS for span in gathered.roles[name]}
    return tuple(sorted(s for s in told if not any(s[0] < end and start < s[1] for start, end in acted)))


def _sides(
    models: Models, report: Report, chances: Chances, speakers: Sequence[tuple[int, int]] = ()
) -> tuple[tuple[Element, ...], tuple[Element, ...]]:
    """Who did it, and to whom: each phrase on the side that is likelier; who is only quoted did nothing."""
    by: list[tuple[float, Party]] = []
    against: list[tuple[float, Party]] = []
    for party, p in chances.parties:
        agent, patient = float(p[1]), float(p[2] + p[3])
        if agent > max(patient, HOPELESS_MAX):
            by.append((agent, party))
        elif patient > HOPELESS_MAX:
            against.append((patient, party))
    deeds = [g for g in _group(report, by) if not all(_is_within(p, speakers) for _, p in g.wordings)]
    sides = (
        _elements(models, report, deeds, "by"),
        _elements(models, report, _group(report, against), "against"),
    )
    return _apart(sides[0], sides[1]), _apart(sides[1], sides[0])


def _is_within(party: Party, spans: Sequence[tuple[int, int]]) -> bool:
    return any(party.phrase.start < end and start < party.phrase.end for start, end in spans)


def _apart(mine: tuple[Element, ...], theirs: tuple[Element, ...]) -> tuple[Element, ...]:
    """Without those who are surer on the other side."""
    return tuple(m for m in mine if not any(is_same_party(m.value, t.value) and t.p > m.p for t in theirs))


def _elements(models: Models, report: Report, groups: Sequence[_Named], name: str) -> tuple[Element, ...]:
    out: list[Element] = []
    for group in groups[:PARTIES_MAX]:
        near = [(p, party) for p, party in group.wordings if p >= NEAR_BEST * group.best]
        _, party = max(near, key=lambda pair: (len(content(_text(report, pair[1]))), pair[0]))
        sure = models.curves[name](group.best)
        if sure > HOPELESS_MAX:
            known = party.entity.id if party.entity else None
            out.append(Element(_text(report, party), round(sure, 3), *_span(party), known))
    return tuple(sorted(out, key=lambda e: -e.p))


def _places(models: Models, report: Report, chances: Chances) -> tuple[Element, ...]:
    """Places of the main event, the most exact of the sure ones first."""
    best: dict[str, tuple[float, Element]] = {}
    for party, p in chances.parties:
        entity = party.entity
        sure = models.curves["where"](float(p[5]))
        if sure <= HOPELESS_MAX:
            continue
        if entity is not None and entity.label in _PLACE_LABELS:
            element = Element(entity.text, round(sure, 3), entity.start, entity.end, entity.id)
        elif entity is None and party.sentence.tokens[party.phrase.head].tag.startswith("NNP"):
            element = Element(_text(report, party), round(sure, 3), *_span(party))
        else:
            continue  # "the country", "a market": no place that an alert can name
        key = element.id or element.value.casefold()
        if key not in best or best[key][0] < sure:
            best[key] = (sure, element)
    ranked = sorted(best.values(), key=lambda pair: (pair[0] < SURE_PLACE, _width(pair[1]), -pair[0]))
    return tuple(element for _, element in ranked[:PLACES_MAX])


def _width(place: Element) -> int:
    """How wide a place is: a place that no table knows is a village or a quarter as a rule, a people stands for its country."""
    if place.id is None:
        words = set(content(place.value))
        known = default_gazetteer().lookup(place.value)
        return 1 if words & _DIVISIONS or any(t.kind != "city" for t in known) else 0
    toponym = default_gazetteer().place(place.id)
    return {"city": 0, "region": 1, "area": 2, "country": 3}[toponym.kind] if toponym else 0


def _counts(models: Models, chances: Chances) -> tuple[LineCount, ...]:
    """Numbers of the main event, the surest first; one of each kind, range and claimant."""
    found: dict[tuple[object, ...], LineCount] = {}
    for claim, p in sorted(chances.counts, key=lambda pair: -pair[1]):
        sure = models.curves["counts"](p)
        if sure <= HOPELESS_MAX or claim.stance == "denies":
            continue
        said = claim.claimant
        by = Element(said.text, round(sure, 3), said.start, said.end, said.id) if said else None
        count = LineCount(
            kind=claim.kind,
            low=claim.low,
            high=claim.high,
            hedge=claim.hedge,
            by=by,
            object=claim.object.text if claim.object else None,
            p=round(sure, 3),
            start=claim.start,
            end=claim.end,
        )
        found.setdefault((claim.kind, claim.low, claim.high), count)
    return tuple(found.values())[:COUNTS_MAX]


def bound(models: Models, claims: Sequence[Claim], chances: Chances) -> tuple[Claim, ...]:
    """The claims, each with the chance that it counts the main event."""
    sure = {id(claim): models.curves["counts"](p) for claim, p in chances.counts}
    return tuple(replace(c, p=round(sure[id(c)], 3)) if id(c) in sure else c for c in claims)


def main_first(events: Sequence[Event], mains: Mains) -> tuple[tuple[Event, ...], tuple[int, ...]]:
    """The events with the main one first, put together from all that tell of it; and the new place of each old one."""
    anchor = anchor_of(mains)
    if anchor is None or not events:
        return tuple(events), tuple(range(len(events)))
    sure = [t for t, p in mains.main.items() if t is anchor or p >= SAME_MIN]
    held = [k for k, e in enumerate(events) if any(e.start < t.end and t.start < e.end for t in sure)]
    held = [k for k in held if (events[k].realis == "actual") == (anchor.realis == "actual")] or held
    if not held:
        return tuple(events), tuple(range(len(events)))
    rest = [k for k in range(len(events)) if k not in held]
    places = dict.fromkeys(held, 0) | {k: 1 + i for i, k in enumerate(rest)}
    return (_together([events[k] for k in held]), *(events[k] for k in rest)), tuple(
        places[k] for k in range(len(events))
    )


def _together(events: Sequence[Event]) -> Event:
    """One event of several mentions: the one that says most, with what only the others say."""
    best = max(events, key=lambda e: (e.place is not None, e.date is not None, _rank(e), bool(e.perpetrators)))

    def union(name: str) -> tuple[Mention, ...]:
        found: dict[str, Mention] = {}
        for event in (best, *events):
            for mention in getattr(event, name):
                found.setdefault(mention.id or mention.text.casefold(), mention)
        return tuple(found.values())

    special = max(events, key=_rank)
    named = special if _rank(special) > _rank(best) and special.type in _VIOLENT and best.type in _VIOLENT else best
    return replace(
        best,
        type=named.type,
        subtype=named.subtype,
        muc4=next((e.muc4 for e in (best, *events) if e.muc4), None),
        plover=named.plover,
        cameo=named.cameo,
        gtd=named.gtd,
        place=best.place or next((e.place for e in events if e.place), None),
        date=best.date or next((e.date for e in events if e.date), None),
        perpetrators=union("perpetrators"),
        perpetrator_confidence=next((e.perpetrator_confidence for e in (best, *events) if e.perpetrators), None),
        targets=union("targets"),
        victims=union("victims"),
        weapons=union("weapons"),
        victim_kinds=tuple(dict.fromkeys(k for e in (best, *events) for k in e.victim_kinds)),
    )


_VIOLENT = frozenset(("Battles", "Explosions/Remote violence", "Violence against civilians"))


def _rank(event: Event) -> int:
    key = f"{event.type}/Other" if event.subtype == "Other" else event.subtype or "Other"
    cls = load_classes().get(key)
    return cls.rank if cls else 0
