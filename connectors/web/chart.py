"""Numbers a day as bars, and alerts as points on a map: what the templates draw as SVG."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from pipeline.incidents.wording import name_alert
from pipeline.records import SEVERITIES, Severity
from pipeline.store.search import Found

WIDTH, HEIGHT = 600, 60
"""Of the bars, in units of the drawing."""


class Bar(Struct, frozen=True):
    """A day, and how high it stands."""

    day: str
    count: int
    x: float
    y: float
    width: float
    height: float


class Point(Struct, frozen=True):
    """Alerts in one place: equirectangular, a unit a degree, from 180° W and 90° N."""

    x: float
    y: float
    radius: float
    severity: Severity
    name: str
    country: str
    count: int
    what: str


def bars(counts: Mapping[str, int], days: int, today: date | None = None) -> list[Bar]:
    """A bar a day, the last one today."""
    last = today or datetime.now(UTC).date()
    most = max(counts.values(), default=0) or 1
    width = WIDTH / days
    found = []
    for place in range(days):
        day = (last - timedelta(days=days - 1 - place)).isoformat()
        count = counts.get(day, 0)
        height = round(HEIGHT * count / most, 2)
        found.append(Bar(day, count, round(place * width, 2), round(HEIGHT - height, 2), round(width * 0.8, 2), height))
    return found


def points(found: Sequence[Found]) -> list[Point]:
    """The places of alerts, the worst on top; the area grows with the number of alerts."""
    places: dict[tuple[float, float], list[Found]] = {}
    for one in found:
        place = one.alert.place
        if place and place.latitude is not None and place.longitude is not None:
            places.setdefault((place.longitude, place.latitude), []).append(one)
    made = []
    for (longitude, latitude), here in places.items():
        worst = max(here, key=lambda f: SEVERITIES.index(f.alert.severity)).alert
        place = worst.place
        assert place is not None  # noqa: S101 - it has coordinates
        made.append(
            Point(
                round(longitude + 180, 2),
                round(90 - latitude, 2),
                round(1.2 * math.sqrt(len(here)), 2),
                worst.severity,
                place.name or place.text,
                place.country or "",
                len(here),
                name_alert(worst),
            )
        )
    return sorted(made, key=lambda p: SEVERITIES.index(p.severity))
