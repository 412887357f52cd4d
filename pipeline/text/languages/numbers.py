"""Numbers in a sentence: digits of any script, words, "une vingtaine", "десятки", with what hedges them.

A number is a range: "at least 12" is 12 and open, "about 20" is 20 to 20 with a hedge, "dozens" from 24, hundreds from 200, thousands from 2,000.
"""

from dataclasses import dataclass

from pipeline.text.languages.lexicon import Hit, Lexicon
from pipeline.text.languages.words import Sentence, Token

YEARS = range(1900, 2101)
HEDGE_WORDS_MAX = 2
"""How far before a number its hedge may end, words."""


@dataclass(frozen=True, slots=True)
class Number:
    """Tokens `first` to before `last`; the hedge is part of it."""

    first: int
    last: int
    low: int | None
    high: int | None
    hedge: str | None = None
    is_article: bool = False  # "un", "una": one only where a person follows
    is_year: bool = False


def find_numbers(sentence: Sentence, lexicon: Lexicon, hits: list[Hit]) -> list[Number]:
    """The numbers of a sentence, in order."""
    tokens, out, k = sentence.tokens, [], 0
    while k < len(tokens):
        read = _read(tokens, k, lexicon)
        if read is None:
            k += 1
            continue
        out.append(_hedged(tokens, read, hits))
        k = read.last
    return _ranges(tokens, out, lexicon, hits)


def _value(token: Token, lexicon: Lexicon) -> int | None:
    if token.is_digits:
        digits = "".join(c for c in token.text if c.isdigit())
        whole = len(token.text) - len(digits)
        grouped = whole == 0 or all(len(part) == 3 for part in _parts(token.text)[1:])
        return int(digits) if grouped and len(digits) < 10 else None
    return next((lexicon.numbers[form] for form in token.forms if form in lexicon.numbers), None)


def _parts(written: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in written).split()


def _read(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> Number | None:
    """The number that begins at a word: words are added up, hundreds and thousands multiply what stands before them."""
    total = current = 0
    k, seen, digits = at, False, tokens[at].is_digits
    while k < len(tokens):
        token = tokens[k]
        joint = seen and (token.text == "-" or lexicon.has("number_and", token)) and not digits
        if joint and k + 1 < len(tokens):
            after = _value(tokens[k + 1], lexicon)
            if after is None or (0 < current % 100 <= after and not _fits(current, after)) or current == 1:
                break
            k += 1
            token = tokens[k]
        value = None if token.is_sign or (seen and token.is_digits) else _value(token, lexicon)
        if value is None or (digits and seen and value < 1000) or (seen and value < 1000 and not _fits(current, value)):
            break
        if value >= 1000 and not token.is_digits:
            total, current = total + (current or 1) * value, 0
        elif value == 100 and 1 < current < 10:
            current *= 100
        elif value == 20 and current == 4:
            current = 80
        else:
            current += value
        seen, k = True, k + 1
    if seen:
        one = k == at + 1 and not tokens[at].is_digits and total + current == 1
        if one and k < len(tokens) and (loose := _loose(tokens, k, lexicon)):
            return Number(at, k + 1, *loose, tokens[k].text)
        year = digits and k == at + 1 and total + current in YEARS and len(tokens[at].text) == 4
        return Number(at, k, total + current, total + current, is_article=one, is_year=year)
    if not tokens[at].is_sign and (loose := _loose(tokens, at, lexicon)):
        return Number(at, at + 1, *loose, tokens[at].text)
    return None


def _fits(current: int, value: int) -> bool:
    """Whether a word can go on with a number: "veinte … dos", "четыреста … пять", "quatre … vingt"."""
    if value == 100 and 1 < current < 10:
        return True
    if current == 4 and value == 20:
        return True
    if current in range(1, 10) and value in range(10, 100, 10):  # Arabic: three ten, three and twenty
        return True
    return (
        (current >= 20 and current % 10 == 0 and value < 10)
        or (current >= 100 and current % 100 == 0 and value < 100)
        or (current in (60, 80) and value < 20)
    )


def _loose(tokens: tuple[Token, ...], at: int, lexicon: Lexicon) -> tuple[int, int | None] | None:
    """ "vingtaine" is about 20, "dizaines" more than two tens."""
    for form in tokens[at].forms:
        if form in lexicon.approximate:
            return lexicon.approximate[form], lexicon.approximate[form]
        if form in lexicon.vague:
            return lexicon.vague[form], None
    return None


def _hedged(tokens: tuple[Token, ...], number: Number, hits: list[Hit]) -> Number:
    for hit in hits:
        if hit.kind not in ("at_least", "at_most", "about") or not 0 <= number.first - hit.last <= HEDGE_WORDS_MAX - 1:
            continue
        words = " ".join(t.text for t in tokens[hit.first : hit.last])
        low, high = number.low, number.high
        if hit.kind == "at_least":
            high = None
        elif hit.kind == "at_most":
            low, high = None, high if high is not None else low
        return Number(hit.first, number.last, low, high, words)
    return number


def _ranges(tokens: tuple[Token, ...], numbers: list[Number], lexicon: Lexicon, hits: list[Hit]) -> list[Number]:
    """ "entre vingt et trente", "20-30", "от 20 до 30" as one number."""
    out: list[Number] = []
    between = {hit.last for hit in hits if hit.kind == "between"}
    for number in numbers:
        before = out[-1] if out else None
        if before and before.low and number.high and before.low < number.high and number.first - before.last == 1:
            joint = tokens[before.last]
            opened = before.first in between and (lexicon.has("number_and", joint) or lexicon.has("range_to", joint))
            if opened or joint.text in "-–" or lexicon.has("range_to", joint):
                out[-1] = Number(before.first, number.last, before.low, number.high)
                continue
        if (
            before
            and before.first in between
            and before.low
            and number.high
            and before.low < number.high
            and number.first == before.last
        ):
            out[-1] = Number(
                before.first, number.last, before.low, number.high
            )  # Arabic: "and" is written with the number
            continue
        out.append(number)
    return out
