"""How much was taken: records, accounts, bytes and money, as claims with who says so.

Read only in sentences that tell of taking, leaking, offering or demanding in an article with a cyber event that happened, for "protects 2 million
accounts" counts nothing. Two numbers of one kind by two sources stay two claims: a dispute.
"""

import re
from dataclasses import dataclass

from pipeline.records import ClaimKind

VALUE_MAX = 10**18
"""Larger ones are no amounts."""
_SCALE = {"hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12}  # fmt: skip
_WORDS = {w: i for i, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())} | {"half a": 0.5, "a": 1, "a quarter of a": 0.25}  # fmt: skip
_BYTES = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15, "kilobyte": 1e3, "megabyte": 1e6, "gigabyte": 1e9, "terabyte": 1e12, "petabyte": 1e15}  # fmt: skip
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,15}(?:\.\d{1,4})?|half\sa|a\squarter\sof\sa|a(?=\s(?:hundred|thousand|million|billion)\b)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_VALUE = rf"(?P<number>{_NUMBER})(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|mn|bn|[kKmM](?![\w])))?"
_PERSONS = r"(?:customers|users|accounts|people|passengers|subscribers|members|clients|employees|voters|citizens|patients|individuals|persons|students|guests|drivers|workers|account\sholders|taxpayers|cardholders|card\sholders|shoppers|residents|policyholders|donors|players|pupils|households|travellers|travelers|applicants|pensioners|borrowers|depositors|merchants|staff|logins)"
_ROWS = r"(?:records?|rows|entries|e-?mails|mails|messages|documents|files|passports|images|credentials|passwords|invoices|contracts|lines|profiles|prescriptions|letters|scans|photos|numbers|logs|transcripts|certificates|tokens|cards|cases|dossiers|reports|recordings|bookings|orders|applications|transactions)"
_BETWEEN = r"(?:\s(?!and\b|or\b|by\b|in\b|to\b|from\b|was\b|were\b|servers?\b|domains?\b)[a-z][\w-]{1,18}){0,3}?"
_COUNT = re.compile(
    rf"(?<![\w.,/$€£-]){_VALUE}(?P<of>\sof\s(?:its|their|the))?{_BETWEEN}\s(?P<what>{_ROWS}|{_PERSONS})\b"
)
_SIZE = re.compile(rf"(?<![\w.,/$€£-]){_VALUE}\s?(?P<unit>[KMGTP]B|(?:kilo|mega|giga|tera|peta)bytes?)\b")
_MONEY = re.compile(
    rf"(?:(?P<sign>US\$|[$€£])\s?{_VALUE}|(?<![\w.,/-]){_VALUE.replace('number', 'number2').replace('scale', 'scale2')}\s(?:\w+\s)?(?:dollars|euros|pounds|francs|yen|rubles|yuan|rupees|US\sdollars)\b)"
)
_NUMBERED = re.compile(
    rf"\bnumber\sof\s(?:\w+\s){{0,3}}?(?P<what>{_ROWS}|{_PERSONS})\s(?:\w+\s){{0,2}}?(?:at|to|was|is|as)\s(?:about\s|some\s|over\s|more\sthan\s|nearly\s|around\s)?{_VALUE}"
)
_HEDGE = re.compile(
    r"(?:more than|over|at least|nearly|almost|about|around|some|up to|roughly|approximately|an estimated|close to|as many as)\s\Z",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:st[oe]le|stolen|stealing|took|taken|takes?|copied|siphon\w*|download\w*|exfiltrat\w*|leak(?:ed|s|ing)|publish\w*|dump(?:ed|s)|expos(?:ed|es|ing)|access(?:ed|es)|affect(?:ed|s|ing)|compromis\w*|"
    r"breach\w*|hack\w*|offer(?:s|ed|ing)?|sell(?:s|ing)?|sold|sale|seller|claim(?:s|ed)?|involved|number|lost|loss(?:es)?|read|obtained|drain(?:ed)?|ransom|demand(?:s|ed|ing)?|asks?|asked|asking|paid|pay|price|left open|open|robbed|"
    r"impacted|held|holds|contain(?:s|ed|ing)|includ(?:es|ed|ing)|victims|laundered|post(?:ed|s)|confirmed|notif\w+|put the|said|figure|data\s?:|appeared|surfaced|put)\b",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"\b(?:ransom|demand(?:s|ed|ing)?|ask(?:s|ed|ing)?|want(?:s|ed)?|paid|pay|price|stole|stolen|drain(?:ed)?|took|taken|lost|loss(?:es)?|robbed|siphon\w*|worth|for sale|sells?|selling|offer\w*|laundered|theft|looted|made off|extort\w*|stealing|swiped)\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:no|not|none|without|never|average|protects?|sample\sof|per year|a year|annual\w*|revenue|turnover|fined?|budget|serves?|employs?|insured|reward|bounty|downloads?|downloaded|weekly|times)\b",
    re.IGNORECASE,
)
NONE_CHARS = 40
"""How far before a number a word may stand that makes it no amount taken, characters."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount at `start`..`end`; `value` in records, accounts, bytes or units of money."""

    kind: ClaimKind
    value: int
    hedge: str | None
    start: int
    end: int
    what: tuple[int, int] | None  # what is counted, as written


def _value(number: str, scale: str | None) -> float:
    said = number.lower()
    plain = _WORDS.get(" ".join(said.split()))
    value = float(plain) if plain is not None else float(said.replace(",", ""))
    return value * _SCALE.get((scale or "").lower(), 1.0)


def amounts_in(text: str, start: int, end: int) -> list[Amount]:
    """The amounts taken or asked for that one sentence (`start`..`end`) tells, in order."""
    if not _TAKEN.search(text, start, end):
        return []
    found: list[Amount] = []
    for match in _SIZE.finditer(text, start, end):
        unit = match["unit"].lower().rstrip("s")
        value = _value(match["number"], match["scale"]) * _BYTES[unit]
        found.append(_amount(text, "data", value, *match.span(), start, None))
    if _PAID.search(text, start, end):
        for match in _MONEY.finditer(text, start, end):
            number, scale = (match["number"], match["scale"]) if match["sign"] else (match["number2"], match["scale2"])
            found.append(_amount(text, "money", _value(number, scale), *match.span(), start, None))
    for match in (*_COUNT.finditer(text, start, end), *_NUMBERED.finditer(text, start, end)):
        value = _value(match["number"], match["scale"])
        kind: ClaimKind = "accounts" if re.fullmatch(_PERSONS, match["what"]) else "records"
        if value >= (COUNT_MIN if match["number"][0].isdigit() else 2 * COUNT_MIN):
            found.append(_amount(text, kind, value, *match.span(), start, match.span("what")))
    kept: list[Amount] = []
    for one in sorted(found, key=lambda a: (a.start, -a.end)):
        before = text[max(start, one.start - NONE_CHARS) : one.start]
        if (not kept or one.start >= kept[-1].end) and not _NONE.search(before) and 0 < one.value <= VALUE_MAX:
            kept.append(one)
    return kept


COUNT_MIN = 20
"""Fewer records or accounts are no breach's number but a detail."""


def _amount(
    text: str, kind: ClaimKind, value: float, start: int, end: int, floor: int, what: tuple[int, int] | None
) -> Amount:
    hedge = _HEDGE.search(text, max(floor, start - 20), start)
    return Amount(
        kind,
        round(value),
        hedge.group().strip().lower() if hedge else None,
        hedge.start() if hedge else start,
        end,
        what,
    )
