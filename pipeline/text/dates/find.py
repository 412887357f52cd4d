"""Where dates stand in a text: "mid-August", "Wednesday", "12-14 March 2021", "two weeks ago", "2021-11-24".

One pass of one compiled pattern without nested repetition, so linear in the text. Month and weekday names count only with a
capital letter ("may", "march" and "sun" are words), except in a text that is all upper case.
"""

import re

from pipeline.text.dates.words import CARDINALS, MONTHS, SEASONS, WEEKDAYS

Span = tuple[int, int]
"""Start and end character offsets, end exclusive."""


def _names(names: tuple[str, ...], short: tuple[str, ...]) -> str:
    full = [spelling for name in names for spelling in (name.capitalize(), name.upper())]
    abbreviated = [spelling for name in short for spelling in (rf"{name.capitalize()}\b\.?", rf"{name.upper()}\b\.?")]
    return "(?:" + "|".join(full + abbreviated) + ")"


_MONTH = _names(MONTHS, (*(month[:3] for month in MONTHS if month != "may"), "sept"))
# Abbreviated weekdays are left out but for the ones that are no words ("sat", "sun", "wed" begin sentences as words).
_WEEKDAY = _names(WEEKDAYS, ("mon", "tue", "tues", "thu", "thurs", "fri"))
_YEAR = r"(?:1[89]\d\d|20\d\d)"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_DASH = r"\s?[-–—/]\s?"
_DAYS = rf"{_DAY}(?:(?:{_DASH}|\s(?:and|to)\s){_DAY})?"
_UNIT = r"(?:day|night|week|weekend|fortnight|month|quarter|year|decade|century)"
_UNITS = r"(?:days|nights|weeks|weekends|months|quarters|years|decades|centuries)"
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(CARDINALS)}|several|few|couple\sof|many|dozen)"
_PART_OF_DAY = r"(?:morning|afternoon|evening|night|midnight|noon)"
_SEASON = f"(?:{'|'.join(SEASONS)}|{'|'.join(s.capitalize() for s in SEASONS)})"
_EDGE = r"(?:[Mm]id|[Ee]arly|[Ll]ate|[Ee]arlier|[Ll]ater)"
_WHEN = r"(?:this|last|next|previous|following|coming|past|same|This|Last|Next)"

_ABSOLUTE = (
    # 2021-11-24T10:00:00Z, 2021-11-24, 2021/11/24
    rf"{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?",
    rf"{_YEAR}/(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])",
    rf"(?:0?[1-9]|[12]\d|3[01])(?:/(?:0?[1-9]|[12]\d|3[01])/(?:{_YEAR}|\d\d)|\.(?:0?[1-9]|1[0-2])\.{_YEAR})\b(?![/.]\d)",
    # Wednesday, 24 November 2021; 24 Nov; the 24th of November
    rf"(?:{_WEEKDAY},?\s)?(?:{_DAYS})\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR}|\s\d\d\b(?![:.,]?\d)(?=\s*(?:--|\(|\[|—|$)))?",
    # Wednesday, November 24, 2021; Nov. 24-26; Nov 24
    rf"(?:{_WEEKDAY},?\s)?(?:{_EDGE}[-\s])?{_MONTH}\s(?:the\s)?{_DAYS}\b(?!:\d|,\d{{3}}|\.\d)(?:,?\s{_YEAR})?",
    # mid-November 2021, late November, end of November 2021, November of 2021, November
    rf"(?:{_EDGE}(?:{_DASH}|\s)(?:to{_DASH}late{_DASH}|to\slate\s|or\searly\s)?|(?:[Tt]he\s)?(?:beginning|start|end|middle)\sof\s|(?:[Ll]ast|[Nn]ext|[Tt]his)\s)?{_MONTH}(?:,?\s(?:of\s)?{_YEAR}|\s(?:of\s)?(?:this|last|next)\syear)?",
    rf"(?:(?:{_EDGE})[-\s])?(?:last\s|next\s|this\s|the\s)?{_SEASON}\s(?:of\s)?{_YEAR}",
    rf"(?:[Tt]he\s)?(?:first|second|third|fourth|last|final)\s(?:quarter|half|week|weeks|days|months|decade)\sof\s(?:{_MONTH}\s)?(?:the\s)?(?:{_YEAR}|year|month)",
    rf"Q[1-4]\s{_YEAR}",
    rf"(?:[Tt]he\s)?(?:{_EDGE}[-\s](?:to-late\s)?)?(?:1[89]|20)\d0s",
    rf"(?:[Tt]he\s)(?:{_EDGE}[-\s])?(?:\d\d(?:st|nd|rd|th)|first|eighteenth|nineteenth|twentieth|twenty-first)\s(?:century)",
    rf"(?:(?:{_EDGE})[-\s]|(?:[Tt]he\s)?(?:beginning|start|end|middle)\sof\s)?(?<![\d$€£#.,]){_YEAR}(?:{_DASH}(?:{_YEAR}|\d\d\b))?(?![\d%°]|[.,:/]\d|(?:st|nd|rd|th)\b|[-–][A-Z\d])",
)
_ON_WEEKDAYS = rf"(?:(?:[Ee]arly|[Ll]ate|{_WHEN}|on)\s)?{_WEEKDAY}(?:\s{_PART_OF_DAY})?(?:\s(?:last|this|next)\sweek)?"
_RELATIVE = (
    r"the\s(?:day|night|week|month|year)\s(?:before(?:\syesterday)?|after(?:\stomorrow)?)",
    rf"(?:yesterday|today|tomorrow|tonight|overnight)(?:\s{_PART_OF_DAY})?(?!['’]s\b)",
    rf"(?:{_EDGE}\s)?(?:the\s)?{_WHEN}\s(?:{_UNIT}|{_SEASON}|{_PART_OF_DAY})",
    rf"(?:the\s)?(?:past|last|next|previous|coming|following|first|preceding)\s(?:{_COUNT}\s)?(?:or\sso\s)?{_UNITS}",
    rf"(?:(?:more|less)\sthan\s|(?:about|around|nearly|almost|over|just|some)\s)?(?:a\s)?{_COUNT}\s(?:{_UNIT}|{_UNITS})\s(?:ago|earlier|later|before)",
    r"recent\s(?:days|weeks|months|years|decades)",
    rf"(?:the\s)?(?:{_EDGE}|beginning|end|middle)\s(?:of\s)?(?:this|last|next|the)\s{_UNIT}",
    r"new\syear['’]s\s(?:eve|day)",
)
_BEGINNING = (
    r"(?=\d|[A-Z]|(?:mid|early|late|earlier|later|the|this|last|next|previous|following|coming|past|same|first|second|third|"
    r"fourth|final|preceding|yesterday|today|tomorrow|tonight|overnight|more|less|about|around|nearly|almost|over|just|some|"
    rf"several|few|couple|many|dozen|recent|beginning|end|start|middle|new|on|{'|'.join(SEASONS)}|{'|'.join(CARDINALS)})\b)"
)
"""Every date begins with a digit, a capital or one of these words; checked first, because most words begin none."""
_PATTERN = re.compile(
    rf"\b{_BEGINNING}"
    r"(?:" + "|".join([*_ABSOLUTE, _ON_WEEKDAYS, *(f"(?i:{alternative})" for alternative in _RELATIVE)]) + r")(?!\w)"
)
_LEAD = re.compile(r"(?:on|over|in|during|for|within|the|about|around|just|some)\s", re.IGNORECASE)
_IN_PATH = re.compile(r"[/_=]|-[A-Za-z]")
_SHORT_MONTH_LETTERS_MAX = 4
_MONTH_AFTER = re.compile(r"\b(?:in|since|until|till|last|next|this|early|late|mid)[\s-]$", re.IGNORECASE)
_NOT_A_MONTH = re.compile(
    r"(?:March|May|August|June|April|MARCH|MAY|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)$"
)
_MONTH_CONTEXT = re.compile(
    r"(?:\b(?:in|since|until|till|by|from|of|to|through|during|between|and|last|next|this|early|late|mid|before|after|every|"
    r"on|for)\s|[-–(,]\s?)$",
    re.IGNORECASE,
)
_NUMBER_UNIT_AFTER = re.compile(
    r"\s?(?:people|soldiers|troops|civilians|militants|fighters|dollars|miles|km|kilometers|meters|metres|feet|square|"
    r"percent|per\scent|homes|houses|families|workers|members|others|were\skilled|UTC|GMT|hours)\b"
)
_BARE_YEAR = re.compile(r"\d{4}\Z")
_CONTEXT_CHARS = 12


def find_dates(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The spans of date expressions in `text[start:end]`, in order and apart from each other; a leading article or preposition is left out."""
    end = len(text) if end is None else end
    spans: list[Span] = []
    for match in _PATTERN.finditer(text, start, end):
        first, last = match.span()
        while lead := _LEAD.match(text, first, last):
            first = lead.end()
        while last > first and text[last - 1] in " ,":
            last -= 1
        if first < last and _is_date(text, first, last):
            spans.append((first, last))
    return spans


def _is_date(text: str, first: int, last: int) -> bool:
    words = text[first:last]
    if words[0].isdigit() and (text[first - 1 : first] in ("/", "=", "_", "#") or _IN_PATH.match(text, last)):
        return False  # part of an address or a path
    if _NOT_A_MONTH.match(words):
        # "May" and "March" alone are months only after a word that months follow: "in May", "since March".
        before = (
            _MONTH_AFTER if len(words) <= _SHORT_MONTH_LETTERS_MAX and words.casefold() != "may" else _MONTH_CONTEXT
        )
        return bool(before.search(text, max(0, first - _CONTEXT_CHARS), first))
    if _BARE_YEAR.match(words):
        return not _NUMBER_UNIT_AFTER.match(text, last)
    return True
