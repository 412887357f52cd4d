"""The sink `slack`: alerts as messages of a Slack channel (Block Kit).

    [sinks.slack]
    type = "slack"
    hook_url = "${SLACK_HOOK_URL}"       # an incoming webhook: every revision is a message of its own
    # or: token_file = "/run/secrets/slack", channel = "C0123456789"    a bot: revisions answer in the thread

Limits held (Slack API, Block Kit reference): header 150 characters, section text 3,000, 10 fields of 2,000, 50 blocks, 10 context elements.
Words from articles stand in `plain_text`, where Slack reads neither markup nor mentions.
"""

from typing import Any

import msgspec

from connectors.sinks.card import Card, make_card
from connectors.sinks.chat import HookConfig, facts_of, fit, lists_of, short
from connectors.sinks.http import Answer, check_url, judge
from connectors.sinks.posting import PostingSink
from connectors.sinks.sink import AwayError, Remembered, Revisions, need_secret
from pipeline.errors import ConfigError, RejectedError
from pipeline.records import Alert

HEADER_MAX, SECTION_MAX, FIELDS_MAX, FIELD_MAX, LINK_MAX = 150, 3_000, 10, 2_000, 2_900
REFUSALS = frozenset({"msg_too_long", "invalid_blocks", "invalid_blocks_format", "no_text", "invalid_arguments"})
PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)


class Config(HookConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "slack"
    token: str = ""
    token_file: str = ""
    channel: str = ""
    api: str = "https://slack.com/api"


class _Said(msgspec.Struct):
    ok: bool = False
    error: str = ""
    ts: str = ""


class SlackSink(PostingSink):
    """One channel."""

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self.config = config
        if config.channel:
            self._token = need_secret(config.token, config.token_file, "token")
            self._url = f"{check_url(config.api, 'api').rstrip('/')}/chat.postMessage"
        else:
            if config.token or config.token_file:
                raise ConfigError("channel: a token needs the id of a channel")
            self._token, self._url = "", config.read_url()
        self.revisions: Revisions = "thread" if config.channel else "append"

    def deliver(self, alert: Alert) -> None:
        """One message; by a bot, in the thread of the alert's first."""
        message = make_message(alert)
        if not self._token:
            judge(self.send_json("POST", self._url, message), self.name)
            return
        known = self.known(alert)
        message |= {"channel": self.config.channel} | ({"thread_ts": known.note} if known else {})
        said = self._read(self.send_json("POST", self._url, message, token=self._token))
        if not known:
            self.memory.remember({alert.alert_id: Remembered(alert.revision, said.ts)})

    def _read(self, answer: Answer) -> _Said:
        """The Web API says what is wrong in the body of a 200."""
        judge(answer, self.name)
        try:
            said = msgspec.json.decode(answer.body, type=_Said)
        except msgspec.DecodeError as error:
            raise AwayError(f"Slack's answer can't be read: {answer.tell()}") from error
        if said.ok:
            return said
        if said.error in REFUSALS:
            raise RejectedError(f"sink {self.name}", f"Slack refuses it: {said.error}")
        raise AwayError(f"Slack: {said.error}", is_setup=said.error not in PASSING)


def make_message(alert: Alert) -> dict[str, Any]:
    """The message, within Slack's limits; `metadata` carries the key to drop repeats."""
    card = make_card(alert)
    payload = {"alert_id": alert.alert_id, "revision": alert.revision}
    return {
        "text": _escape(f"{card.mark}, {card.news}: {card.title}"),
        "blocks": _blocks(card),
        "metadata": {"event_type": "tocsin_alert", "event_payload": payload},
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _blocks(card: Card) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(f"{card.mark}, {card.news}", HEADER_MAX)},
        {"type": "section", "text": _plain(card.title, SECTION_MAX)},
    ]
    if facts := facts_of(card)[:FIELDS_MAX]:
        fields = [_plain(f"{name}: {value}", FIELD_MAX) for name, value in facts]
        blocks.append({"type": "section", "fields": fields})
    for head, lines in lists_of(card):
        if any(line.url for line in lines):
            texts = [
                f"• <{_escape(line.url)}|{_escape(line.text)}>" if line.url else f"• {_escape(line.text)}"
                for line in lines
            ]
            blocks.append(
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": fit([_escape(head), *texts], LINK_MAX), "verbatim": True},
                }
            )
        else:
            blocks.append(
                {
                    "type": "section",
                    "text": _plain(fit([head, *[f"• {line.text}" for line in lines]], LINK_MAX), SECTION_MAX),
                }
            )
    return [*blocks, {"type": "context", "elements": [_plain(card.foot, FIELD_MAX)]}]


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": short(text, most), "emoji": False}


def _escape(text: str) -> str:
    """The three signs that Slack's markup begins with, mentions among it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "¦")
