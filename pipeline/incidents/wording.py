"""An alert's parts in words, for whoever shows it to people: the terminal, mails, chats, feeds.

Everything that came from a feed leaves here on one line, without control and direction characters, and with indicators defanged; markup is
the business of whoever writes markup.
"""

import unicodedata

from pipeline.records import Alert, AlertClaim
from pipeline.text.line.names import whole

QUOTED = ("event", "claim")
HOW = {"claimed": "by their own claim", "suspected": "suspected", "accused": "accused", "denied": "deny it"}
VERBS = {"states": "says", "claims": "claims", "denies": "denies", "accuses": "accuses", "confirms": "confirms"}


def clean(text: str) -> str:
    """The text on one line, without control and direction characters."""
    return "".join(
        " "
        if c in "\n\t"
        else "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else c
        for c in text
    )


def defang(value: str) -> str:
    """An indicator that nothing makes a link of."""
    return value.replace("http", "hxxp", 1).replace(".", "[.]") if "." in value else value


def name_place(alert: Alert) -> str:
    """Where, with the country's code; empty when unknown."""
    if not alert.place:
        return ""
    where = clean(alert.place.name or alert.place.text)
    return f"{where} ({alert.place.country})" if alert.place.country else where


def name_event(alert: Alert) -> str:
    """Type and sub-type, and whether it happened where it did not simply happen; empty when unknown."""
    what = " / ".join(part for part in (alert.event_type, alert.event_subtype) if part)
    return what if alert.realis == "actual" or not what else f"{what} ({alert.realis})"


def name_actors(alert: Alert) -> str:
    """Who did it, and how that is known where nobody saw it; empty when unknown."""
    who = ", ".join(clean(m.text) for m in alert.actors)
    how = HOW.get(alert.line.by_how or "", "") if alert.line else ""
    return f"{who} ({how})" if who and how else who


def has_headline(alert: Alert) -> bool:
    """Whether an outlet's own title stands over the alert and says it in other words than the line."""
    return bool(clean(alert.headline)) and clean(alert.headline) != clean(alert.what)


def name_alert(alert: Alert) -> str:
    """What stands over the alert: the outlet's own title, else the sentence made of the line."""
    return clean(alert.headline) or clean(alert.what)


def tell_facts(alert: Alert) -> dict[str, str]:
    """The line as told, then what, where, when, who and whom, as far as stated."""
    facts = {
        "told": clean(alert.what) if has_headline(alert) else "",
        "what": name_event(alert),
        "where": name_place(alert),
        "when": alert.date or "",
        "who": name_actors(alert),
        "whom": ", ".join(clean(m.text) for m in alert.targets),
    }
    return {name: value for name, value in facts.items() if value}


def tell_claim(claim: AlertClaim) -> str:
    """The number with its hedge, and who says so."""
    counted = " ".join(part for part in (claim.kind, _numbers(claim), whole(claim.object or "")) if part)
    since = f", since {claim.since}" if claim.since else ""
    claimant = whole(claim.claimant or "")
    said_by = f" - {VERBS[claim.stance]} {claimant}" if claimant else ""
    beside = " (of another event, told beside it)" if claim.also else " (part of a total)" if claim.part else ""
    return clean(f"{counted}{since}{said_by}{beside}")


def _numbers(claim: AlertClaim) -> str:
    hedge = claim.hedge or ""
    if claim.low is None:
        return f"{hedge} {claim.high}".strip() if claim.high is not None else hedge
    if claim.high is None:
        return f"{hedge or 'at least'} {claim.low}"
    return f"{hedge} {claim.low if claim.low == claim.high else f'{claim.low} to {claim.high}'}".strip()


def quote(alert: Alert, most: int) -> list[str]:
    """The words that show what happened, at most so many."""
    found = [clean(e.text) for e in alert.evidence if e.field.partition(":")[0] in QUOTED]
    return list(dict.fromkeys(found))[:most]


def tell_lateness(alert: Alert) -> str:
    """How late the alert is, in the two largest units; empty for one in time."""
    if not alert.late_s:
        return ""
    days, hours, minutes = alert.late_s // 86_400, alert.late_s // 3600 % 24, alert.late_s // 60 % 60
    told = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n][:2]
    return f"late: told {' '.join(told)} after the report was fetched"


def count_sources(alert: Alert) -> str:
    """How many sources there are, and how many of them tell it independently."""
    return f"{alert.independent_sources} independent of {len(alert.sources)} sources"
