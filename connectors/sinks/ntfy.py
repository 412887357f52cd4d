"""The sink `ntfy`: alerts as notifications of ntfy; a revision takes the place of the one before on the telephone.

    [sinks.telephone]
    type = "ntfy"
    url = "https://ntfy.sh"
    topic = "a-name-that-nobody-guesses"
    token_file = "/run/secrets/ntfy"     # where the topic is protected
    severity_min = "high"
    quiet = "22:00-06:30"

Limit held: 4,096 bytes a message (a longer one becomes a file). `sequence_id`, one an alert, is what clients of 2026 replace a notification by; older
ones show each revision.
"""

from typing import Any

from connectors.sinks.card import cut, make_card
from connectors.sinks.http import check_url, judge
from connectors.sinks.pushing import ENDS, PushConfig, PushSink, first_url, fit_bytes, make_lines
from connectors.sinks.sink import Remembered, Revisions, need_secret
from pipeline.errors import ConfigError
from pipeline.records import Alert, Severity

MESSAGE_BYTES_MAX = 4_000
TITLE_CHARS_MAX = 200
PRIORITIES: dict[Severity, int] = {"info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
QUIETEST = 2
"""With which an alert ends: shown, without a sound."""


class Config(PushConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "ntfy"
    url: str = "https://ntfy.sh"
    topic: str
    token: str = ""
    token_file: str = ""


class NtfySink(PushSink):
    """One topic."""

    revisions: Revisions = "append"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        if not config.topic or not config.topic.replace("-", "").replace("_", "").isalnum() or len(config.topic) > 64:
            raise ConfigError(f"topic: {config.topic!r} is none: letters, digits, - and _, at most 64")
        self._topic = config.topic
        self._url = check_url(config.url, "url").rstrip("/") + "/"
        has_token = config.token or config.token_file
        self._token = need_secret(config.token, config.token_file, "token") if has_token else ""

    def deliver(self, alert: Alert) -> None:
        """One notification."""
        judge(
            self.send_json("POST", self._url, make_message(alert) | {"topic": self._topic}, token=self._token),
            self.name,
        )
        self.memory.remember({alert.alert_id: Remembered(alert.revision, "rang")})


def make_message(alert: Alert) -> dict[str, Any]:
    """The notification; the last line is the key to drop repeats."""
    card = make_card(alert)
    *lines, key = make_lines(alert)
    message: dict[str, Any] = {
        "title": cut(f"{card.mark}, {card.news}", TITLE_CHARS_MAX),
        "message": fit_bytes(lines, key, MESSAGE_BYTES_MAX),
        "priority": min(QUIETEST, PRIORITIES[alert.severity]) if alert.change in ENDS else PRIORITIES[alert.severity],
        "tags": [alert.category, alert.severity, alert.change],
        "sequence_id": alert.alert_id.removeprefix("alert:"),
    }
    if url := first_url(alert):
        message["click"] = url
    return message
