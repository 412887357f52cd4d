"""Numbers as news writes them: digits, words, ranges and hedges, read from tokens.

`find_numbers` gives every number of a sentence with the range its words allow and its hedge as written. "nearly 600" is
600..600 with the hedge "nearly", "between 30 and 40" is 30..40, "at least 12" is 12..None, "dozens of" is 24..None. Years, times, ages, money, percentages and ordinals are told apart (`is_count` False).
"""

import re
from dataclasses import dataclass

from pipeline.text.events.tokens import Sentence

COUNT_MAX = 10**10
"""A larger number is no count of people or things; it is read but never taken for one."""
HEDGE_WORDS_MAX = 4
"""The longest hedge, words ("as many as", "in the order of")."""

_UNITS = {
    w: i
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12, "score": 20}
_VAGUE: dict[str, int | None] = {  # the least that the word allows; None where it allows anything
    "dozens": 24,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2000,
    "tens": None,
    "several": 3,
    "many": None,
    "numerous": None,
    "countless": None,
    "millions": 2 * 10**6,
}
_HEDGES = tuple(
    sorted(
        (
            tuple(h.split())
            for h in (
                "nearly|almost|about|around|some|roughly|approximately|approx|close to|at least|no fewer than|not less than|"
                "no less than|more than|over|upwards of|in excess of|above|up to|as many as|at most|fewer than|less than|"
                "under|below|an estimated|estimated|only|just|exactly|another|an additional|possibly|perhaps|maybe|"
                "well over|just over|just under|a total of|a further|further|additional"
            ).split("|")
        ),
        key=len,
        reverse=True,
    )
)
_LOWER = {"at least", "no fewer than", "not less than", "no less than", "more than", "over", "upwards of", "in excess of", "above", "well over", "just over"}  # fmt: skip
_UPPER = {"up to", "as many as", "at most", "fewer than", "less than", "under", "below", "just under"}
_NO_HEDGE = {"only", "just", "exactly", "another", "an additional", "a total of", "a further", "further", "additional"}

_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep "
    "sept oct nov dec".split()
)
_UNITS_OF_MEASURE = frozenset(
    "year years month months week weeks day days hour hours minute minutes second seconds km kilometer kilometers kilometre "
    "kilometres mile miles meter meters metre metres m mm cm kg kilogram kilograms kilogrammes kilo kilos gram grams ton "
    "tons tonne tonnes percent per % degrees dollars euros pounds rupees pesos rubles yuan litres liters gallons acres "
    "hectares o'clock am pm a.m p.m a.m. p.m. mph kph times-fold year-old years-old yards feet foot inches points goals "
    "runs wickets seats votes gmt utc mm-caliber calibre caliber gb tb mb terabytes gigabytes bitcoin".split()
)
_MONEY = frozenset("$€£¥₹")
_DIGITS = re.compile(r"^\d{1,3}(?:[,. ]\d{3})+$|^\d+$")
_RANGE = re.compile(r"^(\d+)[-–/](\d+)$")
_BEFORE_NO_COUNT = frozenset(
    "no number chapter article resolution section page phase route highway unit flight version".split()
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a sentence: tokens `first`..`last` (end exclusive) hold hedge and number together."""

    first: int
    last: int
    low: int | None
    high: int | None
    hedge: str | None
    is_count: bool  # False: a year, a time, an age, money, a share, an ordinal, part of a name


def _word_value(sentence: Sentence, k: int) -> tuple[int, int] | None:
    """(value, tokens used) of number words or digits at `k`."""
    words = sentence.words
    total = current = 0
    used = k
    seen = False
    while used < len(words):
        word = words[used]
        value = _plain_value(sentence.tokens[used].text, word)
        if value is not None:
            if seen and (word[0].isdigit() or (current and current % 100 and value >= current % 100)):
                break
            current += value
        elif word in _SCALES and (seen or word in {"hundred", "thousand", "million", "billion"}):
            scale = _SCALES[word]
            current = max(current, 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
        elif word == "and" and seen and used and words[used - 1] in {"hundred", "thousand"} and used + 1 < len(words):
            if _plain_value(sentence.tokens[used + 1].text, words[used + 1]) is None:
                break
        else:
            break
        seen = True
        used += 1
    return (total + current, used - k) if seen else None


def _plain_value(text: str, word: str) -> int | None:
    if _DIGITS.match(text):
        return int(re.sub(r"\D", "", text)[:12])
    if word in _UNITS:
        return _UNITS[word]
    if word in _TENS:
        return _TENS[word]
    tens, _, unit = word.partition("-")
    if tens in _TENS and unit in _UNITS:
        return _TENS[tens] + _UNITS[unit]
    return None


def _hedge_before(words: tuple[str, ...], k: int, floor: int) -> tuple[int, str | None]:
    """(first token of the hedge that ends before `k`, its words); stacked hedges are joined ("only about")."""
    first, said = k, None
    for _ in range(2):
        for hedge in _HEDGES:
            if first - len(hedge) >= floor and words[first - len(hedge) : first] == hedge:
                first -= len(hedge)
                said = " ".join(hedge) + (f" {said}" if said else "")
                break
        else:
            break
    return first, said


def _is_count(sentence: Sentence, first: int, last: int, value: int) -> bool:
    """Whether the number counts something, judged by its neighbours."""
    words = sentence.words
    before = words[first - 1] if first else ""
    after = words[last] if last < len(words) else ""
    if before in _MONEY or after in _UNITS_OF_MEASURE or before in _MONTHS or after in _MONTHS or value > COUNT_MAX:
        return False
    text = sentence.tokens[first].text
    if last == first + 1 and text.isdigit() and len(text) == 4 and 1900 <= value <= 2100:
        return after in {"people", "civilians", "soldiers", "militants", "fighters", "others"}
    if before in _BEFORE_NO_COUNT and text[0].isdigit():
        return False
    return not (after == "-" or (after == ":" and last + 1 < len(words) and words[last + 1].isdigit()))


def _range_end(sentence: Sentence, last: int) -> tuple[int, int] | None:
    """(value, end) of the second part in "30 to 40", "30 or 40", "30-40"."""
    words = sentence.words
    if last < len(words) and words[last] in {"to", "or", "-", "--"} and last + 1 < len(words):
        second = _word_value(sentence, last + 1)
        if second:
            return second[0], last + 1 + second[1]
    return None


def _read_at(sentence: Sentence, k: int, floor: int) -> Number | None:
    words = sentence.words
    if words[k] in _VAGUE and words[k + 1 : k + 2] != ("as",):
        return _read_vague(sentence, k, floor)
    both = _RANGE.match(words[k])
    if both and int(both[1]) < int(both[2]) <= COUNT_MAX and len(both[2]) < 7:
        first, hedge = _hedge_before(words, k, floor)
        return Number(first, k + 1, int(both[1]), int(both[2]), hedge, _is_count(sentence, k, k + 1, int(both[2])))
    half = words[k] == "half" and words[k + 1 : k + 3] in (("a", "dozen"), ("a", "million"))
    if half or words[k : k + 2] in (
        ("a", "dozen"),
        ("a", "hundred"),
        ("a", "thousand"),
        ("a", "million"),
        ("a", "score"),
    ):
        return _read_article(sentence, k, floor, half=half)
    value = _word_value(sentence, k)
    if value is None:
        return None
    return _read_value(sentence, k, floor, value)


def _read_value(sentence: Sentence, k: int, floor: int, value: tuple[int, int]) -> Number:
    words = sentence.words
    low = high = value[0]
    last = k + value[1]
    if k and words[k - 1] == "between" and last + 1 < len(words) and words[last] == "and":
        second = _word_value(sentence, last + 1)
        if second:
            last = last + 1 + second[1]
            counts = _is_count(sentence, k, last, second[0])
            return Number(k - 1, last, min(low, second[0]), max(low, second[0]), "between", counts)
    beyond = _range_end(sentence, last)
    if beyond and beyond[0] > high:
        high, last = beyond
    first, hedge = _hedge_before(words, k, floor)
    return _bounded(Number(first, last, low, high, hedge, _is_count(sentence, k, last, value[0])))


def _bounded(number: Number) -> Number:
    """Open the end that the hedge leaves open: "at least 12" has no upper bound."""
    core = number.hedge
    if core in _LOWER:
        return Number(number.first, number.last, number.low, None, core, number.is_count)
    if core in _UPPER:
        low = number.low if number.low != number.high else None
        return Number(number.first, number.last, low, number.high, core, number.is_count)
    if core in _NO_HEDGE:
        return Number(number.first, number.last, number.low, number.high, None, number.is_count)
    return number


def _read_article(sentence: Sentence, k: int, floor: int, *, half: bool) -> Number:
    words = sentence.words
    scale = words[k + 2] if half else words[k + 1]
    value = _SCALES[scale] // 2 if half else _SCALES[scale]
    last = k + 3 if half else k + 2
    first, hedge = _hedge_before(words, k, floor)
    said = "a dozen" if scale == "dozen" and not half else None
    number = _bounded(Number(first, last, value, value, hedge, _is_count(sentence, k, last, value)))
    return number if number.hedge or said is None else Number(first, last, value, value, said, number.is_count)


def _read_vague(sentence: Sentence, k: int, floor: int) -> Number:
    words = sentence.words
    last = k + 1
    low = _VAGUE[words[k]]
    if words[k] in {"tens", "hundreds"} and words[k + 1 : k + 3] == ("of", "thousands"):
        low = 20_000 if words[k] == "tens" else 200_000
        last = k + 3
    said = " ".join(words[k:last])
    if words[last : last + 1] == ("of",):
        said += " of"
    first, _ = _hedge_before(words, k, floor)
    counts = not (last < len(words) and words[last] in _UNITS_OF_MEASURE)
    return Number(first, last, low, None, said, counts)


def find_numbers(sentence: Sentence) -> tuple[Number, ...]:
    """Every number of the sentence from left to right; linear in its length."""
    out: list[Number] = []
    k = floor = 0
    while k < len(sentence.tokens):
        number = _read_at(sentence, k, floor)
        if number is None:
            k += 1
            continue
        out.append(number)
        k = floor = number.last
    return tuple(out)
