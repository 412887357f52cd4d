"""Alerts of a time range to take away: CSV, STIX 2.1, or a brief in Markdown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web

from connectors.sinks.card import make_card, safe_url
from connectors.sinks.csvfile import COLUMNS_WRITTEN, make_line
from connectors.web.query import wanted_of
from connectors.web.storage import STORAGE
from pipeline.errors import ConfigError, RejectedError
from pipeline.records import SEVERITIES, Alert
from pipeline.store.search import find_all

ALERTS_MAX = 5000
DAYS = 7
"""Of an export that names no time."""
MARKUP = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>#|"})

routes = web.RouteTableDef()


@routes.get("/export/{form}")
async def export(request: web.Request) -> web.Response:
    """A file of the alerts that the address asks for."""
    form = request.match_info["form"]
    if form not in MAKERS:
        raise web.HTTPNotFound(text=f"there is {', '.join(MAKERS)}")
    wanted = wanted_of(request)
    if wanted.since is None:
        wanted = msgspec.structs.replace(wanted, since=datetime.now(UTC) - timedelta(days=DAYS))
    found = await request.app[STORAGE].run(lambda c: find_all(c, wanted, most=ALERTS_MAX))
    make, kind, ending = MAKERS[form]
    try:
        body = make([one.alert for one in found[:ALERTS_MAX]])
    except ConfigError as error:
        raise web.HTTPNotImplemented(text=str(error)) from error
    name = f"tocsin-{datetime.now(UTC):%Y%m%d-%H%M}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


def make_csv(alerts: list[Alert]) -> bytes:
    """Rows as the sink `csv` writes them."""
    return b"".join([make_line(COLUMNS_WRITTEN), *[make_line(alert) for alert in alerts]])


def make_stix(alerts: list[Alert]) -> bytes:
    """One bundle. Raises `ConfigError` when the package stix2 is not installed."""
    from connectors.sinks.stix import need_stix

    need_stix()
    from stix2 import Bundle

    from connectors.sinks.stixobjects import make_objects

    objects: dict[str, Any] = {}
    for alert in alerts:
        try:
            made = make_objects(alert)
        except (RejectedError, ValueError):
            continue  # what no STIX can be made of is in the other forms
        objects |= {one["id"]: one for one in made}
    return Bundle(*objects.values(), allow_custom=True).serialize().encode()  # type: ignore[no-any-return]


def make_brief(alerts: list[Alert]) -> bytes:
    """A text to read from: the gravest first, each with who says what and where it was read."""
    ordered = sorted(alerts, key=lambda a: (-SEVERITIES.index(a.severity), -a.last_seen.timestamp()))
    counts = [(s, sum(a.severity == s for a in alerts)) for s in reversed(SEVERITIES)]
    lines = [f"# Brief, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", ""]
    lines += [f"{len(alerts)} alerts: " + ", ".join(f"{count} {name}" for name, count in counts if count), ""]
    for alert in ordered:
        lines += _section(alert)
    return "\n".join(lines).encode()


def _section(alert: Alert) -> list[str]:
    card = make_card(alert)
    lines = [f"## {_plain(card.mark)}: {_plain(card.title)}", ""]
    lines += [f"- {name}: {_plain(value)}" for name, value in card.facts]
    lines += [f"- {_plain(card.disputed)}"] if card.disputed else []
    lines += [f"- claim: {_plain(claim)}" for claim in card.claims]
    lines += [f"- indicator: {_plain(indicator)}" for indicator in card.indicators]
    lines += [f"- {_plain(card.counted)}"]
    for source in card.sources:
        url = safe_url(source.url)
        lines.append(f"  - {_plain(source.text)}" + (f" <{url}>" if url else ""))
    return [*lines, f"- {_plain(card.foot)}", ""]


def _plain(text: str) -> str:
    return text.translate(MARKUP)


MAKERS = {
    "csv": (make_csv, "text/csv", "csv"),
    "stix": (make_stix, "application/stix+json", "json"),
    "markdown": (make_brief, "text/markdown", "md"),
}
