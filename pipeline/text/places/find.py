"""Mentions of places and peoples in a text, by gazetteer and the words around them.

Countries and regions count by name. A city counts when it is large, when it has a preposition of place before it or a country
after it, or when the caller's model says so (`trusted`). Names with a person's or a common word's look need the same support.
"""

import re
from collections.abc import Collection, Sequence

from pipeline.text.knowledge.fold import Word, cut
from pipeline.text.places.gazetteer import Gazetteer, Toponym

Span = tuple[int, int]

CITY_PEOPLE_MIN = 200_000
"""A city of so many people counts by its name alone."""
CUED_PEOPLE_MIN = 15_000
"""A city of so many people counts after a preposition of place."""
NAME_WORDS_MAX = 6
ACRONYM_LETTERS_MAX = 4
"""A city is not written in capitals as short as an acronym."""

_CUE = re.compile(
    r"\b(?:(?:[Ii]n|[Aa]t|[Nn]ear|[Ff]rom|[Aa]round|[Oo]utside|[Ii]nside|[Ii]nto|[Aa]cross|[Oo]ver|[Bb]etween|[Tt]oward|[Tt]owards|via|leaving|nearby|downtown|"
    r"(?:[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)(?:ern)?|[Cc]entral|(?:city|town|village|port|province|district|suburb|capital|region|state|outskirts|streets|north|south|east|west|center|centre|mayor|governor|people|residents|"
    r"part|parts|capture|siege|fall|battle|liberation|control|bombing|shelling)\sof)\s(?:the\s)?(?:(?:city|town|village|port|province|district|capital)\s(?:of\s)?)?|"
    r"(?:city|town|village|port|capital|province|district)\s|(?:to|of)\s)$"
)
_WEAK_CUE = re.compile(r"\b(?:to|of)\s$")
_DONE_TO = re.compile(
    r"\b(?:enter(?:s|ed|ing)?|hit(?:s|ting)?|str(?:ike|ikes|uck|iking)|bomb(?:s|ed|ing)|shell(?:s|ed|ing)|pound(?:s|ed|ing)|reach(?:es|ed|ing)|leaves|left|seiz(?:e|es|ed|ing)|captur(?:e|es|ed|ing)|retak(?:e|es|en|ing)|retook|"
    r"overr[au]n|besieg(?:e|es|ed|ing)|storm(?:s|ed|ing)|raid(?:s|ed|ing)|occup(?:y|ies|ied|ying)|liberat(?:e|es|ed|ing)|encircl(?:e|es|ed|ing)|surround(?:s|ed|ing)|evacuat(?:e|es|ed|ing)|off|landed\son)\s$"
)
_CUE_CHARS = 40
_TAIL = re.compile(
    r",\s(?=[A-Z])|[’']s\scapital|\s(?:province|Province|region|Region|district|District|city|City|governorate|oblast|Oblast|airport|Airport)\b|\sin\s(?=[A-Z])|"
    r"\s(?:was|were|has\sbeen|had\sbeen)\s(?:bombed|shelled|retaken|besieged|liberated|evacuated|overrun|encircled)\b"
)
_NOT_AFTER = re.compile(
    r"\s(?:said|says|told|added|Jr\b)|[’']s\s(?:family|wife|husband|lawyer|attorney|mother|father|brother|son)\b"
)
_LIST = re.compile(r",\s|,?\s(?:and|or)\s")
"""Between two places of one list."""
_GAP = re.compile(r"[\s\-‐‑–.’']{1,3}\Z")
_WORDS_NOT_CITIES = frozenset(
    [
        "of",
        "most",
        "march",
        "may",
        "best",
        "man",
        "nice",
        "split",
        "orange",
        "reading",
        "mobile",
        "bath",
        "police",
        "sale",
        "van",
        "buy",
        "hope",
        "date",
        "bar",
        "same",
        "central",
        "university",
        "independence",
        "union",
        "liberty",
        "normal",
        "enterprise",
        "commerce",
        "security",
        "freedom",
        "opportunity",
        "west",
        "east",
        "north",
        "south",
        "mission",
        "price",
        "george",
        "charlotte",
        "lincoln",
        "jackson",
        "madison",
        "clinton",
        "austin",
        "houston",
        "douglas",
        "nelson",
        "hamilton",
        "wellington",
        "florence",
        "santiago",
        "san",
        "jose",
        "juan",
        "santos",
        "victoria",
        "salem",
        "eden",
        "alexandria",
        "asan",
        "tema",
        "ali",
        "ahmed",
        "khan",
        "salman",
        "obama",
        "deal",
        "battle",
        "sur",
        "bor",
        "along",
        "male",
        "media",
        "bern",
        "imam",
        "can",
        "are",
        "kut",
        "god",
        "ash",
        "sancti",
        "rum",
        "tari",
        "un",
        "us",
        "al",
        "la",
        "el",
        "mary",
        "david",
        "diego",
        "carmen",
        "natal",
        "marina",
        "vista",
        "granada",
        "leon",
        "cordoba",
        "guadalupe",
        "colon",
        "merced",
        "moreno",
        "salvador",
        "trinidad",
    ]
)
"""Cities whose names are words or names of people too: they need a cue even when large."""


def find_toponyms(
    text: str, gazetteer: Gazetteer, trusted: Collection[Span] = (), distrusted: Collection[Span] = ()
) -> list[tuple[int, int, tuple[Toponym, ...]]]:
    """Mentions of places with their candidates, left to right, none inside another.

    `trusted` are spans that a model calls places; `distrusted` such that it calls people: a city there needs a word of place.
    """
    tokens = cut(text)
    trusted = frozenset(trusted)
    mentions: list[tuple[int, int, tuple[Toponym, ...]]] = []
    index = 0
    while index < len(tokens):
        used = 1
        if _may_begin(text, tokens[index]):
            for count in _lengths(text, tokens, index, gazetteer):
                start, end = tokens[index].start, tokens[index + count - 1].end
                if text[end : end + 1] == "." and _dotted(text, start, end, gazetteer):
                    end += 1
                places = gazetteer.lookup(text[start:end])
                listed = bool(mentions) and _LIST.fullmatch(text, mentions[-1][1], start) is not None
                candidates = _accepted(text, start, end, places, trusted, distrusted, listed=listed)
                if candidates:
                    mentions.append((start, end, candidates))
                    used = count
                    break
        index += used
    return mentions


def find_peoples(text: str, gazetteer: Gazetteer) -> list[Span]:
    """Spans of words for peoples and what belongs to them: "Afghan", "Syrians", "South Korean"."""
    tokens = cut(text)
    spans: list[Span] = []
    index = 0
    while index < len(tokens):
        used = 1
        if text[tokens[index].start].isupper():
            for count in (3, 2, 1):
                if index + count > len(tokens):
                    continue
                start, end = tokens[index].start, tokens[index + count - 1].end
                if gazetteer.country_of_people(text[start:end]) is not None:
                    spans.append((start, end))
                    used = count
                    break
        index += used
    return spans


def _dotted(text: str, start: int, end: int, gazetteer: Gazetteer) -> bool:
    """Whether the full stop belongs to the name: after initials, or after a state that follows its city ("Hayward, Calif.")."""
    initials_or_state = text[end - 2 : end - 1] == "." or text[start - 2 : start] == ", "
    return initials_or_state and gazetteer.is_abbreviation(text[start : end + 1])


def _may_begin(text: str, token: Word) -> bool:
    first = text[token.start]
    return (
        first.isupper()
        or not first.islower()
        or text.startswith(
            ("al-", "as-", "ash-", "el-", "mainland", "northern A", "western A", "eastern A"), token.start
        )
    )


def _lengths(text: str, tokens: Sequence[Word], index: int, gazetteer: Gazetteer) -> list[int]:
    """How many words from `index` on may be one name, longest first."""
    lengths: list[int] = []
    key = ""
    for count in range(1, min(NAME_WORDS_MAX, len(tokens) - index) + 1):
        token = tokens[index + count - 1]
        if count > 1 and not _GAP.match(text[tokens[index + count - 2].end : token.start]):
            break
        key += token.folded
        if key not in gazetteer.prefixes:
            break
        lengths.append(count)
    return lengths[::-1]


def _accepted(
    text: str,
    start: int,
    end: int,
    candidates: Sequence[Toponym],
    trusted: Collection[Span],
    distrusted: Collection[Span],
    *,
    listed: bool,
) -> tuple[Toponym, ...]:
    """The candidates, if the mention is one of a place; `listed`: it goes on with a list of places."""
    if not candidates or not any(char.isupper() or not char.isascii() for char in text[start:end]):
        return ()
    name = text[start:end]
    if name.isupper() and len(name) <= ACRONYM_LETTERS_MAX and candidates[0].kind == "city":
        return ()
    after_city = name.endswith(".") and text[start - 2 : start] == ", "
    listed = listed and name.casefold() not in _WORDS_NOT_CITIES
    cue = (start, end) in trusted or after_city or listed or _cued(text, start, end, name)
    doubted = (start, end) in distrusted
    kept = tuple(
        place for place in candidates if cue or (_stands_alone(place, name) and not (doubted and place.kind == "city"))
    )
    if not kept or (_NOT_AFTER.match(text, end) and not cue and kept[0].kind == "city" and not kept[0].capital):
        return ()
    return tuple(candidates) if kept else ()


def _cued(text: str, start: int, end: int, name: str) -> bool:
    """Whether the words around say that it is a place; "of" and "to" say so only of names that are no words."""
    cue = _CUE.search(text, max(0, start - _CUE_CHARS), start)
    if cue and not (_WEAK_CUE.fullmatch(cue.group()) and name.casefold() in _WORDS_NOT_CITIES):
        return True
    if _DONE_TO.search(text, max(0, start - _CUE_CHARS), start) and name.casefold() not in _WORDS_NOT_CITIES:
        return True
    return bool(_TAIL.match(text, end))


def _stands_alone(place: Toponym, name: str) -> bool:
    if place.kind != "city":
        return place.certain
    known = place.capital or place.id is None or place.people >= CITY_PEOPLE_MIN
    return known and place.certain and name.casefold() not in _WORDS_NOT_CITIES
