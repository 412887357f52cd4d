"""A number told again without its kind: "but the army put the number at 60" counts what was counted before."""

from pipeline.text.claims.numbers import Number, find_numbers
from pipeline.text.events.tokens import Sentence

_PUTS = frozenset("put puts putting estimated estimates".split())
_TOTALS = frozenset("number numbers figure figures toll count total tally it".split())
TOTAL_WORDS_MAX = 4
"""The total stands at most so many words after its verb, and the number so many after the total."""


def find_restated(sentence: Sentence) -> tuple[int, Number] | None:
    """The verb's token and the number, or None. "Put the number of wounded at 30" has its kind and is none of these."""
    words = sentence.words
    for verb in (k for k, word in enumerate(words) if word in _PUTS):
        total = next(
            (k for k in range(verb + 1, min(len(words), verb + 1 + TOTAL_WORDS_MAX)) if words[k] in _TOTALS), None
        )
        if total is None or words[total + 1 : total + 2] not in {("at",), ("as",)}:
            continue
        for number in find_numbers(sentence):
            if total + 1 < number.first <= total + 1 + TOTAL_WORDS_MAX and number.is_count:
                return verb, number
    return None
