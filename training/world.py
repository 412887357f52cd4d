"""Makes the land of the screen's map: `python -m training.world land-110m.json`.

Input: Natural Earth's land at 1:110 million (public domain) as TopoJSON, such as the file of that name in the npm package world-atlas 2.
Output: `connectors/web/static/world.svg`, equirectangular, a unit a degree, from 180 degrees west and 90 degrees north; without Antarctica.
"""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "connectors" / "web" / "static" / "world.svg"
SOUTH_MIN = -60.0
"""Land that lies south of it altogether is left out."""
Ring = list[tuple[float, float]]


def read_rings(topology: dict[str, Any]) -> list[Ring]:
    """All rings, in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    rings = []
    for polygon in topology["objects"]["land"]["geometries"][0]["arcs"]:
        for indexes in polygon:
            ring: Ring = []
            for index in indexes:
                points = arcs[index] if index >= 0 else arcs[~index][::-1]
                ring += points if not ring else points[1:]
            rings.append(ring)
    return rings


def unwrap(ring: Ring) -> Ring:
    """The ring without its jump at the antimeridian: it goes on beyond 180 degrees."""
    turned = [ring[0]]
    for longitude, latitude in ring[1:]:
        before = turned[-1][0]
        while longitude - before > 180:
            longitude -= 360
        while before - longitude > 180:
            longitude += 360
        turned.append((longitude, latitude))
    return turned


def draw(ring: Ring, shift: int) -> str:
    """A sub-path; points that fall together after rounding are drawn once."""
    points: list[tuple[float, float]] = []
    for longitude, latitude in ring:
        point = (round(longitude + 180 + shift, 1), round(90 - latitude, 1))
        if not points or point != points[-1]:
            points.append(point)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z" if len(points) > 3 else ""


def main() -> None:
    """The command line."""
    path = ""
    for ring in map(unwrap, read_rings(json.loads(Path(sys.argv[1]).read_bytes()))):
        if max(latitude for _, latitude in ring) < SOUTH_MIN:
            continue
        west, east = min(x for x, _ in ring), max(x for x, _ in ring)
        shifts = [0, *([360] if west < -180 else []), *([-360] if east > 180 else [])]
        path += "".join(draw(ring, shift) for shift in shifts)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 150"><path id="land" d="{path}"/></svg>\n'
    TARGET.write_text(svg, encoding="ascii")
    print(f"{TARGET}: {len(svg)} bytes")


if __name__ == "__main__":
    main()
