"""How two words of a parsed sentence hang together."""

from pipeline.text.events.tokens import Sentence

PATH_STEPS_MAX = 5
"""Steps of the parse between a phrase and a trigger; further apart is no path."""


def depth(sentence: Sentence, k: int) -> int:
    """Steps from a token to the root of its parse."""
    steps = 0
    while sentence.is_parsed and sentence.tokens[k].head != k and steps < 12:
        k = sentence.tokens[k].head
        steps += 1
    return steps


def path(sentence: Sentence, a: int, b: int) -> tuple[str, int]:
    """The dependencies from token `a` up and down to token `b`, and how many; ("", 9) where they are far apart."""
    if not sentence.is_parsed:
        return "", 9
    up_a, up_b = _ancestors(sentence, a), _ancestors(sentence, b)
    shared = next((k for k in up_a if k in up_b), None)
    if shared is None:
        return "", 9
    left, right = up_a[: up_a.index(shared)], up_b[: up_b.index(shared)]
    if len(left) + len(right) > PATH_STEPS_MAX:
        return "", 9
    steps = [sentence.tokens[k].dep for k in left] + ["^"] + [sentence.tokens[k].dep for k in reversed(right)]
    return ">".join(steps), len(left) + len(right)


def _ancestors(sentence: Sentence, k: int) -> list[int]:
    out = [k]
    while sentence.tokens[k].head != k and len(out) < 12:
        k = sentence.tokens[k].head
        out.append(k)
    return out


def case_of(sentence: Sentence, k: int) -> str:
    """The preposition of a phrase by its head."""
    if sentence.is_parsed:
        for child in sentence.children[k]:
            if sentence.tokens[child].dep in {"case", "mark"} and child < k:
                return sentence.words[child]
    return ""


_CHAIN = frozenset(("conj", "appos", "flat", "compound", "nmod:poss", "amod"))


def governed(sentence: Sentence, k: int) -> tuple[str, str, str]:
    """How a phrase hangs in its sentence: the dependency, the word that governs it and that word's tag, over "and" and appositions."""
    tokens = sentence.tokens
    for _ in range(4):
        token = tokens[k]
        if token.dep not in _CHAIN or token.head == k:
            break
        k = token.head
    token = tokens[k]
    if token.head < 0 or token.head == k:
        return token.dep, "<root>", ""
    return token.dep, sentence.words[token.head], tokens[token.head].tag[:2]
