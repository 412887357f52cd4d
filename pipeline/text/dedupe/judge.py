"""Are these two reports the same? Identifiers first, then titles, then text.

Text is compared by *containment weighted by rarity*: the part of the shorter text's sampled shingles that stand in the
longer, where a shingle that stands in n stories counts 1/n. It is a divided vote: a footer that ten stories share says a
tenth about each of them. A copy that was cut, abridged or given a footer keeps a high containment; a copy through a bad
scanner keeps a low one, but spread evenly over the text, while shared boilerplate, quotes and background paragraphs are
matches in blocks with nothing between. So a low containment is accepted only when it is spread.

The thresholds were set between what the edits themselves leave and what unrelated texts reach, not by search:
`docs/dedupe.md` has the reasoning and the distributions.
"""

from collections.abc import Mapping

from msgspec import Struct

from pipeline.text.dedupe import identifiers, titles
from pipeline.text.dedupe.fingerprint import Fingerprint

EVIDENCE_MIN = 4.0
"""Least weight of shared shingles: fewer could be one common phrase."""
BLOCK_MIN = 0.5
"""Containment at which matches in one block suffice: more than half of the shorter text is the other's."""
SPREAD_CONTAINMENT_MIN = 0.18
"""Containment at which evenly spread matches suffice. A tenth of characters misread leaves .2 to .35 of word pairs; unrelated reports share under .1."""
SPREAD_MIN = 0.65
"""Evenness of the matches, 0..1: 1 when every stretch of the shorter text has its share of them."""
RETITLED_MIN = 0.6
"""Containment asked for when the titles have little in common: an editor's new title, if the text is mostly the same."""
TEMPLATE_MIN = 0.8
"""Part of both texts that must be common when neither identifiers nor titles can tell a template from a reprint."""
REVISED_MIN = 0.12
"""Containment that suffices when advisory number, or title and vulnerabilities, are the same: a notice rewritten."""
STRETCHES_MAX = 8
"""Into how many stretches the shorter text is cut to judge evenness."""


class Match(Struct, frozen=True):
    """How two texts compare; all 0..1 but `evidence`, the weight of what they share."""

    containment: float
    resemblance: float
    spread: float
    evidence: float


class Ruling(Struct, frozen=True):
    """Whether two reports are the same, how alike they are, and why, in words."""

    same: bool
    revision: bool
    similarity: float
    reason: str


def match_of(a: Fingerprint, b: Fingerprint, weights: Mapping[int, float], weight_b: float) -> Match:
    """Compare the samples of two texts.

    `weights` has the weight of each of a's keys; `weight_b` is the mean weight of b's keys, which stands for those that a
    does not share.
    """
    bound = min(a.sketch.bound, b.sketch.bound)
    keys_a = {key: place for key, place in zip(a.sketch.keys, a.sketch.positions, strict=True) if key <= bound}
    keys_b = {key: place for key, place in zip(b.sketch.keys, b.sketch.positions, strict=True) if key <= bound}
    shared = keys_a.keys() & keys_b.keys()
    evidence = sum(weights[key] for key in shared)
    if evidence <= 0:
        return Match(0.0, 0.0, 0.0, 0.0)
    whole_a = sum(weights[key] for key in keys_a)
    whole_b = evidence + (len(keys_b) - len(shared)) * weight_b
    if whole_a <= whole_b:
        spread = _evenness({keys_a[key]: key in shared for key in keys_a}, a.length)
    else:
        spread = _evenness({keys_b[key]: key in shared for key in keys_b}, b.length)
    return Match(
        min(1.0, evidence / min(whole_a, whole_b)), evidence / (whole_a + whole_b - evidence), spread, evidence
    )


def _evenness(matched: Mapping[int, bool], length: int) -> float:
    """Mean over stretches of min(1, share matched here / share matched overall): 1 even, 1/n all in one of n stretches."""
    hits = sum(matched.values())
    stretches = max(1, min(STRETCHES_MAX, hits // 2))
    overall = hits / len(matched)
    sampled, found = [0] * stretches, [0] * stretches
    for position, is_match in matched.items():
        stretch = min(stretches - 1, position * stretches // max(1, length))
        sampled[stretch] += 1
        found[stretch] += is_match
    shares = [min(1.0, hit / (n * overall)) for hit, n in zip(found, sampled, strict=True) if n]
    return sum(shares) / len(shares)


def rule(new: Fingerprint, old: Fingerprint, match: Match) -> Ruling:
    """Decide whether `new` tells the same report as `old`."""
    title_new, title_old = titles.title_words(new.title), titles.title_words(old.title)
    relation = titles.relation_of(title_new, title_old)
    similarity = round(match.containment, 4)
    against = (
        identifiers.conflict(new.identifiers, old.identifiers)
        or titles.numbers_conflict(title_new, title_old)
        or titles.subject_conflict(title_new, new.salient, new.length, title_old, old.salient, old.length)
    )
    if against:
        return Ruling(False, False, similarity, against)
    part = identifiers.shared_part(new.identifiers, old.identifiers)
    number = identifiers.shared_own(new.identifiers, old.identifiers)
    notice = number or (part is not None and relation == "same")
    if notice and match.containment >= REVISED_MIN:
        named = f"same number {number.replace(':', '-')}" if number else "same title and vulnerabilities"
        return Ruling(True, True, similarity, f"{named}, {_percent(match)} of the text")
    return _rule_by_text(match, relation, similarity, title_new.update != title_old.update and relation == "same")


def _rule_by_text(match: Match, relation: titles.Relation, similarity: float, updated: bool) -> Ruling:
    block = RETITLED_MIN if relation == "other" else BLOCK_MIN
    if match.evidence < EVIDENCE_MIN:
        return Ruling(False, False, similarity, "too little text in common")
    if match.containment >= block:
        return Ruling(True, updated, similarity, f"{_percent(match)} of the text is the same{_titled(relation)}")
    if match.containment >= SPREAD_CONTAINMENT_MIN and match.spread >= SPREAD_MIN and relation != "other":
        return Ruling(
            True,
            updated,
            similarity,
            f"{_percent(match)} of the text is the same, evenly throughout{_titled(relation)}",
        )
    if match.containment >= SPREAD_CONTAINMENT_MIN:
        return Ruling(
            False, False, similarity, f"only parts in common ({_percent(match)} of the text){_titled(relation)}"
        )
    return Ruling(False, False, similarity, f"other text ({_percent(match)} in common)")


def _percent(match: Match) -> str:
    return f"{match.containment:.0%}"


def _titled(relation: titles.Relation) -> str:
    return {"unknown": "", "same": ", same title", "akin": ", similar title", "other": ", other title"}[relation]
