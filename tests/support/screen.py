"""The screen served from this process, on a port of its own; and a store with invented alerts to look at."""

import asyncio
import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import psycopg
from aiohttp import web

from connectors.web.app import make_app
from pipeline.config import Config
from pipeline.records import Alert, Article
from pipeline.store import articles, incidents
from tests.support.sinks import free_port

OPEN_S_MAX = 120


@contextmanager
def serve(config: Config) -> Iterator[str]:
    """The address while it is served; `config.web.listen` names host and port."""
    ready, ended = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    app = make_app(config)
    host, _, port = config.web.listen.rpartition(":")

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, host, int(port)).start()
        ready.set()
        await ended.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(OPEN_S_MAX)
    try:
        yield f"http://{config.web.listen}"
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join(OPEN_S_MAX)


def address() -> str:
    """A loopback address that nobody has."""
    return f"127.0.0.1:{free_port()}"


class Visitor:
    """A browser without a screen: keeps cookies, follows nothing."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.cookie = ""
        self.headers: http.client.HTTPMessage | None = None

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(form).encode(), kind | dict(headers or {}))

    def token(self, path: str = "/rules") -> str:
        """What the forms of a page carry."""
        _, body = self.get(path)
        return body.partition('name="csrf" value="')[2].partition('"')[0]

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.host, timeout=OPEN_S_MAX)
        given = {**({"Cookie": self.cookie} if self.cookie else {}), **headers}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        self.headers = answer.headers
        if kept := answer.headers.get("Set-Cookie"):
            self.cookie = kept.partition(";")[0]
        text = answer.read().decode()
        connection.close()
        return answer.status, text


def keep(url: str, alerts: list[Alert], told: list[Article] = []) -> None:  # noqa: B006 - only read
    """Put alerts, and the articles that they quote, into the store."""
    with psycopg.connect(url) as connection:
        for alert in alerts:
            connection.execute(
                "INSERT INTO incidents (incident_id, category, first_seen, last_seen) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (alert.incident, alert.category, alert.first_seen, alert.last_seen),
            )
            incidents.keep_alert(connection, alert)
        articles.keep(connection, told)
