"""The application: gate, pages, files, and what tells open pages of news."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path

import structlog
from aiohttp import web

from connectors.web.gate import Gate, Handler
from connectors.web.live import LIVE, Live
from connectors.web.pages import account, actors, alert, alerts, api, articles, export, feeds, pipeline, places, rules
from connectors.web.render import ENVIRONMENT, GATE, make_environment, page
from connectors.web.storage import CONFIG, STORAGE, Storage
from pipeline.commands.options import need_store
from pipeline.config import Config
from pipeline.process.metrics import REQUESTS_S

BODY_BYTES_MAX = 256 * 1024
PAGES = (account, alerts, alert, places, actors, articles, rules, feeds, pipeline, export, api)

log = structlog.get_logger()


def make_app(config: Config) -> web.Application:
    """The application. Raises `ConfigError`."""
    gate = Gate(config.web)
    app = web.Application(
        client_max_size=BODY_BYTES_MAX, middlewares=[measure, api.as_problem, gate.middleware, tell_errors]
    )
    app[GATE] = gate
    app[ENVIRONMENT] = make_environment()
    app[STORAGE] = Storage(need_store(config))
    app[CONFIG] = config
    for module in PAGES:
        app.add_routes(module.routes)
    app.router.add_static("/static/", Path(str(resources.files("connectors.web") / "static")))
    app.cleanup_ctx.append(_look_for_news)
    return app


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and time what is asked for, by route: an address that there is not must not become a label."""
    route = request.match_info.route.resource
    page = route.canonical if route is not None else "none"
    began, status = time.perf_counter(), 500
    try:
        answer = await handler(request)
        status = answer.status
    except web.HTTPException as error:
        status = error.status
        raise
    else:
        return answer
    finally:
        if page != "/alerts/stream":  # open for as long as its page is
            REQUESTS_S.labels(page, str(status)).observe(time.perf_counter() - began)


@web.middleware
async def tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is wrong, as a page that says what to do; an error that nobody expected is logged with its stack."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or request.path.startswith(("/api/", "/static/")):
            raise
        told = {"status": error.status, "reason": error.reason, "text": error.text or ""}
        answer = page(request, "error.html", told, status=error.status)
        answer.headers.update({k: v for k, v in error.headers.items() if k in {"Retry-After", "Allow"}})
        return answer
    except (asyncio.CancelledError, ConnectionError):
        raise
    except Exception:  # the outermost place of a request
        log.exception("page_crashed", path=request.path)
        if request.path.startswith("/api/"):
            raise web.HTTPInternalServerError(text="an error in tocsin; its log has it") from None
        told = {"status": 500, "reason": "An error in tocsin", "text": "The log of `tocsin web` has it."}
        return page(request, "error.html", told, status=500)


async def _look_for_news(app: web.Application) -> AsyncIterator[None]:
    app[LIVE] = Live(app[STORAGE])
    looking = asyncio.create_task(app[LIVE].run())
    yield
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking
    app[STORAGE].close()
