"""How far an article can be believed, 0..1: its source's grade, then who stands behind its claims, and how.

Apart from severity on purpose: a wild claim of a massacre is grave and doubtful, and both should show.
"""

from pipeline.records import Article, Claim, Findings, Reason
from pipeline.text.scoring.current import event_of
from pipeline.text.scoring.weights import DEFAULT, Weights

AGENCY_CHARS_MAX = 400
"""How far from the beginning a wire agency's sign is looked for, characters."""


def weigh_credibility(
    article: Article, findings: Findings, *, weights: Weights = DEFAULT
) -> tuple[float, tuple[Reason, ...]]:
    """Credibility and what made it so: the start (by the source's grade) as first reason, then what claims add and take."""
    table = weights.credibility
    grade = (article.grade or "").upper()
    start = table.grades.get(grade, table.base)
    reasons = [Reason(f"source graded {grade}" if grade in table.grades else "source not graded", start)]
    if agency := weights.patterns["agencies"].search(article.text[:AGENCY_CHARS_MAX]):
        reasons.append(Reason(f"agency: {agency[0].strip('()')}", table.agency, *agency.span()))
    elif any(weights.patterns["agencies"].search(f"({author})") for author in article.authors):
        reasons.append(Reason("agency", table.agency))
    claims = [claim for claim in findings.claims if claim.realis != "background"]
    reasons += _claim_reasons(claims, findings, weights)
    total = sum(reason.points for reason in reasons)
    return round(min(table.max, max(table.min, total)), 4), tuple(reasons)


def _claim_reasons(claims: list[Claim], findings: Findings, weights: Weights) -> list[Reason]:
    table = weights.credibility
    reasons = []
    if confirmed := next((claim for claim in claims if claim.stance == "confirms"), None):
        reasons.append(_of(confirmed, "officially confirmed", table.official))
    if named := next(
        (claim for claim in claims if claim.claimant is not None and _has_name(claim.claimant.text)), None
    ):
        reasons.append(_of(named, "named claimant", table.named))
    elif claims and all(claim.claimant is None for claim in claims):
        reasons.append(_of(claims[0], "nobody named for the claims", table.anonymous))
    if partisan := next((claim for claim in claims if _is_partisan(claim, findings)), None):
        reasons.append(_of(partisan, "a party to it claims", table.partisan))
    numbers = [claim for claim in claims if claim.low is not None or claim.high is not None or claim.hedge]
    if numbers and all(claim.hedge for claim in numbers):
        reasons.append(_of(numbers[0], "every number hedged", table.hedged))
    denial = next((claim for claim in claims if claim.stance == "denies"), None)
    if denial:
        reasons.append(_of(denial, "denied or disputed", table.disputed))
    elif any(event.perpetrator_confidence == "denied" or event.realis == "denied" for event in findings.events):
        reasons.append(Reason("denied or disputed", table.disputed))
    return reasons


def _of(claim: Claim, rule: str, points: float) -> Reason:
    return Reason(rule, points, claim.start, claim.end)


def _has_name(text: str) -> bool:
    return any(word[:1].isupper() for word in text.split())


def _is_partisan(claim: Claim, findings: Findings) -> bool:
    """Whether the claimant speaks of its own deeds: it is the agent, or a party of the event."""
    if claim.claimant is None:
        return False
    if claim.stance == "claims" and claim.kind == "responsibility":
        return True
    event = event_of(claim, findings)
    parties = [claim.agent, *(event.perpetrators if event else ()), *(event.targets if event else ())]
    same = [party for party in parties if party is not None]
    return any(
        (party.id is not None and party.id == claim.claimant.id) or party.text == claim.claimant.text for party in same
    )
