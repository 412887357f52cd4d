"""How each registered sink is set up in the contract tests, and how a receiver's owner would read what came.

A new sink adds a class here and a line to `ARRANGE`.
"""

import json
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from standardwebhooks.webhooks import Webhook

from connectors.registry import SINKS, load
from connectors.sinks.sink import Memory, Sink
from tests.support.receiver import Fault, Receiver

Delivered = list[tuple[str, int]]

HTTP_AWAY: tuple[Fault, ...] = (
    500, 502, 503, (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 504, (429, {"Retry-After": "7"}), 408, 401, 403, 404, 410,
    (302, {"Location": "http://127.0.0.1:9/"}), "silence", "half an answer", "half a head", "closed connection",
)  # fmt: skip
HTTP_REFUSES: tuple[Fault, ...] = (400, 413, 422)
TIMEOUT_S = 0.5
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"


class Arrangement:
    """One kind of sink with its receiver."""

    kind: ClassVar[str]
    away: ClassVar[tuple[Fault, ...]] = ()
    refuses: ClassVar[tuple[Fault, ...]] = ()

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


class OverHttp(Arrangement):
    """A sink whose receiver speaks HTTP."""

    away = HTTP_AWAY
    refuses = HTTP_REFUSES

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.receiver = Receiver()

    def fail(self, *faults: Fault) -> None:
        self.receiver.faults.extend(faults)

    def close(self) -> None:
        self.receiver.close()


class WebhookArrangement(OverHttp):
    kind = "webhook"

    def options(self) -> dict[str, Any]:
        return {"url": f"{self.receiver.url}/hook", "secrets": [SECRET], "timeout_s": TIMEOUT_S}

    def delivered(self) -> Delivered:
        found = {}
        for request in self.receiver.taken:
            body: Any = Webhook(SECRET).verify(request.body, request.headers)
            found.setdefault(request.headers["webhook-id"], (body["data"]["alert_id"], body["data"]["revision"]))
        return list(found.values())


ARRANGE: dict[str, type[Arrangement]] = {a.kind: a for a in (Jsonl, WebhookArrangement)}
