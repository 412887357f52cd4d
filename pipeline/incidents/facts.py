"""The facts beside an alert's headline: the elements of the stated line, and the main event only where no reader has read the article.

What is not sure enough to be stated is no fact either; it stays in `Alert.line` with how sure it is, and in the findings, where watch rules find it.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from pipeline.records import Alert, Element, Event, Findings, Line, Mention, Party, Place, Realis
from pipeline.text.events.ontology import load_classes
from pipeline.text.line import Level, stated, sure_places
from pipeline.text.line.names import can_act
from pipeline.text.places.gazetteer import default_gazetteer


class Facts(Struct, frozen=True, kw_only=True):
    """What an alert says of its event."""

    event_type: str | None = None
    event_subtype: str | None = None
    realis: Realis = "actual"
    date: str | None = None
    place: Place | None = None
    actors: tuple[Mention, ...] = ()
    targets: tuple[Mention, ...] = ()
    weapons: tuple[Mention, ...] = ()


def facts_of(findings: Findings, event: Event | None, level: Level) -> Facts:
    """The facts. `event`: the main one; `level`: at which the findings' line is stated. A sure place is a fact also where the class is not sure.

    Of computer events the reader has learned no roles: where it states nothing their class and known names are the rules'.
    """
    if not findings.reader:
        return _of_event(event, _agents(findings))
    line = stated(findings.line, level)
    if line is not None:
        return _of_line(line, findings, event)
    if event is not None and event.type == "Cyber":
        return _of_event(_known(event), ())
    places = sure_places(findings.line, level)
    return Facts(place=_place(places[0], findings) if places else None)


def outcomes_of(alert: Alert) -> Iterator[tuple[str, Literal["stated", "unsure", "none"]]]:
    """Of each element of an alert's line whether it is stated, read and not sure enough, or not there; nothing where nobody has read the article."""
    line = alert.line
    if line is None:
        return
    for element, is_stated, is_read in (
        ("what", alert.event_subtype is not None, line.what is not None),
        ("by", bool(alert.actors), bool(line.by)),
        ("against", bool(alert.targets), bool(line.against)),
        ("where", alert.place is not None, bool(line.where)),
        ("when", alert.date is not None, line.when is not None),
        ("counts", any(not c.also for c in alert.claims), bool(line.counts)),
    ):
        yield element, "stated" if is_stated else "unsure" if is_read else "none"


def _of_event(event: Event | None, agents: tuple[Mention, ...]) -> Facts:
    if event is None:
        return Facts(actors=_distinct(agents))
    return Facts(
        event_type=event.type,
        event_subtype=event.subtype,
        realis=event.realis,
        date=event.date,
        place=event.place,
        actors=_distinct((*event.perpetrators, *agents)),
        targets=_distinct((*event.targets, *event.victims)),
        weapons=_distinct(event.weapons),
    )


def _of_line(line: Line, findings: Findings, event: Event | None) -> Facts:
    told = line.what.value if line.what else ""
    outside, _, inner = told.partition(": ")
    known = load_classes().get(told)
    return Facts(
        event_type=outside if inner else known.type if known else None,
        event_subtype=inner or told or None,
        realis=line.realis,
        date=line.when.value if line.when else None,
        place=_place(line.where[0], findings) if line.where else None,
        actors=_distinct(map(_mention, line.by)),
        targets=_distinct(map(_mention, line.against)),
        weapons=_distinct(event.weapons) if event else (),
    )


def _known(event: Event) -> Event:
    """The event with those of its parties whom the knowledge base knows."""

    def known(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
        return tuple(m for m in mentions if m.id)

    return Event(
        type=event.type,
        subtype=event.subtype,
        realis=event.realis,
        date=event.date,
        perpetrators=tuple(Party(m.text, m.start, m.end, m.id) for m in known(event.perpetrators)),
        targets=known(event.targets),
        victims=known(event.victims),
        start=event.start,
        end=event.end,
    )


def _mention(element: Element) -> Mention:
    return Mention(element.value, element.start or 0, element.end or 0, element.id)


def _place(element: Element, findings: Findings) -> Place:
    """The stated place, with its coordinates where a table has them."""
    named = _mention(element)
    for event in findings.events:
        if event.place is not None and element.id is not None and event.place.id == element.id:
            return event.place
    toponym = default_gazetteer().place(element.id) if element.id else None
    if toponym is None:
        return Place(named.text, named.start, named.end, named.id)
    return Place(
        named.text,
        named.start,
        named.end,
        named.id,
        name=toponym.name,
        country=toponym.country,
        latitude=toponym.latitude,
        longitude=toponym.longitude,
    )


def _agents(findings: Findings) -> tuple[Mention, ...]:
    """Who did what the claims count. In "a car bomb killed three" the sentence's subject is nobody, and who only says so did nothing."""
    counted = [c for c in findings.claims if c.agent and c.realis == "actual"]
    return tuple(
        c.agent for c in counted if c.agent and c.agent != c.claimant and (c.agent.id or can_act(c.agent.text))
    )


def _distinct(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for m in mentions:
        found.setdefault(m.id or m.text.casefold(), Mention(m.text, m.start, m.end, m.id))
    return tuple(found.values())
