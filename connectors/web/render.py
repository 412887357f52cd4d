"""Pages made of templates: everything that came from outside is escaped, and stands on its own in its direction."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from connectors.sinks.card import safe_url
from connectors.web.gate import SESSION, Gate
from pipeline import __version__
from pipeline.incidents.wording import clean, defang, name_place, tell_lateness

GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
ENVIRONMENT: web.AppKey[Environment] = web.AppKey("environment", Environment)
TABS = (
    ("/", "Alerts"),
    ("/map", "Map"),
    ("/articles", "Articles"),
    ("/rules", "Rules"),
    ("/feeds", "Feeds"),
    ("/pipeline", "Pipeline"),
)


def make_environment() -> Environment:
    """The templates, with what they may call."""
    made = Environment(
        loader=PackageLoader("connectors.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "clean": clean,
        "defang": defang,
        "moment": moment,
        "since": since,
        "number": lambda n: f"{n:,}",
        "percent": lambda share: f"{share * 100:.0f} %",
        "place": name_place,
        "late": tell_lateness,
        "link": safe_url,
    }
    made.globals |= {"tabs": TABS, "version": __version__}
    return made


def moment(at: datetime | None) -> str:
    """A time as a reader takes it in: UTC, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else ""


def since(at: datetime | None, now: datetime | None = None) -> str:
    """How long ago, in the largest unit."""
    if at is None:
        return "never"
    seconds = ((now or datetime.now(UTC)) - at).total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"


def page(request: web.Request, name: str, values: Mapping[str, Any], *, status: int = 200) -> web.Response:
    """The answer to a request for a page."""
    text = fragment(request, name, values)
    return web.Response(text=text, content_type="text/html", status=status)


def fragment(request: web.Request, name: str, values: Mapping[str, Any]) -> str:
    """A template filled in."""
    session = request.get(SESSION)
    token = request.app[GATE].token(session) if session else ""
    # By the tab's own path or what is below it, so that /alerts/… belongs to Alerts.
    here = f"/{request.path.split('/')[1]}"
    known = {"session": session, "csrf": token, "here": "/" if here in {"/alerts", "/actors", "/places"} else here}
    return request.app[ENVIRONMENT].get_template(name).render({**known, **values})
