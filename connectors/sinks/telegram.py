"""The sink `telegram`: alerts as messages of a Telegram chat, by a bot; revisions answer the first message.

    [sinks.telegram]
    type = "telegram"
    token_file = "/run/secrets/telegram"
    chat = "-1001234567890"

Limit held: 4,096 UTF-16 units of text after entities (Bot API, sendMessage). Words from articles are escaped and mention nobody; previews are off.
"""

from html import escape
from typing import Any

import msgspec

from connectors.sinks.card import Line, make_card
from connectors.sinks.chat import facts_of, fit, lists_of, unmention
from connectors.sinks.http import Answer, HttpConfig, check_url, judge
from connectors.sinks.posting import PostingSink
from connectors.sinks.sink import AwayError, Remembered, Revisions, need_secret
from pipeline.records import Alert

TEXT_MAX = 4_096
SETUP_WORDS = (
    "chat not found",
    "bot was kicked",
    "not enough rights",
    "chat_id is empty",
    "bot was blocked",
    "upgraded",
)


class Config(HttpConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "telegram"
    token: str = ""
    token_file: str = ""
    chat: str
    api: str = "https://api.telegram.org"


class _Message(msgspec.Struct):
    message_id: int = 0


class _Parameters(msgspec.Struct):
    retry_after: float | None = None


class _Said(msgspec.Struct):
    ok: bool = False
    description: str = ""
    result: _Message | None = None
    parameters: _Parameters | None = None


class TelegramSink(PostingSink):
    """One chat."""

    revisions: Revisions = "thread"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self.config = config
        token = need_secret(config.token, config.token_file, "token")
        self._url = f"{check_url(config.api, 'api').rstrip('/')}/bot{token}/sendMessage"

    def deliver(self, alert: Alert) -> None:
        """One message, in answer to the alert's first."""
        known = self.known(alert)
        message = make_message(alert) | {"chat_id": self.config.chat}
        if known:
            message["reply_parameters"] = {"message_id": int(known.note), "allow_sending_without_reply": True}
        said = self._read(self.send_json("POST", self._url, message))
        if not known and said.result is not None:
            self.memory.remember({alert.alert_id: Remembered(alert.revision, str(said.result.message_id))})

    def _read(self, answer: Answer) -> _Said:
        try:
            said = msgspec.json.decode(answer.body, type=_Said)
        except msgspec.DecodeError:
            said = _Said()
        if any(words in said.description for words in SETUP_WORDS):
            raise AwayError(f"Telegram: {said.description}", is_setup=True)
        if answer.status == 429 and said.parameters and said.parameters.retry_after:
            raise AwayError(f"Telegram: {said.description}", asked_s=said.parameters.retry_after)
        judge(answer, self.name)
        if not said.ok:
            raise AwayError(f"Telegram's answer can't be read: {answer.tell()}")
        return said


def make_message(alert: Alert) -> dict[str, Any]:
    """The message; its last line is the key to drop repeats."""
    card = make_card(alert)
    lines = [f"<b>{_safe(card.mark)}</b>, {_safe(card.news)}", _safe(card.title)]
    key = f"{card.foot} revision {alert.revision}"
    lines += [f"<i>{name}</i>: {_safe(value)}" for name, value in facts_of(card)]
    for head, items in lists_of(card):
        lines += [f"<b>{_safe(head)}</b>", *[f"• {_line(item)}" for item in items]]
    # Tags and escapes count here, though Telegram does not count them: on the safe side, and no tag is ever cut.
    text = f"{fit(lines, TEXT_MAX - len(key) - 2)}\n{_safe(key)}"
    return {"text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


def _safe(text: str) -> str:
    return escape(unmention(text), quote=False)


def _line(line: Line) -> str:
    return f'<a href="{escape(line.url)}">{_safe(line.text)}</a>' if line.url else _safe(line.text)
