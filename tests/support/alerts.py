"""Alerts for tests: plain, rich, and hostile. All in them is invented."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pipeline.records import (
    Alert,
    AlertClaim,
    AlertId,
    ArticleId,
    Evidence,
    IncidentId,
    Indicator,
    Mention,
    Place,
    Reason,
    Source,
    StoryId,
    VersionId,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "+1+1|cmd",
    "@SUM(A1)",
    "-2+3",
    "\t=1+1",
    "Subject\r\nBcc: everyone@evil.example\r\n\r\nbody",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]></title><x/>&bogus; <![CDATA[",
    "it's [a:b = 'c'] OR \\' --",
    "@everyone @here <!channel> <@U123> <@&456> @channel #general",
    "line\nbreak\r\n<13>1 2026-03-01T00:00:00Z forged - - - - message",
    'a|b=c\\d]"e',
    "*bold* _it_ ~s~ `c` [l](http://evil.example) ||s|| > q",
    "nul \x00 bell \x07 esc \x1b[31m rtl \u202e zero\u200b",
    "'; DROP TABLE alerts; --",
    "x" * 5_000,
    "\U0001f514" * 3_000,
    "half a pair \ud83d",
)


def make(number: int = 1, revision: int = 1, **fields: Any) -> Alert:
    """A plain alert."""
    given = {
        "change": "created" if revision == 1 else "revised", "category": "conflict", "severity": "high", "score": 0.7,
        "credibility": 0.6, "what": f"The militia says it captured {number} guards near Oskel.",
        "first_seen": NOW, "last_seen": NOW + timedelta(minutes=revision),
    }  # fmt: skip
    digits = f"{number:032x}"
    return Alert(
        alert_id=AlertId(f"alert:{digits}"), revision=revision, incident=IncidentId(f"inc:{digits}"), **(given | fields)
    )


def rich(number: int = 1, revision: int = 1, what: str | None = None, **fields: Any) -> Alert:
    """An alert with something in every field."""
    what = what if what is not None else "The militia says it captured 12 guards near Oskel."
    version = VersionId(f"ver:{number:032x}")
    given: dict[str, Any] = {
        "what": what,
        "changes": ("harbour-wire reports it too", "severity: medium -> high") if revision > 1 else (),
        "event_type": "Strategic developments",
        "event_subtype": "Arrests",
        "date": "2026-03-01",
        "place": Place("Oskel", 45, 50, "geo:123", name="Oskel", country="XX", latitude=1.5, longitude=2.5),
        "actors": (Mention("The militia", 0, 11, "group:example-militia"), Mention(what[:200], 0, 3)),
        "targets": (Mention("guards", 33, 39),),
        "weapons": (Mention("rifles", 3, 4),),
        "claims": (
            AlertClaim(
                kind="captured", low=12, high=12, hedge="at least", stance="claims", claimant="The militia",
                object="guards", text="captured 12 guards", version_id=version, start=21, end=39,
            ),
            AlertClaim(
                kind="killed", low=3, high=5, claimant="The ministry", text="killed 3 to 5", version_id=version,
                start=1, end=9,
            ),
        ),
        "disputed": ("captured",),
        "indicators": (
            Indicator("domain", "c2.evil.example", "c2[.]evil[.]example", 1, 13, True, "malicious", "named a command server", "c2"),
            Indicator("ipv4", "203.0.113.7", "203.0.113[.]7", 1, 13, True, "suspicious", "listed"),
            Indicator("sha256", "a" * 64, "a" * 64, 1, 65, False, "malicious", "a payload"),
            Indicator("url", "http://evil.example/a'b?c=\\d", "hxxp://evil", 1, 13, True, "malicious", "phishing"),
            Indicator("cve", "CVE-2026-0001", "CVE-2026-0001", 1, 13, False, "unknown", ""),
            Indicator("email", "drop@evil.example", "drop@evil.example", 1, 13, False, "malicious", ""),
        ),
        "sources": (
            Source(
                article_id=ArticleId(f"art:{number:032x}"), version_id=version, story=StoryId(f"story:{number:032x}"),
                feed="harbour-wire", verdict="new", title=what[:300], url="https://news.example/1?a=b&c=d", published=NOW,
                agency="Example Agency", grade="B",
            ),
            Source(
                article_id=ArticleId(f"art:{number + 1:032x}"), version_id=VersionId(f"ver:{number + 1:032x}"),
                story=StoryId(f"story:{number:032x}"), feed="meridian", verdict="near", title="Guards taken", url="javascript:alert(1)",
            ),
        ),
        "independent_sources": 2,
        "reasons": (Reason("event.arrests", 0.3, 21, 39),),
        "evidence": (Evidence("event", version, 21, 39, what[:250]),),
    }  # fmt: skip
    return make(number, revision, **(given | fields))


def on_wire(alert: Alert) -> Alert:
    """The alert as a sink gets it from the topic. Lone surrogates can't be on the wire: they never leave a connector."""
    return msgspec.json.decode(msgspec.json.encode(alert), type=Alert)


def hostile() -> list[Alert]:
    """One rich alert a hostile text, as from the topic."""
    texts = [text for text in HOSTILE if not any(0xD800 <= ord(c) <= 0xDFFF for c in text)]
    return [on_wire(rich(number, what=text)) for number, text in enumerate(texts, 1)]
