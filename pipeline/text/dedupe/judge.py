"""Are these two reports the same? Identifiers first, then titles, then text.

Text is compared by *containment weighted by rarity*: the part of the shorter text's sampled shingles that stand in the
longer, where a shingle that stands in n stories counts 1/n. It is a divided vote: a footer that ten stories share says a
tenth about each of them. A copy that was cut, abridged or given a footer keeps a high containment; a copy through a bad
scanner keeps a low one, but spread evenly over the text, while shared boilerplate, quotes and background paragraphs are
matches in blocks with nothing between, and phrases that two tellings of one event share stand in another order. So a low
containment is accepted only when it is even and in order.

The thresholds were set between what the edits themselves leave and what unrelated texts reach, not by search:
`docs/dedupe.md` has the reasoning and the distributions.
"""

from bisect import bisect_left
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise

from msgspec import Struct

from pipeline.text.dedupe import identifiers, titles
from pipeline.text.dedupe.fingerprint import Fingerprint
from pipeline.text.dedupe.marks import NOTICE_WORDS_MAX, Named, marks_conflict

EVIDENCE_MIN = 4.0
"""Least weight of shared shingles: fewer could be one common phrase."""
EVIDENCE_TITLED_MIN = 2.0
"""... when the titles are the same and say something: a feed's summary of 30 words leaves few samples of a long text."""
TITLE_WORDS_MIN = 4
"""Fewest telling words of a title that says something."""
EVIDENCE_ENOUGH = 16.0
"""Weight of shared shingles from which more of it does not make a match surer; a site's menus outweigh many an article."""
BLOCK_MIN = 0.5
"""Containment at which matches in one block suffice: more than half of the shorter text is the other's."""
EVEN_CONTAINMENT_MIN = 0.18
"""Containment at which even and ordered matches suffice. A tenth of characters misread leaves .2 to .35 of word pairs."""
EVEN_SPREAD_MIN = 0.65
"""Evenness of such matches, 0..1: 1 when every stretch of the shorter text has its share of them."""
EVEN_ORDER_MIN = 0.75
"""Part of such matches that stand in the same order in both texts; two tellings of one event order their phrases freely."""
EVEN_STEPS_MIN = 0.45
"""... or part of neighbouring matches that keep their distance, which paragraphs put in another order do."""
STEP_WORDS = 5
STEP_RATIO = 0.25
"""A distance is kept when it changes by no more than this many words, or this part of itself."""
EVEN_MATCHES_MIN = 8
"""Fewest matches whose evenness and order say anything: of 8 in random order about half are in order."""
RETITLED_MIN = 0.6
"""Containment asked for when the titles have little in common: an editor's new title, if the text is mostly the same."""
RETITLED_WORDS_MIN = 60
"""Words that must be in common (estimated) when the titles differ: a shorter text is a summary, and the title says as much."""
NOTICE_MIN = 0.9
"""Containment asked for of two notices with differing titles: notices are written from templates, so their texts say little."""
SUPPORT_MIN = 0.34
"""Part of a title's words that its text must use, in one of the two; else the text is a standing description under any title."""
LEAD_WORDS = 60
LEAD_SHARED_MIN = 0.3
"""Under differing titles, the beginning of one text must stand in the other: else they share only background."""
LEAD_KEYS_MIN = 3
"""Fewest sampled shingles in a lead for saying that it is not shared."""
REVISED_MIN = 0.12
"""Containment that suffices when advisory number, or title and vulnerabilities, are the same: a notice rewritten."""
REISSUED_AFTER_S = 6 * 3600
"""Seconds. A feed that moves an entry to another address keeps its time, or nearly; bulletins and sirens come again later."""
REISSUED_MIN = 0.9
"""Containment at which one feed's two addresses are two entries when no times are known: the text was not even updated."""
STRETCHES_MAX = 8
"""Into how many stretches the shorter text is cut to judge evenness."""


class Match(Struct, frozen=True):
    """How two texts compare; the parts are 0..1."""

    containment: float  # weight of what is shared, as part of the shorter
    resemblance: float  # ... as part of both together
    evidence: float  # ... as such
    words: float  # about how many words are shared
    spread: float  # evenness over the shorter text
    order: float  # part of the shared that stands in the same order in both; 0 with too few to tell
    steps: float  # part of neighbouring matches that keep their distance; likewise
    lead: float  # part of the beginning of one text that stands in the other, the better of both ways
    only_a: float = 0.0  # about how many pairs of words the one has alone
    only_b: float = 0.0  # ... the other

    @property
    def strength(self) -> float:
        """For choosing among several matches, 0..1: how much of the shorter text is shared, if it is enough to be sure of."""
        return self.containment * min(1.0, self.evidence / EVIDENCE_ENOUGH)


NO_MATCH = Match(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


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
        return NO_MATCH
    whole_a = sum(weights[key] for key in keys_a)
    whole_b = evidence + (len(keys_b) - len(shared)) * weight_b
    places = sorted((keys_a[key], keys_b[key]) for key in shared)
    shorter, length = (keys_a, a.length) if whole_a <= whole_b else (keys_b, b.length)
    return Match(
        containment=min(1.0, evidence / min(whole_a, whole_b)),
        resemblance=evidence / (whole_a + whole_b - evidence),
        evidence=evidence,
        words=len(shared) * length / len(shorter),
        spread=_evenness(shorter, shared, length),
        order=_order(places),
        steps=_steps(places),
        lead=max(_lead(keys_a, shared), _lead(keys_b, shared)),
        only_a=(1 - len(shared) / len(keys_a)) * max(1, a.length - 1),
        only_b=(1 - len(shared) / len(keys_b)) * max(1, b.length - 1),
    )


def _evenness(places: Mapping[int, int], shared: AbstractSet[int], length: int) -> float:
    """Mean over stretches of min(1, share matched here / share matched overall): 1 even, 1/n all in one of n stretches."""
    stretches = max(1, min(STRETCHES_MAX, len(shared) // 2))
    overall = len(shared) / len(places)
    sampled, found = [0] * stretches, [0] * stretches
    for key, place in places.items():
        stretch = min(stretches - 1, place * stretches // max(1, length))
        sampled[stretch] += 1
        found[stretch] += key in shared
    shares = [min(1.0, hit / (n * overall)) for hit, n in zip(found, sampled, strict=True) if n]
    return sum(shares) / len(shares)


def _order(pairs: list[tuple[int, int]]) -> float:
    """Length of the longest run of matches that rises in both texts, as part of all (patience sorting, n log n)."""
    if len(pairs) < EVEN_MATCHES_MIN:
        return 0.0
    tops: list[int] = []
    for _, place in pairs:
        at = bisect_left(tops, place)
        tops[at : at + 1] = [place]
    return len(tops) / len(pairs)


def _steps(pairs: list[tuple[int, int]]) -> float:
    """The part of neighbouring matches that are as far apart in the one text as in the other."""
    if len(pairs) < EVEN_MATCHES_MIN:
        return 0.0
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(pairs)]
    return sum(abs(y - x) <= max(STEP_WORDS, STEP_RATIO * x) for x, y in steps) / len(steps)


def _lead(places: Mapping[int, int], shared: AbstractSet[int]) -> float:
    """The part of the shingles at the beginning that the other text has; 1 when too few were sampled to tell."""
    lead = [key for key, place in places.items() if place < LEAD_WORDS]
    return sum(key in shared for key in lead) / len(lead) if len(lead) >= LEAD_KEYS_MIN else 1.0


def rule(new: Fingerprint, old: Fingerprint, match: Match) -> Ruling:
    """Decide whether `new` tells the same report as `old`."""
    a, b = new.subject, old.subject
    similarity = round(match.containment, 4)
    against = (
        identifiers.conflict(new.identifiers, old.identifiers)
        or titles.numbers_conflict(a.title, b.title)
        or titles.subject_conflict(a, b)
    )
    if against:
        return Ruling(False, False, similarity, against)
    relation = titles.relation_of(a.title, b.title)
    updated = a.title.update != b.title.update
    part = identifiers.shared_part(new.identifiers, old.identifiers)
    number = identifiers.shared_own(new.identifiers, old.identifiers)
    if number is None and part is not None and (relation == "same" or titles.is_update(a.title, b.title)):
        number = "title and vulnerabilities"
    if number and match.containment >= REVISED_MIN:
        return Ruling(True, True, similarity, f"same {number.replace(':', ' ')}, {_percent(match)} of the text")
    against = _lookalike(new, old, match)
    against = against or (_reissued(new, old, match) if relation == "same" and not updated else None)
    against = against or _retitled(a, b, match, relation, is_notice=part is not None)
    if against:
        return Ruling(False, False, similarity, against)
    titled = relation == "same" and len(a.title.words) >= TITLE_WORDS_MIN
    if match.evidence < (EVIDENCE_TITLED_MIN if titled else EVIDENCE_MIN):
        return Ruling(False, False, similarity, "too little text in common")
    return _rule_by_text(match, relation, similarity, updated=updated and relation == "same")


def _lookalike(new: Fingerprint, old: Fingerprint, match: Match) -> str | None:
    """Why two texts from one template are about different things, or None."""
    if not new.marks or not old.marks or new.article_id == old.article_id:
        return None
    return marks_conflict(
        Named(new.marks, new.uses, match.only_a, new.length <= NOTICE_WORDS_MAX),
        Named(old.marks, old.uses, match.only_b, old.length <= NOTICE_WORDS_MAX),
    )


def _reissued(new: Fingerprint, old: Fingerprint, match: Match) -> str | None:
    """Why one publisher's two entries under one title are two, or None.

    Reprints come from others. What a publisher puts out again, under another address and later, happened again (a siren, a
    bulletin, a standing notice), however alike the words; with the same time it is one entry that was moved.
    """
    if new.publisher is None or new.publisher != old.publisher or new.article_id == old.article_id:
        return None
    if new.published is not None and old.published is not None:
        is_again = abs(new.published - old.published) > REISSUED_AFTER_S
    else:
        is_again = match.containment >= REISSUED_MIN
    return "the same publisher issued it again, under another address" if is_again else None


def _retitled(
    a: titles.Subject, b: titles.Subject, match: Match, relation: titles.Relation, *, is_notice: bool
) -> str | None:
    """Why two reports whose titles differ are not one report under a new title, or None."""
    if relation in ("unknown", "same"):
        return None
    if is_notice and match.containment < NOTICE_MIN:
        return f"notices with other titles ({_percent(match)} of the text in common)"
    if match.words < RETITLED_WORDS_MIN:
        return f"other titles, and only about {match.words:.0f} words in common"
    if relation == "other" and match.containment < RETITLED_MIN:
        return f"other titles, {_percent(match)} of the text in common"
    if relation == "other" and match.lead < LEAD_SHARED_MIN:
        return "other titles and other beginnings over the same background"
    if relation == "other" and max(a.support(), b.support()) < SUPPORT_MIN:
        return "other titles over the same standing text"
    return None


def _rule_by_text(match: Match, relation: titles.Relation, similarity: float, *, updated: bool) -> Ruling:
    titled = {"unknown": "", "same": ", same title", "akin": ", similar title", "other": ", other title"}[relation]
    if match.containment >= BLOCK_MIN:
        return Ruling(True, updated, similarity, f"{_percent(match)} of the text is the same{titled}")
    if match.containment >= EVEN_CONTAINMENT_MIN:
        if match.spread >= EVEN_SPREAD_MIN and (match.order >= EVEN_ORDER_MIN or match.steps >= EVEN_STEPS_MIN):
            return Ruling(
                True, updated, similarity, f"{_percent(match)} of the text is the same, throughout and in order{titled}"
            )
        return Ruling(False, False, similarity, f"only parts in common ({_percent(match)} of the text){titled}")
    return Ruling(False, False, similarity, f"other text ({_percent(match)} in common)")


def _percent(match: Match) -> str:
    return f"{match.containment:.0%}"
