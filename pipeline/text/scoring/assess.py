"""What one article is worth: a sum of named reasons, each with the words that show it, or why it is worth no alert.

Pure: the same article, findings and table give the same assessment. All weights are in `weights.toml`; here is only what they
are applied to. An alert needs a sign of its own (a present event, a number of people harmed, malicious indicators, an
exploited vulnerability); places, weapons and names of groups only add to one.
"""

import math
import re
from datetime import date, datetime
from typing import NamedTuple

from msgspec.structs import replace

from pipeline.records import SEVERITIES, Article, Assessment, Category, Claim, Event, Findings, Reason, Severity
from pipeline.text.line import stated
from pipeline.text.scoring.credibility import weigh_credibility
from pipeline.text.scoring.current import (
    CATALOGUE_KINDS,
    counting_claims,
    counting_events,
    event_of,
    is_group,
    is_supported,
    number_of,
    support_of,
)
from pipeline.text.scoring.interest import interest_reasons
from pipeline.text.scoring.weights import DEFAULT, Weights

LEAD_CHARS_MAX = 1500
"""How much of a text in another language is read for words of violence, characters."""
BREACH_CHARS_MAX = 700
"""How much of a text is read for a theft of data that no event tells, characters."""
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?\Z")
DAY_CHARS = len("2021-08-15")
"""A claim that counts since a time of less precision than a day counts over a long window."""


class Sign(NamedTuple):
    """A reason and the category it speaks for; None where it only adds."""

    category: Category | None
    reason: Reason


def assess(article: Article, findings: Findings, *, weights: Weights = DEFAULT) -> Assessment:
    """The assessment of one article with its findings. Exactly one of `severity` and `why_not` is set."""
    signs = _event_signs(article, findings, weights)
    signs += _harm_signs(article, findings, weights)
    signs += _responsibility_signs(findings, weights)
    signs += _cyber_signs(article, findings, weights)
    signs += _foreign_signs(article, findings, weights)
    credibility, why = weigh_credibility(article, findings, weights=weights)
    held = Assessment(credibility=credibility, credibility_reasons=why, weights=weights.version)
    if not any(sign.category for sign in signs):
        return replace(held, why_not=_nothing_found(findings, weights))
    signs += _companion_signs(findings, weights)
    signs += [Sign(None, reason) for reason in interest_reasons(findings, weights)]
    category = _category(signs)
    signs += _leisure_signs(article, signs, weights)
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
    said = stated(findings.line, weights.level) if (findings.worth or 0.0) >= weights.worth.min else None
    dead = [c for c in said.counts if c.kind == "killed"] if said and said.realis == "actual" else []
    most = max((c.low if c.low is not None else c.high or 0 for c in dead), default=0)
    for least, name in ((1, "low"), (weights.worth.dead_medium, "medium"), (weights.worth.dead_high, "high")):
        if most >= least:
            asked = max(asked, getattr(weights.thresholds, name))
    if asked <= points:
        return []
    if most:
        return [Sign(None, Reason(f"stated: {most} killed", round(asked - points, 4), dead[0].start, dead[0].end))]
    return [Sign(None, _judged(findings, asked - points))]


def severity_of(score: float, weights: Weights = DEFAULT) -> Severity | None:
    """The severity of a score, or None below the first threshold."""
    reached = [name for name in SEVERITIES if score >= getattr(weights.thresholds, name)]
    return reached[-1] if reached else None


def category_of(event: Event, weights: Weights = DEFAULT) -> Category:
    """The category of an event: by its sub-type where the table has one, else by its type."""
    categories = weights.events.categories
    return categories.get(event.subtype or "") or categories.get(event.type) or "other"


def event_points(event: Event, weights: Weights = DEFAULT) -> float:
    """The points of an event by type and sub-type, times its realis."""
    table = weights.events.points.get(event.type, {})
    points = table.get(event.subtype or "", table.get("", 0.0))
    return points * weights.realis.get(event.realis, 0.0)


def event_worth(
    event: Event, is_main: bool, findings: Findings, weights: Weights = DEFAULT, *, published: datetime | None = None
) -> float:
    """The points of an event in its article.

    Less for one told aside or late in the text, for one that nothing supports, and for one that happened long before
    the article was published.
    """
    points = event_points(event, weights) * (1.0 if is_main else weights.events.aside)
    points *= 1.0 if event.start < weights.events.lead_chars else weights.events.deep
    points *= weights.events.old if is_old(event, published, weights) else 1.0
    return (
        points
        * {"full": 1.0, "placed": weights.events.placed, "bare": weights.events.bare}[support_of(event, findings)]
    )


def is_old(event: Event, published: datetime | None, weights: Weights = DEFAULT) -> bool:
    """Whether the event's date, taken at its latest, is more than `events.old_days` before the publication."""
    match = _DATE.match(event.date or "")
    if match is None or published is None:
        return False
    year, month, day = int(match["year"]), int(match["month"] or 12), int(match["day"] or 28)
    try:
        return (published.date() - date(year, month, day)).days > weights.events.old_days
    except ValueError:
        return False


def _event_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
    """The weightiest present event, and a little for each other sub-type. The first of the findings is the main one."""
    worth = sorted(
        (
            (event_worth(event, place == 0, findings, weights, published=article.published), event)
            for place, event in enumerate(counting_events(findings, weights))
        ),
        key=lambda pair: -pair[0],
    )
    signs: list[Sign] = []
    named: set[tuple[str, str | None]] = set()
    left = weights.events.others_max
    for points, event in worth:
        if (event.type, event.subtype) in named or (named and not is_supported(event, findings)):
            continue
        given = min(weights.events.second, points, left) if named else points
        left -= given if named else 0.0
        if given > 0:
            named.add((event.type, event.subtype))
            rule = f"event: {event.subtype or event.type}" + ("" if event.realis == "actual" else f", {event.realis}")
            aged = event if is_old(event, article.published, weights) else None
            signs += _dated(rule, given, event, category_of(event, weights), aged, weights)
    return signs


def _dated(
    rule: str, given: float, words: Event | Claim, category: Category, aged: Event | None, weights: Weights
) -> list[Sign]:
    """The sign; of what happened long before the report in full, with what its age takes as a reason of its own."""
    if aged is None or not weights.events.old:
        return [Sign(category, Reason(rule, round(given, 4), words.start, words.end))]
    full = round(given / weights.events.old, 4)
    taken = Reason(f"old news: it happened {aged.date}", round(given - full, 4), aged.start, aged.end)
    return [Sign(category, Reason(rule, full, words.start, words.end)), Sign(category, taken)]


def _harm_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
    """The largest number of each kind of harm, all together at most `harm.max`."""
    largest: dict[str, tuple[float, Claim, Event | None]] = {}
    for claim in counting_claims(findings, weights):
        points = _harm_points(claim, findings, weights)
        about = event_of(claim, findings)
        aged = about if about is not None and is_old(about, article.published, weights) else None
        points *= weights.events.old if aged else 1.0
        if points > (largest[claim.kind][0] if claim.kind in largest else 0.0):
            largest[claim.kind] = (points, claim, aged)
    signs: list[Sign] = []
    left = weights.harm.max
    for points, claim, aged in sorted(largest.values(), key=lambda found: -found[0]):
        given = min(points, left)
        left -= given
        number = number_of(claim)
        rule = f"harm: {claim.kind} {'many' if number is None else number}"
        if given > 0:
            signs += _dated(rule, given, claim, _harm_category(claim, findings, weights), aged, weights)
    return signs


def _harm_points(claim: Claim, findings: Findings, weights: Weights) -> float:
    curve = weights.harm.kinds.get(claim.kind)
    number = number_of(claim)
    number = weights.harm.unknown_number if number is None else number
    if curve is None or not 1 <= number <= curve.number_max:
        return 0.0
    points = (curve.base + curve.per_tenfold * math.log10(number)) * weights.realis[claim.realis]
    if claim.since is not None and len(claim.since) < DAY_CHARS:
        points *= weights.harm.cumulative
    points *= weights.harm.categories.get(_harm_category(claim, findings, weights), 1.0)
    points *= 1.0 if claim.start < weights.events.lead_chars else weights.harm.deep
    loose = event_of(claim, findings) is None and not (is_group(claim.agent) or is_group(claim.object))
    return points * weights.harm.loose if loose else points


def _harm_category(claim: Claim, findings: Findings, weights: Weights) -> Category:
    if is_group(claim.agent) or is_group(claim.object):
        return "conflict"
    event = event_of(claim, findings) or next(iter(counting_events(findings, weights)), None)
    if event is not None:
        return category_of(event, weights)
    return "conflict" if any(entity.label == "GROUP" and entity.id for entity in findings.entities) else "other"


def _responsibility_signs(findings: Findings, weights: Weights) -> list[Sign]:
    """Somebody claims an event as its own now; what it is said to have claimed in the past counts nothing."""
    for claim in counting_claims(findings, weights):
        if claim.kind == "responsibility" and claim.stance in ("claims", "states", "confirms"):
            event = event_of(claim, findings)
            if not (is_group(claim.claimant) or is_group(claim.agent) or (event and is_supported(event, findings))):
                continue
            category = category_of(event, weights) if event else "conflict"
            return [
                Sign(category, Reason("claim of responsibility", weights.signs.responsibility, claim.start, claim.end))
            ]
    return []


def _cyber_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
    """Malicious indicators, vulnerabilities and what is said of them."""
    signs = _indicator_signs(findings, weights)
    named = [found for found in findings.indicators if found.type in CATALOGUE_KINDS]
    is_cyber = bool(signs) or any(event.type == "Cyber" for event in counting_events(findings, weights))
    if named:
        first = named[0]
        signs.append(
            Sign("cyber", Reason(f"vulnerability named: {first.value}", weights.signs.cve, first.start, first.end))
        )
        if severe := weights.patterns["severe"].search(article.text):
            signs.append(Sign("cyber", Reason("severe vulnerability", weights.signs.severe_cve, *severe.span())))
    breach = weights.patterns["breach"].search(article.text, 0, BREACH_CHARS_MAX)
    if breach and not is_cyber:
        signs.append(Sign("cyber", Reason("data taken or leaked", weights.signs.breach, *breach.span())))
    if named or is_cyber:
        if exploited := _exploited(article.text, weights):
            signs.append(Sign("cyber", Reason("exploited in the wild", weights.signs.exploited, *exploited)))
        if ransomware := weights.patterns["ransomware"].search(article.text):
            signs.append(Sign("cyber", Reason("ransomware or breach", weights.signs.ransomware, *ransomware.span())))
    return signs


def _exploited(text: str, weights: Weights) -> tuple[int, int] | None:
    """Where the text says that a vulnerability is used in attacks, and does not deny it in the same breath."""
    denied = [match.span() for match in weights.patterns["not_exploited"].finditer(text)]
    for match in weights.patterns["exploited"].finditer(text):
        if not any(start <= match.start() < end + 12 for start, end in denied):
            return match.span()
    return None


def _indicator_signs(findings: Findings, weights: Weights) -> list[Sign]:
    hostile = [found for found in findings.indicators if found.verdict in ("malicious", "suspicious")]
    count = sum(
        1.0 if found.verdict == "malicious" else weights.signs.suspicious
        for found in {(f.type, f.value): f for f in hostile}.values()
    )
    if not hostile:
        return []
    points = min(
        weights.signs.indicators_max,
        weights.signs.indicators + weights.signs.indicators_tenfold * math.log10(max(1.0, count)),
    )
    points = points if count >= 1 else points * weights.signs.suspicious
    first = hostile[0]
    return [Sign("cyber", Reason(f"hostile indicators: {math.ceil(count)}", round(points, 4), first.start, first.end))]


def _foreign_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
    """An act with harm told in a language that is not read for events."""
    patterns = weights.foreign_patterns.get(findings.language or "")
    if patterns is None or findings.events:
        return []
    act, hurt, unrest = (patterns[name].search(article.text, 0, LEAD_CHARS_MAX) for name in ("acts", "harm", "unrest"))
    title = patterns["acts"].search(article.title or "")
    category: Category = "unrest" if unrest else "conflict"
    group = next((entity for entity in findings.entities if entity.label == "GROUP" and entity.id is not None), None)
    if (act is None and title is None) or (hurt is None and group is None):
        return []
    span = act.span() if act else (None, None)
    signs = [Sign(category, Reason(f"an act of violence told in {findings.language}", weights.foreign.points, *span))]
    if title:
        signs.append(Sign(category, Reason("and the title says so", weights.foreign.title)))
    if group:
        signs.append(
            Sign(
                None,
                Reason(f"actor of concern named: {group.id}", weights.signs.actor_mentioned, group.start, group.end),
            )
        )
    return signs


def _companion_signs(findings: Findings, weights: Weights) -> list[Sign]:
    """What adds to an event or claim but is nothing alone: who takes part, with what, where."""
    present = counting_events(findings, weights)
    events = [event for event in present if event_points(event, weights) > 0 and is_supported(event, findings)]
    claims = counting_claims(findings, weights)
    if not events and not claims:
        return []
    signs = _actor_signs(findings, events, claims, weights)
    weapon = _worst_weapon(events, weights)
    if weapon:
        signs.append(Sign(None, weapon))
    for event in events:
        if event.place is not None and event.place.id is not None:
            signs.append(Sign(None, Reason("place known", weights.signs.place, event.place.start, event.place.end)))
            break
    return signs


def _actor_signs(findings: Findings, events: list[Event], claims: tuple[Claim, ...], weights: Weights) -> list[Sign]:
    """A group of concern that takes part; or else one that is named."""
    parties = [party for event in events for party in (*event.perpetrators, *event.targets, *event.victims)]
    parties += [party for claim in claims for party in (claim.agent, claim.object) if party is not None]
    for party in parties:
        if is_group(party):
            return [Sign(None, Reason(f"actor of concern: {party.id}", weights.signs.actor, party.start, party.end))]
    for entity in findings.entities:
        if entity.label == "GROUP" and entity.id is not None:
            rule = f"actor of concern named: {entity.id}"
            return [Sign(None, Reason(rule, weights.signs.actor_mentioned, entity.start, entity.end))]
    return []


def _worst_weapon(events: list[Event], weights: Weights) -> Reason | None:
    for pattern, points in weights.weapon_patterns:
        for event in events:
            for weapon in event.weapons:
                if pattern.search(weapon.text):
                    return Reason(f"weapon: {weapon.text}", points, weapon.start, weapon.end)
    return None


def _leisure_signs(article: Article, signs: list[Sign], weights: Weights) -> list[Sign]:
    """What is taken off where violence is told for pleasure: a negative reason."""
    points = sum(sign.reason.points for sign in signs if sign.category != "cyber")
    if weights.patterns["titles"].search(article.title or ""):
        return [
            Sign(None, Reason("title of a review or the like", round(-points * (1 - weights.leisure.keep_review), 4)))
        ]
    section = next((name for name in article.categories if weights.patterns["categories"].search(name.strip())), None)
    if section is None:
        return []
    return [Sign(None, Reason(f"section of leisure: {section}", round(-points * (1 - weights.leisure.keep), 4)))]


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
