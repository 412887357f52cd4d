"""What people are shown of an alert, part by part: mails, chats and feeds lay the same card out in their own forms.

Every part is on one line, without control characters, bounded, and with indicators defanged; only the addresses of sources are live, and
only those of http and https. Escaping for a form is the business of that form.
"""

from urllib.parse import urlsplit

from msgspec import Struct

from pipeline.incidents.wording import clean, count_sources, defang, name_alert, quote, tell_claim, tell_facts
from pipeline.records import Alert, Source

TITLE_CHARS_MAX = 300
LINE_CHARS_MAX = 300
URL_CHARS_MAX = 2_000
CHANGES_MAX = 8
CLAIMS_MAX = 8
INDICATORS_MAX = 10
QUOTES_MAX = 3
SOURCES_MAX = 8


class Line(Struct, frozen=True):
    """A line, and the address behind it, if it has one that may be followed."""

    text: str
    url: str | None = None


class Card(Struct, frozen=True, kw_only=True):
    """An alert for people."""

    title: str
    mark: str  # "HIGH conflict"
    news: str  # "revised (revision 3)"
    facts: tuple[tuple[str, str], ...]  # what, where, when, who, as far as known
    changes: tuple[str, ...]
    claims: tuple[str, ...]
    disputed: str  # empty where sources agree
    indicators: tuple[str, ...]
    quotes: tuple[str, ...]
    sources: tuple[Line, ...]
    counted: str
    foot: str  # score, credibility, time, id


def make_card(alert: Alert) -> Card:
    """The card of one revision."""
    return Card(
        title=cut(name_alert(alert), TITLE_CHARS_MAX) or "(no text)",
        mark=f"{alert.severity.upper()} {alert.category}",
        news=f"{alert.change} (revision {alert.revision})",
        facts=tuple((name, cut(value)) for name, value in tell_facts(alert).items()),
        changes=_some(alert.changes, CHANGES_MAX),
        claims=_some([tell_claim(c) for c in alert.claims], CLAIMS_MAX),
        disputed=f"sources disagree on: {', '.join(alert.disputed)}" if alert.disputed else "",
        indicators=_some([f"{i.type} {defang(i.value)} ({i.verdict})" for i in alert.indicators], INDICATORS_MAX),
        quotes=tuple(cut(text) for text in quote(alert, QUOTES_MAX)),
        sources=tuple(_source(s) for s in alert.sources[:SOURCES_MAX]),
        counted=count_sources(alert),
        foot=f"score {alert.score:.2f}, credibility {alert.credibility:.2f}, {alert.last_seen:%Y-%m-%d %H:%M} UTC, {alert.alert_id}",
    )


def cut(text: str, most: int = LINE_CHARS_MAX) -> str:
    """The text, or its beginning and an ellipsis: at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def safe_url(url: str | None) -> str | None:
    """The address, if it is one of http or https that breaks out of no form."""
    if not url or len(url) > URL_CHARS_MAX or any(c.isspace() or ord(c) < 0x20 or c in "<>\"'`|\\" for c in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def _some(lines: list[str] | tuple[str, ...], most: int) -> tuple[str, ...]:
    shown = [cut(clean(line)) for line in lines[:most]]
    more = len(lines) - len(shown)
    return (*shown, f"and {more} more") if more else tuple(shown)


def _source(source: Source) -> Line:
    agency = f" ({source.agency})" if source.agency else ""
    return Line(cut(clean(f"{source.feed}{agency}: {source.title or ''}".rstrip(": "))), safe_url(source.url))
