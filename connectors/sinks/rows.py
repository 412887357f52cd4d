"""An alert as a flat row: the same columns in CSV, Parquet, SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from pipeline.incidents.wording import tell_claim
from pipeline.records import Alert
from pipeline.records.codec import encode

Kind = Literal["text", "integer", "real", "time", "flag"]
Value = str | int | float | datetime | bool | None
LIST_SEPARATOR = "; "

COLUMNS: dict[str, tuple[Kind, Callable[[Alert], Value]]] = {
    "alert_id": ("text", lambda a: a.alert_id),
    "revision": ("integer", lambda a: a.revision),
    "change": ("text", lambda a: a.change),
    "category": ("text", lambda a: a.category),
    "severity": ("text", lambda a: a.severity),
    "score": ("real", lambda a: a.score),
    "credibility": ("real", lambda a: a.credibility),
    "what": ("text", lambda a: a.what),
    "changes": ("text", lambda a: LIST_SEPARATOR.join(a.changes)),
    "event_type": ("text", lambda a: a.event_type),
    "event_subtype": ("text", lambda a: a.event_subtype),
    "realis": ("text", lambda a: a.realis),
    "date": ("text", lambda a: a.date),
    "place": ("text", lambda a: (a.place.name or a.place.text) if a.place else None),
    "country": ("text", lambda a: a.place.country if a.place else None),
    "latitude": ("real", lambda a: a.place.latitude if a.place else None),
    "longitude": ("real", lambda a: a.place.longitude if a.place else None),
    "actors": ("text", lambda a: LIST_SEPARATOR.join(m.text for m in a.actors)),
    "actor_ids": ("text", lambda a: LIST_SEPARATOR.join(m.id for m in a.actors if m.id)),
    "claims": ("text", lambda a: LIST_SEPARATOR.join(tell_claim(c) for c in a.claims)),
    "disputed": ("text", lambda a: LIST_SEPARATOR.join(a.disputed)),
    "indicators": ("text", lambda a: LIST_SEPARATOR.join(f"{i.type}:{i.value}" for i in a.indicators)),
    "sources": ("text", lambda a: LIST_SEPARATOR.join(s.url or s.feed for s in a.sources)),
    "independent_sources": ("integer", lambda a: a.independent_sources),
    "first_seen": ("time", lambda a: a.first_seen),
    "last_seen": ("time", lambda a: a.last_seen),
    "in_scope": ("flag", lambda a: a.in_scope),
    "alert": ("text", lambda a: encode(a).decode()),
}
"""Name, kind and value; `alert` is the whole record as on its topic, in JSON."""


def make_row(alert: Alert) -> dict[str, Value]:
    """The alert's values by column. NUL, which no database takes in a text, leaves."""
    values = {name: value(alert) for name, (_, value) in COLUMNS.items()}
    return {name: v.replace("\x00", "") if isinstance(v, str) else v for name, v in values.items()}
