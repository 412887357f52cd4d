"""What an article says its own names mean: abbreviations in brackets, "known as", "a local name for".

An article's definition outranks every list: where it says that "Daesh" is its word for IS-Khorasan, it is, from the first line
to the last. `find_definitions` reads the text with the names found so far and says which span defines which.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from pipeline.records import Entity

LONG_FORM_WORDS_MAX = 12
"""Longest long form of an abbreviation, words."""
SHORT_CHARS_MIN = 2
NAME_FOR_CHARS_MAX = 300
"""How far back a name explained afterwards ("..., using a local name for X") may stand."""

DefinitionKind = Literal["abbreviation", "also-known-as", "name-for"]

_HULL = re.compile(r"[A-Z]{1,4}[\s-]?\d{1,4}")
_PIECE = re.compile(r"[^\W_]+")
_ABBREVIATION = re.compile(
    r"(?P<owner>[’']s)?\s[(\[]\s?(?:the\s|or\s|also known as\s|aka\s|known as\s|formerly\s|previously\s|known by its acronym,?\s|[A-Z][a-z]+ acronym:?\s|[“\"'])*"
    r"(?P<short>[A-Z0-9][\w&./’'-]{0,24}(?:\s[A-Z0-9][\w.-]{0,14}){0,3})(?P<more>[”\"'])?(?:\s?[,;/]\s?[^()\[\]]{0,60})?\s?[)\]]"
)
_KNOWN_AS = re.compile(
    r"(?:,|\s[-–—]|\s\()?\s?(?:\bor\s)?(?:(?:who|which|that)\s(?:is|are|was)\s)?(?:(?:also|now|better|widely|commonly|locally|otherwise|formerly|previously|popularly|often|sometimes|collectively|simply|officially|formally)\s)*"
    r"(?:(?:officially|formally)(?=\s)|known\s(?:as|by\s(?:the|its|their)\s(?:\w+\s){0,3}(?:acronym|acronyms|initials|name|alias|abbreviation)s?,?)|called|dubbed|referred\sto\sas|tracked\sas|a\.?k\.?a\.?|alias|nicknamed|codenamed|nom\sde\sguerre)\s(?:the\s)?[“\"‘']?",
)
_TRANSLATED = re.compile(
    r"\s\((?:[A-Z][a-z]{2,12}:\s[^()\"“”]{1,160},\s)?(?:(?:lit\.|literally|meaning|translated\sas|English:|or|i\.e\.|in\sEnglish,?)\s)?"
    r"(?:\"\"?|“)(?P<meaning>[^()\"“”]{3,80})(?:\"\"?|”)[^()]{0,60}\)"
)
_NAME_FOR = re.compile(
    r"\b(?:a|an|the|its|their|another|one|using|used)\s(?:(?:a|an|the)\s)?(?:[a-z]+,?\s){0,4}(?:name|acronym|term|abbreviation|nickname|word|label|shorthand|pejorative|alias|initials)s?\s(?:used\s)?(?:for|of)\s(?:the\s)?",
    re.IGNORECASE,
)
_SMALL = frozenset(
    [
        "of",
        "the",
        "and",
        "for",
        "in",
        "on",
        "to",
        "de",
        "la",
        "del",
        "et",
        "des",
        "du",
        "al",
        "wa",
        "wal",
        "ul",
        "el",
        "e",
        "i",
        "y",
        "und",
        "für",
        "der",
    ]
)


class Definition(NamedTuple):
    """`short` stands for `long`; both are spans."""

    short: tuple[int, int]
    long: tuple[int, int]
    kind: DefinitionKind


def find_definitions(text: str, entities: Sequence[Entity]) -> list[Definition]:
    """All definitions in order of the text. `entities` in order of the text, apart from each other."""
    return [
        *_abbreviations(text, entities),
        *_known_as(text, entities),
        *_translated(text, entities),
        *_names_for(text, entities),
    ]


def _abbreviations(text: str, entities: Sequence[Entity]) -> list[Definition]:
    """ "Tehrik-i-Taliban Pakistan (TTP)", "the TTP (Tehrik-i-Taliban Pakistan)"."""
    found: list[Definition] = []
    by_end = {entity.end: entity for entity in entities}
    for match in _ABBREVIATION.finditer(text):
        short = match.span("short")
        if short[1] - short[0] < SHORT_CHARS_MIN:
            continue
        before = by_end.get(match.start()) or by_end.get(match.start() - 1)
        initials = _long_form(text, match.start(), text[short[0] : short[1]])
        if initials is not None:
            start = min(initials, before.start) if before is not None and before.start >= initials - 4 else initials
            found.append(Definition(short, (start, match.start()), "abbreviation"))
        elif (
            before is not None
            and before.label in ("ORG", "GROUP", "MALWARE", "TOOL", "FAC", "PRODUCT")
            and _like_a_name(text[short[0] : short[1]], before.text)
        ):
            found.append(Definition(short, (before.start, before.end), "abbreviation"))
    return found


def _like_a_name(short: str, long: str) -> bool:
    """An abbreviation that does not spell its long form: one word in capitals, and shorter; or a hull number ("DDG 70")."""
    if _HULL.fullmatch(short):
        return True
    if " " in short:
        return False
    letters = [char for char in short if char.isalpha()]
    return (
        len(letters) >= 2 and sum(char.isupper() for char in letters) >= 0.6 * len(letters) and len(short) < len(long)
    )


def _long_form(text: str, end: int, short: str) -> int | None:
    """Where the words begin whose initials, in order, spell `short`; None when they don't. A hard-wrapped line may end among them."""
    letters = [char.casefold() for char in short if char.isalnum()]
    if not 2 <= len(letters) <= LONG_FORM_WORDS_MAX or sum(char.isupper() for char in short) < 2:
        return None
    window = max(0, end - 160)
    parts = [(piece.start(), piece.group()) for piece in _PIECE.finditer(text, window, end)]
    if not parts or text[parts[-1][0] + len(parts[-1][1]) : end].strip(" ”\"’'"):
        return None
    position = len(parts) - 1
    start: int | None = None
    for letter in reversed(letters):
        while position >= 0 and parts[position][1][0].casefold() != letter:
            if (
                parts[position][1].casefold() not in _SMALL
                and parts[position][1][0].isupper()
                and letter not in parts[position][1].casefold()
            ):
                return None
            if parts[position][1][0].islower() and parts[position][1].casefold() not in _SMALL:
                return None
            position -= 1
        if position < 0:
            return None
        start = parts[position][0]
        position -= 1
    if start is None or not text[start].isupper() or re.search(r"[.;:!?]\s|\n\s*\n", text[start:end]):
        return None
    return start


def _known_as(text: str, entities: Sequence[Entity]) -> list[Definition]:
    """ "X, also known as Y", "X, better known by its acronym Y": the two names stand on either side."""
    found: list[Definition] = []
    for first, second in pairwise(entities):
        between = text[first.end : second.start]
        if len(between) <= 80 and first.label in _NAMED and second.label in _NAMED and _KNOWN_AS.fullmatch(between):
            found.append(Definition((second.start, second.end), (first.start, first.end), "also-known-as"))
    return found


_NAMED = frozenset({"ORG", "GROUP", "MALWARE", "TOOL", "PERSON", "PRODUCT", "WEAPON", "FAC"})


def _translated(text: str, entities: Sequence[Entity]) -> list[Definition]:
    """ "Jaish al-Tawhid (Arabic: …, "Army of Unity")": a name in another language, and in brackets what it means."""
    found: list[Definition] = []
    for place, first in enumerate(entities):
        brackets = _TRANSLATED.match(text, first.end) if first.label in ("GROUP", "ORG") else None
        if brackets is None:
            continue
        inside = (e for e in entities[place + 1 :] if e.start < brackets.end() and e.label in ("GROUP", "ORG"))
        second = next(
            (e for e in inside if brackets.start("meaning") <= e.start and e.end <= brackets.end("meaning")), None
        )
        if second is not None:
            found.append(Definition((second.start, second.end), (first.start, first.end), "also-known-as"))
    return found


def _names_for(text: str, entities: Sequence[Entity]) -> list[Definition]:
    """ "Daesh, an Arabic acronym for the Islamic State"; "…, using a derogatory name for IS-Khorasan"."""
    found: list[Definition] = []
    groups = [entity for entity in entities if entity.label == "GROUP"]
    for match in _NAME_FOR.finditer(text):
        meant = next((entity for entity in groups if entity.start == match.end()), None)
        if meant is None:
            continue
        floor = max(match.start() - NAME_FOR_CHARS_MAX, text.rfind("\n", 0, match.start()))
        named = next(
            (
                entity
                for entity in reversed(groups)
                if floor <= entity.start
                and entity.end <= match.start()
                and entity.text.casefold() != meant.text.casefold()
            ),
            None,
        )
        if named is not None:
            found.append(Definition((named.start, named.end), (meant.start, meant.end), "name-for"))
    return found
