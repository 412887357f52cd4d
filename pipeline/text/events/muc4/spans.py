"""Which stretches of words may fill a role: noun phrases with their parts and complements, names, and what the tagger marks.

The tagger says where a filler is, but errs at its edges ("group" of "group of subversives"); so every phrase around a token that it
suspects becomes a candidate, and the third model chooses between them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.records import Entity
from pipeline.text.events.classify import Scene
from pipeline.text.events.muc4.documents import ROLES, Floats, Role, normal
from pipeline.text.events.phrases import PRONOUNS, STOPS
from pipeline.text.events.tokens import Sentence

SUSPECT_MIN = 0.08
"""Probability of a token from which a sentence is searched for a role's fillers."""
ANCHOR_MIN = 0.10
"""And from which a phrase that holds the token becomes a candidate."""
GO_ON_MIN = 0.3
"""Probability from which what the tagger marks goes on over the next token."""
SPAN_WORDS_MAX = 12
"""Longest candidate, words."""

_STOP = STOPS | PRONOUNS | frozenset("there here such both all".split())
_QUANTITIES = frozenset(
    "the a an this that these those his her its their your our my some any another other several many few more than at least about "
    "approximately nearly almost over around dozens hundreds scores two three four five six seven eight nine ten eleven twelve fifteen twenty "
    "thirty forty fifty hundred thousand one each every".split()
)
_NOMINAL = ("NN", "JJ", "CD", "FW", "PO", "HY", "VBN", "VBG", "AFX")
_LINKS = {("of",), ("of", "the"), ("in",), ("in", "the"), ("of", "his"), ("of", "their"), ("of", "a")}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One stretch of words that may fill a role, with the tagger's view of it."""

    role: Role
    first: int  # tokens of its sentence
    last: int
    start: int  # offsets
    end: int
    sentence: int
    begins: float  # probability that a filler of the role begins here
    inside: float  # mean probability of going on
    after: float  # probability of going on past the end
    top: float  # the highest probability of the role among its tokens
    mean: float  # and the mean
    kinds: frozenset[str]  # what kinds of span it is
    actions: tuple[str, ...]  # of the sentence
    before: str  # words beside it
    behind: str


def _is_nominal(sentence: Sentence, k: int) -> bool:
    token, word = sentence.tokens[k], sentence.words[k]
    if not token.is_word:
        return word in {"-", "'s", "'", "/"} and 0 < k < len(sentence.tokens) - 1
    return word not in _STOP and (not token.tag or token.tag.startswith(_NOMINAL))


def _trimmed(sentence: Sentence, first: int, last: int) -> Span:
    words, tokens = sentence.words, sentence.tokens
    while first < last and (
        words[first] in _QUANTITIES
        or words[first].isdigit()
        or not tokens[first].is_word
        or words[first] in {"'s", "of"}
    ):
        first += 1
    while last > first and (not tokens[last - 1].is_word or words[last - 1] in {"'s", "of", "the"}):
        last -= 1
    return first, last


def _runs(sentence: Sentence) -> list[Span]:
    """The longest stretches of nouns and what stands before nouns."""
    out: list[Span] = []
    k = 0
    while k < len(sentence.tokens):
        first = k
        while k < len(sentence.tokens) and _is_nominal(sentence, k):
            k += 1
        if k > first:
            out.append((first, k))
        k = max(k, first + 1)
    return out


def phrase_spans(sentence: Sentence, entities: Sequence[Entity]) -> dict[Span, set[str]]:
    """Spans that are phrases, with their kinds: whole runs, heads, beginnings, "of" and "in" complements, names."""
    out: dict[Span, set[str]] = defaultdict(set)

    def add(first: int, last: int, *kinds: str) -> None:
        span = _trimmed(sentence, first, last)
        if span[0] < span[1] and last - first <= SPAN_WORDS_MAX:
            out[span].update(kinds)

    runs = _runs(sentence)
    for k, (first, last) in enumerate(runs):
        add(first, last, "np")
        a, b = _trimmed(sentence, first, last)
        for size, kind in ((1, "head"), (2, "head2"), (3, "head3")):
            if b - a > size:
                add(b - size, b, kind)
        if b - a > 1:
            add(a, b - 1, "pre1")
        if b - a > 2:
            add(a, a + 1, "pre")
        end = last
        for depth, (after, behind) in enumerate(runs[k + 1 : k + 3]):
            if sentence.words[end:after] not in _LINKS:
                break
            kind = "of" if sentence.words[end] == "of" else "in"
            end = behind
            add(first, end, f"{kind}{depth}")
            if kind == "of" and b - a > 1:
                add(b - 1, end, "headof")
    for entity in entities:
        if sentence.start <= entity.start < sentence.end and entity.label != "DATE":
            span = sentence.at(entity.start, entity.end)
            if span:
                add(*span, "ent", f"ent{entity.label}")
    return out


def _tagged(probabilities: Floats, k: int) -> list[Span]:
    """What the tagger itself marks for role `k`."""
    begin, go_on, outside = probabilities[:, 1 + 2 * k], probabilities[:, 2 + 2 * k], probabilities[:, 0]
    out: list[Span] = []
    first = 0
    while first < len(begin):
        last = first + 1
        if begin[first] > SUSPECT_MIN:
            while last < len(begin) and go_on[last] > GO_ON_MIN and go_on[last] > 0.6 * outside[last]:
                last += 1
            out.append((first, last))
        first = last
    return out


def find_candidates(scene: Scene, probabilities: Floats, entities: Sequence[Entity]) -> list[Candidate]:
    """The stretches of a sentence that may fill a role; they overlap, and roles may share words."""
    out: list[Candidate] = []
    phrases: dict[Span, set[str]] | None = None
    actions = tuple(sorted(scene.actions))
    for k, role in enumerate(ROLES):
        both = probabilities[:, 1 + 2 * k] + probabilities[:, 2 + 2 * k]
        if both.max() <= SUSPECT_MIN:
            continue
        phrases = phrase_spans(scene.sentence, entities) if phrases is None else phrases
        spans = {span: set(kinds) for span, kinds in phrases.items() if both[span[0] : span[1]].max() > ANCHOR_MIN}
        for span in _tagged(probabilities, k):
            spans.setdefault(span, set()).add("tag")
        out += [
            _candidate(scene.sentence, role, span, frozenset(kinds), probabilities, actions)
            for span, kinds in spans.items()
        ]
    return out


def _candidate(
    sentence: Sentence, role: Role, span: Span, kinds: frozenset[str], probabilities: Floats, actions: tuple[str, ...]
) -> Candidate:
    first, last = span
    column = 1 + 2 * ROLES.index(role)
    go_on, both = probabilities[:, column + 1], probabilities[:, column] + probabilities[:, column + 1]
    words = sentence.words
    return Candidate(
        role=role,
        first=first,
        last=last,
        start=sentence.tokens[first].start,
        end=sentence.tokens[last - 1].end,
        sentence=sentence.index,
        begins=max(float(probabilities[first, column]), 1e-4),
        inside=float(go_on[first + 1 : last].mean()) if last > first + 1 else 1.0,
        after=float(go_on[last]) if last < len(words) else 0.0,
        top=float(both[first:last].max()),
        mean=float(both[first:last].mean()),
        kinds=kinds,
        actions=actions,
        before=words[first - 1] if first else "<s>",
        behind=words[last] if last < len(words) else "</s>",
    )


Groups = dict[tuple[Role, str], list[Candidate]]


def group_candidates(candidates: Sequence[Candidate], text: str) -> Groups:
    """Candidates of one role and the same words together."""
    groups: Groups = defaultdict(list)
    for candidate in candidates:
        key = normal(text[candidate.start : candidate.end])
        if key:
            groups[(candidate.role, key)].append(candidate)
    return dict(groups)
