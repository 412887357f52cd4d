"""How the things of an alert hang together in STIX: what is said to attack whom, with what, and what an indicator tells of.

| from | link | to |
|---|---|---|
| incident | `attributed-to` | actors (`related-to` where the attribution is denied, and for those who take down or arrest) |
| incident | `targets` | victims that have a name, else their sector |
| incident | `uses` | malware of the event, techniques |
| incident | `located-at` | the place |
| incident | `related-to` | vulnerabilities |
| intrusion set, threat actor | `uses`, `targets` | malware of its attack; its victims |
| indicator | `indicates` | malware, tools, actors, campaigns, techniques that it stands with in the text |
| indicator | `related-to` | vulnerabilities that it stands with |
| indicator | `based-on` | its observable |

A sighting tells when an indicator was seen, where the text says so.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from connectors.sinks.known import TAKEDOWNS, party_kind
from connectors.sinks.stixhistory import Claim, Claimed
from connectors.sinks.stixmaker import Maker, Object, text
from connectors.sinks.stixnames import (
    is_name,
    make_catalogued,
    make_malware,
    make_party,
    make_sector,
)
from pipeline.records import Alert, Indicator, Mention

HAPPENED = frozenset({"actual", "background", "attempted"})
PARTIES_MAX = 50
_COUNTRY = re.compile(r"[A-Z]{2}")


class Link(Struct, frozen=True):
    """A relationship that an alert claims."""

    source: str
    kind: str
    target: str
    lines: tuple[str, ...] = ()
    confidence: int | None = None


class Graph(Struct):
    """Things by their id, and the links between them."""

    things: dict[str, Object]
    links: list[Link]

    def add(self, thing: Object) -> str:
        """Put it in; its id."""
        self.things[thing["id"]] = thing
        return str(thing["id"])


def draw(alert: Alert, maker: Maker, incident: str) -> Graph:
    """What the alert itself says, indicators apart."""
    graph = Graph({}, [])
    sure = round(alert.credibility * 100)

    def link(source: str, kind: str, target: str, *lines: str) -> None:
        graph.links.append(Link(source, kind, target, lines, sure))

    actors = [graph.add(make_party(maker, a)) for a in _known(alert.actors)]
    victims = [graph.add(make_party(maker, v, alert.sector)) for v in _victims(alert)]
    malware = [graph.add(make_malware(maker, m.id, m.text)) for m in alert.malware[:PARTIES_MAX]]
    if alert.sector and not victims:
        victims = [graph.add(make_sector(maker, alert.sector))]
    says = _how(alert)
    is_blamed = alert.event_subtype not in TAKEDOWNS and alert.realis != "denied" and says != "denied"
    for actor in actors:
        link(
            incident, "attributed-to" if is_blamed else "related-to", actor, *([f"attribution: {says}"] if says else [])
        )
    for victim in victims:
        link(incident, "targets", victim)
    for family in malware:
        link(incident, "uses" if is_blamed else "related-to", family)
    for place in _places(alert, maker):
        link(incident, "located-at", graph.add(place))
    if is_blamed and alert.realis in HAPPENED:
        for actor in (a for a in actors if not a.startswith("identity--")):
            for family in malware:
                link(actor, "uses", family)
            for victim in victims:
                link(actor, "targets", victim)
    for indicator in alert.indicators:
        if thing := thing_of(indicator, maker):
            kind = {"vulnerability": "related-to", "course-of-action": "related-to"}.get(thing["type"], "uses")
            link(incident, kind if is_blamed else "related-to", graph.add(thing))
    return graph


def thing_of(indicator: Indicator, maker: Maker) -> Object | None:
    """What an indicator is that is the number of a thing in a catalogue, and no value that a log can hold."""
    value = indicator.value
    match indicator.type:
        case "cve" | "ghsa":
            return make_catalogued(maker, "vulnerability", value)
        case "attack-technique":
            return make_catalogued(maker, "attack-pattern", value)
        case "attack-mitigation":
            return make_catalogued(maker, "course-of-action", value)
        case "attack-campaign":
            return make_catalogued(maker, "campaign", value)
        case "attack-software":
            return make_malware(maker, f"attack:{value}", value)
        case "attack-group":
            return make_party(maker, Mention(value, 0, 0, f"attack:{value}"))
    return None


def claim_link(link: Link, at: str) -> Claimed:
    """The relationship that says it."""
    static = {"relationship_type": link.kind, "source_ref": link.source, "target_ref": link.target}
    claim = Claim(at=at, lines=tuple(text(line) for line in link.lines), confidence=link.confidence)
    return Claimed("relationship", f"{link.source} {link.kind} {link.target}", static, claim)


def _known(parties: tuple[Mention, ...]) -> Iterator[Mention]:
    """Those with an id: a name that nobody vouches for stays in the incident's words."""
    yield from (p for p in parties[:PARTIES_MAX] if p.id is not None)


def _victims(alert: Alert) -> list[Mention]:
    """Who was hit, and has a name."""
    doers = {a.id or a.text for a in alert.actors}
    named = [t for t in alert.targets if (t.id is not None or is_name(t.text)) and (t.id or t.text) not in doers]
    if alert.event_subtype not in TAKEDOWNS:  # an actor of concern that attacks is no victim of its own
        return named[:PARTIES_MAX]
    return [t for t in named if party_kind(t.id) != "identity" or t.id][:PARTIES_MAX]


def _how(alert: Alert) -> str:
    """How sure the attribution is, in the word of the line; empty where it is simply reported."""
    how = alert.line.by_how if alert.line else None
    return how if how and how != "reported" else ""


def _places(alert: Alert, maker: Maker) -> Iterator[Object]:
    place = alert.place
    if place is None:
        return
    where: Object = {"country": place.country} if place.country and _COUNTRY.fullmatch(place.country) else {}
    if (
        place.latitude is not None
        and place.longitude is not None
        and abs(place.latitude) <= 90
        and abs(place.longitude) <= 180
    ):
        where |= {"latitude": place.latitude, "longitude": place.longitude}
    if where:
        name = text(place.name or place.text)
        seed = place.id or f"{name.casefold()} {sorted(where.items())}"
        yield {**maker.still, "type": "location", "id": maker.id("location", seed), "name": name, **where}
