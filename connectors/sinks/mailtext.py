"""An alert as a mail: subject, plain text and HTML."""

from collections.abc import Sequence
from html import escape

from connectors.sinks.card import Card, Line, cut

SUBJECT_CHARS_MAX = 150
COLOURS = {"CRITICAL": "#7f1d1d", "HIGH": "#b91c1c", "MEDIUM": "#b45309", "LOW": "#0e7490", "INFO": "#525252"}
"""White on each of them has a contrast of at least 4.5 (WCAG 2.2, 1.4.3)."""


def subject(card: Card) -> str:
    """What the thread is called: it stays the same for all revisions."""
    return cut(f"[{card.mark}] {card.title}", SUBJECT_CHARS_MAX)


def plain(card: Card) -> str:
    """The card as plain text."""
    lines = [f"{card.mark}, {card.news}", "", card.title, ""]
    lines += [f"  {name}: {value}" for name, value in card.facts]
    for head, items in _parts(card):
        lines += ["", f"{head}:", *[f"  - {item.text}{f' <{item.url}>' if item.url else ''}" for item in items]]
    return "\n".join([*lines, "", card.foot, ""])


def html(card: Card) -> str:
    """The card as a fragment of HTML: every word of it escaped, no scripts, no images, nothing loaded."""
    severity = card.mark.partition(" ")[0]
    badge = f"background:{COLOURS[severity]};color:#fff;padding:2px 6px;border-radius:3px"
    parts = [
        f'<p><span style="{badge}">{escape(card.mark)}</span> {escape(card.news)}</p>',
        f"<h2 style='font-size:18px;margin:8px 0'>{escape(card.title)}</h2>",
    ]
    if card.facts:
        rows = [f"<tr><th align='left'>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in card.facts]
        parts.append(f"<table cellpadding='2'>{''.join(rows)}</table>")
    for head, items in _parts(card):
        parts.append(f"<p style='margin:8px 0 0'><b>{escape(head)}</b></p><ul>{''.join(map(_item, items))}</ul>")
    return "\n".join([*parts, f"<p style='color:#525252;font-size:12px'>{escape(card.foot)}</p>"])


def page(fragments: Sequence[str]) -> str:
    """A whole document of such fragments."""
    body = "\n<hr>\n".join(fragments)
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head>'
        f"<body style='font-family:sans-serif;font-size:14px;color:#171717'>\n{body}\n</body></html>\n"
    )


def _item(line: Line) -> str:
    text = escape(line.text)
    return f'<li><a href="{escape(line.url)}" rel="noreferrer">{text}</a></li>' if line.url else f"<li>{text}</li>"


def _parts(card: Card) -> list[tuple[str, Sequence[Line]]]:
    named = [
        ("what changed", card.changes),
        ("claims", (*card.claims, *([card.disputed] if card.disputed else []))),
        ("indicators", card.indicators),
        (
            "in their words",
            tuple(f"\N{LEFT DOUBLE QUOTATION MARK}{q}\N{RIGHT DOUBLE QUOTATION MARK}" for q in card.quotes),
        ),
    ]
    parts: list[tuple[str, Sequence[Line]]] = [(head, [Line(i) for i in items]) for head, items in named if items]
    return [*parts, (card.counted, card.sources)] if card.sources else parts
