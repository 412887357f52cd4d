"""The sink `webhook`: what stands in a request. What the receiver may do is in the contract tests."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from connectors.sinks.http import Answer, retry_after
from connectors.sinks.webhook import Config, WebhookSink
from pipeline.errors import ConfigError
from pipeline.records import Alert
from tests.support.alerts import make, on_wire, rich
from tests.support.memory import DictMemory
from tests.support.receiver import Receiver
from tests.support.sinks import SECRET

OTHER = "whsec_" + base64.b64encode(b"another key of 32 bytes, no more").decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def send(receiver: Receiver, *alerts: Alert, **options: Any) -> list[Any]:
    sink = WebhookSink("soc", msgspec.convert({"url": receiver.url, "secrets": [SECRET]} | options, Config))
    sink.open(DictMemory())
    assert sink.write(alerts) == []
    sink.close()
    return [json.loads(r.body) for r in receiver.taken]


def test_the_body_is_the_alert_as_on_its_topic(receiver: Receiver) -> None:
    (body,) = send(receiver, alert := on_wire(rich(1, 3, change="disputed")))
    assert body["type"] == "alert.disputed"
    assert msgspec.convert(body["data"], Alert) == alert
    assert "shortened" not in body


def test_both_secrets_verify_while_one_is_changed_and_a_third_does_not(receiver: Receiver) -> None:
    send(receiver, make(1), secrets=[OTHER, SECRET])
    (request,) = receiver.taken
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"z" * 32).decode()).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace(b"militia", b"ministry"), request.headers)


def test_the_id_is_the_same_on_every_try_and_another_for_each_revision(receiver: Receiver) -> None:
    send(receiver, make(1), make(1, 2))
    send(receiver, make(1))
    first, second, again = [r.headers["webhook-id"] for r in receiver.taken]
    assert first == again != second


def test_a_long_alert_is_cut_to_the_limit_and_says_what_was_cut(receiver: Receiver) -> None:
    long = rich()
    long = msgspec.structs.replace(long, sources=long.sources * 100, evidence=long.evidence * 100)
    (body,) = send(receiver, long)
    assert len(receiver.taken[0].body) <= 20_000
    assert body["shortened"]["evidence"] == "0 of 100"
    kept = len(body["data"]["sources"])
    assert body["shortened"]["sources"] == f"{kept} of 200"
    assert kept > 0
    assert body["data"]["what"] == long.what


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    other = Receiver()
    receiver.faults.append((307, {"Location": other.url}))
    with pytest.raises(Exception, match="307"):
        send(receiver, make())
    assert other.requests == []
    other.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "ftp://x"}, "url"),
        ({"url": "https://"}, "url"),
        ({"secrets": []}, "secrets: none given"),
        ({"secrets": ["hunter2"]}, "whsec_"),
        ({"secrets": ["whsec_c2hvcnQ="]}, "24 to 64 bytes"),
        ({"secrets_file": "x"}, "either"),
        ({"topics": ["tocsin.articles"]}, "no alert topic"),
        ({"topics": []}, "at least one"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"ca_file": "/nowhere"}, "ca_file"),
    ],
)
def test_what_can_not_be_meant_so_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WebhookSink("a", msgspec.convert({"url": "http://h", "secrets": [SECRET]} | options, Config))


def test_secrets_may_stand_in_a_file(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "s").write_text(f"{OTHER}\n{SECRET}\n")
    send(receiver, make(), secrets=[], secrets_file=str(tmp_path / "s"))
    Webhook(SECRET).verify(receiver.taken[0].body, receiver.taken[0].headers)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_both_forms_of_retry_after(header: str, seconds: float | None) -> None:
    answer = Answer(429, {"retry-after": header}, b"")
    assert retry_after(answer, datetime(2026, 3, 1, 12, tzinfo=UTC)) == seconds
