"""The verdict on one article: new, exact, near or revision, of which earlier one, and why.

The order: a version met before gets its recorded verdict; then the same article with another text (revision); then the
same words (exact); then the candidates that share rare shingles or identifiers, the strongest first, until one is ruled
the same. An article joins one story, through its best match, so that what is common to two stories cannot chain them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipeline.records import Article, Linked, LinkVerdict
from pipeline.records.identity import story_id
from pipeline.text.dedupe.fingerprint import Fingerprint, fingerprint_of
from pipeline.text.dedupe.index import STORIES_MAX, Known, Posting, StoryIndex
from pipeline.text.dedupe.judge import Match, Ruling, match_of, rule

CANDIDATE_STORIES_MAX = 8
"""Stories compared with one article."""
CANDIDATE_ARTICLES_MAX = 2
"""Articles compared of each of them."""
VOTES_MIN = 1.0
"""Weight of shared keys below which a story is not looked at; an identifier shared with nothing else weighs 1."""
EXACT_WORDS_MIN = 8
"""A shorter text is no evidence by itself ("Click to read more"): the titles must be the same too."""

Weights = Mapping[int, float]


def link(article: Article, index: StoryIndex) -> Linked:
    """Link one article and record the verdict in the index."""
    return link_fingerprint(article, fingerprint_of(article), index)


def link_fingerprint(article: Article, new: Fingerprint, index: StoryIndex) -> Linked:
    """`link` with the fingerprint already made, so that it can be made before a lock is taken."""
    if (recorded := index.version(new.version_id)) is not None:
        return linked_of(article, recorded)
    postings = index.postings(new.lookup_keys)
    weights = {key: _weight(len(postings.get(key, ()))) for key in new.lookup_keys}
    known = _decide(new, index, postings, weights)
    posted = [key for key in new.lookup_keys if _is_news(postings.get(key, ()), known.founder)]
    index.add(known, posted)
    return linked_of(article, known)


def compare(a: Article, b: Article) -> tuple[Ruling, Match]:
    """Whether two articles tell the same report, looked at by themselves: every shingle counts full, as if in no other story."""
    new, old = fingerprint_of(a), fingerprint_of(b)
    match = match_of(new, old, dict.fromkeys(new.sketch.keys, 1.0), 1.0)
    return rule(new, old, match), match


def linked_of(article: Article, known: Known) -> Linked:
    """The record of a verdict."""
    return Linked(article, known.story, known.verdict, known.of, known.similarity, known.reason)


def candidates_of(postings: Mapping[int, Sequence[Posting]], keys: Sequence[int]) -> list[int]:
    """Numbers of the articles to compare with, strongest stories first."""
    by_story: defaultdict[int, float] = defaultdict(float)
    by_article: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for key in keys:
        found = postings.get(key, ())
        weight = _weight(len(found))
        for posting in found if weight else ():
            by_story[posting.founder] += weight
            by_article[posting.founder][posting.number] += weight
    stories = sorted(
        (story for story in by_story if by_story[story] >= VOTES_MIN), key=lambda story: (-by_story[story], story)
    )
    return [
        number
        for story in stories[:CANDIDATE_STORIES_MAX]
        for number, _ in sorted(by_article[story].items(), key=lambda item: (-item[1], item[0]))[
            :CANDIDATE_ARTICLES_MAX
        ]
    ]


def _weight(stories: int) -> float:
    """What a key says about one of the stories that it stands in."""
    return 0.0 if stories >= STORIES_MAX else 1.0 / max(1, stories)


def _is_news(found: Sequence[Posting], founder: int) -> bool:
    """Whether the key is to be posted: not common, and not in the story already."""
    return len(found) < STORIES_MAX and all(posting.founder != founder or posting.stale for posting in found)


def _decide(new: Fingerprint, index: StoryIndex, postings: Mapping[int, Sequence[Posting]], weights: Weights) -> Known:
    def known(verdict: LinkVerdict, old: Known | None, similarity: float | None, reason: str) -> Known:
        mean = sum(weights[key] for key in new.sketch.keys) / max(1, len(new.sketch.keys))
        number = index.next_number()
        return Known(
            number=number,
            fingerprint=new,
            weight=mean,
            story=old.story if old else story_id(new.version_id),
            founder=old.founder if old else number,
            verdict=verdict,
            of=old.fingerprint.version_id if old else None,
            similarity=similarity,
            reason=reason,
        )

    if (former := index.article(new.article_id)) is not None:
        match = match_of(new, former.fingerprint, weights, former.weight)
        alike = 1.0 if new.text_hash == former.fingerprint.text_hash else round(match.resemblance, 4)
        return known("revision", former, alike, f"a later version of the same article, {alike:.0%} of the text alike")
    for same in index.same_text(new.text_hash):
        whole = Match(
            1.0, 1.0, evidence=float(new.length), words=float(new.length), spread=1.0, order=1.0, steps=1.0, lead=1.0
        )
        ruling = rule(new, same.fingerprint, whole)
        if new.length and ruling.same and (new.length >= EXACT_WORDS_MIN or new.title == same.fingerprint.title):
            return known("exact", same, 1.0, "the same words")
    old, best = _best(new, index, postings, weights)
    if best is None:
        return known("new", None, None, "nothing like it within the horizon")
    if old is None:
        return known("new", None, None, f"the closest report is distinct: {best.reason}")
    return known("revision" if best.revision else "near", old, best.similarity, best.reason)


def _best(
    new: Fingerprint, index: StoryIndex, postings: Mapping[int, Sequence[Posting]], weights: Weights
) -> tuple[Known | None, Ruling | None]:
    """The candidate with the most in common that is ruled the same, else None with the ruling on the closest."""
    numbers = candidates_of(postings, new.lookup_keys)
    found = index.known(numbers)
    compared = [
        (match_of(new, found[n].fingerprint, weights, found[n].weight), found[n]) for n in numbers if n in found
    ]
    compared.sort(key=lambda pair: (-pair[0].strength, -pair[0].evidence, pair[1].number))
    closest: Ruling | None = None
    for match, old in compared:
        ruling = rule(new, old.fingerprint, match)
        if ruling.same:
            return old, ruling
        closest = closest or ruling
    return None, closest
