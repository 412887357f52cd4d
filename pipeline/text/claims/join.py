"""Claims of an article put together: the headline's number is not told twice, and each claim points to its event.

Two claims of one kind and range are one unless different claimants say it (a dispute needs both) or what is counted differs.
"""

from msgspec.structs import replace

from pipeline.records import Claim, ClaimKind
from pipeline.text.events.gather import Draft

_SUBTYPES: dict[ClaimKind, frozenset[str]] = {
    "captured": frozenset(("Arrests", "Arrest", "Protest with intervention")),
    "abducted": frozenset(("Abduction/forced disappearance",)),
    "seized": frozenset(("Disrupted weapons use", "Looting/property destruction", "Organized crime")),
    "surrendered": frozenset(("Change to group/activity",)),
}


def _says_less(claim: Claim) -> int:
    return sum(x is None for x in (claim.claimant, claim.agent, claim.object, claim.hedge, claim.since))


def _is_same(a: Claim, b: Claim) -> bool:
    if a.kind != b.kind or a.kind == "responsibility" or a.part != b.part or (a.low, a.high) != (b.low, b.high):
        return False
    if a.low is None and a.high is None and a.hedge != b.hedge:
        return False
    if a.low == a.high == 1:
        return bool(a.object and b.object and a.object.text.casefold() == b.object.text.casefold())
    if a.claimant and b.claimant and (a.stance in {"denies", "accuses"}) != (b.stance in {"denies", "accuses"}):
        return False
    return not a.claimant or not b.claimant or _name(a) in _name(b) or _name(b) in _name(a)


def _name(claim: Claim) -> str:
    assert claim.claimant is not None  # noqa: S101 - asked for by the caller
    return claim.claimant.id or claim.claimant.text.casefold()


def join_claims(claims: list[Claim], events: list[Draft]) -> tuple[Claim, ...]:
    """Claims in order of place, each number once, with the index of its event."""
    out: list[Claim] = []
    for claim in claims:
        k = next((i for i, old in enumerate(out) if _is_same(old, claim)), None)
        if k is None:
            out.append(claim)
        elif _says_less(claim) < _says_less(out[k]):
            out[k] = claim
    out.sort(key=lambda c: (c.start, c.end))
    return tuple(replace(c, event=_event_of(c, events)) for c in out)


def _event_of(claim: Claim, events: list[Draft]) -> int | None:
    """The event told in the claim's sentence whose class fits the claim's kind best."""
    best: tuple[int, int] | None = None
    for k, event in enumerate(events):
        inside = event.sentence.start <= claim.start < event.sentence.end
        fits = (event.cls.subtype or "") in _SUBTYPES.get(claim.kind, frozenset()) or (
            claim.kind in {"killed", "wounded", "responsibility"}
            and event.cls.type
            in {"Battles", "Explosions/Remote violence", "Violence against civilians", "Riots", "Protests"}
        )
        overlaps = event.start < claim.end and claim.start < event.end
        score = 4 * overlaps + 2 * inside + fits
        if score >= 2 + fits and (best is None or score > best[0]):
            best = (score, k)
    return best[1] if best else None
