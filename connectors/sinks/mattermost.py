"""The sink `mattermost`: each revision of an alert as a message, by an incoming webhook.

    [sinks.town]
    type = "mattermost"
    hook_url_file = "/run/secrets/mattermost"

Limit held: 16,383 characters a message (Mattermost, post size). Words from articles can mention nobody, nor be markup.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.sinks.card import Line, make_card
from connectors.sinks.chat import HookConfig, facts_of, fit, lists_of, unmention
from connectors.sinks.http import Http, judge
from connectors.sinks.sink import BATCH_SINGLE_MAX, Memory, Refusal, Revisions, write_each
from pipeline.records import Alert

TEXT_MAX = 16_383
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-!|>~<:])")


class Config(HookConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "mattermost"


class MattermostSink:
    """One channel."""

    revisions: Revisions = "append"
    batch_max = BATCH_SINGLE_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        self.name = name
        self.config = config
        self._url = config.read_url()
        self._http = Http(config)

    def open(self, _: Memory) -> None:
        """Nothing to do: the server is met with the first alert."""

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Deliver one by one."""
        return write_each(alerts, self._deliver)

    def _deliver(self, alert: Alert) -> None:
        body = msgspec.json.encode(make_message(alert))
        judge(self._http.send("POST", self._url, body, {"Content-Type": "application/json"}), self.name)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


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
