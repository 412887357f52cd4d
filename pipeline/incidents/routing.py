"""Which topics an alert belongs on, and the headers it travels with: pure decisions, no store, no broker.

Every revision goes to `tocsin.alerts` and `tocsin.alerts.latest`. A topic that has carried an alert carries all its later
revisions, with `in_scope: false` once it no longer belongs there: a subscriber of `tocsin.alerts.critical` must learn that an
alert is critical no more.

The headers are those of a CloudEvent in binary mode (CloudEvents 1.0.2 and its Kafka protocol binding), with severity and
category beside them, so that a consumer can choose without reading the value.
"""

from collections.abc import Collection
from datetime import datetime

from pipeline.records import Alert, Reject
from pipeline.records.topics import ALERTS, ALERTS_CONFLICT, ALERTS_CRITICAL, ALERTS_CYBER, ALERTS_LATEST

CLOUDEVENTS_VERSION = "1.0"
CONTENT_TYPE = "application/json"
GONE = frozenset({"retracted"})
"""After these changes an alert is in no topic's scope."""
CONFLICT_CATEGORIES = frozenset({"conflict", "unrest"})
EVERY_REVISION = (ALERTS, ALERTS_LATEST)

CLOUDEVENT_HEADERS = (
    "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_dataschema", "ce_subject", "content-type"
)  # fmt: skip
"""What every alert and reject carries."""

Headers = dict[str, str]


def fixed_topics(alert: Alert) -> tuple[str, ...]:
    """The topics, beside those that get every revision, that an alert belongs on by severity and category."""
    if alert.change in GONE or not alert.in_scope:
        return ()
    topics = []
    if alert.severity == "critical":
        topics.append(ALERTS_CRITICAL)
    if alert.category in CONFLICT_CATEGORIES:
        topics.append(ALERTS_CONFLICT)
    if alert.category == "cyber":
        topics.append(ALERTS_CYBER)
    return tuple(topics)


def scopes(alert: Alert, carried: Collection[str]) -> dict[str, bool]:
    """Each fixed topic that gets this revision, and whether the alert is in its scope. `carried`: those that had it before."""
    belongs = fixed_topics(alert)
    named = (*belongs, *(topic for topic in (ALERTS_CRITICAL, ALERTS_CONFLICT, ALERTS_CYBER) if topic in carried))
    return dict.fromkeys(EVERY_REVISION, alert.in_scope) | {topic: topic in belongs for topic in named}


def alert_headers(alert: Alert, topic: str, at: datetime) -> Headers:
    """The headers of one revision on one topic; source and id together are unique, as CloudEvents asks."""
    return {
        **_event(topic, f"{alert.alert_id}/{alert.revision}", f"tocsin.alert.{alert.change}", alert.v, "alert", at),
        "ce_subject": alert.alert_id,
        "ce_severity": alert.severity,
        "ce_category": alert.category,
    }


def reject_headers(reject: Reject, topic: str) -> Headers:
    """The headers of a reject."""
    event = _event(topic, reject.reject_id, f"tocsin.reject.{reject.step}", reject.v, "reject", reject.at)
    return {**event, "ce_subject": reject.article_id or reject.reject_id}


def _event(topic: str, event_id: str, kind: str, version: int, record: str, at: datetime) -> Headers:
    return {
        "ce_specversion": CLOUDEVENTS_VERSION,
        "ce_id": event_id,
        "ce_source": f"/tocsin/{topic}",
        "ce_type": kind,
        "ce_time": at.isoformat().replace("+00:00", "Z"),
        "ce_dataschema": f"urn:tocsin:schema:{record}:{version}",
        "content-type": CONTENT_TYPE,
    }
