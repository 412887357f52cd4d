"""Who says so: the claimant and stance of each statement, by verbs of saying, "according to", and accusations.

`read_speakers` walks the article in order, because "he said" is answered by an earlier sentence. For each sentence it gives the
attributions in it, each with the claimant as words of the article (its antecedent, where a pronoun stands). Nothing is guessed: a sentence
that names no source has none.
"""

from dataclasses import dataclass

from pipeline.records import Entity, Mention, Stance
from pipeline.text.events.phrases import PRONOUNS, Phrase, phrase_at, run_after, run_before
from pipeline.text.events.tokens import Sentence

_STANCES: dict[str, Stance] = {}
for _stance, _words in (
    ("states", "say says said saying tell tells told telling report reports reported reporting announce announces announced add adds added state states stated note notes noted declare declares declared warn warns warned explain explained reveal revealed disclose disclosed estimate estimates estimated put puts wrote tweeted posted describe described indicate indicated show showed testified recalled raise raises raised lower lowers lowered revise revises revised count counts counted spoke speaks"),
    ("claims", "claim claims claimed claiming allege alleges alleged alleging boast boasted assert asserts asserted insist insists insisted maintain maintained contend contended purport purported"),
    ("denies", "deny denies denied denying reject rejects rejected refute refuted dispute disputed disputes dismiss dismissed"),
    ("confirms", "confirm confirms confirmed confirming acknowledge acknowledges acknowledged admit admits admitted verify verified concede conceded"),
    ("accuses", "accuse accuses accused accusing blame blames blamed blaming"),
):  # fmt: skip
    _STANCES.update(dict.fromkeys(_words.split(), _stance))  # type: ignore[arg-type]

_WEAK = frozenset(
    "put puts show showed describe described dispute disputed report reports reject rejects rejected dismiss dismissed claim claims warn warned state states reported estimated alleged add adds added note notes".split()
)
"""Verbs that are also nouns or ordinary verbs: they attribute only with a subject and a statement."""
_TOLLS = frozenset("toll number figure dead losses casualties count death deaths".split())
_TELLS_TOLL = frozenset("put puts raise raises raised lower lowers lowered revise revises revised".split())
_COUNTS = frozenset("count counts counted spoke speaks".split())
_BARE = frozenset("he she they it".split())
_NOT_SAYERS = frozenset(
    "attack attacks blast explosion bombing violence toll number fighting clashes incident total rise operation".split()
)
_TIME = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday late early earlier later on in at this last also has have had".split()
)
_PREPOSITIONS = frozenset("in at on from for with near by".split())


NAME_WORDS_MAX = 4
"""Words of a name that follows the phrase for its bearer."""
CLOSING_WORDS_MAX = 10
"""An attribution that closes a sentence has at most so many words on either side of its verb."""
_CLAUSES = frozenset("and but that which who because when while if as".split())
_SUBJECT_LINKS = frozenset("of in for at from on 's the".split())


@dataclass(frozen=True, slots=True)
class Said:
    """One attribution: from the token `verb` of its sentence; `target` is whom an accusation is against."""

    verb: int
    stance: Stance
    claimant: Mention | None
    target: Mention | None = None


def _is_verb(sentence: Sentence, k: int) -> bool:
    tag = sentence.tokens[k].tag
    if tag:
        return tag.startswith("VB")
    before = sentence.words[k - 1] if k else ""
    return before not in {"the", "a", "an", "of", "no", "his", "their", "its", "this", "that", "'s"}


def _left_subject(sentence: Sentence, verb: int) -> Phrase | None:
    """The subject by the window: the run before the verb, over an apposition between commas."""
    words = sentence.words
    k = verb
    while k and words[k - 1] in _TIME:
        k -= 1
    if k and words[k - 1] == ",":
        # "Kahlil Hamraz, a spokesman for the agency, told": the name stands before the apposition
        opening = next((j for j in range(k - 2, max(-1, k - 22), -1) if words[j] == ","), None)
        if opening is not None:
            return run_before(sentence, opening)
        return None
    phrase = run_before(sentence, k)
    if phrase is not None and phrase.first and words[phrase.first - 1] in _PREPOSITIONS:
        # "A spokesman for the ministry said": go on to the head of the phrase
        wider = run_before(sentence, phrase.first - 1)
        return wider or phrase
    return phrase


def _tree_subject(sentence: Sentence, verb: int) -> Phrase | None:
    at = verb
    for _ in range(3):
        for child in sentence.children[at]:
            if sentence.tokens[child].dep in {"nsubj", "nsubj:pass"}:
                return phrase_at(sentence, child)
        token = sentence.tokens[at]
        if token.dep not in {"conj", "xcomp", "advcl"} or token.head == at:
            return None
        at = token.head
    return None


def _closing_subject(sentence: Sentence, verb: int) -> Phrase | None:
    """The subject of an attribution that closes a sentence: ", the police chief of the coastal province said on Monday." """
    words = sentence.words
    if len(words) - verb > CLOSING_WORDS_MAX or words[verb - 1] == "," or any(w[0].isdigit() for w in words[verb:-3]):
        return None
    comma = next((k for k in range(verb - 1, max(-1, verb - CLOSING_WORDS_MAX - 2), -1) if words[k] == ","), None)
    if comma is None:
        return None
    k = verb
    while k > comma + 1 and words[k - 1] in _TIME:
        k -= 1
    first = comma + 1
    if any(sentence.tokens[j].tag.startswith("VB") or words[j] in _CLAUSES for j in range(first, k)):
        return None
    found = run_before(sentence, k)
    while found is not None and found.first > first + 1 and words[found.first - 1] in _SUBJECT_LINKS:
        wider = run_before(sentence, found.first - 1)
        if wider is None or wider.first < first:
            break
        found = wider
    return found if found is not None and found.first >= first else None


def _subject(sentence: Sentence, verb: int) -> Phrase | None:
    found = _tree_subject(sentence, verb) if sentence.is_parsed else None
    closing = _closing_subject(sentence, verb)
    if closing is not None and (found is None or found.last <= closing.first - 1):
        found = closing
    if found is None:
        found = _left_subject(sentence, verb)
    words = sentence.words
    if found is None and verb and (words[verb - 1] in {",", "”", '"'} or not sentence.tokens[verb - 1].is_word):
        found = run_after(sentence, verb + 1)  # "…," said West
    if found is None or any(w in _NOT_SAYERS for w in found.words[-1:]):
        return None
    return found


def _accused(sentence: Sentence, verb: int) -> Phrase | None:
    if sentence.is_parsed:
        for child in sentence.children[verb]:
            if sentence.tokens[child].dep in {"obj", "nsubj:pass"}:
                return phrase_at(sentence, child)
    words = sentence.words
    if words[verb] in {"blamed", "blame", "blames"} and "on" in words[verb + 1 : verb + 9]:
        return run_after(sentence, words.index("on", verb) + 1)
    return run_after(sentence, verb + 1)


def _according(sentence: Sentence) -> Phrase | None:
    words = sentence.words
    for k in range(len(words) - 2):
        if words[k] == "according" and words[k + 1] == "to":
            return run_after(sentence, k + 2)
    return None


def _goes_on_name(sentence: Sentence, k: int) -> bool:
    token = sentence.tokens[k]
    return (
        token.text[:1].isupper()
        and not token.text.isupper()
        and token.lower not in _TIME
        and token.tag[:3] in {"NNP", ""}
    )


class Speakers:
    """Who has spoken so far: answers "he said"."""

    def __init__(self, text: str, entities: tuple[Entity, ...]) -> None:
        self._text = text
        self._entities = entities
        self._last: Mention | None = None

    def resolve(self, phrase: Phrase | None) -> Mention | None:
        """The claimant that the phrase names; a pronoun is the claimant before."""
        if phrase is None:
            return None
        if phrase.is_pronoun:
            return self._last if phrase.words[0] in _BARE else None
        mention = self._named(phrase)
        self._last = mention
        return mention

    def _named(self, phrase: Phrase) -> Mention:
        """The phrase with the name that follows it: "the conflict tracker Open Ledger", "General Anton Bries"."""
        last, tokens = phrase.last, phrase.sentence.tokens
        while last < len(tokens) and last - phrase.last < NAME_WORDS_MAX and _goes_on_name(phrase.sentence, last):
            last += 1
        return Phrase(phrase.sentence, phrase.first, last, phrase.head).mention(self._text, self._entities)

    def read(self, sentence: Sentence) -> tuple[Said, ...]:
        """The attributions of the next sentence, left to right."""
        out: list[Said] = []
        for k, word in enumerate(sentence.words):
            stance = _STANCES.get(word)
            if stance is None or not _is_verb(sentence, k):
                continue
            subject = _subject(sentence, k)
            if (subject is None or (word in _WEAK and not _states(sentence, k))) and stance != "accuses":
                continue
            target = _accused(sentence, k) if stance == "accuses" else None
            claimant = self.resolve(subject)
            out.append(Said(k, stance, claimant, target.mention(self._text, self._entities) if target else None))
        according = _according(sentence)
        if according is not None:
            out.append(Said(sentence.words.index("according"), "states", self.resolve(according)))
        return tuple(out)


def _states(sentence: Sentence, verb: int) -> bool:
    """Whether a statement hangs on a weak verb."""
    after = sentence.words[verb + 1 : verb + 9]
    if sentence.words[verb] in _TELLS_TOLL:
        return bool(set(after[:6]) & _TOLLS) and bool(set(sentence.words[verb + 1 :]) & {"at", "to"})
    if sentence.words[verb] in _COUNTS:
        return any(w[0].isdigit() or w in {"dozens", "hundreds", "scores"} for w in after[:5])
    if sentence.is_parsed:
        below = {sentence.tokens[c].dep for c in sentence.children[verb]}
        return bool(below & {"ccomp", "parataxis", "xcomp", "advcl"}) or sentence.tokens[verb].dep in {
            "parataxis",
            "root",
            "ROOT",
        }
    after = after[:2]
    return (
        "that" in after
        or "to" in after
        or not after
        or after[0] in {",", ".", "responsibility"}
        or sentence.words[verb] in {"reported", "claimed", "alleged", "added", "warned"}
    )


def read_speakers(
    sentences: tuple[Sentence, ...], text: str, entities: tuple[Entity, ...]
) -> tuple[tuple[Said, ...], ...]:
    """The attributions of every sentence of an article."""
    speakers = Speakers(text, entities)
    return tuple(speakers.read(sentence) for sentence in sentences)


def source_of(saids: tuple[Said, ...], sentence: Sentence, k: int) -> Said | None:
    """The attribution that governs token `k`: the nearest above it in the tree, else the nearest before it, else the first after."""
    if not saids:
        return None
    if sentence.is_parsed:
        at = k
        verbs = {said.verb: said for said in saids}
        for _ in range(len(sentence.tokens)):
            if at in verbs and at != k:
                return verbs[at]
            if sentence.tokens[at].head == at:
                break
            at = sentence.tokens[at].head
    before = [said for said in saids if said.verb < k]
    return before[-1] if before else saids[0]


__all__ = ["PRONOUNS", "Said", "Speakers", "read_speakers", "source_of"]
