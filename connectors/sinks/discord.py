"""The sink `discord`: each alert as a message of a Discord channel, changed in place by its revisions.

    [sinks.discord]
    type = "discord"
    hook_url_file = "/run/secrets/discord"

Limits held (Discord developer documentation, embed limits): title 256 characters, description 4,096, 25 fields of 256 and 1,024, footer 2,048, 6,000
in all. `allowed_mentions` is empty: no text can mention anybody.
"""

import re
from typing import Any

import msgspec

from connectors.sinks.card import Card, Line, make_card
from connectors.sinks.chat import HookConfig, facts_of, fit, lists_of, short, unmention, utf16
from connectors.sinks.http import Answer, judge
from connectors.sinks.posting import PostingSink
from connectors.sinks.sink import AwayError, Remembered, Revisions
from pipeline.records import Alert

TITLE_MAX, DESCRIPTION_MAX, NAME_MAX, VALUE_MAX, FOOTER_MAX, TOTAL_MAX, FIELDS_MAX = (
    256,
    4_096,
    256,
    1_024,
    2_048,
    6_000,
    25,
)
COLOURS = {"critical": 0x7F1D1D, "high": 0xB91C1C, "medium": 0xB45309, "low": 0x0E7490, "info": 0x525252}
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-!|>~<:])")


class Config(HookConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "discord"


class _Said(msgspec.Struct):
    id: str = ""


class DiscordSink(PostingSink):
    """One channel."""

    revisions: Revisions = "update"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self.config = config
        self._url = config.read_url().rstrip("/")

    def deliver(self, alert: Alert) -> None:
        """Change the alert's message; the first time, or when somebody deleted it, a new one."""
        message = make_message(alert)
        if known := self.known(alert):
            if alert.revision < known.revision:
                return  # the message tells a later one
            answer = self.send_json("PATCH", f"{self._url}/messages/{known.note}", message)
            if not _is_gone(answer):
                judge(answer, self.name)
                return
        answer = self.send_json("POST", f"{self._url}?wait=true", message)
        judge(answer, self.name)
        try:
            said = msgspec.json.decode(answer.body, type=_Said)
        except msgspec.DecodeError as error:
            raise AwayError(f"Discord's answer can't be read: {answer.tell()}") from error
        self.memory.remember({alert.alert_id: Remembered(alert.revision, said.id)})


def make_message(alert: Alert) -> dict[str, Any]:
    """The message, within Discord's limits; the footer ends with the key to drop repeats."""
    card = make_card(alert)
    embed: dict[str, Any] = {
        "title": short(_escape(f"{card.mark}, {card.news}"), TITLE_MAX),
        "description": short(_escape(card.title), DESCRIPTION_MAX),
        "color": COLOURS[alert.severity],
        "timestamp": alert.last_seen,
        "footer": {"text": short(f"{card.foot} revision {alert.revision}", FOOTER_MAX)},
    }
    left = TOTAL_MAX - utf16(embed["title"]) - utf16(embed["description"]) - utf16(embed["footer"]["text"])
    fields = []
    for name, value in _fields(card)[:FIELDS_MAX]:
        left -= utf16(name) + utf16(value)
        if left < 0:
            break
        fields.append({"name": name, "value": value, "inline": False})
    return {"username": "tocsin", "allowed_mentions": {"parse": []}, "embeds": [embed | {"fields": fields}]}


def _fields(card: Card) -> list[tuple[str, str]]:
    facts = [(name, short(_escape(value), VALUE_MAX)) for name, value in facts_of(card)]
    lists = [
        (short(head, NAME_MAX), fit([f"• {_line(line)}" for line in lines], VALUE_MAX))
        for head, lines in lists_of(card)
    ]
    return [(name, value) for name, value in (*facts, *lists) if value]


def _line(line: Line) -> str:
    text = _escape(line.text)
    return f"[{text}](<{line.url}>)" if line.url and ")" not in line.url else text


def _escape(text: str) -> str:
    return _MARKUP.sub(r"\\\1", unmention(text))


def _is_gone(answer: Answer) -> bool:
    """Somebody deleted the message (error 10008, Unknown Message): the next revision is a new one."""
    return answer.status == 404 and b"10008" in answer.body
