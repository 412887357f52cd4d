"""What differs between two revisions of an alert, in words, and which revision that makes."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from pipeline.records import (
    Alert,
    AlertClaim,
    Change,
)

CHANGES_MAX = 20


ENDED: frozenset[Change] = frozenset({"retracted", "merged", "closed"})
"""After these an alert is over, until a report tells it again."""


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
