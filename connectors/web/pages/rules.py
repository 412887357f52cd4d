"""Watch rules: those in force, and an editor that says what a rule would have rung for before it is kept."""

import asyncio
from datetime import UTC, datetime
from functools import partial

from aiohttp import web
from msgspec import Struct

from connectors.web.gate import SESSION, need
from connectors.web.query import time_of
from connectors.web.render import page
from connectors.web.storage import CONFIG, STORAGE
from pipeline.errors import ConfigError, RetryableError
from pipeline.store.connection import connect
from pipeline.store.current_knowledge import knowledge_in_force
from pipeline.store.watch import keep_rules, remove_rule, stored_rules
from pipeline.upkeep.backtests import forecasts, would_ring
from pipeline.watch.backtest import Forecast
from pipeline.watch.compiled import compile_rules
from pipeline.watch.rules import WatchRule, read_rules, to_toml

RULE_CHARS_MAX = 20_000
SINCE = "7d"
EXAMPLES_SHOWN = 12
EXAMPLE = """[watch.kabul]
about = "Attacks in Afghanistan that kill ten or more"
places = ["Afghanistan"]
counts = ["killed >= 10"]
"""

routes = web.RouteTableDef()


class Tried(Struct, frozen=True):
    """What came of a back-test."""

    forecasts: dict[str, Forecast]
    notes: dict[str, tuple[str, ...]]


@routes.get("/rules")
async def rules(request: web.Request) -> web.Response:
    """The rules in force; `?edit=` opens one in the editor."""
    stored = await request.app[STORAGE].run(stored_rules)
    name = request.query.get("edit", "")
    text = to_toml(name, stored[name]) if name in stored else EXAMPLE
    return _page(request, stored, text)


@routes.post("/rules")
@need("analyst")
async def change(request: web.Request) -> web.Response:
    """Try the rules in the editor, or keep them, or take one away."""
    form = await request.post()
    what, text = str(form.get("what", "try")), str(form.get("rules", ""))[:RULE_CHARS_MAX]
    since = time_of(str(form.get("since", "")) or SINCE, "since")
    who = request[SESSION].user
    if what == "remove":
        name = str(form.get("name", ""))
        await request.app[STORAGE].run(partial(remove_rule, name=name, why=f"{who} removed {name}"))
        raise web.HTTPSeeOther("/rules")
    stored = await request.app[STORAGE].run(stored_rules)
    try:
        made = read_rules(text, "the rules")
        tried = await asyncio.to_thread(_try, request.app[CONFIG].store.url, made, text, since)
    except ConfigError as error:
        return _page(request, stored, text, wrong=str(error), status=400)
    except RetryableError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    floods = [f"{name} would flood: {one.flood}" for name, one in tried.forecasts.items() if one.flood]
    if what == "keep" and not (floods and form.get("anyway") != "yes"):
        why, rings = f"{who} kept {', '.join(made)}", would_ring(tried.forecasts)
        await request.app[STORAGE].run(partial(keep_rules, rules=made, why=why, would_ring=rings))
        raise web.HTTPSeeOther("/rules")
    wrong = "; ".join(floods) + ". Nothing was kept: narrow the rule, or keep it anyway." if what == "keep" else ""
    return _page(request, stored, text, tried=tried, wrong=wrong, since=str(form.get("since", "")) or SINCE)


def _page(
    request: web.Request,
    stored: dict[str, WatchRule],
    text: str,
    *,
    tried: Tried | None = None,
    wrong: str = "",
    since: str = SINCE,
    status: int = 200,
) -> web.Response:
    values = {
        "stored": sorted(stored.items()),
        "text": text,
        "tried": tried,
        "wrong": wrong,
        "since": since,
        "examples": EXAMPLES_SHOWN,
    }
    return page(request, "rules.html", values, status=status)


def _try(url: str, made: dict[str, WatchRule], text: str, since: datetime) -> Tried:
    with connect(url, application="web", autocommit=True) as connection:
        compiled = compile_rules(made, knowledge_in_force(connection), source="the rules", text=text).rules
        told = forecasts(connection, compiled, since, datetime.now(UTC), lambda *_: None)
    return Tried(told, {rule.name: tuple(rule.notes) for rule in compiled})
