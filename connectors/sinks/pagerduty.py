"""The sink `pagerduty`: alerts as events of PagerDuty (Events API v2); one alert is one incident, which its end resolves.

    [sinks.duty]
    type = "pagerduty"
    routing_key_file = "/run/secrets/pagerduty"  # of the service's integration
    severity_min = "critical"

Limits held: 1,024 characters of summary, 512 KB an event. `dedup_key` is the alert, so a revision goes to the incident that is open; retracted, closed
and merged alerts resolve it. Other receivers of the same form (`api`): any that speak Events API v2.
"""

from typing import Any

from connectors.sinks.card import cut, make_card
from connectors.sinks.http import check_url, judge
from connectors.sinks.pushing import ENDS, PushConfig, PushSink, body_lines
from connectors.sinks.sink import Remembered, Revisions, need_secret
from pipeline.records import Alert, Severity

SUMMARY_CHARS_MAX = 1_024
LINKS_MAX = 8
SEVERITIES: dict[Severity, str] = {
    "critical": "critical", "high": "error", "medium": "warning", "low": "info", "info": "info",
}  # fmt: skip


class Config(PushConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "pagerduty"
    routing_key: str = ""
    routing_key_file: str = ""
    api: str = "https://events.pagerduty.com"


class PagerDutySink(PushSink):
    """One service."""

    revisions: Revisions = "update"

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name, config)
        self._key = need_secret(config.routing_key, config.routing_key_file, "routing_key")
        self._url = f"{check_url(config.api, 'api').rstrip('/')}/v2/enqueue"

    def deliver(self, alert: Alert) -> None:
        """One event."""
        known = self.known(alert)
        if known and alert.revision < known.revision:
            return  # the incident tells a later one
        judge(self.send_json("POST", self._url, make_event(alert) | {"routing_key": self._key}), self.name)
        self.memory.remember({alert.alert_id: Remembered(alert.revision, "rang")})


def make_event(alert: Alert) -> dict[str, Any]:
    """The event; `custom_details` carry the key to drop repeats."""
    card = make_card(alert)
    return {
        "event_action": "resolve" if alert.change in ENDS else "trigger",
        "dedup_key": alert.alert_id,
        "client": "tocsin",
        "payload": {
            "summary": cut(f"{card.mark}, {card.news}: {card.title}", SUMMARY_CHARS_MAX),
            "source": card.sources[0].text if card.sources else "tocsin",
            "severity": SEVERITIES[alert.severity],
            "timestamp": alert.last_seen,
            "group": alert.category,
            "class": alert.event_subtype or alert.event_type or alert.category,
            "custom_details": {
                "alert_id": alert.alert_id,
                "revision": alert.revision,
                "told": "\n".join(body_lines(card)),
                "foot": card.foot,
            },
        },
        "links": [{"href": s.url, "text": s.text} for s in card.sources if s.url][:LINKS_MAX],
    }
