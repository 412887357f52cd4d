"""How each registered sink is set up in the contract tests, and how a receiver's owner would read what came.

A new sink adds a class here and a line to `ARRANGE`.
"""

import asyncio
import contextlib
import csv
import io
import json
import re
import secrets
import socket
import sqlite3
import ssl
import threading
import time
from collections import deque
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import feedparser
import msgspec
import psycopg
import pyarrow.parquet as pq
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session
from pymisp import MISPEvent
from standardwebhooks.webhooks import Webhook
from taxii2client.v21 import Collection, as_pages

from connectors.registry import SINKS, load
from connectors.sinks.mispevents import revision_of as misp_revision
from connectors.sinks.sink import Memory, Sink
from connectors.sinks.stixobjects import revision_of
from connectors.sinks.taxiistore import Collection as Shelf
from deploy.local import ports
from tests.support.receiver import Answer, Fault, Receiver, Request

Delivered = list[tuple[str, int]]

HTTP_AWAY: tuple[Fault, ...] = (
    500, 502, 503, (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 504, (429, {"Retry-After": "7"}), 408, 401, 403, 404, 410,
    (302, {"Location": "http://127.0.0.1:9/"}), "silence", "half an answer", "half a head", "closed connection",
)  # fmt: skip
HTTP_REFUSES: tuple[Fault, ...] = (400, 413, 422)
PATIENT_S = 60.0
"""How long a sink waits for a receiver that will answer, however busy the machine."""
SILENCE_S = 3.0
"""And for one that will not."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"


class Arrangement:
    """One kind of sink with its receiver."""

    kind: ClassVar[str]
    away: ClassVar[tuple[Fault, ...]] = ()
    refuses: ClassVar[tuple[Fault, ...]] = ()
    timeout_s = PATIENT_S

    def __init__(self, tmp_path: Path) -> None:
        self.path = tmp_path

    def options(self) -> dict[str, Any]:
        raise NotImplementedError

    def delivered(self) -> Delivered:
        """What the receiver's owner has, once the repeats are dropped by their key."""
        raise NotImplementedError

    def fail(self, *faults: Fault) -> None:
        """Make the receiver do these, one a request."""
        raise NotImplementedError

    def text(self) -> str:
        """All that came, as text: what is JSON as JSON without escapes."""
        files = [p for p in sorted(self.path.rglob("*")) if p.is_file()]
        return "\n".join(unescaped(p.read_bytes()) for p in files)

    def make(self, memory: Memory, **more: Any) -> Sink:
        """The sink, open, as the registry makes it."""
        shape, built = load(SINKS, self.kind, "test")
        sink: Sink = built("example", msgspec.convert({"type": self.kind} | self.options() | more, shape))
        sink.open(memory)
        return sink

    def close(self) -> None:
        pass


class Jsonl(Arrangement):
    kind = "jsonl"

    def options(self) -> dict[str, Any]:
        return {"path": str(self.path / "out.jsonl")}

    def delivered(self) -> Delivered:
        lines = (self.path / "out.jsonl").read_bytes().splitlines()
        return [(line["alert_id"], line["revision"]) for line in map(json.loads, lines)]


def unescaped(raw: bytes) -> str:
    """JSON, or lines of JSON, without escapes; other text as it is."""
    text = raw.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


class OverHttp(Arrangement):
    """A sink whose receiver speaks HTTP."""

    away = HTTP_AWAY
    refuses = HTTP_REFUSES

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.receiver = Receiver()

    def fail(self, *faults: Fault) -> None:
        self.receiver.faults.extend(faults)

    def text(self) -> str:
        return "\n".join(unescaped(r.body) for r in self.receiver.taken)

    def close(self) -> None:
        self.receiver.close()


class WebhookArrangement(OverHttp):
    kind = "webhook"

    def options(self) -> dict[str, Any]:
        return {"url": f"{self.receiver.url}/hook", "secrets": [SECRET], "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        found = {}
        for request in self.receiver.taken:
            body: Any = Webhook(SECRET).verify(request.body, request.headers)
            found.setdefault(request.headers["webhook-id"], (body["data"]["alert_id"], body["data"]["revision"]))
        return list(found.values())


class Mailbox:
    """What aiosmtpd hands over; `faults` are spent one a mail."""

    def __init__(self) -> None:
        self.faults: deque[Fault] = deque()
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self.faults.popleft() if self.faults else None
        match fault:
            case None:
                raw = envelope.content
                assert isinstance(raw, bytes)
                self.mails.append(message_from_bytes(raw, policy=default))
                return "250 taken"
            case "silence":
                await asyncio.sleep(60)
            case "half an answer":
                server.transport.write(b"25")
                server.transport.close()
            case "closed connection":
                server.transport.abort()
        return f"{fault} no"


class Mail(Arrangement):
    kind = "mail"
    away = (451, 421, "silence", "half an answer", "closed connection")
    refuses = (552, 554)

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.box = Mailbox()
        self.server = Controller(self.box, hostname="127.0.0.1", port=free_port())
        self.server.start()

    def options(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1", "port": self.server.port, "security": "none", "sender": "tocsin@example.org",
            "recipients": ["duty@example.org", "soc@example.org"], "timeout_s": self.timeout_s,
        }  # fmt: skip

    def fail(self, *faults: Fault) -> None:
        self.box.faults.extend(faults)

    def delivered(self) -> Delivered:
        found = {}
        for mail in self.box.mails:
            alert_id, revision, _ = str(mail["X-Tocsin-Alert"]).split("; ")
            found.setdefault(mail["Message-ID"], (alert_id, int(revision.removeprefix("revision="))))
        return list(found.values())

    def text(self) -> str:
        return "\n".join(
            part.get_content() for mail in self.box.mails for part in mail.walk() if not part.is_multipart()
        )

    def close(self) -> None:
        self.server.stop(no_assert=True)


class StixFiles(Arrangement):
    kind = "stix"

    def options(self) -> dict[str, Any]:
        return {"path": str(self.path / "stix")}

    def delivered(self) -> Delivered:
        bundles = [json.loads(p.read_bytes()) for p in (self.path / "stix").glob("*.json")]
        return [revision_of(o) for b in bundles for o in b["objects"] if o["type"] == "report"]


class Taxii(Arrangement):
    """Read by the client of OASIS, page by page."""

    kind = "taxii"

    def options(self) -> dict[str, Any]:
        return {
            "listen": "127.0.0.1:0", "path": str(self.path / "t.sqlite"), "username": "partner", "password": "pa55word"
        }  # fmt: skip

    def delivered(self) -> Delivered:
        shape, built = load(SINKS, self.kind, "test")
        reader = built("reader", msgspec.convert({"type": self.kind} | self.options(), shape))
        reader.open(None)
        try:
            return [revision_of(o) for o in read_collection(reader.port, "all") if o["type"] == "report"]
        finally:
            reader.close()

    def text(self) -> str:
        reader = load(SINKS, self.kind, "test")[1](
            "reader", msgspec.convert(self.options(), load(SINKS, self.kind, "test")[0])
        )
        reader.open(None)
        try:
            return json.dumps(read_collection(reader.port, "all"), ensure_ascii=False)
        finally:
            reader.close()


def read_collection(port: int, alias: str, **filters: Any) -> list[dict[str, Any]]:
    """All pages of a collection, as the client of OASIS reads them."""
    url = f"http://127.0.0.1:{port}/tocsin/collections/{Shelf(alias, '').id}/"
    collection = Collection(url, user="partner", password="pa55word")
    found: list[dict[str, Any]] = []
    for page in as_pages(collection.get_objects, per_request=7, **filters):
        found += page.get("objects", [])
    collection.close()
    return found


class CsvArrangement(Arrangement):
    kind = "csv"

    def options(self) -> dict[str, Any]:
        return {"path": str(self.path / "out.csv")}

    def delivered(self) -> Delivered:
        with (self.path / "out.csv").open(newline="", encoding="utf-8") as file:
            return [(row["alert_id"], int(row["revision"])) for row in csv.DictReader(file)]


class ParquetArrangement(Arrangement):
    kind = "parquet"

    def options(self) -> dict[str, Any]:
        return {"path": str(self.path / "lake"), "rows_max": 20}

    def delivered(self) -> Delivered:
        tables = [pq.read_table(p) for p in sorted((self.path / "lake").glob("*.parquet"))]
        assert all(t.num_rows <= 20 for t in tables)
        return [(r["alert_id"], r["revision"]) for t in tables for r in t.to_pylist()]

    def text(self) -> str:
        return str([pq.read_table(p).to_pylist() for p in sorted((self.path / "lake").glob("*.parquet"))])


class SqliteArrangement(Arrangement):
    kind = "sqlite"

    def options(self) -> dict[str, Any]:
        return {"path": str(self.path / "out.sqlite")}

    def delivered(self) -> Delivered:
        with contextlib.closing(sqlite3.connect(self.path / "out.sqlite")) as db:
            return list(db.execute("SELECT alert_id, revision FROM alerts"))

    def text(self) -> str:
        with contextlib.closing(sqlite3.connect(self.path / "out.sqlite")) as db:
            return str(db.execute("SELECT * FROM alerts").fetchall())


class PostgresArrangement(Arrangement):
    """A real server of the embedded kind, started once for all these tests."""

    kind = "postgres"
    url: ClassVar[str] = ""

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.table = f"t{secrets.token_hex(6)}"

    def options(self) -> dict[str, Any]:
        return {"url": self.url, "table": self.table, "timeout_s": 10}

    def delivered(self) -> Delivered:
        with psycopg.connect(self.url) as db:
            return [(str(a), int(r)) for a, r in db.execute(f"SELECT alert_id, revision FROM {self.table}").fetchall()]

    def text(self) -> str:
        with psycopg.connect(self.url) as db:
            return str(db.execute(f"SELECT * FROM {self.table}").fetchall())


class MispArrangement(OverHttp):
    """A server that takes events as MISP's API does: only later timestamps, `add` once, `edit` of what is there, which keeps what it does not name."""

    kind = "misp"

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.events: dict[str, dict[str, Any]] = {}
        self.receiver.answer = self._answer

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != "k" * 40:
            return Answer(403, b'{"message": "Authentication failed"}')
        event = json.loads(request.body)["Event"]
        there = self.events.get(event["uuid"])
        if request.path == "/events/add":
            if there:
                return Answer(403, b'{"message": "Event already exists, if you would like to edit it, use the url"}')
        elif not there or request.path != f"/events/edit/{event['uuid']}":
            return Answer(404, b'{"name": "Invalid event", "message": "Invalid event"}')
        elif int(event["timestamp"]) <= int(there["timestamp"]):
            return Answer(200, json.dumps({"Event": there}).encode())
        MISPEvent().from_dict(Event=json.loads(request.body)["Event"])
        if there:
            for part in ("Attribute", "Object"):
                event[part] = list(({o["uuid"]: o for o in [*there.get(part, []), *event.get(part, [])]}).values())
        gone = {t["name"] for t in event["Tag"] if t.get("deleted")}
        tags = [*(there["Tag"] if there else []), *event["Tag"]]
        event["Tag"] = list({t["name"]: t for t in tags if t["name"] not in gone}.values())
        self.events[event["uuid"]] = event
        return Answer(200, json.dumps({"Event": event}).encode())

    def options(self) -> dict[str, Any]:
        return {"url": self.receiver.url, "api_key": "k" * 40, "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        return [misp_revision(e) for e in self.events.values()]


class MispFeedArrangement(Arrangement):
    kind = "misp-feed"

    def options(self) -> dict[str, Any]:
        return {"path": str(self.path / "feed")}

    def delivered(self) -> Delivered:
        manifest = json.loads((self.path / "feed" / "manifest.json").read_bytes())
        events = [json.loads((self.path / "feed" / f"{uuid}.json").read_bytes())["Event"] for uuid in manifest]
        return [misp_revision(e) for e in events]


class Hook(OverHttp):
    """A chat behind an incoming webhook."""

    def options(self) -> dict[str, Any]:
        return {"hook_url": f"{self.receiver.url}/hooks/5ecre7", "timeout_s": self.timeout_s}

    def key(self, message: Any) -> tuple[str, int]:
        raise NotImplementedError

    def delivered(self) -> Delivered:
        return list(dict.fromkeys(self.key(json.loads(r.body)) for r in self.receiver.taken))


class Slack(Hook):
    kind = "slack"

    def key(self, message: Any) -> tuple[str, int]:
        payload = message["metadata"]["event_payload"]
        return payload["alert_id"], payload["revision"]


class Mattermost(Hook):
    kind = "mattermost"

    def key(self, message: Any) -> tuple[str, int]:
        return message["props"]["tocsin"]["alert_id"], message["props"]["tocsin"]["revision"]


class Teams(Hook):
    kind = "teams"

    def key(self, message: Any) -> tuple[str, int]:
        alert_id, _, revision = message["attachments"][0]["content"]["id"].partition("/")
        return alert_id, int(revision)


class Discord(Hook):
    """Keeps messages, so that they can be changed."""

    kind = "discord"

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.messages: dict[str, Any] = {}
        self.receiver.answer = self._answer

    def _answer(self, request: Request) -> Answer:
        path, _, query = request.path.partition("?")
        message = json.loads(request.body)
        if request.method == "PATCH":
            number = path.rpartition("/messages/")[2]
            if number not in self.messages:
                return Answer(404, b'{"message": "Unknown Message", "code": 10008}')
        else:
            assert query == "wait=true"
            number = str(len(self.messages) + 1)
        self.messages[number] = message
        return Answer(200, json.dumps({"id": number}).encode())

    def delivered(self) -> Delivered:
        found = []
        for message in self.messages.values():
            words = message["embeds"][0]["footer"]["text"].split()
            found.append((words[-3], int(words[-1])))
        return found


class Telegram(OverHttp):
    kind = "telegram"
    refuses = (400, 413)

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.receiver.answer = self._answer

    def _answer(self, request: Request) -> Answer:
        assert request.path == "/bot1:5ecre7/sendMessage"
        return Answer(200, json.dumps({"ok": True, "result": {"message_id": len(self.receiver.requests)}}).encode())

    def options(self) -> dict[str, Any]:
        return {"api": self.receiver.url, "token": "1:5ecre7", "chat": "-100", "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        last = [json.loads(r.body)["text"].splitlines()[-1].split() for r in self.receiver.taken]
        return list(dict.fromkeys((words[-3], int(words[-1])) for words in last))


class Ntfy(OverHttp):
    kind = "ntfy"

    def options(self) -> dict[str, Any]:
        return {"url": self.receiver.url, "topic": "watch-5ecre7", "token": "tk_5ecre7", "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        last = [json.loads(r.body)["message"].splitlines()[-1].split() for r in self.receiver.taken]
        return list(dict.fromkeys((words[-3], int(words[-1])) for words in last))


class Gotify(OverHttp):
    """Keeps messages, so that they can be deleted."""

    kind = "gotify"

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.messages: dict[int, Any] = {}
        self.receiver.answer = self._answer

    def _answer(self, request: Request) -> Answer:
        if request.method == "DELETE":
            assert request.headers["authorization"] == "Bearer C5ecre7"
            gone = self.messages.pop(int(request.path.rpartition("/")[2]), None)
            return Answer(200 if gone else 404)
        assert (request.path, request.headers["authorization"]) == ("/message", "Bearer A5ecre7")
        number = len(self.receiver.requests)
        self.messages[number] = json.loads(request.body)
        return Answer(200, json.dumps({"id": number}).encode())

    def options(self) -> dict[str, Any]:
        return {"url": self.receiver.url, "token": "A5ecre7", "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        keys = [m["extras"]["tocsin::alert"] for m in self.messages.values()]
        return list(dict.fromkeys((key["alert_id"], key["revision"]) for key in keys))


class Matrix(OverHttp):
    """A homeserver, which takes a transaction once."""

    kind = "matrix"
    # What is put is the same put twice: the client itself tries again on a connection that closes before an answer begins.
    away = tuple(fault for fault in HTTP_AWAY if fault not in ("half a head", "closed connection"))

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.events: dict[str, Any] = {}
        self.receiver.answer = self._answer

    def _answer(self, request: Request) -> Answer:
        room, transaction = request.path.removeprefix("/_matrix/client/v3/rooms/").split("/send/m.room.message/")
        assert (request.method, unquote(room)) == ("PUT", "!abc:example.org")
        self.events.setdefault(transaction, json.loads(request.body))
        return Answer(200, json.dumps({"event_id": f"${transaction}"}).encode())

    def options(self) -> dict[str, Any]:
        return {
            "url": self.receiver.url,
            "token": "syt_5ecre7",
            "room": "!abc:example.org",
            "timeout_s": self.timeout_s,
        }

    def delivered(self) -> Delivered:
        return [(e["tocsin"]["alert_id"], e["tocsin"]["revision"]) for e in self.events.values()]


class PagerDuty(OverHttp):
    kind = "pagerduty"

    def options(self) -> dict[str, Any]:
        return {"api": self.receiver.url, "routing_key": "R5ecre7", "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        incidents = {}
        for request in self.receiver.taken:
            event = json.loads(request.body)
            assert request.path == "/v2/enqueue"
            assert event["routing_key"] == "R5ecre7"
            incidents[event["dedup_key"]] = event["payload"]["custom_details"]["revision"]
        return list(incidents.items())


class Opsgenie(OverHttp):
    kind = "opsgenie"

    def options(self) -> dict[str, Any]:
        return {"api": self.receiver.url, "api_key": "5ecre7", "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        found = []
        for request in self.receiver.taken:
            assert request.headers["authorization"] == "GenieKey 5ecre7"
            body = json.loads(request.body)
            words = (body["description"] if "alias" in body else body["note"]).splitlines()[-1].split()
            found.append((words[-3], int(words[-1])))
        return list(dict.fromkeys(found))


class Elastic(OverHttp):
    """Takes bulks as Elasticsearch and OpenSearch do: external versions, an outcome an item."""

    kind = "elastic"
    refuses = ()  # a bulk that is refused whole is sent one by one; single items: tests/unit/connectors/sinks/test_elastic.py

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.documents: dict[str, tuple[int, Any]] = {}
        self.values: dict[str, Any] = {}
        self.templates: dict[str, Any] = {}
        self.receiver.answer = self._answer
        self.item_faults: dict[str, list[int]] = {}

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith("/_index_template/"):
            self.templates[request.path.rpartition("/")[2]] = json.loads(request.body)
            return Answer(200, b'{"acknowledged": true}')
        lines = iter(map(json.loads, request.body.splitlines()))
        items = [self._delete(a["delete"]) if "delete" in a else self._index(a["index"], next(lines)) for a in lines]
        return Answer(
            200,
            json.dumps(
                {"took": 1, "errors": any("error" in v for i in items for v in i.values()), "items": items}
            ).encode(),
        )

    def _delete(self, action: dict[str, Any]) -> dict[str, Any]:
        return {"delete": {"status": 200 if self.values.pop(action["_id"], None) else 404}}

    def _index(self, action: dict[str, Any], document: Any) -> dict[str, Any]:
        if faults := self.item_faults.get(action["_id"]):
            return {"index": {"status": faults.pop(0), "error": {"type": "mapper_parsing_exception"}}}
        if action["_index"] == "tocsin-indicators":
            self.values[action["_id"]] = document
            return {"index": {"status": 201}}
        version = action.get("version", 1)
        if action["_id"] in self.documents and self.documents[action["_id"]][0] > version:
            return {"index": {"status": 409, "error": {"type": "version_conflict_engine_exception"}}}
        self.documents[action["_id"]] = (version, document)
        return {"index": {"status": 201}}

    def options(self) -> dict[str, Any]:
        return {"url": self.receiver.url, "api_key": "5ecre7", "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        return [(d["alert_id"], d["revision"]) for _, d in self.documents.values()]


class Collector:
    """Reads syslog over TCP or, with a context, TLS, framed by octet counting; `faults` are spent one a connection."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        self.messages: list[bytes] = []
        self.faults: deque[Fault] = deque()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            if self.faults:
                self.faults.popleft()
                connection.close()
            else:
                threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._read_frames(self.context.wrap_socket(connection, server_side=True) if self.context else connection)

    def _read_frames(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            while True:
                count = b""
                while (digit := stream.read(1)) != b" ":
                    if not digit:
                        return
                    count += digit
                self.messages.append(stream.read(int(count)))

    def close(self) -> None:
        self.socket.close()
        for connection in self.connections:
            connection.close()


class Syslog(Arrangement):
    kind = "syslog"

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.collector = Collector()

    def options(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.collector.port, "transport": "tcp", "timeout_s": self.timeout_s}

    def delivered(self) -> Delivered:
        # Nobody says when all has been read: the end of what comes is a short silence.
        count = -1
        while count != len(self.collector.messages):
            count = len(self.collector.messages)
            time.sleep(0.5)
        found = [re.search(rb' id="(alert:[0-9a-f]+)" revision="(\d+)"', m) for m in self.collector.messages]
        return list(dict.fromkeys((m[1].decode(), int(m[2])) for m in found if m))

    def text(self) -> str:
        self.delivered()
        return b"\n".join(self.collector.messages).decode()

    def close(self) -> None:
        self.collector.close()


class FeedArrangement(Arrangement):
    """Read by tocsin's own parser."""

    kind = "feed"

    def options(self) -> dict[str, Any]:
        return {"path": str(self.path / "alerts.xml")}

    def delivered(self) -> Delivered:
        parsed = feedparser.parse(io.BytesIO((self.path / "alerts.xml").read_bytes()))
        assert not parsed.bozo
        return [
            (e.id.removeprefix("urn:tocsin:"), next(int(t.term[9:]) for t in e.tags if t.term.startswith("revision:")))
            for e in parsed.entries
        ]


def free_port() -> int:
    """One on loopback that nobody has, and no connection is given meanwhile."""
    return ports.choose()


ARRANGE: dict[str, type[Arrangement]] = {
    a.kind: a
    for a in (
        CsvArrangement, Discord, Elastic, FeedArrangement, Gotify, Jsonl, Mail, Matrix, Mattermost, Ntfy, Opsgenie, PagerDuty, MispArrangement, MispFeedArrangement,
        ParquetArrangement, PostgresArrangement, Slack, SqliteArrangement, StixFiles, Syslog, Taxii, Teams, Telegram, WebhookArrangement,
    )
}  # fmt: skip
