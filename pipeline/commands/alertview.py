"""An alert as a person reads it in a terminal: what happened first, then who says what, then the words that show it.

Text from feeds is printed as `rich` text without markup, with control characters replaced, so that no article can colour,
move or clear a terminal.
"""

import unicodedata

from rich.text import Text

from pipeline.records import Alert, AlertClaim

COLOURS = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}
CLAIMS_SHOWN = 8
SOURCES_SHOWN = 5
QUOTES_SHOWN = 3
INDICATORS_SHOWN = 8
QUOTED = ("event", "claim")


def clean(text: str) -> str:
    """The text on one line, without control and direction characters."""
    return "".join(
        " " if c in "\n\t" else "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in {"Cc", "Cf"} else c
        for c in text
    )


def defang(value: str) -> str:
    """An indicator that nothing makes a link of."""
    return value.replace("http", "hxxp", 1).replace(".", "[.]") if "." in value else value


def show(alert: Alert) -> Text:
    """The alert in a few lines, ending with an empty one."""
    lines = [_head(alert), Text(f"  {clean(alert.what)}", style="bold")]
    lines += [Text(f"  {line}") for line in _facts(alert)]
    lines += [Text(f"  ~ {clean(change)}", style="magenta") for change in alert.changes]
    lines += [Text(f"  - {_claim(claim)}") for claim in alert.claims[:CLAIMS_SHOWN]]
    if alert.disputed:
        lines.append(Text(f"  ! sources disagree on: {', '.join(alert.disputed)}", style="bold yellow"))
    lines += [Text(f"  * {i.type} {clean(defang(i.value))} ({i.verdict})") for i in alert.indicators[:INDICATORS_SHOWN]]
    lines += [
        Text(f"  > \N{LEFT DOUBLE QUOTATION MARK}{quote}\N{RIGHT DOUBLE QUOTATION MARK}", style="dim")
        for quote in _quotes(alert)
    ]
    lines += [Text(f"  @ {line}", style="blue") for line in _sources(alert)]
    return Text("\n").join([*lines, Text("")])


def _head(alert: Alert) -> Text:
    head = Text()
    head.append(f" {alert.severity.upper()} ", style=COLOURS[alert.severity])
    head.append(f" {alert.category}  {alert.change} (revision {alert.revision})  ")
    head.append(f"score {alert.score:.2f}  credibility {alert.credibility:.2f}  ", style="dim")
    head.append(f"{alert.last_seen:%Y-%m-%d %H:%M} UTC  {alert.alert_id}", style="dim")
    return head


def _facts(alert: Alert) -> list[str]:
    what = " / ".join(part for part in (alert.event_type, alert.event_subtype) if part)
    where = clean(alert.place.name or alert.place.text) if alert.place else ""
    if alert.place and alert.place.country:
        where = f"{where} ({alert.place.country})"
    facts = {
        "what": what if alert.realis == "actual" else f"{what} ({alert.realis})" if what else "",
        "where": where,
        "when": alert.date or "",
        "who": ", ".join(clean(m.text) for m in alert.actors),
    }
    line = "   ".join(f"{name}: {value}" for name, value in facts.items() if value)
    return [line] if line else []


def _claim(claim: AlertClaim) -> str:
    numbers = (
        "" if claim.low is None else str(claim.low) if claim.low == claim.high else f"{claim.low}-{claim.high or ''}"
    )
    counted = " ".join(part for part in (claim.kind, claim.hedge, numbers, claim.object) if part)
    since = f", since {claim.since}" if claim.since else ""
    verb = {"states": "says", "claims": "claims", "denies": "denies", "accuses": "accuses", "confirms": "confirms"}
    said_by = f" - {verb[claim.stance]} {claim.claimant}" if claim.claimant else ""
    return clean(f"{counted}{since}{said_by}")


def _quotes(alert: Alert) -> list[str]:
    found = [clean(e.text) for e in alert.evidence if e.field.partition(":")[0] in QUOTED]
    return list(dict.fromkeys(found))[:QUOTES_SHOWN]


def _sources(alert: Alert) -> list[str]:
    shown = [
        clean(f"{s.feed}{f' ({s.agency})' if s.agency else ''}: {s.title or ''} {s.url or ''}")
        for s in alert.sources[:SOURCES_SHOWN]
    ]
    more = len(alert.sources) - len(shown)
    count = f"{alert.independent_sources} independent of {len(alert.sources)} sources"
    return [*shown, f"{count}{f', {more} not shown' if more else ''}"] if len(alert.sources) > 1 else shown
