"""Dates in the sample texts: `{weekday}`, `{date-1}`, … become words for days counted from the day the stream starts.

So the invented news is of this week, whenever it is played.
"""

import re
from datetime import date, timedelta

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}  # fmt: skip
DATE_FORMS = {"en": "{day} {month} {year}", "fr": "{day} {month} {year}", "es": "{day} de {month} de {year}"}

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = re.compile(r"(weekday|date|isodate|month|year)([+-]\d{1,5})?")


def find_unknown(text: str) -> str | None:
    """The first thing in braces that is no placeholder, or None."""
    return next((m[0] for m in _PLACEHOLDER.finditer(text) if not _KNOWN.fullmatch(m[1])), None)


def fill_in(text: str, today: date, language: str = "en") -> str:
    """The text with its placeholders replaced; `today` is the day that `{date}` stands for."""

    def render(match: re.Match[str]) -> str:
        known = _KNOWN.fullmatch(match[1])
        if known is None:
            return match[0]
        day = today + timedelta(days=int(known[2] or 0))
        month = MONTHS[language][day.month - 1]
        return {
            "weekday": WEEKDAYS[language][day.weekday()],
            "date": DATE_FORMS[language].format(day=day.day, month=month, year=day.year),
            "isodate": day.isoformat(),
            "month": month,
            "year": str(day.year),
        }[known[1]]

    return _PLACEHOLDER.sub(render, text)
