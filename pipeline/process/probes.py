"""What a process tells whoever watches it: `/metrics` for Prometheus, `/health/live` and `/health/ready` for a supervisor.

Served when `metrics.listen` or `$TOCSIN_METRICS` says where, as in 127.0.0.1:9464; the variable wins, because several processes of one
machine share a configuration and not a port. Every main loop calls `beat` each time round. A process that
has not beaten for `LIVE_S_MAX` is stuck and may be killed; one that has not for `READY_S_MAX`, or never, makes no progress: Kafka or the store
is away, or it still starts. Under systemd the first beat says READY=1, and each one feeds the watchdog.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import make_wsgi_app

from pipeline import __version__
from pipeline.errors import ConfigError
from pipeline.process import metrics

VARIABLE = "TOCSIN_METRICS"
LIVE_S_MAX = 180.0
"""Longer than a batch may take (extract's limit of 146 s for 64 articles, and a minute of waiting for a server is spent in a loop that ends)."""
READY_S_MAX = 30.0
NOTIFY_S = 1.0
"""The least time between two notes to systemd."""

StartResponse = Callable[[str, list[tuple[str, str]]], object]
log = structlog.get_logger()


class Heart:
    """When the main loop last came round. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._beaten: float | None = None
        self._told = 0.0

    def beat(self) -> None:
        """The loop came round."""
        now = self._clock()
        first, self._beaten = self._beaten is None, now
        if first or now - self._told >= NOTIFY_S:
            self._told = now
            notify("READY=1\nWATCHDOG=1" if first else "WATCHDOG=1")

    def is_live(self) -> bool:
        """Not stuck."""
        return self._clock() - (self._beaten if self._beaten is not None else self._started) < LIVE_S_MAX

    def is_ready(self) -> bool:
        """Making progress, or would if there were something to do."""
        return self._beaten is not None and self._clock() - self._beaten < READY_S_MAX


HEART = Heart()
_served: list[str] = []
_lock = threading.Lock()


def beat() -> None:
    """This process's main loop came round."""
    HEART.beat()


def notify(message: str) -> None:
    """Tell systemd, if it asked to be told (sd_notify(3)); a socket that is gone is nobody's problem."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
            to.connect("\0" + address[1:] if address.startswith("@") else address)
            to.sendall(message.encode())
    except OSError as error:
        log.debug("notify_failed", error=str(error))


def parse_address(listen: str) -> tuple[str, int]:
    """Host and port of HOST:PORT. Raises `ConfigError`."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"metrics.listen: {listen!r} is not of the form HOST:PORT, as in 127.0.0.1:9464")
    return host.strip("[]"), int(port)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 16


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds for a request; a probe that stalls holds one thread so long

    def log_message(self, *_: object) -> None:
        return None


def make_app(heart: Heart) -> Callable[[dict[str, object], StartResponse], Iterable[bytes]]:
    """The three addresses, as a WSGI application."""
    expose = make_wsgi_app()

    def app(environ: dict[str, object], start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            return expose(environ, start)  # type: ignore[no-any-return]
        if path not in {"/health/live", "/health/ready"}:
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics, /health/live, /health/ready\n"]
        well = heart.is_live() if path == "/health/live" else heart.is_ready()
        start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"ok\n" if well else b"no progress\n"]

    return app


def serve(listen: str = "") -> int | None:
    """Serve from a thread of its own, once a process; the port, None when nothing says where.

    Raises `ConfigError` for an address that is none or is taken.
    """
    wanted = os.environ.get(VARIABLE) or listen
    with _lock:
        if not wanted or _served:
            return None
        host, port = parse_address(wanted)
        kind = _Server6 if ":" in host else _Server
        try:
            server = make_server(host, port, make_app(HEART), server_class=kind, handler_class=_Quiet)
        except OSError as error:
            raise ConfigError(f"metrics.listen: can't listen on {wanted}: {error.strerror or error}") from error
        _served.append(wanted)
    metrics.BUILD.info({"version": __version__})
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    log.info("probes", listen=f"{host}:{server.server_port}")
    return server.server_port
