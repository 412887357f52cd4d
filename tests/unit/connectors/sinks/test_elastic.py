"""The sink `elastic`: what becomes of each item of a bulk."""

import ipaddress
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from connectors.sinks.ecs import make_document, make_template
from connectors.sinks.elastic import Config, ElasticSink
from connectors.sinks.sink import AwayError
from pipeline.errors import ConfigError
from pipeline.records import Alert, Indicator, Mention
from tests.support.alerts import make, on_wire, rich
from tests.support.generated import alerts
from tests.support.memory import DictMemory
from tests.support.receiver import Answer
from tests.support.sinks import Elastic


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Elastic]:
    made = Elastic(tmp_path)
    yield made
    made.close()


def sink(server: Elastic, **options: Any) -> ElasticSink:
    made = ElasticSink("search", msgspec.convert(server.options() | options, Config))
    made.open(DictMemory())
    return made


def test_an_item_that_is_refused_costs_no_other(index: Elastic) -> None:
    index.item_faults[make(2).alert_id] = [400]
    (refusal,) = sink(index).write([make(1), make(2), make(3)])
    assert refusal.alert == make(2)
    assert "mapper_parsing_exception" in refusal.reason
    assert [d["alert_id"] for _, d in index.documents.values()] == [make(1).alert_id, make(3).alert_id]
    assert len(index.receiver.requests) == 1


@pytest.mark.parametrize("status", [429, 503, 403])
def test_an_item_that_is_turned_away_is_handed_over_again_with_all_after_it(index: Elastic, status: int) -> None:
    index.item_faults[make(1).alert_id] = [400]
    index.item_faults[make(3).alert_id] = [status]
    with pytest.raises(AwayError) as raised:
        sink(index).write([make(1), make(2), make(3), make(4)])
    assert (raised.value.safe, [r.alert for r in raised.value.refusals]) == (2, [make(1)])
    assert raised.value.is_setup == (status == 403)


def test_a_later_revision_stays_when_an_older_one_comes_after_it(index: Elastic) -> None:
    one = sink(index)
    assert one.write([make(1, 3)]) == []
    assert one.write([make(1, 2)]) == []
    assert index.delivered() == [(make(1).alert_id, 3)]
    every = sink(index, keep="all")
    every.write([make(2), make(2, 2)])
    assert len(index.documents) == 3


def test_bulks_are_bounded(index: Elastic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sinks.elastic.BULK_BYTES_MAX", 2_000)
    assert sink(index).write([make(n) for n in range(1, 21)]) == []
    assert len(index.documents) == 20
    assert len(index.receiver.requests) > 3
    assert all(len(r.body) <= 2_000 for r in index.receiver.requests)


def test_a_bulk_that_is_refused_whole_is_sent_one_by_one(index: Elastic) -> None:
    usual = index.receiver.answer

    def answer(request: Any) -> Answer:
        return (
            Answer(400, b"no")
            if len(request.body.splitlines()) > 2 or make(2).alert_id.encode() in request.body
            else usual(request)
        )

    index.receiver.answer = answer
    (refusal,) = sink(index).write([make(1), make(2), make(3)])
    assert refusal.alert == make(2)
    assert len(index.documents) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b'{"items": []}', b'{"items": [{}]}', b"<html>"])
def test_an_answer_that_can_not_be_read_is_no_delivery(index: Elastic, body: bytes) -> None:
    index.receiver.answer = lambda _: Answer(200, body)
    with pytest.raises(AwayError):
        sink(index).write([make(1)])


def test_a_document_has_what_searches_look_for() -> None:
    document = json.loads(msgspec.json.encode(make_document(rich(1))))
    assert document["@timestamp"] == "2026-03-01T12:01:00Z"
    assert document["location"] == {"lat": 1.5, "lon": 2.5}
    assert "location" not in make_document(replace(rich(1), place=None))


@pytest.mark.parametrize("name", ["Alerts", "", "a/b", "a b", "a,b"])
def test_no_name_of_an_index(index: Elastic, name: str) -> None:
    with pytest.raises(ConfigError, match="index"):
        sink(index, index=name)


def test_documents_speak_ecs() -> None:
    alert = rich(
        1, category="cyber", actors=(Mention("Cozy Bear", 0, 9, "attack:G0016"), Mention("FBI", 0, 3, "org:fbi")),
        indicators=(*rich(1).indicators, Indicator("ipv4", "198.51.100.7", "", 50, 62), Indicator("port", "4443", "", 63, 67)),
    )  # fmt: skip
    document = json.loads(msgspec.json.encode(make_document(alert)))
    assert document["ecs"] == {"version": "8.11.0"}
    assert (document["event"]["kind"], document["event"]["severity"], document["event"]["risk_score"]) == (
        "alert",
        73,
        70.0,
    )
    found = {(i["type"], i["name"]): i for i in document["threat"]["indicator"]}
    assert found["domain-name", "c2.evil.example"]["url"] == {"domain": "c2.evil.example"}
    assert found["file", "a" * 64]["file"]["hash"] == {"sha256": "a" * 64}
    assert found["ipv4-addr", "198.51.100.7"]["port"] == 4443
    assert found["ipv4-addr", "203.0.113.7"]["confidence"] == "Medium"
    assert [g["name"] for g in document["threat"]["group"]] == ["APT29"]
    assert document["vulnerability"] == {"id": ["CVE-2026-0001"]}
    assert document["related"]["ip"] == ["203.0.113.7", "198.51.100.7"]


def test_the_template_is_put_when_asked_for_and_knows_the_fields(index: Elastic) -> None:
    sink(index)
    assert index.templates == {}
    sink(index, template=True, indicators_index="tocsin-indicators")
    assert set(index.templates) == {"tocsin-alerts", "tocsin-indicators"}
    properties = index.templates["tocsin-alerts"]["template"]["mappings"]["properties"]
    assert properties["location"] == {"type": "geo_point"}
    assert properties["threat"]["properties"]["indicator"]["properties"]["ip"] == {"type": "ip"}
    index.receiver.faults.append(400)
    with pytest.raises(ConfigError, match="template"):
        sink(index, template=True)


def test_a_value_is_one_document_until_no_standing_alert_tells_it(index: Elastic) -> None:
    bad = Indicator("domain", "c2.evil.example", "", 0, 9, True, "malicious", "a command server", "c2")
    one = sink(index, indicators_index="tocsin-indicators")
    one.write(
        [make(1, indicators=(bad, replace(bad, value="x.example", verdict="unknown"))), make(2, indicators=(bad,))]
    )
    (document,) = index.values.values()
    assert document["threat"]["indicator"]["url"] == {"domain": "c2.evil.example"}
    assert document["tocsin"]["alerts"] == [make(1).alert_id, make(2).alert_id]
    one.write([make(1, 2, indicators=(bad,), change="retracted")])
    assert len(index.values) == 1
    one.write([make(2, 2)])
    assert index.values == {}
    one.write(
        [make(3, indicators=(bad,)), make(3, 2, indicators=(bad,), change="merged", merged_into=make(4).alert_id)]
    )
    assert len(index.values) == 1
    one.write([make(4, 2)])
    assert index.values == {}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(alerts())
def test_every_alert_that_can_exist_fits_the_template(alert: Alert) -> None:
    document = json.loads(msgspec.json.encode(make_document(on_wire(alert))))

    def check(value: Any, mapping: dict[str, Any]) -> None:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                for key, inner in one.items():
                    check(inner, mapping.get("properties", {}).get(key, {}))
            elif mapping.get("type") == "ip":
                ipaddress.ip_address(one)
            elif mapping.get("type") == "date":
                datetime.fromisoformat(one)
            elif mapping.get("type") == "long":
                assert isinstance(one, int)

    check(document, {"properties": make_template("x")["template"]["mappings"]["properties"]})
