"""Word statistics for `pipeline.text.model.casing`, counted in the training texts.

Counted away from the start of a sentence, where a capital says something. A word is "small" when most of its occurrences
are; otherwise its commonest form with a capital is kept. Names of several words are kept whole.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

from pipeline.text.model.casing import NAME_WORDS_MAX

from training.harmonise import Labelled

NAME_COUNT_MIN = 2
WORD_CAPITAL_COUNT_MIN = 2
_WORD = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]+)*")


def count_casing(examples: Iterable[Labelled], small_words: Iterable[str]) -> dict[str, object]:
    """The table: {"forms": {lower: form}, "small": [word, …]}. `small_words` are words of a dictionary, all small."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    names: Counter[str] = Counter()
    for example in examples:
        if example.text.isupper() or example.text.islower():
            continue
        words = list(_WORD.finditer(example.text))
        for before, word in pairwise(words):
            if not re.search(r"[.!?:\"]", example.text[before.end() : word.start()]):
                form = word[0].removesuffix("'s")
                seen[form.lower()][form] += 1
        for start, end, label in example.spans:
            name = example.text[start:end]
            words_in = name.split(" ")
            if (
                label != "DATE"
                and 2 <= len(words_in) <= NAME_WORDS_MAX
                and all(map(_WORD.fullmatch, words_in))
                and not name.isupper()
                and name[0].isupper()
            ):
                names[name] += 1
    forms = {}
    small = {w for w in small_words if w.isalpha() and w.islower()}
    for word, by in seen.items():
        form, count = by.most_common(1)[0]
        if form == word:
            small.add(word)
        elif count >= WORD_CAPITAL_COUNT_MIN or word not in small:
            forms[word] = form
            small.discard(word)
    for name, count in names.items():
        if count >= NAME_COUNT_MIN:
            forms.setdefault(name.lower(), name)
    return {"forms": forms, "small": sorted(small)}
