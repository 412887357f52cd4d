"""Which topics an alert goes to, and its headers."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from pipeline.incidents.routing import CLOUDEVENT_HEADERS, alert_headers, fixed_topics, scopes
from pipeline.records import Alert, AlertId, IncidentId
from pipeline.records.topics import ALERTS, ALERTS_CONFLICT, ALERTS_CRITICAL, ALERTS_CYBER, ALERTS_LATEST

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALERT = Alert(
    alert_id=AlertId("alert:1"),
    revision=3,
    change="revised",
    incident=IncidentId("inc:1"),
    category="conflict",
    severity="critical",
    score=0.9,
    credibility=0.5,
    what="Invented",
    first_seen=NOON,
    last_seen=NOON,
)


@pytest.mark.parametrize(
    ("category", "severity", "topics"),
    [
        ("conflict", "critical", {ALERTS_CRITICAL, ALERTS_CONFLICT}),
        ("unrest", "low", {ALERTS_CONFLICT}),
        ("cyber", "high", {ALERTS_CYBER}),
        ("disaster", "critical", {ALERTS_CRITICAL}),
        ("other", "info", set()),
    ],
)
def test_severity_and_category_choose_the_topics(category: str, severity: str, topics: set[str]) -> None:
    assert set(fixed_topics(replace(ALERT, category=category, severity=severity))) == topics


def test_a_topic_that_carried_an_alert_goes_on_carrying_it_out_of_scope() -> None:
    lower = replace(ALERT, severity="high")
    assert scopes(lower, {ALERTS_CRITICAL, ALERTS_CONFLICT}) == {
        ALERTS: True,
        ALERTS_LATEST: True,
        ALERTS_CONFLICT: True,
        ALERTS_CRITICAL: False,
    }
    gone = replace(ALERT, change="retracted", in_scope=False)
    assert scopes(gone, {ALERTS_CRITICAL}) == {ALERTS: False, ALERTS_LATEST: False, ALERTS_CRITICAL: False}


def test_headers_are_those_of_a_cloudevent() -> None:
    headers = alert_headers(ALERT, ALERTS_CRITICAL, NOON)
    assert set(headers) == {*CLOUDEVENT_HEADERS, "ce_severity", "ce_category"}
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_id"] == "alert:1/3"
    assert headers["ce_source"] == "/tocsin/tocsin.alerts.critical"
    assert headers["ce_type"] == "tocsin.alert.revised"
    assert headers["ce_time"] == "2026-03-01T12:00:00Z"
