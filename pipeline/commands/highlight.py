"""An article's text with what was found in it in colour: events, claims, indicators, names, and what earned points."""

from rich.text import Text

from pipeline.incidents.wording import clean
from pipeline.records import Article, Assessment, Findings

TEXT_CHARS_MAX = 20_000
STYLES = {"entity": "cyan", "claim": "yellow", "indicator": "magenta", "event": "bold red", "reason": "underline"}


def highlight(article: Article, findings: Findings, assessment: Assessment) -> Text:
    """The text, line breaks kept, control characters replaced one by one so that offsets stay true."""
    raw = article.text[:TEXT_CHARS_MAX]
    text = Text("\n".join("".join(clean(c) or " " for c in line) for line in raw.split("\n")))
    for name, spans in (
        ("entity", [(e.start, e.end) for e in findings.entities]),
        ("event", [(e.start, e.end) for e in findings.events]),
        ("claim", [(c.start, c.end) for c in findings.claims]),
        ("indicator", [(i.start, i.end) for i in findings.indicators]),
        ("reason", [(r.start, r.end) for r in assessment.reasons]),
    ):
        for start, end in spans:
            if start is not None and end is not None:
                text.stylize(STYLES[name], start, end)
    return text


def legend() -> Text:
    """What the colours mean."""
    line = Text()
    for name in ("event", "claim", "indicator", "entity"):
        line.append(name, style=STYLES[name]).append("  ")
    return line.append("earned points", style=STYLES["reason"])
