"""When: weekdays, "hier", "12 mars", as days seen from the day of publication."""

from datetime import datetime, timedelta

from pipeline.text.languages.lexicon import Lexicon
from pipeline.text.languages.words import Sentence

TODAY, YESTERDAY = 10, 11
"""How `days` of a language's words names the two; below them Monday is 0."""
AHEAD_DAYS_MAX = 30


def find_date(sentence: Sentence, lexicon: Lexicon, published: datetime | None) -> tuple[str, int, int] | None:
    """The first day that a sentence names, ISO 8601, with its offsets; None without a day or a day of publication."""
    if published is None:
        return None
    today = published.date()
    for k, token in enumerate(sentence.tokens):
        month = next((lexicon.months[f] for f in token.forms if f in lexicon.months), None)
        before = sentence.tokens[max(0, k - 2) : k]
        number = next((t for t in reversed(before) if t.is_digits), None)
        if month and number and number.text.isdigit() and 1 <= int(number.text) <= 31:
            try:
                day = today.replace(month=month, day=int(number.text))
            except ValueError:
                continue
            if (day - today).days > AHEAD_DAYS_MAX:
                day = day.replace(year=day.year - 1)
            behind = sentence.tokens[k + 1 : k + 3]
            year = next(
                (int(t.text) for t in behind if t.is_digits and len(t.text) == 4 and t.text.isdigit()), day.year
            )
            return f"{year:04d}{day.isoformat()[4:]}", number.start, token.end
        named = next((lexicon.days[f] for f in token.forms if f in lexicon.days), None)
        if named is None:
            continue
        if any(lexicon.has("next", t) for t in sentence.tokens[max(0, k - 1) : k + 2]):
            continue
        back = {TODAY: 0, YESTERDAY: 1}.get(named, (today.weekday() - named) % 7)
        return (today - timedelta(days=back)).isoformat(), token.start, token.end
    return None
