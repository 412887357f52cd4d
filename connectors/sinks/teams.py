"""The sink `teams`: each revision of an alert as an Adaptive Card in a Microsoft Teams channel, by a workflow's webhook.

    [sinks.teams]
    type = "teams"
    hook_url_file = "/run/secrets/teams" # of the workflow "Post to a channel when a webhook request is received"

Limit held: 28 KB a message (Microsoft, rate and size limits of webhooks). Words from articles stand in text runs, where Teams reads neither
markup nor mentions.
"""

from typing import Any

import msgspec

from connectors.sinks.card import Line, make_card
from connectors.sinks.chat import HookConfig, facts_of, lists_of
from connectors.sinks.http import judge
from connectors.sinks.posting import PostingSink
from connectors.sinks.shorten import Cuts, shorten
from connectors.sinks.sink import AwayError, Revisions
from pipeline.records import Alert

MESSAGE_BYTES_MAX = 28_000
PASSING = (b"HTTP error 429", b"returned HTTP error 5")
"""What older webhooks say in a 200 when they are to be asked again."""
COLOURS = {"critical": "attention", "high": "attention", "medium": "warning", "low": "accent", "info": "default"}


class Config(HookConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "teams"


class TeamsSink(PostingSink):
    """One channel."""

    revisions: Revisions = "append"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self.config = config
        self._url = config.read_url()

    def deliver(self, alert: Alert) -> None:
        """One card."""
        answer = self.send_json("POST", self._url, shorten(alert, make_message, MESSAGE_BYTES_MAX))
        judge(answer, self.name)
        if any(words in answer.body for words in PASSING):
            raise AwayError(f"Teams: {answer.tell()}")


def make_message(alert: Alert, _: Cuts) -> bytes:
    """The message with its card; the card's `id` is the key to drop repeats."""
    card = make_card(alert)
    body: list[dict[str, Any]] = [
        _runs(f"{card.mark}, {card.news}", weight="bolder", color=COLOURS[alert.severity]),
        _runs(card.title, size="large"),
        {"type": "FactSet", "facts": [{"title": name, "value": _unmarked(value)} for name, value in facts_of(card)]},
    ]
    for head, lines in lists_of(card):
        body += [_runs(head, weight="bolder"), *[_line(line) for line in lines]]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "id": f"{alert.alert_id}/{alert.revision}",
        "body": [*body, _runs(card.foot, isSubtle=True, size="small")],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return msgspec.json.encode({"type": "message", "attachments": [attachment]})


def _runs(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _line(line: Line) -> dict[str, Any]:
    more = {"selectAction": {"type": "Action.OpenUrl", "url": line.url}} if line.url else {}
    return _runs(f"• {line.text}", **more)


def _unmarked(text: str) -> str:
    # A FactSet reads a subset of Markdown: links, emphasis.
    return "".join(f"\\{c}" if c in "\\*_[]()" else c for c in text).replace("<at>", "‹at›")
