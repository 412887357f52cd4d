"""Sentences and tokens, the one form of text that the rules of events and claims read.

A token knows its offsets in the article, so every finding can quote its words. Syntax is optional: sentences made by
`split_sentences` carry none (the window rules work on them); `attach_syntax` gives tag, dependency and head to those worth parsing. Nothing here fails: any string gives sentences, and offsets always lie inside the text.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spacy.tokens import Doc, Span

    from pipeline.records import Entity

SENTENCE_TOKENS_MAX = 160
"""A longer sentence (lists, tables, text without stops) is cut, so that no rule meets an unbounded window."""
WRAP_COLUMN_MIN = 50
"""A line at least this many characters long may be hard-wrapped: the next line goes on with its sentence."""

_HYPHENATED = frozenset(("GROUP", "ORG", "MALWARE", "TOOL", "WEAPON"))
_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S., a.m.
    r"|\d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?(?!\w)"
    r"|\w+(?:[-'’‑–.&/]\w+)*"
    r"|--+|\.\.\.|[^\w\s]"
)
_CLITIC = re.compile(r"^(.+?)(['’](?:s|ve|re|ll|d|m)|n['’]t)$", re.IGNORECASE)
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr gen col lt sgt capt maj brig adm gov sen rep rev st prof hon msgr no vs etc inc ltd corp co jan feb mar apr "
    "jun jul aug sep sept oct nov dec pres dept ft mt fr sr jr cmdr hq approx gens cols drs".split()
)
_STOPS = frozenset(".!?")
_CLOSERS = frozenset("\"'”’)]»")


@dataclass(slots=True)
class Token:
    """A word or sign. `head` is the index in the same sentence, -1 where there is no parse; a root is its own head."""

    i: int
    text: str
    start: int
    end: int
    lower: str
    tag: str = ""  # Penn Treebank part of speech, "" unknown
    dep: str = ""  # UD relation, with the sub-types nsubj:pass, aux:pass, obl:agent, acl:relcl, …
    head: int = -1

    @property
    def is_word(self) -> bool:
        """True for words and numbers, False for signs."""
        return self.text[0].isalnum()


@dataclass
class Sentence:
    """Tokens of one sentence in order, with its place in the article."""

    tokens: tuple[Token, ...]
    index: int
    paragraph: int
    is_title: bool = False  # the article's headline, found in the text
    span: tuple[int, int] | None = None  # tokens of the spaCy Doc it was made of, spaces included

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.tokens[-1].end

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Lower-cased words, for lexicon look-ups."""
        return tuple(token.lower for token in self.tokens)

    @cached_property
    def is_parsed(self) -> bool:
        """Whether tokens carry heads."""
        return bool(self.tokens) and self.tokens[0].head >= 0

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each token the indices of its dependents, in order; empty tuples without a parse."""
        below: list[list[int]] = [[] for _ in self.tokens]
        if self.is_parsed:
            for token in self.tokens:
                if token.head != token.i:
                    below[token.head].append(token.i)
        return tuple(tuple(x) for x in below)

    @cached_property
    def is_quote_open(self) -> tuple[bool, ...]:
        """For each token whether it stands inside quotation marks."""
        out, inside = [], False
        for token in self.tokens:
            if token.text in '“”"«»':
                inside = token.text in "“«" or (token.text == '"' and not inside)
            out.append(inside)
        return tuple(out)

    def at(self, start: int, end: int) -> tuple[int, int] | None:
        """Token range (first, after last) that covers the characters `start`..`end`, or None when they lie outside."""
        inside = [t.i for t in self.tokens if t.start < end and start < t.end]
        return (inside[0], inside[-1] + 1) if inside else None


def _split_clitic(text: str, start: int) -> "Iterator[tuple[str, int]]":
    found = _CLITIC.match(text)
    if found and found.group(1).lower() != "o":
        yield found.group(1), start
        yield found.group(2), start + len(found.group(1))
    else:
        yield text, start


def _lower(text: str) -> str:
    if text.isascii():
        return text.lower()
    return text.replace("’", "'").replace("‑", "-").replace("–", "-").lower()


def _is_break(text: str, end: int, start: int, *, blank_lines: bool) -> bool:
    """Whether the space between two tokens ends a paragraph."""
    gap = text[end:start]
    if "\n" not in gap:
        return False
    if gap.count("\n") > 1:
        return True
    line = end - (text.rfind("\n", 0, end) + 1)
    if text[start].islower() or (blank_lines and line >= WRAP_COLUMN_MIN and not gap.endswith("  ")):
        return False
    return not ((blank_lines and text[end - 1] in ",;") or (line >= WRAP_COLUMN_MIN and text[end - 1] == ","))


def _ends_sentence(parts: list[tuple[str, int]], k: int) -> bool:
    """Whether the sentence ends after part `k`."""
    word = parts[k][0]
    if word in _CLOSERS and k and parts[k - 1][0] in _STOPS:
        word = parts[k - 1][0]
    elif word not in _STOPS or (
        k + 1 < len(parts) and parts[k + 1][0] in _CLOSERS and parts[k + 1][1] == parts[k][1] + 1
    ):
        return False
    if word != ".":
        return True
    before = parts[k - 1][0] if k else ""
    after = parts[k + 1][0] if k + 1 < len(parts) else ""
    if before.lower() in _ABBREVIATIONS or (len(before) == 1 and before.isalpha()):
        return False
    return not after[:1].islower()


Part = tuple[str, int]
"""A word or sign, and the offset where it starts."""


def _split(text: str) -> "Iterator[tuple[list[Part], int]]":
    """The parts of each sentence, with the number of its paragraph; hard-wrapped lines are joined, headings stand alone."""
    parts = [pair for found in _TOKEN.finditer(text) for pair in _split_clitic(found.group(), found.start())]
    blank_lines = "\n\n" in text or "\n \n" in text
    first, paragraph = 0, 0
    for k, (word, start) in enumerate(parts):
        last = k + 1 == len(parts)
        after = start + len(word)
        broken = not last and _is_break(text, after, parts[k + 1][1], blank_lines=blank_lines)
        if last or broken or _ends_sentence(parts, k) or k + 1 - first >= SENTENCE_TOKENS_MAX:
            yield parts[first : k + 1], paragraph
            first = k + 1
            paragraph += broken


def split_sentences(text: str, title: str | None = None) -> tuple[Sentence, ...]:
    """Sentences of plain text, without syntax."""
    sentences = tuple(
        Sentence(tuple(Token(i, w, s, s + len(w), _lower(w)) for i, (w, s) in enumerate(parts)), index, paragraph)
        for index, (parts, paragraph) in enumerate(_split(text))
    )
    return _mark_title(sentences, text, title)


def _mark_title(sentences: tuple[Sentence, ...], text: str, title: str | None) -> tuple[Sentence, ...]:
    """Mark the headline where the text repeats it, or where the first line stands alone without a full stop."""
    if not sentences:
        return sentences
    head = sentences[0]
    written = text[head.start : head.end]
    repeats = title is not None and " ".join(title.split()).casefold() == " ".join(written.split()).casefold()
    alone = len(sentences) > 1 and sentences[1].paragraph > head.paragraph and written[-1] not in ".!?:;,"
    head.is_title = repeats or (alone and head.start == len(text) - len(text.lstrip()))
    return sentences


def sentences_of(doc: "Doc", text: str, title: str | None = None) -> tuple[Sentence, ...]:
    """Sentences made of a spaCy Doc's tokens; syntax too, where the Doc has been parsed whole.

    `doc` may hold a normalised text of the same length; words are always those of `text`. Boundaries are those of
    `split_sentences`, which knows hard-wrapped lines and headings.
    """
    parsed = doc.has_annotation("DEP")
    out: list[Sentence] = []
    words = [t for t in doc if not t.is_space]
    k = 0
    for parts, paragraph in _split(text):
        end = parts[-1][1] + len(parts[-1][0])
        inside = []
        while k < len(words) and words[k].idx < end:
            inside.append(words[k])
            k += 1
        for first in range(0, len(inside), SENTENCE_TOKENS_MAX):
            part = inside[first : first + SENTENCE_TOKENS_MAX]
            tokens = tuple(_token(i, t.idx, t.idx + len(t), text) for i, t in enumerate(part))
            sentence = Sentence(tokens, len(out), paragraph, span=(part[0].i, part[-1].i + 1))
            if parsed:
                _set_syntax(sentence, doc[part[0].i : part[-1].i + 1].as_doc())
            out.append(sentence)
    return _mark_title(tuple(out), text, title)


def keep_names_whole(doc: "Doc", entities: "Sequence[Entity]") -> None:
    """Merge hyphenated names ("IS-Khorasan") into one token each: torn apart, "IS" becomes a verb of the parse."""
    spans = [
        span
        for e in entities
        if e.label in _HYPHENATED
        and "-" in e.text
        and (span := doc.char_span(e.start, e.end)) is not None
        and len(span) > 1
    ]
    apart: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    if apart:
        with doc.retokenize() as retokenizer:
            for span in apart:
                retokenizer.merge(span)


def _token(i: int, start: int, end: int, text: str) -> Token:
    word = text[start:end]
    return Token(i, word, start, end, _lower(word))


def _set_syntax(sentence: Sentence, parsed: "Doc") -> None:
    """Copy tags and heads from the spaCy tokens that the sentence was made of."""
    columns = parsed.to_array(["TAG", "DEP", "HEAD", "IS_SPACE"]).T  # heads by their distance, as unsigned numbers
    tags, dependencies, _, spaces = columns.tolist()
    distances = columns[2].astype("int64").tolist()
    place: dict[int, int] = {}
    for i, is_space in enumerate(spaces):
        if not is_space:
            place[i] = len(place)
    names = parsed.vocab.strings
    for token, i in zip(sentence.tokens, place, strict=True):
        head = i + distances[i]
        while head not in place and 0 <= head < len(spaces) and distances[head]:
            head += distances[head]
        token.tag, token.dep, token.head = names[tags[i]], names[dependencies[i]], place.get(head, token.i)


def attach_syntax(
    sentences: "Sequence[Sentence]", doc: "Doc", parse: "Callable[[Sequence[Span]], Sequence[Doc]]"
) -> None:
    """Parse these sentences of `doc` with `parse` (one Doc per span, in order) and give their tokens tags and heads."""
    spans = [doc[s.span[0] : s.span[1]] for s in sentences if s.span is not None]
    for sentence, parsed in zip((s for s in sentences if s.span is not None), parse(spans), strict=True):
        _set_syntax(sentence, parsed)
        sentence.__dict__.pop("is_parsed", None)
        sentence.__dict__.pop("children", None)
