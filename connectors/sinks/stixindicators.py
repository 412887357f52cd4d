"""Indicators of an alert as STIX indicators, observables, links and sightings."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec import Struct

from connectors.sinks.measures import port_behind, read_date
from connectors.sinks.stixgraph import Graph, Link, thing_of
from connectors.sinks.stixhistory import Claim, Claimed
from connectors.sinks.stixmaker import Maker, Object, stamp, text
from connectors.sinks.stixnames import make_related
from connectors.sinks.stixvalues import RULES, URI_SIGNS, Value, endpoint_of, uri_of, value_of
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Indicator, IndicatorVerdict, Source

VALID_DAYS = {
    "ipv4": 60, "ipv6": 60, "cidr": 60, "endpoint": 60, "url": 180, "domain": 365, "onion": 365, "email": 365, "telegram": 365,
    "discord": 365, "user-agent": 365, "ja3": 365, "jarm": 365,
}  # fmt: skip
"""How long a value is worth watching for after it was told last, days: addresses change hands soonest, then pages, then names. What is no
place on the network (digests, names of files, rules) has no end. Those of addresses and URLs are the decay that OpenCTI starts with."""
TYPES: dict[IndicatorVerdict, str] = {"malicious": "malicious-activity", "suspicious": "anomalous-activity"}
PHASES = {
    "c2": "command-and-control", "download": "delivery", "phishing": "delivery", "payload": "installation",
    "exfiltration": "actions-on-objective",
}  # fmt: skip
"""Steps of the kill chain by role."""
SOURCES_TOLD_MAX = 3
NAME_CHARS_MAX = 200


class Said(Struct, frozen=True):
    """What the alert's indicators give; `left_out` are those that STIX has no object for."""

    claims: tuple[Claimed, ...]
    observables: tuple[Object, ...]
    links: tuple[Link, ...]
    sightings: tuple[Claimed, ...]
    left_out: tuple[Indicator, ...]


def say_indicators(alert: Alert, maker: Maker, graph: Graph, at: str) -> Said:
    """All of them; things that they belong to are put into the graph."""
    claims: dict[str, Claimed] = {}
    observables: dict[str, Object] = {}
    links: dict[tuple[str, str, str], Link] = {}
    sightings: list[Claimed] = []
    left_out: list[Indicator] = []
    for indicator in alert.indicators:
        values = list(_values(indicator, alert.indicators))
        if not values and thing_of(indicator, maker) is None:
            left_out.append(indicator)
        for kind, value in values:
            for observable in value.observables:
                observables[observable["id"]] = {**observable, **maker.marks}
            if value.pattern is None or (indicator.verdict not in TYPES and indicator.type not in RULES):
                continue
            made = _claim(kind, value, indicator, alert, at)
            made_id = maker.id("indicator", made.seed)
            claims[made_id] = made
            for link in _links(made_id, indicator, value, maker, graph):
                links[link.source, link.kind, link.target] = link
            sightings += _sightings(made_id, indicator, at)
    return Said(
        tuple(claims.values()), tuple(observables.values()), tuple(links.values()), tuple(sightings), tuple(left_out)
    )


def _values(indicator: Indicator, others: Sequence[Indicator]) -> Iterator[tuple[str, Value]]:
    value = value_of(indicator)
    if value is not None:
        yield indicator.type, value
    if indicator.type in {"ipv4", "ipv6"}:
        port = port_behind(indicator, others)
        if port and (endpoint := endpoint_of(indicator.value, port)):
            yield "endpoint", endpoint


def _claim(kind: str, value: Value, indicator: Indicator, alert: Alert, at: str) -> Claimed:
    shown = indicator.value if kind != "endpoint" else f"{indicator.value}:{value.observables[0]['dst_port']}"
    static = {
        "name": text(f"{kind} {shown}", NAME_CHARS_MAX), "pattern": value.pattern, "pattern_type": value.pattern_type,
        **({"pattern_version": "2.1"} if value.pattern_type == "stix" else {}),
    }  # fmt: skip
    told = min((s.published for s in alert.sources if s.published), default=alert.first_seen)
    told = min(told, alert.first_seen)
    begins = min(told, read_date(indicator.first_seen) or told)
    last = max(told, begins, min(read_date(indicator.last_seen, is_end=True) or told, alert.last_seen))
    days = VALID_DAYS.get(kind)
    reason = f": {clean(indicator.reason)}" if indicator.reason else ""
    rule_said = "a rule for detection, as published" if indicator.type in RULES else f"{indicator.verdict}{reason}"
    claim = Claim(
        at=at,
        confidence=round(alert.credibility * 100),
        types=(TYPES.get(indicator.verdict, "malicious-activity"),),
        labels=tuple(text(label) for label in (indicator.role, alert.category) if label),
        lines=(text(rule_said, 500),),
        references=(
            {"source_name": "tocsin", "external_id": alert.alert_id},
            *map(refer, alert.sources[:SOURCES_TOLD_MAX]),
        ),
        phases=(PHASES[indicator.role],) if indicator.role in PHASES else (),
        valid_from=stamp(begins),
        valid_until=stamp(last + timedelta(days=days)) if days else "",
    )
    return Claimed("indicator", f"{value.pattern_type} {value.pattern}", static, claim)


def _links(made_id: str, indicator: Indicator, value: Value, maker: Maker, graph: Graph) -> Iterator[Link]:
    if value.observables:
        yield Link(made_id, "based-on", value.observables[0]["id"])
    for related in indicator.related:
        thing = graph.add(make_related(maker, related))
        kind = "related-to" if thing.startswith(("vulnerability--", "identity--")) else "indicates"
        yield Link(made_id, kind, thing, (f"stands in the same {related.scope}",))


def _sightings(made_id: str, indicator: Indicator, at: str) -> Iterator[Claimed]:
    first, last = read_date(indicator.first_seen), read_date(indicator.last_seen, is_end=True)
    if indicator.verdict not in TYPES or not (first or last):
        return
    first = first or read_date(indicator.last_seen)
    times = {"first_seen": stamp(first)} if first else {}
    if last and first and last > first:
        times["last_seen"] = stamp(last)
    static = {"sighting_of_ref": made_id, **times}
    yield Claimed("sighting", f"{made_id} {times}", static, Claim(at=at, lines=("as the text says",)))


def refer(source: Source) -> dict[str, str]:
    """A source as an external reference, with its address where it is one that can be followed."""
    told = {"source_name": text(source.feed), "description": text(source.title or "", 300)}
    if source.url and source.url.startswith(("http://", "https://")) and clean(source.url) == source.url:
        uri = uri_of(source.url)
        if uri and all(c.isalnum() or c in URI_SIGNS for c in uri):
            told["url"] = uri
    return told
