"""An alert as one line for a SIEM: RFC 5424 with structured data, CEF, or LEEF.

No value is ever cut in two, for half an address is another address: a list holds as many whole values as fit, and `left out` (in structured data
`left`) says how many it does not. Words are cut at the end, with an ellipsis.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from pipeline import __version__
from pipeline.incidents.wording import clean, name_event, name_place, tell_claim
from pipeline.records import Alert, Severity

FACILITY = 13
"""Log audit (RFC 5424, table 1)."""
LEVELS: dict[Severity, int] = {"critical": 2, "high": 3, "medium": 4, "low": 5, "info": 6}
"""Syslog's severities: critical, error, warning, notice, informational."""
TEN_STEPS: dict[Severity, int] = {"critical": 10, "high": 8, "medium": 5, "low": 3, "info": 1}
"""The severity of CEF, 0 to 10, and of LEEF, 1 to 10."""
SD_ID = "alert@32473"
"""32473 is the enterprise number for documentation and examples (RFC 5612)."""
NAME_CHARS_MAX = 512
"""CEF's name, and what stands for it elsewhere."""
WORDS_CHARS_MAX = 1_000
"""CEF takes 1,023 characters of `msg`."""
LIST_CHARS_MAX = 4_000
"""CEF takes so many characters of a custom string."""
LEFT_BYTES = 200
"""Kept free for what is left out."""
RULES = frozenset({"yara-rule", "sigma-rule"})
VERDICTS = ("malicious", "suspicious", "unknown", "benign")

Write = Callable[[str, str], str]
"""One field as the form writes it, with its key and what divides it from the field before."""


class Field(Struct, frozen=True):
    """A field: its key in each form, and its values; several are joined by `join`."""

    key: str  # of structured data and LEEF
    cef: str
    values: tuple[str, ...]
    join: str = ", "
    label: str = ""  # of one of CEF's custom fields
    is_words: bool = False  # may be cut at its end


def make_message(alert: Alert, form: str, host: str, most: int) -> bytes:
    """One message, on one line, of at most so many bytes."""
    head = f"<{FACILITY * 8 + LEVELS[alert.severity]}>1 {alert.last_seen:%Y-%m-%dT%H:%M:%S.%fZ} {host} tocsin - alert"
    if form == "cef":
        return _lay(f"{head} - {_cef_head(alert)}", "", list_fields(alert), _cef, most)
    if form == "leef":
        return _lay(f"{head} - {_leef_head(alert)}", "", list_fields(alert), _leef, most)
    # The mark says that the text is UTF-8 (RFC 5424, 6.4).
    words = f"] \ufeff{_cut(clean(alert.what), min(WORDS_CHARS_MAX, most // 8))}"
    return _lay(f"{head} [{SD_ID}", words, [f for f in list_fields(alert) if f.key != "what"], _sd, most)


def list_fields(alert: Alert) -> list[Field]:
    """What is told, the most needed first."""
    url = next((s.url for s in alert.sources if s.url and s.url.startswith("http")), "")
    ranked = sorted(alert.indicators, key=lambda i: VERDICTS.index(i.verdict))
    values = [
        f"{i.type}:{clean(i.value)}" + ("" if i.verdict == "malicious" else f" ({i.verdict})")
        for i in ranked
        if i.type not in RULES
    ]
    start, end = (str(int(at.timestamp() * 1000)) for at in (alert.first_seen, alert.last_seen))
    return [
        Field("id", "externalId", (alert.alert_id,)),
        Field("revision", "cn1", (str(alert.revision),), label="revision"),
        Field("change", "act", (alert.change,)),
        Field("category", "cat", (alert.category,)),
        Field("severity", "", (alert.severity,)),
        Field("score", "cfp1", (f"{alert.score:.2f}",), label="score"),
        Field("credibility", "cfp2", (f"{alert.credibility:.2f}",), label="credibility"),
        Field("reports", "cnt", (str(len(alert.sources) or 1),)),
        Field("start", "start", (start,)),
        Field("end", "end", (end,)),
        Field("event", "flexString1", (name_event(alert),), label="event", is_words=True),
        Field("place", "cs1", (name_place(alert),), label="place", is_words=True),
        Field("date", "flexString2", (alert.date or "",), label="date"),
        Field("url", "request", (clean(url),)),
        Field("headline", "", (clean(alert.headline),), is_words=True),  # CEF's name
        Field("what", "msg", (clean(alert.what),), is_words=True),
        Field("disputed", "", alert.disputed),
        Field("indicators", "cs4", tuple(values), label="indicators"),
        Field("actors", "cs2", tuple(clean(m.text) for m in alert.actors), label="actors"),
        Field("targets", "", tuple(clean(m.text) for m in alert.targets)),
        Field("malware", "", tuple(clean(m.text) for m in alert.malware)),
        Field("claims", "cs3", tuple(map(tell_claim, alert.claims)), "; ", label="claims"),
        Field("changes", "cs6", tuple(map(clean, alert.changes)), "; ", label="changes"),
        Field("rules", "", () if len(values) == len(ranked) else tuple(i.value for i in ranked if i.type in RULES)),
    ]


def _lay(head: str, tail: str, fields: Sequence[Field], write: Callable[[Field, str], str], most: int) -> bytes:
    """The head, as many fields as fit, and the tail; what does not fit is told."""
    left = most - len(f"{head}{tail}".encode()) - LEFT_BYTES
    parts: list[str] = []
    missing: list[str] = []
    for one in fields:
        if one.key == "rules":  # a rule on one line is none
            missing += [f"{len(one.values)} rules"] if one.values else []
            continue
        fitting = _fit(one, write, left)
        if given := write(one, one.join.join(fitting)) if any(fitting) else "":
            parts.append(given)
            left -= len(given.encode())
        count = len([v for v in one.values if v]) - len([v for v in fitting if v])
        if count and len(one.values) > 1:
            missing.append(f"{count} of {len(one.values)} {one.key}")
        elif count:
            missing.append(one.key or one.cef)
    if missing:
        parts.append(write(Field("left", "cs5", (), label="left out"), ", ".join(missing)[: LEFT_BYTES // 2]))
    return f"{head}{''.join(parts)}{tail}".encode()


def _fit(one: Field, write: Callable[[Field, str], str], left: int) -> list[str]:
    """As many whole values as fit; words are cut."""
    if one.is_words:
        words = [_cut(value, WORDS_CHARS_MAX) for value in one.values]
        while words and words[0] and len(write(one, words[0]).encode()) > left:
            words = [_cut(words[0], len(words[0]) // 2)] if len(words[0]) > 1 else []
        return words
    fitting: list[str] = []
    used = len(write(one, "x").encode())
    chars = 0
    for value in one.values:
        more = one.join + value
        used += len(write(one, more).encode()) - len(write(one, "").encode())
        chars += len(more)
        if used > left or chars > LIST_CHARS_MAX:
            break
        fitting.append(value)
    return fitting


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(0, most - 1)]}…"


def _sd(one: Field, value: str) -> str:
    """RFC 5424, 6.3.3."""
    escaped = "".join(f"\\{c}" if c in '"\\]' else c for c in value)
    return f' {one.key}="{escaped}"' if one.key else ""


def _cef(one: Field, value: str) -> str:
    """ArcSight's Common Event Format, version 0 (implementation standard, revision 25): the extension."""
    if not one.cef:
        return ""
    escaped = "".join(f"\\{c}" if c in "\\=" else c for c in value)
    label = f"{one.cef}Label={one.label} " if one.label else ""
    gap = "" if one.cef == "externalId" else " "
    return f"{gap}{label}{one.cef}={escaped}"


def _leef(one: Field, value: str) -> str:
    """LEEF 2.0 (IBM QRadar): attributes divided by tabs, which no cleaned value has."""
    names = {"severity": "severityName", "category": "cat", "id": "externalId"}
    return f"\t{names.get(one.key, one.key)}={value}"


def _cef_head(alert: Alert) -> str:
    name = "".join(c if c not in "|\\" else f"\\{c}" for c in _cut(clean(alert.headline or alert.what), NAME_CHARS_MAX))
    return f"CEF:0|tocsin|tocsin|{__version__}|{_signature(alert)}|{name}|{TEN_STEPS[alert.severity]}|"


def _leef_head(alert: Alert) -> str:
    at = f"{alert.last_seen:%Y-%m-%dT%H:%M:%S}.{alert.last_seen.microsecond // 1000:03d}+0000"
    return (
        f"LEEF:2.0|tocsin|tocsin|{__version__}|{_signature(alert)}|x09|devTime={at}"
        f"\tdevTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ\tsev={TEN_STEPS[alert.severity]}"
    )


def _signature(alert: Alert) -> str:
    return clean(alert.event_subtype or alert.event_type or alert.category).replace("|", "/").replace("\\", "/")
