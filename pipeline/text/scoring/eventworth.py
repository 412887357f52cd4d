"""What an event is worth in its article: points by class and realis, less for what is aside, late, unsupported or old."""

import re
from datetime import date, datetime

from pipeline.records import Category, Event, Findings
from pipeline.text.scoring.current import (
    support_of,
)
from pipeline.text.scoring.weights import DEFAULT, Weights

_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?\Z")


def category_of(event: Event, weights: Weights = DEFAULT) -> Category:
    """The category of an event: by its sub-type where the table has one, else by its type."""
    categories = weights.events.categories
    return categories.get(event.subtype or "") or categories.get(event.type) or "other"


def event_points(event: Event, weights: Weights = DEFAULT) -> float:
    """The points of an event by type and sub-type, times its realis."""
    table = weights.events.points.get(event.type, {})
    points = table.get(event.subtype or "", table.get("", 0.0))
    return points * weights.realis.get(event.realis, 0.0)


def event_worth(
    event: Event, is_main: bool, findings: Findings, weights: Weights = DEFAULT, *, published: datetime | None = None
) -> float:
    """The points of an event in its article.

    Less for one told aside or late in the text, for one that nothing supports, and for one that happened long before
    the article was published.
    """
    points = event_points(event, weights) * (1.0 if is_main else weights.events.aside)
    points *= 1.0 if event.start < weights.events.lead_chars else weights.events.deep
    points *= weights.events.old if is_old(event, published, weights) else 1.0
    return (
        points
        * {"full": 1.0, "placed": weights.events.placed, "bare": weights.events.bare}[support_of(event, findings)]
    )


def is_old(event: Event, published: datetime | None, weights: Weights = DEFAULT) -> bool:
    """Whether the event's date, taken at its latest, is more than `events.old_days` before the publication."""
    match = _DATE.match(event.date or "")
    if match is None or published is None:
        return False
    year, month, day = int(match["year"]), int(match["month"] or 12), int(match["day"] or 28)
    try:
        return (published.date() - date(year, month, day)).days > weights.events.old_days
    except ValueError:
        return False
