"""The chats' forms: published limits held, nothing from an article is markup or calls anybody, revisions where they belong."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from connectors.registry import SINKS, load
from connectors.sinks import discord, mattermost, slack, teams, telegram
from connectors.sinks.chat import utf16
from connectors.sinks.shorten import shorten
from connectors.sinks.sink import AwayError, Sink
from pipeline.errors import ConfigError
from pipeline.records import Alert
from tests.support.alerts import hostile, make, on_wire, rich
from tests.support.memory import DictMemory
from tests.support.receiver import Answer, Receiver

MANY = rich(2)
BIG = [
    *hostile(),
    on_wire(
        replace(
            MANY, claims=MANY.claims * 20, indicators=MANY.indicators * 30, sources=MANY.sources * 50, actors=MANY.actors * 200,
            evidence=tuple(replace(e, text="“" + "q" * 5_000) for e in MANY.evidence * 5), changes=("c" * 900,) * 40,
        )
    ),
]  # fmt: skip
CALLS = re.compile(r"(?<!\\)@(?:everyone|here|channel|all|U?\w+)|(?<!\\)<[!@#]")


@pytest.mark.parametrize("alert", BIG, ids=lambda a: ascii(a.what[:15]))
def test_slacks_limits_and_markup(alert: Alert) -> None:
    message = slack.make_message(alert)
    assert len(message["blocks"]) <= 50
    for block in message["blocks"]:
        text = block.get("text", {})
        most = {"header": 150, "section": 3_000}.get(block["type"], 0)
        assert 0 < utf16(text.get("text", "x")) <= most or block["type"] == "context"
        assert len(block.get("fields", [])) <= 10
        assert all(utf16(f["text"]) <= 2_000 for f in block.get("fields", []))
        if text.get("type") == "mrkdwn":
            links = re.findall(r"<([^>]*)>", text["text"])
            assert all(link.startswith("https://news.example/") for link in links)
    assert "<" not in message["text"]


@pytest.mark.parametrize("alert", BIG, ids=lambda a: ascii(a.what[:15]))
def test_mattermosts_limits_and_mentions(alert: Alert) -> None:
    text = mattermost.make_message(alert)["text"]
    assert utf16(text) <= 16_383
    assert not CALLS.search(text)
    assert "javascript" not in text


@pytest.mark.parametrize("alert", BIG, ids=lambda a: ascii(a.what[:15]))
def test_teams_limits_and_runs(alert: Alert) -> None:
    raw = shorten(alert, teams.make_message, teams.MESSAGE_BYTES_MAX)
    assert len(raw) <= 28_000
    content = json.loads(raw)["attachments"][0]["content"]
    assert {b["type"] for b in content["body"]} <= {"RichTextBlock", "FactSet"}
    assert "<at>" not in raw.decode()
    assert "javascript:" not in raw.decode()


@pytest.mark.parametrize("alert", BIG, ids=lambda a: ascii(a.what[:15]))
def test_discords_limits_and_mentions(alert: Alert) -> None:
    message = discord.make_message(alert)
    (embed,) = message["embeds"]
    assert message["allowed_mentions"] == {"parse": []}
    assert 0 < utf16(embed["title"]) <= 256
    assert 0 < utf16(embed["description"]) <= 4_096
    assert len(embed["fields"]) <= 25
    assert all(0 < utf16(f["name"]) <= 256 and 0 < utf16(f["value"]) <= 1_024 for f in embed["fields"])
    total = sum(utf16(t) for t in [embed["title"], embed["description"], embed["footer"]["text"]])
    assert total + sum(utf16(f["name"]) + utf16(f["value"]) for f in embed["fields"]) <= 6_000
    assert not CALLS.search(embed["description"])


@pytest.mark.parametrize("alert", BIG, ids=lambda a: ascii(a.what[:15]))
def test_telegrams_limits_and_tags(alert: Alert) -> None:
    text = telegram.make_message(alert)["text"]
    assert utf16(text) <= 4_096
    assert set(re.findall(r"</?(\w+)", text)) <= {"b", "i", "a"}
    assert text.count("<b>") == text.count("</b>")
    assert text.count("<a ") == text.count("</a>")
    assert not re.search(r"@\w", text)
    assert "javascript" not in text


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def sink(kind: str, memory: DictMemory, **options: Any) -> Sink:
    shape, built = load(SINKS, kind, "test")
    made: Sink = built("chat", msgspec.convert(options, shape))
    made.open(memory)
    return made


def bodies(receiver: Receiver) -> list[Any]:
    return [json.loads(r.body) for r in receiver.requests]


def test_a_slack_bot_answers_in_the_thread_over_restarts(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(200, b'{"ok": true, "ts": "17.%d"}' % len(receiver.requests))
    memory = DictMemory()
    options = {"token": "xoxb-1", "channel": "C1", "api": receiver.url}
    sink("slack", memory, **options).write([make(1), make(2)])
    sink("slack", memory, **options).write([make(1, 2), make(1, 3)])
    assert [b.get("thread_ts") for b in bodies(receiver)] == [None, None, "17.1", "17.1"]
    assert {b["channel"] for b in bodies(receiver)} == {"C1"}
    assert receiver.requests[0].headers["authorization"] == "Bearer xoxb-1"


@pytest.mark.parametrize(
    ("error", "is_setup", "is_refused"),
    [
        ("invalid_auth", True, False),
        ("channel_not_found", True, False),
        ("ratelimited", False, False),
        ("msg_too_long", False, True),
    ],
)
def test_what_slack_says_in_a_200(receiver: Receiver, error: str, is_setup: bool, is_refused: bool) -> None:
    receiver.answer = lambda _: Answer(200, json.dumps({"ok": False, "error": error}).encode())
    made = sink("slack", DictMemory(), token="t", channel="C1", api=receiver.url)
    if is_refused:
        assert len(made.write([make(1)])) == 1
    else:
        with pytest.raises(AwayError, match=error) as raised:
            made.write([make(1)])
        assert raised.value.is_setup == is_setup


def test_discord_changes_its_message_and_writes_anew_when_somebody_deleted_it(
    receiver: Receiver, tmp_path: Path
) -> None:
    messages = {"1"}

    def answer(request: Any) -> Answer:
        if request.method == "PATCH" and request.path.rpartition("/")[2] not in messages:
            return Answer(404, b'{"code": 10008}')
        return Answer(200, b'{"id": "%d"}' % len(receiver.requests))

    receiver.answer = answer
    made = sink("discord", DictMemory(), hook_url=f"{receiver.url}/h")
    made.write([make(1)])
    made.write([make(1, 2)])
    messages.clear()
    made.write([make(1, 3)])
    assert [(r.method, r.path) for r in receiver.requests] == [
        ("POST", "/h?wait=true"), ("PATCH", "/h/messages/1"), ("PATCH", "/h/messages/1"), ("POST", "/h?wait=true"),
    ]  # fmt: skip


def test_telegram_answers_the_first_message_and_waits_as_long_as_it_is_told(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(200, b'{"ok": true, "result": {"message_id": 7}}')
    made = sink("telegram", DictMemory(), api=receiver.url, token="1:a", chat="-1")
    made.write([make(1)])
    made.write([make(1, 2)])
    assert [b.get("reply_parameters", {}).get("message_id") for b in bodies(receiver)] == [None, 7]
    receiver.answer = lambda _: Answer(
        429, b'{"ok": false, "description": "Too Many Requests", "parameters": {"retry_after": 35}}'
    )
    with pytest.raises(AwayError) as raised:
        made.write([make(2)])
    assert raised.value.asked_s == 35
    receiver.answer = lambda _: Answer(400, b'{"ok": false, "description": "Bad Request: chat not found"}')
    with pytest.raises(AwayError) as raised:
        made.write([make(2)])
    assert raised.value.is_setup


def test_older_teams_webhooks_say_in_a_200_that_they_failed(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(
        200, b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"
    )
    with pytest.raises(AwayError, match="429"):
        sink("teams", DictMemory(), hook_url=receiver.url).write([make(1)])


@pytest.mark.parametrize("kind", ["slack", "mattermost", "teams", "discord"])
def test_an_address_is_needed_and_is_a_secret(kind: str) -> None:
    with pytest.raises(ConfigError, match="hook_url"):
        sink(kind, DictMemory())
    assert "5ecre7" not in repr(sink(kind, DictMemory(), hook_url="https://h.example/5ecre7").config)
