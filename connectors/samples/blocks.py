"""An article's blocks as plain text, as HTML, and with their texts changed."""

from collections.abc import Callable
from html import escape

from connectors.samples.records import Bullets, Code, Grid, Heading, Paragraph, TextBlock

Blocks = tuple[TextBlock, ...]


def plain_text(blocks: Blocks) -> str:
    """The text as the offline commands take it: one line for each paragraph, list point, table row or line of code."""
    return "\n".join(line for block in blocks for line in _plain_lines(block))


def _plain_lines(block: TextBlock) -> tuple[str, ...]:
    match block:
        case Bullets(points):
            return points
        case Grid(rows):
            return tuple(" | ".join(row) for row in rows)
        case Paragraph(text) | Heading(text) | Code(text):
            return (text,)


def html_text(blocks: Blocks) -> str:
    """The blocks as HTML."""
    return "\n".join(_html(block) for block in blocks)


def _html(block: TextBlock) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escape(text, quote=False)}</p>"
        case Heading(text):
            return f"<h2>{escape(text, quote=False)}</h2>"
        case Code(text):
            return f"<pre><code>{escape(text, quote=False)}</code></pre>"
        case Bullets(points):
            return "<ul>" + "".join(f"<li>{escape(point, quote=False)}</li>" for point in points) + "</ul>"
        case Grid(rows):
            lines = ["".join(f"<td>{escape(cell, quote=False)}</td>" for cell in row) for row in rows]
            head = lines[0].replace("td>", "th>")
            body = "".join(f"<tr>{line}</tr>" for line in lines[1:])
            return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def first_paragraph(blocks: Blocks) -> str:
    """What a feed gives as the summary."""
    return next((block.text for block in blocks if isinstance(block, Paragraph)), "")


def change_texts(blocks: Blocks, change: Callable[[str], str]) -> Blocks:
    """The blocks with each text in them put through `change`."""
    return tuple(_change(block, change) for block in blocks)


def _change(block: TextBlock, change: Callable[[str], str]) -> TextBlock:
    match block:
        case Bullets(points):
            return Bullets(tuple(change(point) for point in points))
        case Grid(rows):
            return Grid(tuple(tuple(change(cell) for cell in row) for row in rows))
        case Paragraph(text):
            return Paragraph(change(text))
        case Heading(text):
            return Heading(change(text))
        case Code(text):
            return Code(change(text))
