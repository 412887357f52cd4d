"""The loopback server of a run's feeds: what the newsroom has published so far, and a log of what was handed out."""

import hashlib
import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from msgspec import Struct

from tests.chaos.newsroom import OUTLETS, Wording

HELD_S = 150.0
"""How long an entry stands in its feed: longer than any outage of a run, so that nobody may miss one."""

ENTRY = (
    "<item><guid isPermaLink='false'>{guid}</guid><link>{url}</link><title>{title}</title>"
    "<description>{text}</description><pubDate>{date}</pubDate></item>"
)


class Served(Struct, frozen=True):
    """One answer with a document, that the client took whole."""

    at: float  # Unix seconds
    outlet: int
    wordings: tuple[int, ...]  # positions in the run's list


class _Server(ThreadingHTTPServer):
    """Says nothing when a client goes away in the middle: clients are killed here all the time."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        return


class FeedServer:
    """Serves every outlet's feed from the moment of `open`, on loopback ports of its own."""

    def __init__(self, wordings: list[Wording]) -> None:
        self._wordings = wordings
        self.served: list[Served] = []
        self.opened_at = float("inf")  # Unix seconds
        self._closed_s: float | None = None
        self._lock = threading.Lock()
        self._servers = [_Server(("127.0.0.1", 0), self._make_handler(outlet)) for outlet in range(OUTLETS)]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, name="feeds", daemon=True).start()

    @property
    def urls(self) -> list[str]:
        """One feed for each outlet, at a port of its own: connectors are polite to each host."""
        return [f"http://127.0.0.1:{server.server_address[1]}/feed.xml" for server in self._servers]

    def open(self) -> None:
        """The run begins now."""
        self.opened_at = time.time()

    def freeze(self) -> None:
        """Publish nothing more, and let nothing leave: the documents stay as they are now."""
        self._closed_s = time.time() - self.opened_at

    def close(self) -> None:
        """Serve no more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def standing(self, outlet: int) -> list[int]:
        """The positions of the wordings that stand in a feed now, newest first: the latest edition of each entry."""
        now_s = self._closed_s if self._closed_s is not None else time.time() - self.opened_at
        latest: dict[int, int] = {}
        for position, wording in enumerate(self._wordings):
            if wording.at_s > now_s:
                break
            if wording.outlet == outlet and now_s - wording.at_s < HELD_S:
                latest[wording.entry] = position
        return sorted(latest.values(), reverse=True)

    def document(self, positions: list[int]) -> bytes:
        """The RSS document."""
        items = []
        for position in positions:
            wording = self._wordings[position]
            date = format_datetime(datetime.fromtimestamp(self.opened_at + wording.at_s, UTC))
            items.append(
                ENTRY.format(
                    guid=wording.guid,
                    url=wording.url,
                    title=escape(wording.title),
                    text=escape(wording.text),
                    date=date,
                )
            )
        head = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Invented outlet</title>"
        return (head + "".join(items) + "</channel></rss>").encode()

    def _make_handler(self, outlet: int) -> type[BaseHTTPRequestHandler]:
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                positions = feeds.standing(outlet)
                body = feeds.document(positions)
                tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
                unchanged = self.headers.get("If-None-Match") == tag
                self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK)
                self.send_header("ETag", tag)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", "0" if unchanged else str(len(body)))
                self.end_headers()
                if not unchanged:
                    self.wfile.write(body)
                    with feeds._lock:
                        feeds.served.append(Served(time.time(), outlet, tuple(positions)))

            def log_message(self, *_: object) -> None:
                return

        return Handler
