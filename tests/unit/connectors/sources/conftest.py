"""A server that misbehaves: one path, one behaviour, each written byte by byte over a raw socket on loopback."""

import asyncio
import contextlib
import gzip
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

RSS = (
    b"<rss version='2.0'><channel><title>Bad news</title><link>https://n.example/</link>"
    b"<item><title>One</title><link>https://n.example/1</link><guid>1</guid><description>Text of one.</description></item>"
    b"</channel></rss>"
)
STRICT_ETAG = 'W/"a \\"b\\";c=é"'
STRICT_DATE = "Sat, 7 Sep 2002 9:42:31 +0200"  # no HTTP date at all, and to be echoed all the same

Headers = dict[str, str]
Behaviour = Callable[["BadServer", Headers, asyncio.StreamWriter], Coroutine[Any, Any, None]]


def answer(
    body: bytes = b"", status: str = "200 OK", content_type: str = "application/rss+xml", **headers: str
) -> Behaviour:
    """A behaviour that is one whole, well-formed answer."""

    async def behave(server: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
        lines = {"Content-Type": content_type, "Content-Length": str(len(body))}
        lines |= {k.replace("_", "-"): v.replace("PORT", str(server.port)) for k, v in headers.items()}
        head = (
            f"HTTP/1.1 {status}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "Connection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)

    return behave


async def strict_validators(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
    """304 only for the exact bytes that were given."""
    same = asked.get("if-none-match") == STRICT_ETAG and asked.get("if-modified-since") == STRICT_DATE
    status = "304 Not Modified" if same else "200 OK"
    body = b"" if same else RSS
    head = f"HTTP/1.1 {status}\r\nETag: {STRICT_ETAG}\r\nLast-Modified: {STRICT_DATE}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)


async def drip(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silent(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.sleep(60)


async def hang_up(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
    """Closes at once."""


async def endless(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
    """A body without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>")
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b"x" * 65_536)
            await writer.drain()


def raw(answered: bytes) -> Behaviour:
    """A behaviour that is these bytes."""

    async def behave(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
        writer.write(answered)

    return behave


def redirect(to: str, status: str = "302 Found") -> Behaviour:
    """A redirect; PORT in it is the server's own."""
    return answer(b"", status, Location=to)


BEHAVIOURS: dict[str, Behaviour] = {
    "/good": answer(RSS, ETag='"1"', Cache_Control="max-age=120"),
    "/strict": strict_validators,
    "/no-validators": answer(RSS),
    "/html": answer(b"<!doctype html><html><body>Log in</body></html>", content_type="text/html"),
    "/bad-xml": answer(RSS.replace(b"</item>", b"").replace(b"One", b"One & <two")),
    "/not-xml": answer(b"Too many connections"),
    "/empty": answer(b""),
    "/gzip": answer(gzip.compress(RSS), Content_Encoding="gzip"),
    "/gzip-bomb": answer(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip"),
    "/false-gzip": answer(RSS, Content_Encoding="gzip"),
    "/unknown-encoding": answer(RSS, Content_Encoding="pack200"),
    "/wrong-charset": answer(RSS.replace(b"One", "Взрыв на рынке".encode()), content_type="text/xml; charset=iso-8859-1"),
    "/wrong-type": answer(RSS, content_type="image/png"),
    "/drip": drip,
    "/silent": silent,
    "/hang-up": hang_up,
    "/endless": endless,
    "/half": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>"),
    "/no-http": raw(b"SSH-2.0-OpenSSH_9.0\r\n"),
    "/many-headers": raw(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n"),
    "/some-headers": raw(
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(500)) + b"Content-Length: %d\r\n\r\n" % len(RSS) + RSS
    ),
    "/long-header": raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
    "/429": answer(b"", "429 Too Many Requests", Retry_After="120"),
    "/429-date": answer(b"", "429 Too Many Requests", Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"),
    "/429-bare": answer(b"", "429 Too Many Requests"),
    "/503": answer(b"", "503 Service Unavailable", Retry_After="60"),
    "/403": answer(b"", "403 Forbidden"),
    "/challenge": answer(b"<html>Just a moment</html>", "403 Forbidden", "text/html", cf_mitigated="challenge"),
    "/404": answer(b"", "404 Not Found"),
    "/410": answer(b"", "410 Gone"),
    "/500": answer(b"", "500 Internal Server Error"),
    "/204": answer(b"", "204 No Content"),
    "/301": redirect("/good", "301 Moved Permanently"),
    "/308-chain": redirect("/301", "308 Permanent Redirect"),
    "/302": redirect("/good"),
    "/301-then-302": redirect("/302", "301 Moved Permanently"),
    "/loop": redirect("/loop"),
    "/redirect-nowhere": answer(b"", "302 Found"),
    "/redirect-file": redirect("file:///etc/passwd"),
    "/redirect-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "/redirect-mapped": redirect("http://[::ffff:10.0.0.1]/"),
    "/redirect-decimal": redirect("http://2130706433:PORT/good"),
    "/redirect-private": redirect("http://10.255.255.1/"),
    "/redirect-other-loopback": redirect("http://127.9.9.9:PORT/good"),
    "/redirect-script": redirect("javascript:alert(1)"),
    "/year": answer(RSS, Cache_Control="max-age=31536000"),
    "/page": answer(
        b"<html><head><title>One</title></head><body><article><h1>One</h1>" + b"<p>A whole paragraph of the story itself, told at length.</p>" * 20
        + b"</article></body></html>",
        content_type="text/html",
    ),
}  # fmt: skip


class BadServer:
    """Serves `BEHAVIOURS` from a thread with an event loop of its own."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[tuple[str, Headers]] = []
        self._loop = asyncio.new_event_loop()
        started = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        started.wait(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
            request, *lines = head.strip().split("\r\n")
            path = request.split(" ")[1]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            self.requests.append((path, headers))
            await BEHAVIOURS[path](self, headers, writer)
            await writer.drain()
        writer.close()

    def url(self, path: str) -> str:
        """The address of a behaviour."""
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


@pytest.fixture(scope="module")
def bad_server() -> Iterator[BadServer]:
    """The server, shared by the tests of a module."""
    server = BadServer()
    yield server
    server.close()
