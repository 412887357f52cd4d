"""`tocsin feeds check` and what it asks: pages that name feeds, and several feeds at once, against a server on loopback."""

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.feeds.look import look_at_all, look_for

RSS = b"<rss version='2.0'><channel><title>Quay</title><item><title>One</title><link>https://q.example/1</link></item></channel></rss>"
PAGES = {
    "/page": (b"<html><body><a href='/good'>RSS</a> <a href='/none'>Atom</a></body></html>", ""),
    "/refresh": (b"<html><head><meta http-equiv='Refresh' content='0; URL=/good'></head><body></body></html>", ""),
    "/header": (b"<html><body><p>Hi</p></body></html>", '</good>; rel="alternate"; type="application/rss+xml"'),
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    inside = most = 0


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.inside += 1
        server.most = max(server.most, server.inside)
        if self.path.startswith("/slow"):
            time.sleep(0.3)
        body, link = PAGES.get(self.path, (b"<html><body>no</body></html>" if self.path == "/none" else RSS, ""))
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml" if body == RSS else "text/html")
        self.send_header("Content-Length", str(len(body)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(body)
        server.inside -= 1


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=one.serve_forever, daemon=True)
    thread.start()
    yield one
    one.shutdown()
    one.server_close()


def options(server: Server, path: str) -> dict[str, object]:
    return {"url": f"http://127.0.0.1:{server.server_port}{path}", "allow": ["127.0.0.1"]}


@pytest.mark.parametrize("path", ["/page", "/refresh", "/header"])
def test_what_a_page_names_is_asked_and_only_feeds_are_told(server: Server, path: str) -> None:
    good = f"http://127.0.0.1:{server.server_port}/good"
    wanted = options(server, path)
    (page,) = asyncio.run(look_at_all([(str(wanted["url"]), wanted)], progress=False))
    assert (page.is_feed, [feed.url for feed in page.feeds]) == (False, [good])
    assert path != "/page" or "which is none: not a feed" in page.findings[-1].message
    found = asyncio.run(look_for(options(server, path)))
    assert (found.is_feed, found.url) == (True, good)


def test_several_feeds_are_asked_at_once(server: Server) -> None:
    wanted = [options(server, f"/slow{n}") for n in range(6)]
    done = asyncio.run(look_at_all([(str(one["url"]), one) for one in wanted], progress=False))
    assert [one.url for one in done] == [one["url"] for one in wanted]
    assert all(one.is_feed for one in done)
    assert server.most > 1
