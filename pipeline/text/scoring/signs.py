"""Signs of conflict: events, people harmed, responsibility claimed, words of other languages, and what adds to them or takes from them."""

import math
from typing import NamedTuple

from pipeline.records import Article, Category, Claim, Event, Findings, Reason
from pipeline.text.scoring.current import (
    counting_claims,
    counting_events,
    event_of,
    is_group,
    is_supported,
    number_of,
)
from pipeline.text.scoring.eventworth import category_of, event_points, event_worth, is_old
from pipeline.text.scoring.weights import Weights

LEAD_CHARS_MAX = 1500
"""How much of a text in another language is read for words of violence, characters."""


DAY_CHARS = len("2021-08-15")
"""A claim that counts since a time of less precision than a day counts over a long window."""


class Sign(NamedTuple):
    """A reason and the category it speaks for; None where it only adds."""

    category: Category | None
    reason: Reason


def event_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
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


def harm_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
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


def responsibility_signs(findings: Findings, weights: Weights) -> list[Sign]:
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


def foreign_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
    """An act with harm told in a language that is not read for events."""
    patterns = weights.foreign_patterns.get(findings.language or "")
    if patterns is None or findings.events or findings.reader:
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


def companion_signs(findings: Findings, weights: Weights) -> list[Sign]:
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


def leisure_signs(article: Article, signs: list[Sign], weights: Weights) -> list[Sign]:
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
