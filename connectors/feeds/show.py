"""Feeds as text on a terminal: tables, times in words, never a control character out of a feed."""

import shutil
import sys
from collections.abc import Sequence
from datetime import datetime

import msgspec
import typer

from connectors.sources.feedlist import FeedStatus

COLUMN_CHARS_MAX = 60
"""Width that a column is padded to at most."""


def state_word(row: FeedStatus) -> str:
    """How a feed is, in a word or two."""
    if row.paused_at is not None:
        return "paused"
    if row.outcome is None:
        return "waiting"
    if row.outcome == "failed":
        return f"failing ({row.failures})"
    return "silent" if "silent" in row.conditions else row.outcome


def why(row: FeedStatus) -> str:
    """What is wrong, all of it."""
    told = [condition.message for condition in row.conditions.values()]
    if row.outcome == "failed":
        said = f"{row.reason}: {row.message}"
        told = [said, *(message for message in told if message != said)]
    if row.adopted_url:
        told.append(f"moved to {row.adopted_url}")
    return "; ".join(told)


def ago(moment: datetime | None, now: datetime) -> str:
    """`3 min ago`, `in 2 h`; a dash when it is not known."""
    if moment is None:
        return "-"
    seconds = (now - moment).total_seconds()
    amount = abs(seconds)
    size, unit = next(((s, u) for s, u in ((86_400, "d"), (3_600, "h"), (60, "min")) if amount >= s), (1, "s"))
    words = f"{int(amount // size)} {unit}"
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def print_json(rows: list[FeedStatus], fields: tuple[str, ...]) -> None:
    """One line of JSON a feed."""
    for row in rows:
        whole = msgspec.to_builtins(row)
        sys.stdout.buffer.write(msgspec.json.encode({name: whole[name] for name in fields}) + b"\n")
    sys.stdout.buffer.flush()


def print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """In columns; in a terminal one line a row, cut at its edge, elsewhere whole, for grep."""
    cells = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [min(max(len(row[column]) for row in cells), COLUMN_CHARS_MAX) for column in range(len(head))]
    edge = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        typer.echo(line[:edge])


def printable(text: str) -> str:
    """Without control characters: a feed's words must not steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
