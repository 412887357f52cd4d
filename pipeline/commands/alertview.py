"""An alert as a person reads it in a terminal: what happened first, then who says what, then the words that show it.

Text from feeds is printed as `rich` text without markup, with control characters replaced, so that no article can colour,
move or clear a terminal.
"""

from typing import Literal

from rich.text import Text

from pipeline.incidents.wording import (
    clean,
    count_sources,
    defang,
    has_headline,
    name_alert,
    quote,
    tell_claim,
    tell_facts,
    tell_lateness,
)
from pipeline.records import Alert, Indicator

COLOURS = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}
CLAIMS_SHOWN = 8
SOURCES_SHOWN = 5
QUOTES_SHOWN = 3
INDICATORS_SHOWN = 8
MOST_SHOWN = 200
Detail = Literal["brief", "usual", "full"]


def show(alert: Alert, detail: Detail = "usual") -> Text:
    """The alert in one line, in a few ending with an empty one, or whole."""
    if detail == "brief":
        return _brief(alert)
    most = MOST_SHOWN if detail == "full" else 0
    lines = [_head(alert), Text(f"  {name_alert(alert)}", style="bold")]
    if has_headline(alert):
        lines.append(Text(f"  {clean(alert.what)}"))
    lines += [Text(f"  ^ {clean(line)}", style="green") for line in _watch(alert)]
    lines += [Text(f"  {clean(line)}") for line in _facts(alert)]
    lines += [Text(f"  ~ {clean(change)}", style="magenta") for change in alert.changes]
    lines += [Text(f"  - {tell_claim(claim)}") for claim in alert.claims[: most or CLAIMS_SHOWN]]
    if late := tell_lateness(alert):
        lines.append(Text(f"  ! {late}", style="yellow"))
    if alert.disputed:
        lines.append(Text(f"  ! sources disagree on: {clean(', '.join(alert.disputed))}", style="bold yellow"))
    lines += [
        Text(f"  * {clean(i.type)} {clean(defang(i.value))} ({clean(_use(i))})")
        for i in alert.indicators[: most or INDICATORS_SHOWN]
    ]
    lines += [
        Text(f"  > \N{LEFT DOUBLE QUOTATION MARK}{words}\N{RIGHT DOUBLE QUOTATION MARK}", style="dim")
        for words in quote(alert, most or QUOTES_SHOWN)
    ]
    lines += [Text(f"  @ {line}", style="blue") for line in _sources(alert, most or SOURCES_SHOWN)]
    if most:
        lines += [Text(f"  = {r.points:+.2f} {clean(r.rule)}", style="dim") for r in alert.reasons]
        lines += [
            Text(f"  = credibility {r.points:+.2f} {clean(r.rule)}", style="dim") for r in alert.credibility_reasons
        ]
    return Text("\n").join([*lines, Text("")])


def _use(indicator: Indicator) -> str:
    """Verdict, role, and the malware or actor that it belongs to."""
    belongs = [one.name for one in indicator.related if one.kind in ("malware", "actor")][:2]
    return clean(", ".join(word for word in (indicator.verdict, indicator.role, *belongs) if word))


def _brief(alert: Alert) -> Text:
    line = Text(f"{alert.last_seen:%m-%d %H:%M} ", style="dim")
    line.append(f"{alert.severity:<8}", style=COLOURS[alert.severity])
    line.append(f" {name_alert(alert)}")
    return line.append(f"  ({alert.change}, {alert.independent_sources} independent)", style="dim")


def _watch(alert: Alert) -> list[str]:
    ring = alert.watch
    lines = [] if ring is None else [f"{ring.rule}: {clean('; '.join(ring.why)) or 'no longer matches'}"]
    if ring is not None and ring.held_back:
        lines.append(f"{ring.held_back} held back before this by the rule's pace; tocsin.alerts has them all")
    return lines if alert.in_scope else [*lines, "no longer belongs on this topic"]


def _head(alert: Alert) -> Text:
    head = Text()
    head.append(f" {alert.severity.upper()} ", style=COLOURS[alert.severity])
    head.append(f" {alert.category}  {alert.change} (revision {alert.revision})  ")
    head.append(f"score {alert.score:.2f}  credibility {alert.credibility:.2f}  ", style="dim")
    head.append(f"{alert.last_seen:%Y-%m-%d %H:%M} UTC  {clean(alert.alert_id)}", style="dim")
    return head


def _facts(alert: Alert) -> list[str]:
    line = "   ".join(f"{name}: {value}" for name, value in tell_facts(alert).items() if name != "told")
    return [line] if line else []


def _sources(alert: Alert, most: int) -> list[str]:
    shown = [
        clean(f"{s.feed}{f' ({s.agency})' if s.agency else ''}: {s.title or ''} {s.url or ''}")
        for s in alert.sources[:most]
    ]
    more = len(alert.sources) - len(shown)
    count = count_sources(alert)
    return [*shown, f"{count}{f', {more} not shown' if more else ''}"] if len(alert.sources) > 1 else shown
