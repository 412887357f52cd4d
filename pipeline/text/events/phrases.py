"""Noun phrases: which words name the party, thing or person that stands at a place in a sentence.

With a parse a phrase is the head with what modifies it closely; without one it is a run of words up to the next verb, preposition or stop. Either
way the result is a span of the article, so that every role of an event can be quoted. Pronouns are answered by `antecedent` in `parties`.
"""

from dataclasses import dataclass

from pipeline.records import Entity, Mention
from pipeline.text.events.tokens import Sentence

PHRASE_WORDS_MAX = 12
"""The longest phrase kept, words; longer ones are cut at the head's right edge."""

DETERMINERS = frozenset("the a an this that these those his her its their our your some any another other".split())
_LEADS = frozenset("of on in at by for from to with against including near into over".split())
PRONOUNS = frozenset(
    "he she it they him her them we us i you who whom which that this these those himself themselves one ones others himself".split()
)
_SPEAKERS = frozenset("he she they it we i".split())
"""Pronouns that are a phrase alone, whatever stands before them; "seven others" and "the ones" are not."""
STOPS = frozenset(
    "is are was were be been being am has have had having do does did will would could should may might can must shall "
    "in on at by for from with to into onto near during after before since when while as than that which who whom whose where "
    "and or but because although against between among amid around outside inside over under across along through including "
    "said says told according reported also not n't ' ' then later just only according without within of until so if "
    "today yesterday monday tuesday wednesday thursday friday saturday sunday last next this".split()
)
"""Words that no noun phrase goes over."""
_CLOSE = frozenset(
    "det amod compound nummod nmod:poss flat flat:name flat:foreign advmod case fixed goeswith nummod:gov case punct".split()
)
_CORE = frozenset("amod compound flat flat:name flat:foreign fixed goeswith nmod:poss".split())


_NAMES = frozenset(("GROUP", "ORG", "PERSON"))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens `first`..`last` (end exclusive) of one sentence; `head` is the word it is about."""

    sentence: Sentence
    first: int
    last: int
    head: int

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.sentence.tokens[self.first].start

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.sentence.tokens[self.last - 1].end

    @property
    def words(self) -> tuple[str, ...]:
        """Lower-cased words."""
        return self.sentence.words[self.first : self.last]

    @property
    def is_pronoun(self) -> bool:
        """Whether it only points back."""
        return self.last == self.first + 1 and self.words[0] in PRONOUNS

    def mention(self, text: str, entities: tuple[Entity, ...] = ()) -> Mention:
        """The phrase as a record; the id is that of an entity that ends where it ends, or else of one inside."""
        inside = [e for e in entities if e.id and self.start <= e.start and e.end <= self.end]
        best = next((e for e in inside if e.end == self.end), inside[-1] if inside else None)
        whole = next((e for e in entities if e.start < self.start < e.end == self.end and e.label in _NAMES), None)
        if whole is not None:  # "Workers' Front", cut at its apostrophe
            return Mention(text[whole.start : whole.end], whole.start, whole.end, whole.id)
        return Mention(text[self.start : self.end], self.start, self.end, best.id if best else None)


def trimmed(sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    """The range without leading articles, prepositions and signs, and without trailing signs."""
    words = sentence.words
    while first < last and (
        words[first] in DETERMINERS or words[first] in _LEADS or not sentence.tokens[first].is_word
    ):
        if words[first] in {"“", '"'}:
            break
        first += 1
    while last > first and not sentence.tokens[last - 1].is_word:
        last -= 1
    return first, last


def phrase_at(sentence: Sentence, head: int, *, wide: bool = True) -> Phrase:
    """The phrase whose head is token `head`, by the parse. `wide` takes in an "of" complement ("members of the group")."""
    first, last = head, head + 1
    if sentence.words[head] in _SPEAKERS:  # the quotation mark before "he" hangs on it
        return Phrase(sentence, first, last, head)
    for k in _close_below(sentence, head, wide=wide):
        first, last = min(first, k), max(last, k + 1)
    first, last = trimmed(sentence, first, last)
    if last - first > PHRASE_WORDS_MAX:
        first, last = max(first, head - 6), min(last, head + 6)
    if not first <= head < last:
        first, last = head, head + 1
    return Phrase(sentence, first, last, head)


def _close_below(sentence: Sentence, head: int, *, wide: bool) -> list[int]:
    """Tokens below `head` that belong to its phrase."""
    out: list[int] = []
    tokens = sentence.tokens
    below = [(k, wide) for k in sentence.children[head]]
    while below and len(out) < 2 * PHRASE_WORDS_MAX:
        k, wide_here = below.pop()
        dep = tokens[k].dep
        of = dep == "nmod" and any(tokens[c].lower == "of" for c in sentence.children[k])
        if dep in _CLOSE or (of and wide_here):
            if dep == "punct" and tokens[k].text not in "-'’\"“”":
                continue
            if dep == "case" and k > head and tokens[k].lower not in {"'s", "’s", "'"}:
                continue
            out.append(k)
            below += [(c, wide_here) for c in sentence.children[k]]
    return out


def run_after(sentence: Sentence, k: int) -> Phrase | None:
    """The phrase that begins at token `k`, without a parse; "of" goes on once ("members of the group")."""
    words = sentence.words
    first, of_left = k, True
    while k < len(words) and k - first < PHRASE_WORDS_MAX:
        token = sentence.tokens[k]
        if words[k] == "of" and of_left and k > first:
            of_left = False
        elif words[k] in {"'s", "'"} and k > first:
            pass
        elif (
            (not token.is_word and token.text not in {"-", "“", "”", '"'})
            or words[k] in STOPS
            or (k > first and _is_verb(sentence, k))
        ):
            break
        k += 1
    while k > first and words[k - 1] in {"of", "the", "a"}:
        k -= 1
    first, k = trimmed(sentence, first, k)
    return Phrase(sentence, first, k, k - 1) if k > first else None


def run_before(sentence: Sentence, k: int) -> Phrase | None:
    """The phrase that ends before token `k`, without a parse."""
    words = sentence.words
    last = k
    while k and last - k < PHRASE_WORDS_MAX:
        token = sentence.tokens[k - 1]
        if (not token.is_word and token.text not in {"-", "”", "“", '"'}) or words[k - 1] in STOPS - {"of"}:
            break
        if words[k - 1] == "of" and last - k == 0:
            break
        k -= 1
    first, last = trimmed(sentence, k, last)
    if first < last and sentence.words[last - 1] in _SPEAKERS:
        first = last - 1
    return Phrase(sentence, first, last, last - 1) if last > first else None


def _is_verb(sentence: Sentence, k: int) -> bool:
    """Without a parse: a word that looks like a finite verb or a participle after a noun."""
    token = sentence.tokens[k]
    if token.tag:
        return token.tag.startswith("VB")
    return (
        token.lower.endswith("ed")
        and len(token.lower) > 4
        and token.lower not in {"armed", "wanted", "suspected", "alleged", "masked", "unidentified", "united", "hooded"}
    )
