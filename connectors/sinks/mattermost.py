"""The sink `mattermost`: each revision of an alert as a message, by an incoming webhook.

    [sinks.town]
    type = "mattermost"
    hook_url_file = "/run/secrets/mattermost"

Limit held: 16,383 characters a message (Mattermost, post size). Words from articles can mention nobody, nor be markup.
"""

import re
from typing import Any

from connectors.sinks.card import Line, make_card
from connectors.sinks.chat import HookConfig, facts_of, fit, lists_of, unmention
from connectors.sinks.http import judge
from connectors.sinks.posting import PostingSink
from connectors.sinks.sink import Revisions
from pipeline.records import Alert

TEXT_MAX = 16_383
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-!|>~<:])")


class Config(HookConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "mattermost"


class MattermostSink(PostingSink):
    """One channel."""

    revisions: Revisions = "append"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self.config = config
        self._url = config.read_url()

    def deliver(self, alert: Alert) -> None:
        """One message."""
        judge(self.send_json("POST", self._url, make_message(alert)), self.name)


def make_message(alert: Alert) -> dict[str, Any]:
    """The message; `props` carries the key to drop repeats."""
    card = make_card(alert)
    lines = [f"#### {escape(card.mark)}, {escape(card.news)}", escape(card.title), ""]
    lines += [f"**{name}**: {escape(value)}" for name, value in facts_of(card)]
    for head, items in lists_of(card):
        lines += ["", f"**{escape(head)}**", *[f"* {_line(item)}" for item in items]]
    props = {"tocsin": {"alert_id": alert.alert_id, "revision": alert.revision}}
    return {"text": fit([*lines, "", escape(card.foot)], TEXT_MAX), "username": "tocsin", "props": props}


def escape(text: str) -> str:
    """The text without markup and mentions."""
    return _MARKUP.sub(r"\\\1", unmention(text))


def _line(line: Line) -> str:
    return f"[{escape(line.text)}](<{line.url}>)" if line.url else escape(line.text)
