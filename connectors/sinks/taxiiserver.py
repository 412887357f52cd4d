"""A TAXII 2.1 server (OASIS standard, June 2021) for reading: discovery, API root, collections, manifest, objects, versions.

Nothing can be written or deleted over it: collections say `can_write: false`, and such a request is answered 403.
"""

import asyncio
import base64
import hmac
import re
import ssl
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog
from aiohttp import web

from connectors.sinks.taxiistore import Collection, Entry, Question, TaxiiStore
from pipeline.errors import ConfigError

MEDIA = "application/taxii+json;version=2.1"
STIX_MEDIA = "application/stix+json;version=2.1"
ACCEPTED = frozenset({"*/*", "application/*", "application/taxii+json", "application/taxii+json;version=2.1"})
ROOT = "tocsin"
PAGE_DEFAULT = 100
PAGE_MAX = 1_000
MATCHES_MAX = 100
CONTENT_BYTES_MAX = 1024 * 1024
START_S_MAX = 10.0
STOP_S_MAX = 3.0
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger()


class TaxiiServer:
    """The server, in a thread of its own."""

    def __init__(
        self, path: Path, host: str, port: int, *, login: tuple[str, str] | None, tls: ssl.SSLContext | None
    ) -> None:
        self._path, self._host, self._port, self._tls = path, host, port, tls
        self._login = base64.b64encode(":".join(login).encode()) if login else None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._started = threading.Event()
        self._error: OSError | None = None
        self.port = port

    def start(self) -> None:
        """Listen. Raises `ConfigError` when the port can't be had."""
        self._started.clear()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(),), name="taxii", daemon=True)
        self._thread.start()
        if not self._started.wait(START_S_MAX) and self._error is None:
            self._error = OSError("it does not start")
        if self._error is not None:
            raise ConfigError(f"can't listen on {self._host}:{self._port}: {self._error}")

    def stop(self) -> None:
        """Listen no more."""
        if self._loop is not None and self._stop is not None and self._thread is not None:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(STOP_S_MAX)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        store = TaxiiStore(self._path)

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = web.Application(middlewares=[guard], client_max_size=CONTENT_BYTES_MAX)
        _Pages(store).add_to(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, ssl_context=self._tls).start()
            self.port = runner.addresses[0][1]
        except OSError as error:
            self._error = error
        self._started.set()
        if self._error is None:
            log.info("taxii_listens", host=self._host, port=self.port)
            await self._stop.wait()
        await runner.cleanup()
        store.close()

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._login is not None and not self._is_known(request.headers.get("Authorization", "")):
            return _error(401, "who are you?", headers={"WWW-Authenticate": 'Basic realm="tocsin"'})
        wanted = {part.split(";q=")[0].replace(" ", "") for part in request.headers.get("Accept", "*/*").split(",")}
        if not wanted & ACCEPTED:
            return _error(406, f"only {MEDIA} is served")
        try:
            return await handler(request)
        except web.HTTPException as error:
            return _error(error.status, error.reason)

    def _is_known(self, header: str) -> bool:
        kind, _, given = header.partition(" ")
        return kind.lower() == "basic" and hmac.compare_digest(given.strip().encode(), self._login or b"")


class _Pages:
    """What is answered."""

    def __init__(self, store: TaxiiStore) -> None:
        self._store = store

    def add_to(self, app: web.Application) -> None:
        below = f"/{ROOT}/collections/{{collection}}"
        for path, handler in {
            "/taxii2/": self._discover,
            f"/{ROOT}/": self._root,
            f"/{ROOT}/status/{{id}}/": self._nothing,
            f"/{ROOT}/collections/": self._collections,
            f"{below}/": self._collection,
            f"{below}/manifest/": self._manifest,
            f"{below}/objects/": self._objects,
            f"{below}/objects/{{id}}/": self._objects,
            f"{below}/objects/{{id}}/versions/": self._versions,
        }.items():
            app.router.add_get(path, handler)
            app.router.add_get(path.rstrip("/"), handler)
        for path in (f"{below}/objects/", f"{below}/objects/{{id}}/"):
            app.router.add_route("POST", path, self._refuse)
            app.router.add_route("DELETE", path, self._refuse)

    async def _discover(self, request: web.Request) -> web.Response:
        root = f"{request.scheme}://{request.host}/{ROOT}/"
        return _answer({"title": "tocsin", "default": root, "api_roots": [root]})

    async def _root(self, _: web.Request) -> web.Response:
        return _answer({"title": "tocsin's alerts", "versions": [MEDIA], "max_content_length": CONTENT_BYTES_MAX})

    async def _nothing(self, _: web.Request) -> web.Response:
        raise web.HTTPNotFound(reason="no such status")

    async def _refuse(self, _: web.Request) -> web.Response:
        raise web.HTTPForbidden(reason="this server is for reading")

    async def _collections(self, _: web.Request) -> web.Response:
        return _answer({"collections": [_describe(c) for c in self._store.collections()]})

    async def _collection(self, request: web.Request) -> web.Response:
        return _answer(_describe(self._find(request)))

    async def _objects(self, request: web.Request) -> web.Response:
        entries, more = self._ask(request)
        if not entries and "id" in request.match_info:
            raise web.HTTPNotFound(reason="no such object")
        return _page("objects", [msgspec.Raw(e.raw.encode()) for e in entries], entries, more)

    async def _manifest(self, request: web.Request) -> web.Response:
        entries, more = self._ask(request)
        told = [
            {"id": e.id, "date_added": e.added, "version": e.version or e.added, "media_type": STIX_MEDIA}
            for e in entries
        ]
        return _page("objects", told, entries, more)

    async def _versions(self, request: web.Request) -> web.Response:
        entries, more = self._ask(request, versions=("all",))
        if not entries:
            raise web.HTTPNotFound(reason="no such object")
        return _page("versions", [e.version or e.added for e in entries], entries, more)

    def _find(self, request: web.Request) -> Collection:
        wanted = request.match_info["collection"]
        found = next((c for c in self._store.collections() if wanted in {c.id, c.name}), None)
        if found is None:
            raise web.HTTPNotFound(reason="no such collection")
        return found

    def _ask(self, request: web.Request, versions: tuple[str, ...] | None = None) -> tuple[list[Entry], bool]:
        question = _read_question(request, versions)
        entries = self._store.find(self._find(request), question)
        return entries[: question.limit], len(entries) > question.limit


def _read_question(request: web.Request, versions: tuple[str, ...] | None) -> Question:
    query = request.query

    def several(key: str) -> tuple[str, ...]:
        found = tuple(v for v in query.get(f"match[{key}]", "").split(",") if v)
        if len(found) > MATCHES_MAX:
            raise web.HTTPBadRequest(reason=f"match[{key}] has more than {MATCHES_MAX} values")
        return found

    limit, after, added_after = (
        query.get("limit", str(PAGE_DEFAULT)),
        query.get("next", "0"),
        query.get("added_after", ""),
    )
    if not (limit.isdecimal() and int(limit[:9]) > 0 and after.isdecimal() and len(after) < 19):
        raise web.HTTPBadRequest(reason="limit and next must be whole numbers")
    if added_after and not _TIME.fullmatch(added_after):
        raise web.HTTPBadRequest(reason="added_after must be a time such as 2026-01-02T03:04:05.678Z")
    if set(several("spec_version")) - {"2.1"} and "2.1" not in several("spec_version"):
        return Question(limit=1, ids=("none of that version",))
    return Question(
        limit=min(int(limit[:9]), PAGE_MAX),
        after=int(after),
        added_after=_pad(added_after),
        ids=(request.match_info["id"],) if "id" in request.match_info else several("id"),
        types=several("type"),
        versions=versions or several("version") or ("last",),
    )


def _pad(time: str) -> str:
    """With six decimals, so that it sorts as text among the others."""
    if not time:
        return ""
    whole, _, decimals = time.removesuffix("Z").partition(".")
    return f"{whole}.{decimals.ljust(6, '0')}Z"


def _describe(collection: Collection) -> dict[str, Any]:
    return {
        "id": collection.id, "alias": collection.name, "title": collection.title, "can_read": True, "can_write": False,
        "media_types": [STIX_MEDIA],
    }  # fmt: skip


def _page(name: str, told: Sequence[object], entries: list[Entry], more: bool) -> web.Response:
    body: dict[str, object] = {name: told} if told else {}
    if more:
        body |= {"more": True, "next": str(entries[-1].number)}
    added = (
        {"X-TAXII-Date-Added-First": entries[0].added, "X-TAXII-Date-Added-Last": entries[-1].added} if entries else {}
    )
    return _answer(body, headers=added)


def _answer(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), status=status, headers={"Content-Type": MEDIA} | (headers or {})
    )


def _error(status: int, title: str, *, headers: dict[str, str] | None = None) -> web.Response:
    return _answer({"title": title, "http_status": str(status)}, status=status, headers=headers)
