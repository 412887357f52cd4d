"""Which number counts whom, and what became of them: the nearest word of harm in the same stretch of the sentence.

"Douze personnes ont été tuées et une vingtaine blessées" counts 12 killed and about 20 wounded. A number that is followed by no person
and stands not beside a word of harm counts something else ("deux camionnettes").
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.text.languages.lexicon import Hit, Lexicon
from pipeline.text.languages.numbers import Number
from pipeline.text.languages.words import Sentence, Token

REACH_WORDS = 12
"""How far a word of harm may stand from its number, words."""
BARE_REACH_WORDS = 4
"""The same for somebody who is counted by no number."""
NOUN_WORDS = 4
"""How far behind a number the person counted may stand, words."""
SIGN_COST, AND_COST, CROSSED_COST = 4, 3, 6
"""What a comma, an "and" and another number between a number and a word of harm cost, in words."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people or things in a sentence."""

    kind: str
    low: int | None
    high: int | None
    hedge: str | None
    first: int
    last: int
    noun: tuple[int, int] | None  # tokens of what is counted
    harm: Hit
    part: bool = False


@dataclass(frozen=True, slots=True)
class _Counted:
    number: Number
    noun: tuple[int, int] | None
    near: int  # how near a word of harm has to stand, words


def find_counts(sentence: Sentence, lexicon: Lexicon, hits: Sequence[Hit], numbers: Sequence[Number]) -> list[Count]:
    """The counts of a sentence, in order."""
    harms = [h for h in hits if h.kind == "harm"]
    if not harms:
        return []
    tokens = sentence.tokens
    counted = [c for n in [*numbers, *_bare(hits, numbers)] if (c := _counted(tokens, n, lexicon, hits))]
    counted.sort(key=lambda c: c.number.first)
    bys = {h.last for h in hits if h.kind == "by"}
    out: list[Count] = []
    for one in counted:
        if one.number.first in bys or any(
            0 < one.number.first - b <= 1 and lexicon.has("link", tokens[b]) for b in bys
        ):
            continue
        harm = _nearest(tokens, one, harms, [c.number for c in counted], lexicon)
        if harm is not None:
            number = one.number
            is_part = any(
                h.kind == "part"
                and out
                and out[-1].last <= h.first <= number.first
                and number.first - h.last <= NOUN_WORDS
                for h in hits
            )
            out.append(
                Count(
                    harm.name,
                    number.low,
                    number.high,
                    number.hedge,
                    number.first,
                    max(number.last, one.noun[1] if one.noun else 0),
                    one.noun,
                    harm,
                    is_part,
                )
            )
    return _summed(tokens, out, lexicon)


def _bare(hits: Sequence[Hit], numbers: Sequence[Number]) -> list[Number]:
    """One or two people by their word alone, where the language says it so: "погиб солдат", "مقتل جنديين"."""
    taken = [(n.first, n.last) for n in numbers]
    out = []
    for hit in hits:
        if (
            hit.kind == "people"
            and hit.name.endswith(("|one", "|two"))
            and not any(
                h.kind in ("actors", "people")
                and h.first <= hit.first < h.last
                and (h.kind == "actors" or h.first < hit.first)
                for h in hits
            )
            and not any(a - 1 <= hit.first <= b + 2 for a, b in taken)
        ):
            value = 1 if hit.name.endswith("|one") else 2
            out.append(Number(hit.first, hit.first, value, value))
    return out


def _counted(tokens: tuple[Token, ...], number: Number, lexicon: Lexicon, hits: Sequence[Hit]) -> _Counted | None:
    """The number with its noun; None where it counts something else: years, money, distances, hours."""
    behind = tokens[number.last : number.last + 2]
    if number.low is None and number.high is None:
        return None
    if behind and (
        behind[0].text in "%$€"
        or lexicon.has("unit", behind[0])
        or (len(behind) > 1 and behind[0].text == "-" and behind[1].is_digits)
    ):
        return None
    if number.first and (tokens[number.first - 1].text in "$€" or lexicon.has("number_of", tokens[number.first - 1])):
        return None
    if behind and any(form in lexicon.months for form in behind[0].forms):
        return None
    stop = next(
        (k for k in range(number.last, len(tokens)) if tokens[k].is_sign or k >= number.last + NOUN_WORDS), len(tokens)
    )
    nouns = [
        h
        for h in hits
        if h.kind in ("people", "actors", "targets")
        and number.last <= h.first < stop
        and not (h.kind == "targets" and h.name == "thing")
    ]
    between = [h for h in hits if h.kind == "harm" and number.last <= h.first < stop]
    noun = min(nouns, key=lambda h: (h.first, -h.last), default=None)
    if noun and between and between[0].last <= noun.first and between[0].first == number.last:
        noun = None
    if noun is not None and number.is_article and (noun.kind == "actors" or noun.first - number.last > 1):
        return None
    if noun is not None and _clear(tokens, number.last, noun.first, lexicon):
        is_bare = number.first == number.last
        return _Counted(number, (noun.first, noun.last), BARE_REACH_WORDS if is_bare else REACH_WORDS)
    if number.is_year or number.is_article:
        return None
    return _Counted(number, None, 2)


def _clear(tokens: tuple[Token, ...], first: int, last: int, lexicon: Lexicon) -> bool:
    """Whether nothing but adjectives and "autres" stands between: no word of place, time or saying."""
    between = tokens[first:last]
    linked = any(lexicon.has("of", t) for t in between[1:])
    return (
        not linked
        and all(not t.is_sign and not t.is_digits and not lexicon.has("breaks", t) for t in between)
        and last - first < NOUN_WORDS
    )


def _nearest(
    tokens: tuple[Token, ...], one: _Counted, harms: Sequence[Hit], numbers: Sequence[Number], lexicon: Lexicon
) -> Hit | None:
    best: tuple[int, Hit] | None = None
    for harm in harms:
        if harm.mark == "?" and one.noun is None and harm.first != one.number.last:
            continue
        before = harm.last <= one.number.first
        first, last = (harm.last, one.number.first) if before else (one.number.last, harm.first)
        if harm.first < one.number.last and not before and harm.first >= one.number.first:
            continue
        gap = max(0, last - first)
        if one.noun and not before:
            gap = max(0, harm.first - one.noun[1])
        if gap > one.near:
            continue
        between = tokens[first:last]
        cost = (
            gap
            + SIGN_COST * sum(t.is_sign and t.text not in '-«»"“”' for t in between)
            + AND_COST * sum(lexicon.has("number_and", t) for t in between)
        )
        cost += CROSSED_COST * sum(n is not one.number and first <= n.first < last for n in numbers)
        cost += CROSSED_COST * sum(h is not harm and h.name != harm.name and first <= h.first < last for h in harms)
        if cost <= REACH_WORDS + 2 and (best is None or cost < best[0]):
            best = (cost, harm)
    return best[1] if best else None


def _summed(tokens: tuple[Token, ...], counts: list[Count], lexicon: Lexicon) -> list[Count]:
    """ "quatre soldats et deux civils ont été tués": the parts of one harm are added up."""
    out: list[Count] = []
    for count in counts:
        last = out[-1] if out else None
        joined = (
            last is not None
            and last.harm == count.harm
            and not count.part
            and last.low is not None
            and count.low is not None
            and last.noun is not None
            and count.noun is not None
            and count.first - last.last <= 2
            and (lexicon.has("number_and", tokens[last.last]) or _and_written(tokens[count.first], lexicon))
        )
        if joined and last is not None and last.low is not None and count.low is not None:
            high = last.high + count.high if last.high is not None and count.high is not None else None
            out[-1] = Count(
                count.kind, last.low + count.low, high, last.hedge, last.first, count.last, None, count.harm
            )
        else:
            out.append(count)
    return out


def _and_written(token: Token, lexicon: Lexicon) -> bool:
    return any(
        token.forms[0].startswith(a) and token.forms[0][len(a) :] in token.forms
        for a in lexicon.lists.get("and_clitic", ())
    )
