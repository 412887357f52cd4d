"""Of each vulnerability what the article says of its use: exploited, with a public proof of concept, patched, or not known to be used.

Sentence by sentence and CVE by CVE: of a list of flaws those are exploited that the sentence names so. "It", "the flaw" and "the vulnerability" at the
beginning of the next sentence mean the last one named.
"""

import re

from msgspec.structs import replace

from pipeline.records import CveState, Indicator

_EXPLOITED = re.compile(
    r"\bexploit(?:s|ed|ing|ation)\b|\bunder (?:active )?(?:attack|exploitation)\b|\battackers (?:are using|use|used|exploit)\b|\bused (?:in|for) (?:attacks|the attack)|\bin the wild\b|\b(?:abused|weaponi[sz]ed)\b|\bused\b[^.\n]{0,30}\bagainst\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:no|not|n't|never|without|unaware of|none|neither|nor|no one|nobody)\b[^.;\n]{0,70}\b(?:exploit\w*|attacks?|used|use|abuse[sd]?)\b|\bnot (?:yet )?(?:been |being )?(?:exploited|used)",
    re.IGNORECASE,
)
_COULD = re.compile(
    r"\b(?:could|would|might|can|may|if|successful|allows?|allowing|potential\w*|risk of|likely to|were to)\b"
)
_POC = re.compile(r"\bproof[- ]of[- ]concept\b|\bPoC\b|\bexploit code\b|\bpublic exploit\b", re.IGNORECASE)
_FIXED = re.compile(
    r"\b(?:fix(?:ed|es)?|patch(?:ed|es)?|addressed|resolved|closed|mended|update(?:s|d)?)\b", re.IGNORECASE
)
_BACK = re.compile(
    r"\s*(?:It|They|The (?:flaws?|bugs?|vulnerabilit(?:y|ies)|issue|weakness)|This (?:flaw|bug|vulnerability)|Exploitation|Attacks|Attackers|Both)\b"
)
_STOP = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n+")
_ORDER = {"exploited": 3, "poc": 2, "none known": 1, "patched": 0}


def _state(words: str) -> CveState | None:
    if _NOT.search(words):
        return "poc" if _POC.search(words) else "none known"
    if _EXPLOITED.search(words) and not _COULD.search(words):
        return "exploited"
    if _POC.search(words):
        return "poc"
    return "patched" if _FIXED.search(words) else None


def with_states(text: str, indicators: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
    """The indicators, each vulnerability with its state; of several sentences the gravest decides."""
    flaws = [one for one in indicators if one.type == "cve"]
    if not flaws:
        return indicators
    states: dict[str, CveState] = {}
    last: list[str] = []
    start = 0
    for stop in [*(m.span() for m in _STOP.finditer(text)), (len(text), len(text))]:
        words = text[start : stop[0]]
        named = [one.value for one in flaws if start <= one.start < stop[0]]
        about = named or (last if _BACK.match(words) else [])
        state = _state(words) if about else None
        for value in about if state else ():
            if value not in states or _ORDER[state] > _ORDER[states[value]]:  # type: ignore[index]
                states[value] = state  # type: ignore[assignment]
        last = named or last
        start = stop[1]
    return tuple(replace(one, state=states.get(one.value)) if one.type == "cve" else one for one in indicators)
