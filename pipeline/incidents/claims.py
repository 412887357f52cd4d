"""The claims of an alert: each once, by who makes it; what numbers its words allow; on which kinds sources disagree."""

from collections.abc import Sequence

from pipeline.incidents.members import Member
from pipeline.records import (
    AlertClaim,
    Claim,
    Mention,
)

CLAIMS_MAX = 40


HEDGED_UP = {"at least", "more than", "over", "not less than", "no fewer than", "upwards of", "minimum"}


HEDGED_DOWN = {"nearly", "almost", "up to", "as many as", "fewer than", "less than", "under", "close to"}


OWN_MIN = 0.5
"""A number this sure to be of the article's main event is the alert's own; of the others it is said that they are told beside it."""


HEDGE_MARGIN = 0.15
"""How far "nearly 600" may lie below 600; "some" and "about" reach as far to both sides."""


def claim_range(claim: AlertClaim) -> tuple[float, float] | None:
    """The numbers that a claim's words allow; None without a number."""
    if claim.low is None and claim.high is None:
        return None
    low = float(claim.low if claim.low is not None else 0)
    high = float(claim.high) if claim.high is not None else float("inf")
    hedge = (claim.hedge or "").casefold()
    if hedge in HEDGED_UP:
        return low, float("inf")
    if hedge in HEDGED_DOWN:
        return low * (1 - HEDGE_MARGIN), high
    if hedge:
        return low * (1 - HEDGE_MARGIN), high * (1 + HEDGE_MARGIN)
    return low, high


def alert_claims(members: Sequence[Member]) -> tuple[AlertClaim, ...]:
    found: dict[tuple[object, ...], AlertClaim] = {}
    for member in members:
        for claim in member.findings.claims:
            if claim.realis in {"actual", "denied"}:
                mine = _alert_claim(member, claim)
                said_by = mine.claimant_id or (mine.claimant or "").casefold() or member.story
                found.setdefault((mine.kind, mine.low, mine.high, mine.stance, said_by), mine)
    return tuple(found.values())[:CLAIMS_MAX]


def _alert_claim(member: Member, claim: Claim) -> AlertClaim:
    def words(mention: Mention | None) -> str | None:
        return mention.text if mention else None

    return AlertClaim(
        kind=claim.kind,
        low=claim.low,
        high=claim.high,
        hedge=claim.hedge,
        since=claim.since,
        stance=claim.stance,
        realis=claim.realis,
        claimant=words(claim.claimant),
        claimant_id=claim.claimant.id if claim.claimant else None,
        agent=words(claim.agent),
        object=words(claim.object),
        text=claim.text,
        version_id=member.article.version_id,
        start=claim.start,
        end=claim.end,
        also=claim.p is not None and claim.p < OWN_MIN,
    )


def disputed_kinds(claims: Sequence[AlertClaim]) -> tuple[str, ...]:
    """The kinds on which two reports can't both be right: the largest number of each report, as far as hedges allow."""
    tops: dict[tuple[str, str], AlertClaim] = {}
    for claim in claims:
        key = (claim.kind, claim.version_id)
        if (
            claim.low is not None
            and claim.stance != "denies"
            and claim.low > (tops[key].low or 0 if key in tops else -1)
        ):
            tops[key] = claim
    kinds: list[str] = []
    for kind in dict.fromkeys(k for k, _ in tops):
        ranges = [r for (k, _), c in tops.items() if k == kind and (r := claim_range(c))]
        if ranges and max(low for low, _ in ranges) > min(high for _, high in ranges):
            kinds.append(kind)
    denied = {c.kind for c in claims if c.stance == "denies"}
    return tuple(dict.fromkeys([*kinds, *sorted(denied & {c.kind for c in claims if c.stance != "denies"})]))
