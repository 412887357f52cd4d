"""On which kinds of number the sources of an alert disagree: what one claimant says can't be right where another is.

A claimant is who is quoted; where nobody is, the outlet itself, with all that print its text. The newest report of a claimant stands in place of
the older ones. A part is no rival of its total, nor are the dead of one side of those of the other.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from pipeline.incidents.claims import claim_range
from pipeline.incidents.corroboration import groups_of
from pipeline.records import AlertClaim, Mention, Source, VersionId
from pipeline.text.events.victims import kinds_of
from pipeline.text.reader.same import content, is_same_party

SAME_DAY_H = 24.0
"""Numbers that are further apart, hours, are of two states of the same event."""
GROWS_H = 1.0
"""A larger number of an outlet's own that came so much later, hours, is a newer count, and no other one."""
_ANYBODY = frozenset("body bodie dead death victim casualty casualtie fatality fatalitie live life soul toll".split())
"""Words for whoever was harmed, as `content` gives them."""


class _Side(Struct):
    """What one claimant says of one kind: the numbers of the newest report."""

    claimant: AlertClaim | None  # one of theirs; None: the outlet's own words
    group: int  # of the sources that count as one
    claims: list[AlertClaim]


def disputed_kinds(claims: Sequence[AlertClaim], sources: Sequence[Source] = ()) -> tuple[str, ...]:
    """The kinds on which two claimants can't both be right, in the order of the claims; claims of other events and parts are left out."""
    own = [c for c in claims if not c.also and not c.part]
    group = {s.version_id: n for n, sources_of_one in enumerate(groups_of(sources)) for s in sources_of_one}
    found = []
    for kind in dict.fromkeys(c.kind for c in own):
        of_kind = [c for c in own if c.kind == kind]
        sides = _sides([c for c in of_kind if c.stance != "denies" and c.low is not None], group)
        pairs = [(a, b) for n, a in enumerate(sides) for b in sides[n + 1 :]]
        if any(_differ(a, b) for a, b in pairs) or _is_denied(of_kind):
            found.append(kind)
    return tuple(found)


def _sides(claims: Iterable[AlertClaim], group: dict[VersionId, int]) -> list[_Side]:
    """The claims by claimant, of each the newest report only."""
    sides: list[_Side] = []
    for claim in sorted(claims, key=_time, reverse=True):
        own = group.get(claim.version_id, -1)
        for side in sides:
            if _is_of(side, claim, own):
                if claim.version_id == side.claims[0].version_id:
                    side.claims.append(claim)
                break
        else:
            sides.append(_Side(claim if claim.claimant else None, own, [claim]))
    return sides


def _is_of(side: _Side, claim: AlertClaim, group: int) -> bool:
    if side.claimant is None or not claim.claimant:
        return side.claimant is None and not claim.claimant and side.group == group
    return _is_same_claimant(side.claimant, claim)


def _is_same_claimant(a: AlertClaim, b: AlertClaim) -> bool:
    same_id = a.claimant_id is not None and a.claimant_id == b.claimant_id
    return same_id or is_same_party(a.claimant or "", b.claimant or "")


def _differ(a: _Side, b: _Side) -> bool:
    """Whether no number of one agrees with any of the other's."""
    one_text = a.claims[0].version_id == b.claims[0].version_id
    if one_text and (a.claimant is None or b.claimant is None):
        return False  # what an article says itself sums up whom it quotes
    voiced = a.claimant is not None and b.claimant is not None
    return all(_is_rival(x, y, voiced=voiced) for x in a.claims for y in b.claims)


def _is_rival(a: AlertClaim, b: AlertClaim, *, voiced: bool) -> bool:
    """Whether the two numbers count the same and can't both be right. `voiced`: both are somebody's who is quoted."""
    first, second = sorted((a, b), key=_time)
    apart = _hours(first, second)
    if apart > SAME_DAY_H or (not voiced and apart >= GROWS_H and (second.low or 0) > (first.low or 0)):
        return False
    return _excludes(a, b)


def _excludes(a: AlertClaim, b: AlertClaim) -> bool:
    range_a, range_b = claim_range(a), claim_range(b)
    if range_a is None or range_b is None:
        return False
    (low_a, high_a), (low_b, high_b) = range_a, range_b
    who_a, who_b = _who(a), _who(b)
    if who_a and who_b:
        return bool(who_a & who_b) and (low_a > high_b or low_b > high_a)
    if who_a:  # some of those that the other counts together
        return low_a > high_b
    if who_b:
        return low_b > high_a
    return low_a > high_b or low_b > high_a


def _who(claim: AlertClaim) -> frozenset[str]:
    """What sort of people are counted; empty for people of any sort."""
    words = set(content(claim.object or "")) - _ANYBODY
    if not words:
        return frozenset()
    kinds = kinds_of([Mention(claim.object or "", 0, 0)])
    return frozenset(kinds) or frozenset(words)


def _is_denied(claims: Sequence[AlertClaim]) -> bool:
    """Whether somebody denies what another says. A group that denies an attack which another group claims contradicts nobody."""
    denials = [c for c in claims if c.stance == "denies"]
    others = [c for c in claims if c.stance != "denies"]
    return any(_contradicts(d, c) for d in denials for c in others)


def _contradicts(denial: AlertClaim, claim: AlertClaim) -> bool:
    if denial.claimant and claim.claimant and _is_same_claimant(denial, claim):
        return False
    if claim.kind != "responsibility":
        return True
    return is_same_party(claim.agent or claim.claimant or "", denial.agent or denial.claimant or "")


def _time(claim: AlertClaim) -> str:
    return claim.as_of or ""


def _hours(a: AlertClaim, b: AlertClaim) -> float:
    """Between two claims; a day's are together, and so are those of which one has no time."""
    if not a.as_of or not b.as_of or a.as_of.startswith(b.as_of) or b.as_of.startswith(a.as_of):
        return 0.0
    try:
        times = [
            datetime.fromisoformat(t if len(t) > len("2026-01-01") else f"{t:0<10}T12:00:00+00:00")
            for t in (a.as_of, b.as_of)
        ]
        return abs((times[0] - times[1]).total_seconds()) / 3600
    except (ValueError, TypeError):
        return 0.0 if a.as_of[:10] == b.as_of[:10] else SAME_DAY_H + 1
