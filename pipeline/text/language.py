"""Which language a text is in, told from the text itself.

Scripts and English function words decide the plain cases; py3langid, restricted to the languages that news feeds come in,
decides the rest. Where a text is too short to tell, the feed's own word counts, and without one the answer is None: a text is
never silently taken for English.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import Any

SAMPLE_CHARS = 3_000
"""The beginning of a text tells its language as well as the whole."""
LETTERS_MIN = 24
"""Texts with fewer letters are not judged."""
ENGLISH_SHARE_MIN = 0.12
"""Share of English function words among all words from which a text is English without further question."""
ENGLISH_WORDS_MIN = 4
PROBABILITY_MIN = 0.50
LEAD_MIN = 2.5
"""The answer of py3langid counts from this probability on, and when it is so many times the next one's."""

_LANGUAGES = (
    "en fr de es pt it nl sv no da fi pl cs sk hu ro bg el tr ru uk sr hr bs sl sq lt lv et he ar fa ur ps ku hi bn ta te mr "
    "ne si th vi id ms tl ja ko zh sw am az ka hy kk mn my km lo ca"
)
"""ISO 639-1 codes that py3langid may answer with; those that it does not know are left out when it loads."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = _words(
    "the of and to in that for on with is was were are has have had been by from this which it its as at be he she they his her "
    "their who will would could after before when while not but or an said says into about over more than also"
)
# Function words of other languages that English ones are spelled like ("in", "was", "is", "had", "on", "were"); they do not
# count for English when these stand beside them.
_OTHERS = _words(
    "der die und den das nicht von mit auf ist ein eine het een van niet voor les des une est dans pour que los las una por con "
    "para del della che non per sono och att som inte det ikke som jeg uma não dos nie się jest"
)


def tell_language(text: str, hint: str | None = None) -> str | None:
    """The ISO 639-1 code of the language of `text`; `hint` is what its feed says; None when it can't be told."""
    sample = text[:SAMPLE_CHARS]
    words = _WORD.findall(sample)
    letters = sum(map(len, words))
    declared = hint.split("-")[0].split("_")[0].lower() if hint else None
    if letters < LETTERS_MIN and not _has_own_script(sample):
        return declared
    counts = Counter(word.casefold() for word in words)
    english = sum(counts[word] for word in _ENGLISH)
    if (
        english >= ENGLISH_SHARE_MIN * len(words)
        and english > sum(counts[word] for word in _OTHERS)
        and (english >= ENGLISH_WORDS_MIN or declared == "en")
    ):
        return "en"
    (language, first), (_, second) = _identifier().rank(sample)[:2]
    if (first >= PROBABILITY_MIN and first >= LEAD_MIN * second) or language == declared:
        return str(language)
    return declared


def _has_own_script(sample: str) -> bool:
    """Mostly letters beyond Latin: few of them are enough to tell."""
    return sum(char > "\u0370" for char in sample) * 2 > len(sample) > 0


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """py3langid's model, loaded once per process (about 0.3 s)."""
    # Imported here: it loads numpy, which commands without text analysis need not pay for.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.labels)
    identifier.set_languages([language for language in _LANGUAGES.split() if language in known])
    return identifier
