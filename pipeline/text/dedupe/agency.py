"""Which wire agency wrote a text: from its dateline, by-line or credit, never from a mention.

Reprints of one agency are one source, however many papers carry them. "Officials told AFP" is a mention and says nothing;
"KABUL (AFP) —", "By The Associated Press", "© 2024 Reuters" and "(Reporting by …; Editing by …)" do. Linear time: only the
beginning and the end of a text are looked at.
"""

import re
from collections.abc import Sequence

HEAD_CHARS = 300
"""A by-line and a dateline stand within this much of the beginning."""
TAIL_CHARS = 500
"""A credit stands within this much of the end."""

AGENCIES: dict[str, tuple[str, ...]] = {
    "AP": ("AP", "Associated Press"),
    "Reuters": ("Reuters", "Thomson Reuters", "Reuters Staff"),
    "AFP": ("AFP", "Agence France-Presse", "Agence France Presse"),
    "dpa": ("dpa", "dpa International", "Deutsche Presse-Agentur"),
    "UPI": ("UPI", "United Press International"),
    "Xinhua": ("Xinhua", "Xinhua News Agency"),
    "TASS": ("TASS", "ITAR-TASS", "ТАСС"),
    "RIA Novosti": ("RIA Novosti", "RIA", "РИА Новости", "Sputnik"),
    "Interfax": ("Interfax", "Интерфакс"),
    "Ukrinform": ("Ukrinform", "Укринформ", "Укрінформ"),
    "Anadolu": ("Anadolu", "Anadolu Agency", "Anadolu Ajansı", "AA"),
    "PTI": ("PTI", "Press Trust of India"),
    "ANI": ("ANI", "Asian News International"),
    "IANS": ("IANS", "Indo-Asian News Service"),
    "APP": ("APP", "Associated Press of Pakistan"),
    "EFE": ("EFE", "Agencia EFE", "EFE News"),
    "Europa Press": ("Europa Press",),
    "ANSA": ("ANSA",),
    "Lusa": ("Lusa", "Agência Lusa"),
    "Belga": ("Belga",),
    "ANP": ("ANP",),
    "PA": ("PA", "PA Media", "Press Association"),
    "AAP": ("AAP", "Australian Associated Press"),
    "CP": ("CP", "Canadian Press"),
    "APA": ("APA", "Austria Presse Agentur"),
    "PAP": ("PAP", "Polska Agencja Prasowa"),
    "NTB": ("NTB",),
    "TT": ("TT", "Tidningarnas Telegrambyrå"),
    "Ritzau": ("Ritzau",),
    "Kyodo": ("Kyodo", "Kyodo News"),
    "Jiji": ("Jiji", "Jiji Press"),
    "Yonhap": ("Yonhap", "Yonhap News Agency"),
    "KCNA": ("KCNA",),
    "CNA": ("CNA", "Central News Agency"),
    "Antara": ("Antara",),
    "Bernama": ("Bernama",),
    "IRNA": ("IRNA",),
    "Tasnim": ("Tasnim", "Tasnim News Agency"),
    "SANA": ("SANA",),
    "WAFA": ("WAFA",),
    "MENA": ("MENA", "Middle East News Agency"),
    "SPA": ("SPA", "Saudi Press Agency"),
    "NAN": ("NAN", "News Agency of Nigeria"),
    "GNA": ("GNA", "Ghana News Agency"),
    "Khaama": ("Khaama Press",),
    "Pajhwok": ("Pajhwok", "Pajhwok Afghan News"),
    "Bloomberg": ("Bloomberg", "Bloomberg News"),
}
"""Agency to the names it signs with. Names are facts; the choice is of agencies whose texts other papers print."""

_NAME_BY_ALIAS = {alias.casefold(): name for name, aliases in AGENCIES.items() for alias in aliases}
_ALIAS = "|".join(
    re.escape(alias) for alias in sorted((a for all_ in AGENCIES.values() for a in all_), key=len, reverse=True)
)
_SHOUTED = "|".join(
    re.escape(alias.upper()) for aliases in AGENCIES.values() for alias in aliases if not alias.isupper()
)
_NAMES = f"(?P<name>{_ALIAS}|{_SHOUTED})"
_DASH = r"[\-\u2013\u2014\u2015]"

_DATELINE = re.compile(rf"[(\[/]{_NAMES}[)\]/]\s*(?:{_DASH}|:|\.|$)", re.MULTILINE)
_LEADING = re.compile(rf"\A\s*{_NAMES}\s*(?:{_DASH}{{1,2}}|:|\||\.{_DASH})\s")
_BYLINE = re.compile(
    rf"^\s*(?:By|BY|Par|Von|Por)\s+(?:[^\n]{{0,60}}?[,|/]\s*)?(?:[Tt]he\s+|THE\s+)?{_NAMES}\s*$", re.MULTILINE
)
_LINE = re.compile(rf"^\s*(?:[Tt]he\s+)?{_NAMES}\s*$", re.MULTILINE)
_CREDIT = re.compile(
    rf"(?:©|\([Cc]\)|\b(?i:copyright)|\b(?i:source|credit)\s*:)[\s\d,:\-\u2013]{{0,16}}(?:by\s+)?(?:[Tt]he\s+)?{_NAMES}\b"
)
_SIGNED = re.compile(rf"(?:{_DASH}{{1,2}}\s?|[(\[/]){_NAMES}[)\]/]?\.?\s*\Z")
_ENDING = re.compile(
    rf"[.!?\"”]\s+{_NAMES}(?:\s[A-Z]{{2,4}}){{0,4}}\s*\Z"
)  # Indian agencies end on name and editors' initials
_REUTERS = re.compile(
    r"\((?:Additional )?[Rr]eporting by [^()]{3,300}[Ee]diting by [^()]{3,120}\)|\bReporting by [^\n]{3,300}; ?Editing by "
)
_AUTHOR = re.compile(rf"(?:\A|[,/|(]\s*|\b(?:of|for)\s+)(?:[Tt]he\s+)?{_NAMES}\)?\s*\Z", re.IGNORECASE)


def agency_of(text: str, authors: Sequence[str] = ()) -> str | None:
    """The agency that wrote the text, by its short name, or None for a paper's own report."""
    for author in authors:
        if (found := _AUTHOR.search(author.strip()[:HEAD_CHARS])) is not None:
            return _named(found)
    head, tail = text.lstrip()[:HEAD_CHARS], text.rstrip()[-TAIL_CHARS:]
    for pattern, part in ((_DATELINE, head), (_LEADING, head), (_BYLINE, head), (_LINE, head[: HEAD_CHARS // 2])):
        if (found := pattern.search(part)) is not None:
            return _named(found)
    if _REUTERS.search(tail):
        return "Reuters"
    for pattern in (_CREDIT, _SIGNED, _ENDING):
        if (found := pattern.search(tail)) is not None:
            return _named(found)
    return None


def _named(found: re.Match[str]) -> str:
    return _NAME_BY_ALIAS[found["name"].casefold()]
