"""What one article is worth: a sum of named reasons, each with the words that show it, or why it is worth no alert.

Pure: the same article, findings and table give the same assessment. All weights are in `weights.toml`; here is only what they
are applied to. An alert needs a sign of its own (a present event, a number of people harmed, malicious indicators, an
exploited vulnerability); places, weapons and names of groups only add to one.
"""

from msgspec.structs import replace

from pipeline.records import (
    SEVERITIES,
    Article,
    Assessment,
    Category,
    Claim,
    Findings,
    Line,
    LineCount,
    Reason,
    Severity,
)
from pipeline.text.line import stated
from pipeline.text.scoring.credibility import weigh_credibility
from pipeline.text.scoring.current import (
    counting_claims,
    counting_events,
)
from pipeline.text.scoring.cybersigns import cyber_signs
from pipeline.text.scoring.interest import interest_reasons
from pipeline.text.scoring.signs import (
    Sign,
    companion_signs,
    event_signs,
    foreign_signs,
    harm_signs,
    leisure_signs,
    responsibility_signs,
)
from pipeline.text.scoring.weights import DEFAULT, Weights


def assess(article: Article, findings: Findings, *, weights: Weights = DEFAULT) -> Assessment:
    """The assessment of one article with its findings. Exactly one of `severity` and `why_not` is set."""
    signs = event_signs(article, findings, weights)
    signs += harm_signs(article, findings, weights)
    signs += responsibility_signs(findings, weights)
    signs += cyber_signs(article, findings, weights)
    signs += foreign_signs(article, findings, weights)
    credibility, why = weigh_credibility(article, findings, weights=weights)
    held = Assessment(credibility=credibility, credibility_reasons=why, weights=weights.version)
    if not any(sign.category for sign in signs):
        return replace(held, why_not=_nothing_found(findings, weights))
    signs += companion_signs(findings, weights)
    signs += [Sign(None, reason) for reason in interest_reasons(findings, weights)]
    category = _category(signs)
    signs += leisure_signs(article, signs, weights)
    signs += _worth_signs(findings, signs, weights)
    reasons = tuple(sorted((sign.reason for sign in signs), key=lambda reason: -reason.points))
    score = round(min(1.0, sum(reason.points for reason in reasons)), 4)
    severity = severity_of(score, weights)
    is_cyber = any(sign.category == "cyber" for sign in signs)
    if not is_cyber and findings.worth is not None and findings.worth < weights.worth.min:
        told = f"no news that an editor would want an alert for: {findings.worth:.2f} of {weights.worth.min:.2f}"
        return replace(held, score=score, reasons=reasons, why_not=told)
    if severity is None:
        best = reasons[0].rule if reasons else "nothing"
        why_not = (
            f"too little for an alert: {score:.2f} of {weights.thresholds.info:.2f} points, most of them for {best}"
        )
        return replace(held, score=score, reasons=reasons, why_not=why_not)
    return replace(held, category=category, severity=severity, score=score, reasons=reasons)


def _judged(findings: Findings, missing: float) -> Reason:
    line = findings.line
    return Reason(
        f"read as news of violence: {findings.worth or 0.0:.2f}",
        round(missing, 4),
        line.start if line else None,
        line.end if line else None,
    )


def _worth_signs(findings: Findings, signs: list[Sign], weights: Weights) -> list[Sign]:
    """What is missing to the severity that the reader's judgement or the stated line asks for, as a reason of its own.

    The sum of the points knows kinds and numbers one by one; it must not say less than the line that stands over it.
    """
    points = sum(sign.reason.points for sign in signs)
    asked = 0.0
    if findings.worth is not None and findings.worth >= weights.worth.sure:
        asked = weights.thresholds.low
    elif findings.worth is not None and findings.worth >= weights.worth.likely:
        asked = weights.thresholds.info
    said = stated(findings.line, weights.level) if (findings.worth or 0.0) >= weights.worth.min else None
    dead = _dead(findings, said, weights) if findings.reader or points >= weights.thresholds.info else []
    most = max((c.low if c.low is not None else c.high or 0 for c in dead), default=0)
    for least, name in ((1, "low"), (weights.worth.dead_medium, "medium"), (weights.worth.dead_high, "high")):
        if most >= least:
            asked = max(asked, getattr(weights.thresholds, name))
    if asked <= points:
        return []
    if most:
        return [Sign(None, Reason(f"stated: {most} killed", round(asked - points, 4), dead[0].start, dead[0].end))]
    return [Sign(None, _judged(findings, asked - points))]


def _dead(findings: Findings, said: Line | None, weights: Weights) -> list[Claim | LineCount]:
    """The numbers of dead that the alert tells: the line's, and where nobody has read the article, for no event was recognised, the claims'."""
    if findings.reader:
        return [c for c in said.counts if c.kind == "killed"] if said and said.realis == "actual" else []
    if findings.events:
        return []
    return [c for c in counting_claims(findings, weights) if c.kind == "killed" and not c.part and c.realis == "actual"]


def severity_of(score: float, weights: Weights = DEFAULT) -> Severity | None:
    """The severity of a score, or None below the first threshold."""
    reached = [name for name in SEVERITIES if score >= getattr(weights.thresholds, name)]
    return reached[-1] if reached else None


def _category(signs: list[Sign]) -> Category:
    """The category that most points speak for; the first named wins a tie."""
    points: dict[Category, float] = {}
    for category, reason in signs:
        if category is not None:
            points[category] = points.get(category, 0.0) + reason.points
    return max(points, key=lambda category: points[category])


def _nothing_found(findings: Findings, weights: Weights) -> str:
    """Why an article without a sign is worth no alert, in words."""
    parts = []
    present = counting_events(findings, weights)
    if findings.events and not present:
        kinds = sorted({event.realis for event in findings.events})
        parts.append(f"only {' and '.join(kinds)} events")
    elif present:
        parts.append(
            "only events that alert nobody: " + ", ".join(sorted({event.subtype or event.type for event in present}))
        )
    if findings.claims and not counting_claims(findings, weights):
        parts.append("only claims that are denied or of the past")
    if findings.indicators:
        parts.append("indicators, none of them hostile")
    return "; ".join(parts) if parts else "no event or indicator found"
