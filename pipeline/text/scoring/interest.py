"""What the operator watches counts more: countries and actors named in the table's `[interest]`."""

from collections.abc import Iterator

from pipeline.records import Findings, Mention, Reason
from pipeline.text.scoring.current import counting_claims, counting_events
from pipeline.text.scoring.weights import Weights


def interest_reasons(findings: Findings, weights: Weights) -> list[Reason]:
    """A reason for each country and actor of interest in the present events and claims, together at most `interest.max`."""
    reasons: list[Reason] = []
    seen: set[str] = set()
    left = weights.interest.max
    for key, points, words in _found(findings, weights):
        given = min(points, left)
        if key not in seen and given:
            seen.add(key)
            left -= max(given, 0.0)
            reasons.append(Reason(f"of interest: {key}", round(given, 4), words.start, words.end))
    return reasons


def _found(findings: Findings, weights: Weights) -> Iterator[tuple[str, float, Mention]]:
    countries, actors = weights.interest.countries, weights.interest.actors
    for event in counting_events(findings, weights):
        if event.place and event.place.country in countries:
            yield event.place.country, countries[event.place.country], event.place
        for party in (*event.perpetrators, *event.targets, *event.victims):
            if party.id in actors:
                yield party.id, actors[party.id], party
    for claim in counting_claims(findings, weights):
        for named in (claim.agent, claim.object, claim.claimant):
            if named is not None and named.id in actors:
                yield named.id, actors[named.id], named
