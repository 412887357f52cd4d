"""The sink `gotify`: alerts as messages of a Gotify server.

    [sinks.telephone]
    type = "gotify"
    url = "https://gotify.example.org"
    token_file = "/run/secrets/gotify"   # of an application
    client_token_file = "/run/secrets/gotify-client"  # of a client: with it a revision takes the message before away
    severity_min = "high"

Gotify can't change a message, and an application can't delete: so without a client's token every revision is a message of its own.
"""

from typing import Any

import msgspec

from connectors.sinks.card import cut, make_card
from connectors.sinks.http import check_url, judge
from connectors.sinks.pushing import ENDS, PushConfig, PushSink, first_url, fit_bytes, make_lines
from connectors.sinks.sink import AwayError, Remembered, Revisions, need_secret
from pipeline.records import Alert, Severity

MESSAGE_BYTES_MAX = 8_000
TITLE_CHARS_MAX = 200
PRIORITIES: dict[Severity, int] = {"info": 1, "low": 3, "medium": 5, "high": 7, "critical": 10}
QUIETEST = 1
EXTRA = "tocsin::alert"
"""Extras are named `<namespace>::<key>`."""


class Config(PushConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "gotify"
    url: str
    token: str = ""
    token_file: str = ""
    client_token: str = ""
    client_token_file: str = ""


class _Said(msgspec.Struct):
    id: int = 0


class GotifySink(PushSink):
    """One application of a server."""

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self._url = f"{check_url(config.url, 'url').rstrip('/')}/message"
        self._token = need_secret(config.token, config.token_file, "token")
        has_client = config.client_token or config.client_token_file
        self._client = need_secret(config.client_token, config.client_token_file, "client_token") if has_client else ""
        self.revisions: Revisions = "update" if self._client else "append"

    def deliver(self, alert: Alert) -> None:
        """One message; then the one before goes."""
        known = self.known(alert)
        if self._client and known and alert.revision < known.revision:
            return  # the message tells a later one
        answer = self.send_json("POST", self._url, make_message(alert), token=self._token)
        judge(answer, self.name)
        try:
            said = msgspec.json.decode(answer.body, type=_Said)
        except msgspec.DecodeError as error:
            raise AwayError(f"Gotify's answer can't be read: {answer.tell()}") from error
        self.memory.remember({alert.alert_id: Remembered(alert.revision, str(said.id))})
        if self._client and known:
            gone = self.send_json("DELETE", f"{self._url}/{known.note}", b"", token=self._client)
            if gone.status != 404:  # somebody dismissed it
                judge(gone, self.name)


def make_message(alert: Alert) -> dict[str, Any]:
    """The message; `extras` carry the key to drop repeats."""
    card = make_card(alert)
    *lines, key = make_lines(alert)
    extras: dict[str, Any] = {
        "client::display": {"contentType": "text/plain"},
        EXTRA: {"alert_id": alert.alert_id, "revision": alert.revision},
    }
    if url := first_url(alert):
        extras["client::notification"] = {"click": {"url": url}}
    return {
        "title": cut(f"{card.mark}, {card.news}", TITLE_CHARS_MAX),
        "message": fit_bytes(lines, key, MESSAGE_BYTES_MAX),
        "priority": QUIETEST if alert.change in ENDS else PRIORITIES[alert.severity],
        "extras": extras,
    }
