"""Signs of the cyber trade: hostile indicators, vulnerabilities and what is said of them, data taken."""

import math

from pipeline.records import Article, Findings, Reason
from pipeline.text.scoring.current import (
    CATALOGUE_KINDS,
    counting_events,
)
from pipeline.text.scoring.signs import Sign
from pipeline.text.scoring.weights import Weights

BREACH_CHARS_MAX = 700
"""How much of a text is read for a theft of data that no event tells, characters."""


def cyber_signs(article: Article, findings: Findings, weights: Weights) -> list[Sign]:
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
