"""Any alert that can exist makes a bundle that the validator of OASIS takes, and loses none of its facts."""

import json

from hypothesis import HealthCheck, given, settings
from stix2validator import ValidationOptions, validate_string

from connectors.sinks.stix import make_bundle
from connectors.sinks.stixobjects import EXTENSION_ID
from pipeline.incidents.wording import clean
from pipeline.records import Alert
from tests.support.alerts import on_wire
from tests.support.generated import alerts

EXPECTED = ("{103}", "{302}", "{201}")
"""Ids are UUIDv5, pages have no hash, and an invented country is none."""


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
