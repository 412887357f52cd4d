"""What of the findings is of the present, and so may count: events and claims that happen, are tried, or are threatened now."""

from typing import Literal

from pipeline.records import Claim, Event, Findings, Mention
from pipeline.text.scoring.weights import Weights


def counting_events(findings: Findings, weights: Weights) -> tuple[Event, ...]:
    """Events whose realis has weight, in the order of the findings (the main one first)."""
    return tuple(event for event in findings.events if weights.realis.get(event.realis, 0.0) > 0)


def counting_claims(findings: Findings, weights: Weights) -> tuple[Claim, ...]:
    """Claims of numbers that somebody stands by, of a present event or of none."""
    return tuple(claim for claim in findings.claims if _counts(claim, findings, weights))


def _counts(claim: Claim, findings: Findings, weights: Weights) -> bool:
    if claim.stance == "denies" or weights.realis.get(claim.realis, 0.0) <= 0:
        return False
    event = event_of(claim, findings)
    return event is None or weights.realis.get(event.realis, 0.0) > 0


def event_of(claim: Claim, findings: Findings) -> Event | None:
    """The event that a claim is about, if it names one that exists."""
    if claim.event is None or not 0 <= claim.event < len(findings.events):
        return None
    return findings.events[claim.event]


CATALOGUE_KINDS = frozenset({"cve", "ghsa", "advisory"})
"""Indicators that name a vulnerability."""
HOSTILE = frozenset({"malicious", "suspicious"})
_VICTIM_LABELS = frozenset({"ORG", "FAC", "PRODUCT"})
NEAR_CHARS = 240
"""How near a listed group must stand to support an event, characters."""
_HARM_KINDS = frozenset(("killed", "wounded", "abducted", "captured", "missing", "displaced"))


Support = Literal["full", "placed", "bare"]


def support_of(event: Event, findings: Findings) -> Support:
    """What beside its words shows that an event is meant: people harmed, a listed group as a party or close by, or a weapon in
    a known place ("full"); only a known place or party ("placed"); nothing ("bare"), as with figures of speech ("price war").

    A cyber event needs a vulnerability, a hostile indicator, malware or a group ("full"), or a named organisation or product close by ("placed"): people
    hack their brains, rules are breached, and everybody's time is compromised.
    """
    parties = (*event.perpetrators, *event.targets, *event.victims)
    near = range(event.start - NEAR_CHARS, event.end + NEAR_CHARS)
    if any(is_group(party) for party in parties):
        return "full"
    if event.type == "Cyber":
        return _cyber_support(event, findings)
    if any(claim.kind in _HARM_KINDS and event_of(claim, findings) is event for claim in findings.claims):
        return "full"
    if any(entity.label == "GROUP" and entity.id is not None and entity.start in near for entity in findings.entities):
        return "full"
    is_placed = event.place is not None and event.place.id is not None
    if is_placed or any(party.id is not None for party in parties):
        return "full" if is_placed and event.weapons else "placed"
    return "bare"


READ_MIN = 0.6
"""A line at least this sure of a cyber event was read as one of the trade, which asks for company itself (`pipeline/text/cyber`)."""


def _cyber_support(event: Event, findings: Findings) -> Support:
    what = findings.line.what if findings.line else None
    if what is not None and what.value.startswith("Cyber: ") and what.p >= READ_MIN:
        return "full"
    if any(found.type in CATALOGUE_KINDS or found.verdict in HOSTILE for found in findings.indicators):
        return "full"
    if any(entity.label in ("GROUP", "MALWARE") for entity in findings.entities):
        return "full"
    if any(event_of(claim, findings) is event and number_of(claim) is not None for claim in findings.claims):
        return "full"
    near = range(event.start - NEAR_CHARS, event.end + NEAR_CHARS)
    is_named = any(entity.label in _VICTIM_LABELS and entity.start in near for entity in findings.entities)
    return "placed" if is_named else "bare"


def is_supported(event: Event, findings: Findings) -> bool:
    """Whether anything beside its words shows that an event is meant."""
    return support_of(event, findings) != "bare"


def is_group(mention: Mention | None) -> bool:
    """Whether a mention is a known armed group or threat actor."""
    return mention is not None and mention.id is not None and mention.id.startswith(("group:", "attack:G"))


def number_of(claim: Claim) -> int | None:
    """The number that a claim stands for: its lower bound, for the higher one may be anybody's guess."""
    return claim.low if claim.low is not None else claim.high
