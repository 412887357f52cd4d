"""An HTTP receiver on loopback that does what receivers do: takes, refuses, stalls, cuts off."""

import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Literal, NamedTuple

Fault = int | Literal["silence", "half an answer", "closed connection", "half a head"] | tuple[int, dict[str, str]]
"""A status, with headers; or a way of not answering."""


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = MappingProxyType({"Content-Type": "application/json"})


class Receiver:
    """`faults` are spent one a request; after them `answer` answers. `requests` has all, `taken` those answered with 2xx, in order."""

    def __init__(self, answer: Callable[[Request], Answer] = lambda _: Answer()) -> None:
        self.faults: deque[Fault] = deque()
        self.requests: list[Request] = []
        self.taken: list[Request] = []
        self.released = threading.Event()
        self.answer = answer
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {k.lower(): v for k, v in self.headers.items()}
                receiver.serve(self, Request(self.command, self.path, headers, body))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the library looks for these

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer_after(self, taken: int, fault: Fault) -> None:
        """Take so many, then do that for ever (until `faults` is cleared)."""
        self.faults.extend([200] * taken)
        self.faults.extend([fault] * 10_000)

    def serve(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        self.requests.append(request)
        fault = self.faults.popleft() if self.faults else None
        if fault is None:
            answer = self.answer(request)
            if 200 <= answer.status < 300:
                self.taken.append(request)
        elif isinstance(fault, str):
            self._fail(handler, fault)
            return
        else:
            status, headers = fault if isinstance(fault, tuple) else (fault, {})
            answer = Answer(status, b"no", headers)
            if 200 <= status < 300:
                self.taken.append(request)
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def _fail(self, handler: BaseHTTPRequestHandler, fault: str) -> None:
        if fault == "silence":
            self.released.wait(60)
        elif fault == "half an answer":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{half")
        elif fault == "half a head":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
