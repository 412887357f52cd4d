"""An alert is a pure function of what is known about its incident, and a revision is what differs from the one before.

`compose` makes the alert from the members (the latest version of each article of the incident); `revise` numbers it and says
what changed. So a replay, another order or another batch size ends with the same alert.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from pipeline.incidents.claims import alert_claims
from pipeline.incidents.corroboration import independent
from pipeline.incidents.disputes import disputed_kinds
from pipeline.incidents.facts import Facts, facts_of
from pipeline.incidents.headline import choose_headline
from pipeline.incidents.matching import main_event
from pipeline.incidents.members import Member
from pipeline.records import (
    SEVERITIES,
    Alert,
    Claim,
    Event,
    Evidence,
    IncidentId,
    Indicator,
    Mention,
    Reason,
    Relation,
    Severity,
    Source,
)
from pipeline.records.identity import alert_id
from pipeline.text.dedupe.agency import agency_of
from pipeline.text.dedupe.owners import owner_of
from pipeline.text.line import stated
from pipeline.text.scoring import DEFAULT, Weights, describe

SOURCES_MAX = 200
INDICATORS_MAX = 200
EVIDENCE_CHARS_MAX = 300
CREDIBILITY_MAX = 0.98
DISPUTE_FACTOR = 0.8
"""A disputed number makes the whole a little less sure."""
RULES = frozenset({"yara-rule", "sigma-rule"})
VERDICTS = ("malicious", "suspicious", "unknown", "benign")


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
    claims = alert_claims(ordered)
    said = stated(lead.findings.line, weights.level)
    facts = facts_of(lead.findings, event, weights.level)
    sources = tuple(_source(m) for m in ordered)
    disputed = disputed_kinds(claims, sources)
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
        event_type=facts.event_type,
        event_subtype=facts.event_subtype,
        realis=facts.realis,
        date=facts.date,
        place=facts.place,
        actors=facts.actors,
        targets=facts.targets,
        weapons=facts.weapons,
        malware=_distinct(event.malware) if event else (),
        sector=event.sector if event else None,
        claims=claims,
        disputed=disputed,
        indicators=_indicators(ringing),
        sources=sources,
        independent_sources=independent(sources),
        reasons=lead.assessment.reasons,
        credibility_reasons=believed,
        evidence=_evidence(lead, event, facts),
        first_seen=ordered[0].article.fetched,
        last_seen=ordered[-1].article.fetched,
        model=lead.findings.model,
        knowledge=lead.findings.knowledge,
        warnings=lead.findings.warnings,
        weights=lead.assessment.weights,
    )


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
        relation=cast("Relation", member.relation),
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


def _distinct(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for m in mentions:
        found.setdefault(m.id or m.text.casefold(), Mention(m.text, m.start, m.end, m.id))
    return tuple(found.values())


def _indicators(members: Sequence[Member]) -> tuple[Indicator, ...]:
    """All that is not called benign, as told, each value once and with the worst that is said of it; rules for detection accuse nobody and go along.

    A port stands once for each address that it is behind: which one is told by its place.
    """
    found: dict[tuple[str, str, int], Indicator] = {}
    for indicator in (i for m in members for i in m.findings.indicators):
        if indicator.verdict == "benign" and indicator.type not in RULES:
            continue
        key = (indicator.type, indicator.value, indicator.start if indicator.type == "port" else 0)
        if key not in found or VERDICTS.index(indicator.verdict) < VERDICTS.index(found[key].verdict):
            found[key] = indicator
    return tuple(found.values())[:INDICATORS_MAX]


def _evidence(lead: Member, event: Event | None, facts: Facts) -> tuple[Evidence, ...]:
    article = lead.article

    def quote(name: str, at: Mention | Event | Claim) -> Evidence:
        return Evidence(
            name, article.version_id, at.start, at.end, article.text[at.start : at.end][:EVIDENCE_CHARS_MAX]
        )

    found: list[Evidence] = []
    found += [quote("event", event)] if event else []
    found += [quote("place", facts.place)] if facts.place else []
    for name, mentions in (("perpetrator", facts.actors), ("target", facts.targets), ("weapon", facts.weapons)):
        found += [quote(name, m) for m in mentions]
    for claim in lead.findings.claims:
        if claim.realis in {"actual", "denied"}:
            found.append(quote(f"claim:{claim.kind}", claim))
            found += [quote("claimant", claim.claimant)] if claim.claimant else []
    return tuple(dict.fromkeys(found))
