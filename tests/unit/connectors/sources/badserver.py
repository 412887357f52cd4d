"""A server that misbehaves: one path, one behaviour, each written byte by byte over a raw socket on loopback.

`BEHAVIOURS` is what it does; `EXPECTED` is what a poll of it must come to, checked for every one in `test_badserver.py`.
"""

import asyncio
import contextlib
import gzip
import threading
import zlib
from collections.abc import Callable, Coroutine
from typing import Any

import brotli
import zstandard

from tests.unit.connectors.sources import documents

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


def sequence(*behaviours: Behaviour) -> Behaviour:
    """One behaviour after the other, the last for ever."""
    met = 0

    async def behave(server: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        met += 1
        await behaviours[min(met, len(behaviours)) - 1](server, asked, writer)

    return behave


def conditional(document: Callable[[int], bytes], *, frozen: bool = False, delta: bool = False) -> Behaviour:
    """A feed that changes at every request, behind an ETag; `frozen`: behind one that never does; `delta`: RFC 3229."""
    count = 0

    async def behave(server: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        etag = '"frozen"' if frozen else f'"{count}"'
        if frozen and asked.get("if-none-match") == etag:
            return await answer(b"", "304 Not Modified", ETag=etag)(server, asked, writer)
        if delta and asked.get("if-none-match") and "feed" in asked.get("a-im", ""):
            return await answer(document(count), "226 IM Used", IM="feed", ETag=etag)(server, asked, writer)
        return await answer(document(count), ETag=etag)(server, asked, writer)

    return behave


async def slow_headers(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
    """A header now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X-Slow: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def only_hints(_: "BadServer", asked: Headers, writer: asyncio.StreamWriter) -> None:
    """Informational answers without an end, and never the real one."""
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Behaviour:
    """A chunked body."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return raw(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + end
    )


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
    "/unknown-encoding": answer(b"\x1f\x9d\x90" + RSS, Content_Encoding="compress"),
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
    # what is odd and readable
    "/http10": raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + RSS),
    "/early-hints": raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(RSS) + RSS),
    "/chunked": chunked(RSS[:40], RSS[40:]),
    "/no-type": raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(RSS) + RSS),
    "/octets": answer(RSS, content_type="application/octet-stream"),
    "/cookies": answer(RSS, Set_Cookie="id=1; Path=/"),
    "/etag-bytes": raw(b'HTTP/1.1 200 OK\r\nETag: "caf\xe9"\r\nContent-Length: %d\r\n\r\n' % len(RSS) + RSS),
    "/last-modified-2041": answer(RSS, Last_Modified="Tue, 01 Jan 2041 00:00:00 GMT"),
    "/deflate": answer(zlib.compress(RSS), Content_Encoding="deflate"),
    "/deflate-raw": answer(zlib.compress(RSS)[2:-4], Content_Encoding="deflate"),
    "/brotli": answer(brotli.compress(RSS), Content_Encoding="br"),
    "/zstd": answer(zstandard.compress(RSS), Content_Encoding="zstd"),
    "/double-gzip": answer(gzip.compress(gzip.compress(RSS)), Content_Encoding="gzip, gzip"),
    "/unsaid-gzip": answer(gzip.compress(RSS)),
    "/redirect-relative": redirect("good"),
    "/redirect-no-scheme": redirect("//127.0.0.1:PORT/good"),
    "/redirect-fragment": redirect("/good#top"),
    "/redirect-user": redirect("http://me:secret@127.0.0.1:PORT/good"),
    "/303": redirect("/good", "303 See Other"),
    # compressed attacks
    "/brotli-bomb": answer(brotli.compress(b" " * 50_000_000), Content_Encoding="br"),
    "/zstd-bomb": answer(zstandard.compress(b" " * 50_000_000), Content_Encoding="zstd"),
    "/nested-bomb": answer(gzip.compress(gzip.compress(b" " * 50_000_000)), Content_Encoding="gzip, gzip"),
    "/triple-gzip": answer(RSS, Content_Encoding="gzip, gzip, gzip"),
    "/broken-gzip": answer(gzip.compress(RSS)[:10] + b"\xff" * 40, Content_Encoding="gzip"),
    # broken HTTP
    "/broken-chunks": chunked(RSS, end=b"zz\r\n\r\n"),
    "/cut-chunks": chunked(RSS, end=b"ff\r\n<it"),
    "/two-lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n" + RSS),
    "/bad-status-line": raw(b"HTTP/1.1 abc\r\n\r\n"),
    "/bad-header": raw(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
    "/slow-headers": slow_headers,
    "/only-hints": only_hints,
    # statuses
    "/401": answer(b"", "401 Unauthorized", WWW_Authenticate='Basic realm="x"'),
    "/304-unasked": answer(b"", "304 Not Modified"),
    "/206": answer(RSS, "206 Partial Content"),
    "/451": answer(b"", "451 Unavailable For Legal Reasons"),
    "/503-date": answer(b"", "503 Service Unavailable", Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"),
    "/429-huge": answer(b"", "429 Too Many Requests", Retry_After="317100"),
    "/429-negative": answer(b"", "429 Too Many Requests", Retry_After="-5"),
    "/challenge-200": answer(b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>", content_type="text/html"),
    # redirects to where nobody may go, in every notation
    "/redirect-octal": redirect("http://0177.0.0.1:PORT/good"),
    "/redirect-hex": redirect("http://0x7f090909:PORT/good"),
    "/redirect-short": redirect("http://127.1:PORT/good"),
    "/redirect-zero": redirect("http://0.0.0.0:PORT/good"),
    "/redirect-zero-6": redirect("http://[::]:PORT/good"),
    "/redirect-link-local": redirect("http://[fe80::1]/"),
    "/redirect-unique-local": redirect("http://[fd00::1]/"),
    "/redirect-nat64": redirect("http://[64:ff9b::a9fe:a9fe]/"),
    "/redirect-6to4": redirect("http://[2002:a00:1::]/"),
    "/redirect-metadata-6": redirect("http://[fd00:ec2::254]/latest/"),
    "/redirect-mail": redirect("http://192.0.2.1:25/"),
    "/redirect-long": redirect("http://127.0.0.1:PORT/" + "a" * 4_000),
    "/redirect-broken": redirect("http://[::1"),
    "/meta-refresh": answer(b'<html><head><meta http-equiv=refresh content="0;url=http://169.254.169.254/"></head></html>', content_type="text/html"),
    # documents
    "/utf16": answer(documents.RUSSIAN.encode("utf-16"), content_type="application/xml"),
    "/utf8-declared-1251": answer(documents.RUSSIAN.replace("?>", ' encoding="windows-1251"?>').encode()),
    "/1251-declared-utf8": answer(documents.RUSSIAN.replace("?>", ' encoding="utf-8"?>').encode("cp1251")),
    "/blank-first": answer(b"\n\n  " + documents.RUSSIAN.encode()),
    "/double-declaration": answer(b"<?xml?xml version='1.0'?>" + RSS),
    "/nul-bytes": answer(RSS.replace(b"Text", b"Te\x00xt")),
    "/json-feed": answer(documents.JSON_FEED, content_type="application/feed+json"),
    "/json-error": answer(b'{"error": "rate limited"}', content_type="application/json"),
    "/atom": answer(documents.ATOM, content_type="application/atom+xml"),
    "/no-entries": answer(b"<rss version='2.0'><channel><title>Quiet</title></channel></rss>"),
    "/bare-entry": answer(documents.rss("<item><description>Words alone, no guid, no link, no date.</description></item>")),
    "/opml": answer(b"<opml version='2.0'><body/></opml>", content_type="text/xml"),
    "/php-warning": answer(b"<br />\n<b>Warning</b>: Undefined index in /var/www/feed.php\n" + RSS),
    "/cut-short": answer(RSS[: RSS.index(b"</item>")]),
    "/same-guid": answer(documents.rss(*(documents.item(n, guid="same") for n in range(3)))),
    "/same-link": answer(documents.rss(*(documents.item(n, link="https://n.example/all") for n in range(3)))),
    "/guid-churn": conditional(lambda n: documents.rss(documents.item(1, guid=f"new-{n}"))),
    "/http-to-https": conditional(lambda n: documents.rss(documents.item(1, guid=f"http{'s' * (n % 2)}://n.example/1", link=f"http{'s' * (n % 2)}://n.example/1"))),
    "/two-back-ends": conditional(lambda n: documents.rss(*(documents.item(i) for i in ((1, 2), (3, 4))[n % 2]))),
    "/frozen-etag": conditional(lambda n: documents.rss(documents.item(n)), frozen=True),
    "/delta": conditional(lambda n: documents.rss(documents.item(n)), delta=True),
    "/gap": conditional(lambda n: documents.rss(*(documents.item(i, day=n) for i in range(n * 10 + 9, n * 10 - 1, -1)))),
    "/future": answer(documents.rss(documents.item(1).replace("</item>", "<pubDate>Sat, 01 Jan 2095 00:00:00 GMT</pubDate></item>"))),
    "/entities": answer(documents.LAUGHS),
    "/external-entity": answer(documents.EXTERNAL),
    "/deep": answer(documents.rss("<item><title>One</title>" + "<a>" * 600_000 + "</item>")),
    "/many-entries": answer(documents.rss(*("<item><title>t</title></item>" for _ in range(30_000)))),
    "/less-than": answer(b"<rss version='2.0'><channel><item><title>" + b"<" * 900_000),
    "/ampersands": answer(b"<rss version='2.0'><channel><item><title>" + b"&" * 900_000 + b"</title></item></channel></rss>"),
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
        started.wait(120)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
            request, *lines = head.strip().split("\r\n")
            path = request.split(" ")[1]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            self.requests.append((path, headers))
            await BEHAVIOURS[path.partition("?")[0]](self, headers, writer)
            await writer.drain()
        writer.close()

    def url(self, path: str) -> str:
        """The address of a behaviour."""
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)


# What a poll comes to: so many articles, or the one word of its failure; "304" for a document that is said to be unchanged.
EXPECTED: dict[str, int | str] = {
    **dict.fromkeys(
        (
            "/good", "/strict", "/no-validators", "/bad-xml", "/gzip", "/false-gzip", "/wrong-charset", "/wrong-type", "/some-headers", "/301",
            "/308-chain", "/302", "/301-then-302", "/303", "/year", "/http10", "/early-hints", "/chunked", "/no-type", "/octets", "/cookies",
            "/etag-bytes", "/last-modified-2041", "/deflate", "/deflate-raw", "/brotli", "/zstd", "/double-gzip", "/unsaid-gzip",
            "/redirect-relative", "/redirect-no-scheme", "/redirect-fragment", "/redirect-user", "/utf16", "/utf8-declared-1251",
            "/1251-declared-utf8", "/blank-first", "/double-declaration", "/nul-bytes", "/json-feed", "/atom", "/bare-entry", "/php-warning",
            "/cut-short", "/guid-churn", "/http-to-https", "/frozen-etag", "/delta", "/future", "/entities", "/external-entity", "/ampersands",
        ),
        1,
    ),
    "/no-entries": 0, "/same-guid": 3, "/same-link": 3, "/two-back-ends": 2, "/gap": 10, "/many-entries": 1, "/deep": "too-costly",
    "/less-than": 0,
    **dict.fromkeys(("/html", "/not-xml", "/empty", "/page", "/challenge-200", "/meta-refresh", "/json-error", "/opml"), "not-a-feed"),
    **dict.fromkeys(("/gzip-bomb", "/endless", "/brotli-bomb", "/zstd-bomb", "/nested-bomb"), "too-large"),
    **dict.fromkeys(("/unknown-encoding", "/triple-gzip", "/broken-gzip"), "bad-encoding"),
    **dict.fromkeys(("/drip", "/silent", "/slow-headers", "/only-hints"), "timeout"),
    **dict.fromkeys(
        ("/hang-up", "/half", "/no-http", "/many-headers", "/long-header", "/broken-chunks", "/cut-chunks", "/two-lengths", "/bad-status-line",
         "/bad-header"),
        "protocol",
    ),
    **dict.fromkeys(("/429", "/429-date", "/429-bare", "/429-huge", "/429-negative", "/503", "/503-date"), "rate-limited"),
    **dict.fromkeys(("/401", "/403", "/404", "/500", "/204", "/206", "/451", "/redirect-nowhere"), "status"),
    "/410": "gone", "/challenge": "challenge", "/304-unasked": "304", "/loop": "bad-redirect",
    **dict.fromkeys(("/redirect-file", "/redirect-script", "/redirect-long", "/redirect-broken", "/redirect-decimal", "/redirect-octal", "/redirect-short"), "bad-url"),
    **dict.fromkeys(
        ("/redirect-metadata", "/redirect-mapped", "/redirect-private", "/redirect-other-loopback", "/redirect-zero", "/redirect-zero-6", "/redirect-hex",
         "/redirect-link-local", "/redirect-unique-local", "/redirect-nat64", "/redirect-6to4", "/redirect-metadata-6", "/redirect-mail"),
        "blocked-address",
    ),
}  # fmt: skip
