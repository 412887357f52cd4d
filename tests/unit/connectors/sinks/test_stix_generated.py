"""Any alert that can exist makes a bundle that the validator of OASIS takes, and loses none of its facts."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from stix2validator import ValidationOptions, validate_string

from connectors.sinks.stix import make_bundle
from connectors.sinks.stixobjects import EXTENSION_ID
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Indicator
from tests.support.alerts import make, on_wire
from tests.support.generated import KINDS, LIKELY, alerts

STRANGE = (
    "o'brien@x.example", "a_b.example", "-x.example", "x..example", "http://a_b.example/", "http://x.example:99999/", "http:///x", "HTTP://X.EXAMPLE/",
    "http://x.example/a|b{c}^`", "http://[::1", "mailto:x@y.example", "data:text/html,x", "fe80::1%eth0", "1.2.3.4/33", "AS0", "AS4294967296",
    "00:11:22:33:44:55:66", "https://user:pw@evil.example/",
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(alerts())
def test_every_alert_that_can_exist_makes_a_valid_bundle(alert: Alert) -> None:
    raw = make_bundle(on_wire(alert), "amber+strict", "x")
    result = validate_string(raw, ValidationOptions(version="2.1"))
    assert result.is_valid, [str(e) for e in result.errors]
    objects = json.loads(raw)["objects"]
    assert {r for o in objects for r in o.get("object_refs", [])} <= {o["id"] for o in objects}
    assert all(o.get("object_marking_refs") for o in objects if o["type"] != "marking-definition")
    (incident,) = [o for o in objects if o["type"] == "incident"]
    told = incident["extensions"][EXTENSION_ID]
    assert told["actors" if alert.actors else "severity"] == ([clean(a.text) for a in alert.actors] or alert.severity)
    assert (told["alert_id"], told["revision"], told["change"]) == (alert.alert_id, alert.revision, alert.change)


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_under_any_kind_costs_its_bundle(kind: str) -> None:
    values = sorted({v for found in LIKELY.values() for v in found} | set(STRANGE))
    said = tuple(Indicator(kind, v, v, n * 100, n * 100 + 1, False, "malicious") for n, v in enumerate(values))
    result = validate_string(make_bundle(make(1, indicators=said), "clear", "x"), ValidationOptions(version="2.1"))
    assert result.is_valid, [str(e) for e in result.errors]
