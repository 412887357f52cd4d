"""An alert is a pure function of what is known about its incident, and a revision is what differs from the one before.

`compose` makes the alert from the members (the latest version of each article of the incident); `revise` numbers it and says
what changed. So a replay, another order or another batch size ends with the same alert.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pipeline.incidents.corroboration import independent
from pipeline.incidents.headline import choose_headline
from pipeline.incidents.matching import main_event
from pipeline.records import (
    SEVERITIES,
    Alert,
    AlertClaim,
    Article,
    Assessment,
    Change,
    Claim,
    Event,
    Evidence,
    Findings,
    IncidentId,
    LinkVerdict,
    Mention,
    Reason,
    Severity,
    Source,
    StoryId,
)
from pipeline.records.identity import alert_id
from pipeline.text.dedupe.agency import agency_of
from pipeline.text.dedupe.owners import owner_of
from pipeline.text.line import stated
from pipeline.text.scoring import DEFAULT, Weights, describe

CLAIMS_MAX = 40
SOURCES_MAX = 200
INDICATORS_MAX = 200
CHANGES_MAX = 20
EVIDENCE_CHARS_MAX = 300
CREDIBILITY_MAX = 0.98
DISPUTE_FACTOR = 0.8
"""A disputed number makes the whole a little less sure."""
INSTRUMENTS = frozenset(
    "airstrike airstrikes ambush assault attack attacks blast blasts bomb bombing bombings bombs bullet bullets bus car cars clash clashes crash drone drones"
    " explosion explosions explosives fire gunfire grenade ied landmine mine missile missiles mortar motorcycle quake raid raids rocket rockets shell shelling"
    " shells shooting storm strike strikes truck van vehicle violence".split()
)
"""What does the harm in a sentence, and is no actor."""
ENDED: frozenset[Change] = frozenset({"retracted", "merged", "closed"})
"""After these an alert is over, until a report tells it again."""
HEDGED_UP = {"at least", "more than", "over", "not less than", "no fewer than", "upwards of", "minimum"}
HEDGED_DOWN = {"nearly", "almost", "up to", "as many as", "fewer than", "less than", "under", "close to"}
OWN_MIN = 0.5
"""A number this sure to be of the article's main event is the alert's own; of the others it is said that they are told beside it."""
HEDGE_MARGIN = 0.15
"""How far "nearly 600" may lie below 600; "some" and "about" reach as far to both sides."""


class Member(Struct, frozen=True):
    """The latest version of one article of an incident, with all that is known about it."""

    article: Article
    story: StoryId
    verdict: LinkVerdict
    findings: Findings
    assessment: Assessment


def compose(incident: IncidentId, members: Sequence[Member], weights: Weights = DEFAULT) -> Alert | None:
    """The alert as the members have it, without number or changes; None when no member is worth one.

    `weights`: of the table only the level counts, from which the line is stated.
    """
    ordered = sorted(members, key=lambda m: (m.article.fetched, m.article.version_id))[:SOURCES_MAX]
    ringing = [m for m in ordered if m.assessment.severity is not None]
    if not ringing:
        return None
    lead = max(ringing, key=lambda m: m.assessment.score)  # the first of equals
    event = main_event(lead.findings)
    claims = _claims(ordered)
    disputed = _disputed([claim for claim in claims if not claim.also])
    said = stated(lead.findings.line, weights.level)
    sources = tuple(_source(m) for m in ordered)
    credibility, believed = _credibility(ringing, sources, bool(disputed))
    return Alert(
        alert_id=alert_id(incident),
        revision=0,
        change="created",
        incident=incident,
        category=lead.assessment.category or "other",
        severity=_worst(m.assessment.severity for m in ringing),
        score=lead.assessment.score,
        credibility=credibility,
        headline=choose_headline([m.article for m in ringing], said),
        what=describe(lead.article, lead.findings, weights=weights),
        line=lead.findings.line,
        event_type=event.type if event else None,
        event_subtype=event.subtype if event else None,
        realis=event.realis if event else "actual",
        date=event.date if event else None,
        place=event.place if event else None,
        actors=_distinct((*(event.perpetrators if event else ()), *_agents(lead.findings))),
        targets=_distinct((*event.targets, *event.victims)) if event else (),
        weapons=_distinct(event.weapons) if event else (),
        claims=claims,
        disputed=disputed,
        indicators=_indicators(ringing),
        sources=sources,
        independent_sources=independent(sources),
        reasons=lead.assessment.reasons,
        credibility_reasons=believed,
        evidence=_evidence(lead, event),
        first_seen=ordered[0].article.fetched,
        last_seen=ordered[-1].article.fetched,
        model=lead.findings.model,
        knowledge=lead.findings.knowledge,
        warnings=lead.findings.warnings,
        weights=lead.assessment.weights,
    )


def revise(previous: Alert | None, draft: Alert | None, notes: Sequence[str] = ()) -> Alert | None:
    """The next revision of the alert; None when a subscriber would learn nothing new.

    `notes`: what is known of the change beside the two alerts, such as what a source changed in its report.
    """
    if previous is None:
        return replace(draft, revision=1, change="created") if draft else None
    if draft is None:
        if previous.change in {"retracted", "merged"}:
            return None
        why = ("no source tells it any more",)
        return replace(previous, revision=previous.revision + 1, change="retracted", changes=why, in_scope=False)
    changes = tuple(_changes(previous, draft))
    if not changes:
        return None
    told = (*changes, *notes)[:CHANGES_MAX]
    return replace(draft, revision=previous.revision + 1, change=_change(previous, draft), changes=told)


def close(previous: Alert, quiet_days: int) -> Alert | None:
    """The revision that closes an alert after nobody has told it for so long; None when it is over already.

    It stays in scope: closed is not withdrawn. A later report opens it again.
    """
    if previous.change in ENDED:
        return None
    why = (f"no report for {quiet_days} days",)
    return replace(previous, revision=previous.revision + 1, change="closed", changes=why)


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


def _claims(members: Sequence[Member]) -> tuple[AlertClaim, ...]:
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


def _disputed(claims: Sequence[AlertClaim]) -> tuple[str, ...]:
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


def _source(member: Member) -> Source:
    article = member.article
    agency = agency_of(article.text, article.authors)
    return Source(
        article_id=article.article_id,
        version_id=article.version_id,
        story=member.story,
        feed=article.feed,
        verdict=member.verdict,
        title=article.title,
        url=article.url,
        published=article.published,
        agency=agency,
        owner=owner_of(article.url, agency) if agency else article.owner or owner_of(article.url),
        grade=article.grade,
    )


def _credibility(
    ringing: Sequence[Member], sources: Sequence[Source], disputed: bool
) -> tuple[float, tuple[Reason, ...]]:
    """One minus the chance that every independent source is wrong; a dispute lowers it. With the reasons that add up to it.

    The most credible member's own reasons come first (without their offsets: they point into its text, not the lead's).
    """
    ranked = sorted(ringing, key=lambda m: -m.assessment.credibility)[: independent(sources)]
    best = ranked[0].assessment.credibility
    wrong = 1.0
    for member in ranked:
        wrong *= 1 - member.assessment.credibility
    agreed = 1 - wrong
    total = round(min(CREDIBILITY_MAX, agreed * (DISPUTE_FACTOR if disputed else 1)), 3)
    reasons = [Reason(r.rule, r.points) for r in ranked[0].assessment.credibility_reasons] or [Reason("as told", best)]
    if len(ranked) > 1:
        reasons.append(Reason(f"corroborated: {len(ranked)} independent sources", round(agreed - best, 4)))
    if disputed:
        reasons.append(Reason("sources disagree on numbers, or one denies", round(agreed * (DISPUTE_FACTOR - 1), 4)))
    return total, tuple(reasons)


def _worst(severities: Iterable[Severity | None]) -> Severity:
    return max((s for s in severities if s), key=SEVERITIES.index)


def _agents(findings: Findings) -> tuple[Mention, ...]:
    """Who did what the claims count. In "a car bomb killed three" the sentence's subject is nobody."""
    agents = [c.agent for c in findings.claims if c.agent and c.realis == "actual"]
    return tuple(a for a in agents if a.id or a.text.casefold().split()[-1] not in INSTRUMENTS)


def _distinct(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for m in mentions:
        found.setdefault(m.id or m.text.casefold(), Mention(m.text, m.start, m.end, m.id))
    return tuple(found.values())


def _indicators(members: Sequence[Member]) -> tuple:  # type: ignore[type-arg]
    found = {(i.type, i.value): i for m in reversed(members) for i in m.findings.indicators if i.verdict != "benign"}
    return tuple(reversed(found.values()))[:INDICATORS_MAX]


def _evidence(lead: Member, event: Event | None) -> tuple[Evidence, ...]:
    article = lead.article

    def quote(name: str, at: Mention | Event | Claim) -> Evidence:
        return Evidence(
            name, article.version_id, at.start, at.end, article.text[at.start : at.end][:EVIDENCE_CHARS_MAX]
        )

    found: list[Evidence] = []
    if event:
        found.append(quote("event", event))
        found += [quote("place", event.place)] if event.place else []
        for name, mentions in (
            ("perpetrator", event.perpetrators),
            ("target", event.targets),
            ("victim", event.victims),
            ("weapon", event.weapons),
        ):
            found += [quote(name, m) for m in mentions]
    for claim in lead.findings.claims:
        if claim.realis in {"actual", "denied"}:
            found.append(quote(f"claim:{claim.kind}", claim))
            found += [quote("claimant", claim.claimant)] if claim.claimant else []
    return tuple(dict.fromkeys(found))


def _change(previous: Alert, draft: Alert) -> Change:
    if set(draft.disputed) - set(previous.disputed):
        return "disputed"
    if draft.independent_sources > previous.independent_sources:
        return "corroborated"
    return "revised"


def _changes(previous: Alert, draft: Alert) -> Iterable[str]:
    """What differs, in words; differences that no reader would call one (scores, times) are not listed."""
    if previous.change in ENDED:
        yield "told again"
    known = {s.version_id for s in previous.sources}
    articles = {s.article_id for s in previous.sources}
    for source in draft.sources:
        if source.version_id not in known:
            verb = {"exact": "reprints it", "near": "reprints it", "revision": "revised its report"}
            what = "revised its report" if source.article_id in articles else verb.get(source.verdict, "reports it too")
            yield f"{source.feed} {what}"
    for name in ("severity", "event_subtype", "realis", "date"):
        before, after = getattr(previous, name), getattr(draft, name)
        if before != after:
            yield f"{name.replace('_', ' ')}: {before} -> {after}"
    told = {_claim_key(c) for c in previous.claims}
    for claim in draft.claims:
        if _claim_key(claim) not in told:
            said_by = f" ({claim.claimant})" if claim.claimant else ""
            yield f"new claim{said_by}: {claim.text}"
    still = {_claim_key(c) for c in draft.claims}
    for claim in previous.claims:
        if _claim_key(claim) not in still:
            yield f"no longer claimed: {claim.text}"
    for kind in draft.disputed:
        if kind not in previous.disputed:
            yield f"sources disagree on {kind}"
    for kind in previous.disputed:
        if kind not in draft.disputed:
            yield f"sources no longer disagree on {kind}"
    if draft.independent_sources < previous.independent_sources:
        yield f"independent sources: {previous.independent_sources} -> {draft.independent_sources}"
    before_values = {(i.type, i.value) for i in previous.indicators}
    more = [i for i in draft.indicators if (i.type, i.value) not in before_values]
    if more:
        yield f"{len(more)} more indicators"


def _claim_key(claim: AlertClaim) -> tuple[object, ...]:
    return (claim.kind, claim.low, claim.high, claim.stance, claim.claimant_id or claim.claimant)
