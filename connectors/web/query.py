"""What a request asks for, read from its address; what can't be read is said, not guessed."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from pipeline.store.search import PAGE_MAX, Wanted, plain

KEYS = {"q": "words"}
"""Names in addresses that are shorter than ours."""
PAGE = 50
SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def wanted_of(request: web.Request, *, now: datetime | None = None) -> Wanted:
    """The alerts that an address asks for. Answers 400 naming the parameter that can't be read."""
    given: dict[str, object] = {}
    for name in Wanted.__struct_fields__:
        short = next((k for k, v in KEYS.items() if v == name), name)
        raw = asked(request, short)
        if not raw:
            continue
        if name in {"since", "until"}:
            given[name] = time_of(raw, short, now=now)
        elif name == "over":
            given[name] = raw in {"1", "true", "yes", "on"}
        else:
            given[name] = raw.lower() if name == "actor" and ":" not in raw else raw
    try:
        return msgspec.convert(given, Wanted)
    except msgspec.ValidationError as error:
        raise web.HTTPBadRequest(text=f"{error}") from error


def asked(request: web.Request, name: str) -> str:
    """A parameter, without what no text in the store can have."""
    return sayable(request.query.get(name, "")).strip()


def named(request: web.Request, name: str) -> str:
    """A part of the path, likewise."""
    return sayable(request.match_info[name])


def sayable(raw: str) -> str:
    """The text as the store can be asked for it."""
    return plain(raw).encode("utf-8", "replace").decode()


def time_of(raw: str, name: str, *, now: datetime | None = None) -> datetime:
    """A moment: `24h`, `7d`, `2w` ago, or ISO 8601 (UTC unless it says otherwise)."""
    unit = SPANS.get(raw[-1])
    if unit and raw[:-1].isdigit() and len(raw) <= 5:
        return (now or datetime.now(UTC)) - int(raw[:-1]) * unit
    try:
        at = datetime.fromisoformat(raw)
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"{name}: {raw[:40]!r} is no time: 24h, 7d or 2026-03-01T12:00") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def after_of(request: web.Request) -> tuple[datetime, str] | None:
    """Behind which alert the page begins: `after=TIME,ID`."""
    raw = asked(request, "after")
    if not raw:
        return None
    at, _, alert_id = raw.partition(",")
    return time_of(at, "after"), alert_id[:100]


def most_of(request: web.Request, default: int = PAGE) -> int:
    """How many are asked for."""
    raw = request.query.get("most", str(default))
    if not raw.isdecimal() or not 1 <= int(raw) <= PAGE_MAX:
        raise web.HTTPBadRequest(text=f"most: a number from 1 to {PAGE_MAX}")
    return int(raw)


def with_query(request: web.Request, **changes: str | None) -> str:
    """The request's address with some parameters set, or left out with None."""
    kept = {k: v for k, v in request.query.items() if k not in changes and v}
    return f"{request.path}?{urlencode(kept | {k: v for k, v in changes.items() if v is not None})}"
