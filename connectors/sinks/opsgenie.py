"""The sink `opsgenie`: alerts as alerts of Opsgenie, or of Jira Service Management, which took it over.

    [sinks.duty]
    type = "opsgenie"
    api_key_file = "/run/secrets/opsgenie"
    api = "https://api.opsgenie.com"     # in Europe https://api.eu.opsgenie.com
    severity_min = "critical"

`alias` is the alert: Opsgenie counts a repetition and opens no other. Later revisions are notes of it; retracted, closed and merged alerts close it.
Limits held (Alert API): message 130 characters, description 15,000, note 25,000, alias 512, tags 20 of 50.
"""

from typing import Any

from connectors.sinks.card import cut, make_card
from connectors.sinks.http import Answer, check_url, judge
from connectors.sinks.pushing import ENDS, PushConfig, PushSink, fit_bytes, make_lines
from connectors.sinks.sink import Remembered, Revisions, need_secret
from pipeline.records import Alert, Severity

MESSAGE_CHARS_MAX, DESCRIPTION_BYTES_MAX, NOTE_BYTES_MAX = 130, 14_000, 24_000
PRIORITIES: dict[Severity, str] = {"critical": "P1", "high": "P2", "medium": "P3", "low": "P4", "info": "P5"}


class Config(PushConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "opsgenie"
    api_key: str = ""
    api_key_file: str = ""
    api: str = "https://api.opsgenie.com"


class OpsgenieSink(PushSink):
    """One account's integration."""

    revisions: Revisions = "thread"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self._key = need_secret(config.api_key, config.api_key_file, "api_key")
        self._url = f"{check_url(config.api, 'api').rstrip('/')}/v2/alerts"

    def deliver(self, alert: Alert) -> None:
        """Open it; later add a note, or close it with one."""
        if self.known(alert) is None:
            judge(self._post(self._url, make_alert(alert)), self.name)
            self.memory.remember({alert.alert_id: Remembered(alert.revision, "opened")})
            if alert.change not in ENDS:
                return
        what = "close" if alert.change in ENDS else "notes"
        at = f"{self._url}/{alert.alert_id}/{what}?identifierType=alias"
        judge(self._post(at, {"note": make_note(alert), "source": "tocsin"}), self.name)

    def _post(self, url: str, body: object) -> Answer:
        return self.send_json("POST", url, body, scheme="GenieKey", token=self._key)


def make_alert(alert: Alert) -> dict[str, Any]:
    """The alert; `details` carry the key to drop repeats."""
    card = make_card(alert)
    *lines, key = make_lines(alert)
    return {
        "message": cut(f"{card.mark}: {card.title}", MESSAGE_CHARS_MAX),
        "alias": alert.alert_id,
        "description": fit_bytes(lines, key, DESCRIPTION_BYTES_MAX),
        "tags": [alert.category, alert.severity],
        "details": {"alert_id": alert.alert_id, "revision": str(alert.revision)},
        "source": "tocsin",
        "priority": PRIORITIES[alert.severity],
    }


def make_note(alert: Alert) -> str:
    """A later revision; the last line is the key to drop repeats."""
    card = make_card(alert)
    *lines, key = make_lines(alert)
    return fit_bytes([f"{card.mark}, {card.news}", *lines], key, NOTE_BYTES_MAX)
