"""The claims of an alert: each once, by who makes it; what numbers its words allow."""

from collections.abc import Sequence
from datetime import UTC

from pipeline.incidents.matching import main_event
from pipeline.incidents.members import Member
from pipeline.records import (
    AlertClaim,
    Claim,
    Event,
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
        also=_is_beside(member, claim),
        part=claim.part,
        as_of=claim.as_of or _told_at(member),
    )


def _is_beside(member: Member, claim: Claim) -> bool:
    """Whether the claim is of another event than the article's main one; where no reader has read it, by the event that the rules tie it to."""
    if claim.p is not None:
        return claim.p < OWN_MIN
    events = member.findings.events
    if claim.event is None or not 0 <= claim.event < len(events):
        return False
    main, tied = main_event(member.findings), events[claim.event]
    return main is not None and tied is not main and _are_apart(main, tied)


def _are_apart(a: Event, b: Event) -> bool:
    """Whether two events of an article differ in day or place: two wordings of one attack often differ in their class."""
    days = a.date is not None and b.date is not None and not (a.date.startswith(b.date) or b.date.startswith(a.date))
    places = (
        a.place is not None and b.place is not None and (a.place.id or a.place.text) != (b.place.id or b.place.text)
    )
    return days or places


def _told_at(member: Member) -> str:
    """When the article says so, to the second; a time of publication after the fetch is none."""
    article = member.article
    published = article.published if article.published and article.published <= article.fetched else article.fetched
    return published.astimezone(UTC).isoformat(timespec="seconds")
