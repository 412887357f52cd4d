"""Places of a sentence in another language than English: declined, with a word of place before them, or of a kind that is named.

A name counts after a word of place ("à", "в", "في"); of a village that no gazetteer knows the words themselves are the place ("le village de
Tongomaël"). Countries, what belongs to them, and regions stand in the language's `places.tsv`.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from msgspec.structs import replace

from pipeline.records import Place
from pipeline.text.languages.lexicon import Hit, Lexicon
from pipeline.text.languages.words import Sentence, Token, plain
from pipeline.text.places import Toponym, default_gazetteer

NAME_WORDS_MAX = 4
CITY_PEOPLE_MIN = 300_000
"""A city of so many people counts without a word of place before it."""
NAME_LETTERS_MIN = 3
_EXACT = {"form": 0, "city": 1, "region": 2, "area": 3, "country": 4}


@dataclass(frozen=True, slots=True)
class Found:
    """A place named in a sentence; `toponym` is None for a village that is known by its form alone."""

    sentence: int
    first: int
    last: int
    start: int
    end: int
    text: str
    toponym: Toponym | None
    cued: bool
    is_people: bool = False  # "malien": belongs to the country, and is no place

    @property
    def rank(self) -> int:
        """0 is the most exact."""
        return _EXACT[self.toponym.kind] if self.toponym else 0

    def place(self, country: str | None) -> Place:
        """As records have it; `country` for one that only its form tells."""
        known = self.toponym
        if known is None:
            return Place(self.text, self.start, self.end, None, None, country)
        return Place(
            self.text, self.start, self.end, known.id, known.name, known.country, known.latitude, known.longitude
        )


@dataclass(frozen=True, slots=True)
class _Table:
    names: dict[str, tuple[Toponym, ...]]
    peoples: dict[str, str]  # beginnings of adjectives -> ISO code
    lengths: tuple[int, ...]


@cache
def _table(code: str) -> _Table:
    """`places.tsv`: names with "|" between them, ISO code or English name of a region, beginnings of adjectives."""
    gazetteer = default_gazetteer()
    names: dict[str, tuple[Toponym, ...]] = {}
    peoples: dict[str, str] = {}
    text = resources.files(__package__).joinpath(f"{code}/places.tsv").read_text(encoding="utf-8")
    for number, row in enumerate(text.splitlines(), 1):
        if not row or row.startswith("#"):
            continue
        spellings, target, *adjectives = row.split("\t")
        if len(target) == 2 and target.isupper():
            found: tuple[Toponym, ...] = tuple(t for t in (gazetteer.countries.get(target),) if t)
        else:
            found = tuple(replace(t, name=target) for t in gazetteer.lookup(target)[:1])
        if not found:
            raise ValueError(f"pipeline/text/languages/{code}/places.tsv, line {number}: no place {target!r}")
        for spelling in spellings.split("|"):
            names[_key(spelling)] = found
        for beginning in adjectives[0].split("|") if adjectives and adjectives[0] else ():
            peoples[plain(beginning)] = target
    return _Table(names, peoples, tuple(sorted({len(p) for p in peoples})))


def _key(name: str) -> str:
    return " ".join(plain(word) for word in name.replace("-", " ").replace("’", " ").replace("'", " ").split())


def find_places(sentences: Sequence[Sentence], lexicon: Lexicon, hits: Sequence[Sequence[Hit]]) -> list[Found]:
    """The places of all sentences, in order; what a name means is chosen by size and by the countries that the text names."""
    raw = [one for s, h in zip(sentences, hits, strict=True) for one in _in_sentence(s, lexicon, h)]
    countries: Counter[str] = Counter()
    for _, candidates in raw:
        codes = {c.country for c in candidates}
        if len(codes) == 1 and (code := codes.pop()):
            countries[code] += 2 if candidates[0].kind == "country" else 1
    return [_chosen(found, candidates, countries) for found, candidates in raw]


def _chosen(found: Found, candidates: tuple[Toponym, ...], countries: Counter[str]) -> Found:
    if not candidates:
        return found
    best = max(candidates, key=lambda t: _points(t, countries))
    return Found(
        found.sentence, found.first, found.last, found.start, found.end, found.text, best, found.cued, found.is_people
    )


def _points(place: Toponym, countries: Counter[str]) -> float:
    points = math.log10(place.people + 10) + {"country": 4.0, "region": 1.0}.get(place.kind, 0.0) + 1.5 * place.capital
    return points + 3.0 * math.log2(1 + countries.get(place.country or "", 0))


def _in_sentence(
    sentence: Sentence, lexicon: Lexicon, hits: Sequence[Hit]
) -> Iterator[tuple[Found, tuple[Toponym, ...]]]:
    tokens = sentence.tokens
    cues: dict[int, str] = {
        h.last: kind for kind in ("place_cue", "place_strong", "settlement") for h in hits if h.kind == kind
    }
    named = {k for h in hits if h.kind in ("actors", "sources", "people") for k in range(h.first, h.last)}
    k, last_place = 0, -9
    while k < len(tokens):
        token = tokens[k]
        if token.is_sign or token.is_digits:
            k += 1
            continue
        if not token.is_capital:
            if (code := _people(token, _table(lexicon.code))) is not None:
                country = default_gazetteer().countries[code]
                yield _make(sentence, k, k + 1, cued=False, is_people=True), (country,)
            k += 1
            continue
        cue = _cue(tokens, k, cues, lexicon)
        listed = (k - last_place == 1 and tokens[k - 1].text in ",(") or (
            k - last_place == 1 and lexicon.has("number_and", tokens[k - 1])
        )
        found = _known(tokens, k, lexicon, cued=bool(cue) or listed)
        if found:
            last, candidates, people = found
            if people or cue or listed or _stands_alone(tokens, k, candidates):
                yield _make(sentence, k, last, cued=bool(cue) or listed, is_people=people), candidates
                last_place = last
                k = last
                continue
        strong = (
            cue == "place_strong" and token.text[:1].isupper() and k not in named and not lexicon.has("no_place", token)
        )
        if cue == "settlement" or strong:
            last = _run(tokens, k, lexicon)
            yield _make(sentence, k, last, cued=True), ()
            last_place = last
            k = last
            continue
        k += 1


def _cue(tokens: tuple[Token, ...], k: int, cues: dict[int, str], lexicon: Lexicon) -> str:
    """The kind of the word of place that ends before `k`, over an article or a link; or the one written with it."""
    at = k
    for _ in range(3):
        if at in cues:
            return cues[at]
        if at == 0 or not lexicon.has("link", tokens[at - 1]):
            break
        at -= 1
    first = tokens[k].forms[0]
    if any(first.startswith(c) and first[len(c) :] in tokens[k].forms for c in lexicon.lists.get("place_clitic", ())):
        return "place_cue"
    return ""


def _known(
    tokens: tuple[Token, ...], k: int, lexicon: Lexicon, *, cued: bool
) -> tuple[int, tuple[Toponym, ...], bool] | None:
    """The longest name from `k` on that is known: its end, what it may mean, and whether it only belongs to it."""
    table, gazetteer = _table(lexicon.code), default_gazetteer()
    for last in range(min(len(tokens), k + _reach(tokens, k)), k, -1):
        row = tokens[k:last]
        if row[-1].is_sign or (len(row) > 1 and not row[-1].is_capital):
            continue
        for key in _keys(row, lexicon):
            if key in table.names:
                return last, table.names[key], False
        if len(row) == 1 and (code := _people(row[0], table)) is not None and not cued:
            return last, (gazetteer.countries[code],), True
        if (len(row) > 1 or len(row[0].text) >= NAME_LETTERS_MIN) and not (
            len(row) == 1 and lexicon.has("no_place", row[0])
        ):
            for written in _written(row, lexicon):
                if places := gazetteer.lookup(written):
                    return last, places, False
        if len(row) == 1 and (code := _people(row[0], table)) is not None:
            return last, (gazetteer.countries[code],), True
    return None


def _reach(tokens: tuple[Token, ...], k: int) -> int:
    """How many tokens from `k` on may be one name."""
    words = 0
    for n, token in enumerate(tokens[k:], 0):
        if token.is_sign and token.text not in "-–":
            return n
        words += not token.is_sign
        if words > NAME_WORDS_MAX:
            return n
    return len(tokens) - k


def _people(token: Token, table: _Table) -> str | None:
    for form in token.forms:
        for length in table.lengths:
            if length <= len(form) and form[:length] in table.peoples:
                return table.peoples[form[:length]]
    return None


def _keys(row: tuple[Token, ...], lexicon: Lexicon) -> Iterator[str]:
    words = [t for t in row if not t.is_sign]
    rest = [t.forms[0] for t in words[1:]]
    for form in words[0].forms:
        yield from _declined([form, *rest], lexicon)
        if rest and lexicon.clitics:
            yield from _declined([form, *(t.forms[-1] for t in words[1:])], lexicon)


def _declined(words: list[str], lexicon: Lexicon) -> Iterator[str]:
    """The words as they stand, and with the endings of dictionary forms, the same step for all of them."""
    yield " ".join(words)
    if not lexicon.endings:
        return
    variants = [
        [w, *(w[: -len(a)] + b for a, b in lexicon.endings if a and w.endswith(a) and len(w) > len(a) + 1)]
        for w in words
    ]
    if len(words) == 1:
        yield from variants[0][1:]
    elif len(words) == 2:
        for first in variants[0]:
            for second in variants[1]:
                yield f"{first} {second}"


def _written(row: tuple[Token, ...], lexicon: Lexicon) -> Iterator[str]:
    """Spellings to ask the gazetteer for: as written, without what is written before it, in dictionary forms."""
    text = "".join(t.text if t.is_sign else f" {t.text}" for t in row).strip().replace("- ", "-")
    yield text
    if not (lexicon.endings or lexicon.clitics):
        return
    if len(row) == 1:
        for form in row[0].forms:
            if form != row[0].forms[0] or lexicon.endings:
                yield from _declined([form], lexicon)
    else:
        words = [t for t in row if not t.is_sign]
        for key in _keys(row, lexicon):
            yield key
            if len(words) < len(row):
                yield key.replace(" ", "-")


def _stands_alone(tokens: tuple[Token, ...], k: int, candidates: tuple[Toponym, ...]) -> bool:
    """A country or region by its name alone, or a large city that does not open its sentence."""
    best = candidates[0]
    if best.kind != "city":
        return best.certain
    largest = max(c.people for c in candidates)
    if not tokens[k].text[:1].isupper():
        return False  # no capitals: every word might be a name
    return k > 0 and largest >= CITY_PEOPLE_MIN and best.certain and len(tokens[k].text) > NAME_LETTERS_MIN


def _run(tokens: tuple[Token, ...], k: int, lexicon: Lexicon) -> int:
    """Where a name that only its form tells ends: capitals with links between them; in a script without capitals one word, or two with its link."""
    last = k + 1
    cased = tokens[k].text[:1].isupper()
    while cased and last < len(tokens) and last - k < 2 * NAME_WORDS_MAX:
        token = tokens[last]
        joins = token.text in "-–" or lexicon.has("link", token)
        if not token.is_sign and token.is_capital:
            last += 1
        elif joins and last + 1 < len(tokens) and tokens[last + 1].is_capital and not tokens[last + 1].is_sign:
            last += 2
        else:
            break
    return last


def _make(sentence: Sentence, first: int, last: int, *, cued: bool, is_people: bool = False) -> Found:
    start, end = sentence.tokens[first].start, sentence.tokens[last - 1].end
    text = "".join(
        t.text if n == 0 or t.start == sentence.tokens[first + n - 1].end else f" {t.text}"
        for n, t in enumerate(sentence.tokens[first:last])
    )
    return Found(sentence.index, first, last, start, end, text, None, cued, is_people)
