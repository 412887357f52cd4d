"""Logging in and out."""

import asyncio

from aiohttp import web

from connectors.web.gate import SESSION, Session
from connectors.web.render import GATE, page

routes = web.RouteTableDef()


@routes.get("/login")
async def ask(request: web.Request) -> web.Response:
    """The form; whoever is in already goes on."""
    if SESSION in request:
        raise web.HTTPSeeOther("/")
    return page(request, "login.html", {"wrong": ""})


@routes.post("/login")
async def log_in(request: web.Request) -> web.Response:
    """Let in who knows the password."""
    form = await request.post()
    user, password = str(form.get("user", "")), str(form.get("password", ""))
    gate = request.app[GATE]
    if gate.is_open:
        raise web.HTTPSeeOther("/")
    found = await asyncio.to_thread(gate.try_login, user, password, request.remote or "")
    if isinstance(found, Session):
        answer = web.Response(status=303, headers={"Location": "/"})
        gate.let_in(answer, found)
        return answer
    often = found == "too often"
    why = "Too many tries: wait a minute." if often else "Name or password is wrong."
    return page(request, "login.html", {"wrong": why}, status=429 if often else 403)


@routes.post("/logout")
async def log_out(request: web.Request) -> web.Response:
    """End the session in this browser."""
    answer = web.Response(status=303, headers={"Location": "/login"})
    request.app[GATE].let_out(answer)
    return answer
