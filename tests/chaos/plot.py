"""A line plot as SVG: small enough to be looked at in a document, and without a library."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 50, 120, 30, 40
COLOURS = ("#0b5fa5", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0e7490", "#a16207", "#475569", "#be185d")
TICKS = 5


def draw(title: str, unit: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """The document; each line is points (x, y), and its name stands at its end. Both axes begin at 0."""
    right = max((x for points in lines.values() for x, _ in points), default=1.0) or 1.0
    top = max((y for points in lines.values() for _, y in points), default=1.0) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / right * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="18" font-size="13">{escape(title)}</text>',
    ]
    for tick in range(TICKS + 1):
        x, _ = place(right * tick / TICKS, 0)
        _, y = place(0, top * tick / TICKS)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{top * tick / TICKS:.0f}</text>')
        parts.append(f'<text x="{x}" y="{HEIGHT - 22}" text-anchor="middle">{right * tick / TICKS:.0f}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(unit)}</text>')
    taken: list[float] = []
    for n, (name, points) in enumerate(sorted(lines.items(), key=lambda item: -item[1][-1][1] if item[1] else 0.0)):
        if not points:
            continue
        colour = COLOURS[n % len(COLOURS)]
        drawn = " ".join(f"{x},{y}" for x, y in (place(*point) for point in points))
        label_y = place(*points[-1])[1]
        while any(abs(label_y - other) < 12 for other in taken):
            label_y += 3
        taken.append(label_y)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 6}" y="{label_y + 4}" fill="{colour}">{escape(name)}</text>')
    return "\n".join((*parts, "</svg>")) + "\n"
