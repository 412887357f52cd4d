"""Who may come in, and what a page may do: sessions, roles, forged requests, and the headers of every answer.

A session is a signed cookie; nothing is kept on the server. Without users in the configuration everybody who reaches the address is
an admin, and then it must be one of this machine: the host named in the request is checked, so that no page of another site
can point its own name here (DNS rebinding).
"""

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import Struct

from connectors.web.passwords import is_right, read_hash
from pipeline.config import Web, WebRole, read_secret
from pipeline.errors import ConfigError
from pipeline.process.probes import parse_address

COOKIE = "tocsin_session"
SESSION_S = 12 * 3600
SECRET_BYTES = 32
LOGINS_MAX, LOGINS_S = 10, 60.0
"""So many tries of one address or for one name in that time; a right password does not count."""
TRIES_KEPT_MAX = 10_000
ROLES: tuple[WebRole, ...] = ("viewer", "analyst", "admin")
OPEN_PATHS = ("/login", "/static/", "/health/")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Session(Struct, frozen=True):
    """Who asks. `nonce` tells one log-in from another; forms carry a token made of it."""

    user: str
    role: WebRole
    until: int  # seconds since 1970
    nonce: str

    def may(self, role: WebRole) -> bool:
        """Whether it may do what that role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)


class Gate:
    """The middleware of every request."""

    def __init__(self, config: Web, *, clock: Callable[[], float] = time.time) -> None:
        """Raises `ConfigError` for users without a hash, and for an open address without users."""
        self._config = config
        self._clock = clock
        self._secret = read_secret(config.secret_file).encode() if config.secret_file else os.urandom(SECRET_BYTES)
        self._tries: dict[str, deque[float]] = {}
        for user in config.users.values():
            read_hash(user.password)
        host, _ = parse_address(config.listen)
        self.is_open = not config.users and not config.user_header
        if self.is_open and host not in LOCAL_HOSTS:
            raise ConfigError(
                f"web.listen: {config.listen} can be reached from elsewhere, and there are no users: add [web.users.NAME] (`tocsin web password`)"
                " or web.user_header, or listen on 127.0.0.1"
            )
        self._hosts = LOCAL_HOSTS | {host, *config.hosts}

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in, or show the door; add the headers."""
        try:
            response = await self._pass(request, handler)
        except web.HTTPException as answer:
            answer.headers.update(self._headers(request))
            raise
        if not response.prepared:
            response.headers.update(self._headers(request))
        return response

    def _headers(self, request: web.Request) -> dict[str, str]:
        cache = "public, max-age=3600" if request.path.startswith("/static/") else "no-store"
        more = {"Strict-Transport-Security": "max-age=31536000"} if self._config.https else {}
        return {**HEADERS, "Cache-Control": cache, **more}

    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.is_open and self._host_of(request) not in self._hosts:
            raise web.HTTPMisdirectedRequest(
                text="This address serves tocsin on this machine only (web.hosts names others)."
            )
        session = self._session_of(request)
        if session is None and not request.path.startswith(OPEN_PATHS):
            if request.path.startswith("/api/"):
                raise web.HTTPUnauthorized(text="log in first", headers={"WWW-Authenticate": 'Cookie realm="tocsin"'})
            raise web.HTTPSeeOther("/login")
        if session is not None:
            request[SESSION] = session
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            await self._refuse_forgery(request, session)
        response = await handler(request)
        if self.is_open and session is not None and COOKIE not in request.cookies and not response.prepared:
            self._set(response, session)
        return response

    async def _refuse_forgery(self, request: web.Request, session: Session | None) -> None:
        """A request that changes something comes from a page of ours: by its origin, and by the token in its form."""
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="this form comes from another site")
        if session is None:
            return  # the log-in: there is nothing yet that could be misused
        form = await request.post()
        given = str(form.get("csrf", "")) or request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(given.encode(), self.token(session).encode()):
            raise web.HTTPForbidden(text="this form is too old: load the page again")

    def token(self, session: Session) -> str:
        """What the session's forms carry."""
        return self._sign(f"form {session.nonce}")

    def try_login(self, user: str, password: str, address: str) -> Session | Literal["wrong", "too often"]:
        """The session of somebody who knows the password; slow, so call it in a thread."""
        now = self._clock()
        if any(self._is_often(key, now) for key in (f"a {address}", f"u {user}")):
            return "too often"
        known = self._config.users.get(user)
        # The same work for a name that there is not: how long it takes tells nobody.
        kept = known.password if known else next(iter(self._config.users.values())).password
        if is_right(password, kept) and known is not None:
            return self._begin(user, known.role)
        for key in (f"a {address}", f"u {user}"):
            self._tries.setdefault(key, deque(maxlen=LOGINS_MAX)).append(now)
        return "wrong"

    def let_in(self, response: web.StreamResponse, session: Session) -> None:
        """Give the session its cookie."""
        self._set(response, session)

    def let_out(self, response: web.StreamResponse) -> None:
        """Take the cookie away."""
        response.del_cookie(COOKIE, path="/")

    def _is_often(self, key: str, now: float) -> bool:
        if len(self._tries) > TRIES_KEPT_MAX:
            self._tries = {k: v for k, v in self._tries.items() if now - v[-1] < LOGINS_S}
        tries = self._tries.get(key)
        return tries is not None and len(tries) == LOGINS_MAX and now - tries[0] < LOGINS_S

    def _begin(self, user: str, role: WebRole) -> Session:
        return Session(user, role, int(self._clock()) + SESSION_S, secrets.token_hex(8))

    def _session_of(self, request: web.Request) -> Session | None:
        kept = self._read(request.cookies.get(COOKIE, ""))
        if self._config.user_header:
            name = request.headers.get(self._config.user_header, "")
            if not name:
                return None
            known = self._config.users.get(name)
            role = known.role if known else self._config.user_header_role
            return Session(name, role, 0, self._sign(f"proxy {name}")[:16])
        if self.is_open:
            return kept or self._begin("you", "admin")
        known = self._config.users.get(kept.user) if kept else None
        return kept if kept and known and known.role == kept.role else None

    def _set(self, response: web.StreamResponse, session: Session) -> None:
        body = base64.urlsafe_b64encode(msgspec.json.encode(session)).decode()
        response.set_cookie(
            COOKIE,
            f"{body}.{self._sign(body)}",
            max_age=SESSION_S,
            httponly=True,
            samesite="Strict",
            secure=self._config.https,
            path="/",
        )

    def _read(self, cookie: str) -> Session | None:
        body, _, signature = cookie.partition(".")
        if not body or not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        session = msgspec.json.decode(base64.urlsafe_b64decode(body), type=Session)
        return session if session.until > self._clock() else None

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _host_of(request: web.Request) -> str:
        return urlsplit(f"//{request.host}").hostname or ""


def need(role: WebRole) -> Callable[[Handler], Handler]:
    """A handler that only that role, or one above it, may use."""

    def guard(handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if not request[SESSION].may(role):
                raise web.HTTPForbidden(text=f"this needs the role {role}; you have {request[SESSION].role}")
            return await handler(request)

        guarded.__name__, guarded.__doc__ = handler.__name__, handler.__doc__
        return guarded

    return guard
