"""One value is one indicator, and what no standing alert calls malicious is revoked."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from stix2validator import ValidationOptions, validate_string

from connectors.sinks.stix import Config, StixSink
from pipeline.records import Alert, AlertId, Indicator
from tests.support.alerts import make, rich
from tests.support.memory import DictMemory

IOC = Indicator("domain", "c2.evil.example", "c2[.]evil[.]example", 1, 13, True, "malicious", "a command server", "c2")


class Desk:
    """A sink, and what a receiver has that takes the latest version of everything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.memory = DictMemory()
        self.known: dict[str, dict[str, Any]] = {}

    def take(self, *alerts: Alert) -> list[dict[str, Any]]:
        found = []
        for alert in alerts:
            sink = StixSink("a", msgspec.convert({"path": str(self.path)}, Config))  # over restarts
            sink.open(self.memory)
            assert list(sink.write([alert])) == []
            raw = (self.path / f"{alert.alert_id[6:]}.json").read_text()
            assert validate_string(raw, ValidationOptions(version="2.1")).is_valid
            found = json.loads(raw)["objects"]
            for o in found:
                before = self.known.get(o["id"])
                if before and before.get("modified") == o.get("modified"):
                    assert before == o  # one version has one content
                if not before or o.get("modified", "") >= before.get("modified", ""):
                    if before:
                        assert before.get("created") == o.get("created")
                        assert not before.get("revoked") or o["revoked"]  # never comes back
                    self.known[o["id"]] = o
        return found

    def standing(self, kind: str = "indicator") -> list[dict[str, Any]]:
        return [o for o in self.known.values() if o["type"] == kind and not o.get("revoked")]

    def revoked(self, kind: str = "indicator") -> list[dict[str, Any]]:
        return [o for o in self.known.values() if o["type"] == kind and o.get("revoked")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def carrying(number: int, revision: int = 1, *indicators: Indicator, **fields: Any) -> Alert:
    return make(number, revision, indicators=indicators, **fields)


def test_one_value_is_one_indicator_whatever_alerts_and_wordings_tell_it(desk: Desk) -> None:
    other = msgspec.structs.replace(IOC, reason="said to serve as c2", role="download")
    desk.take(carrying(1, 1, IOC), carrying(1, 2, other), carrying(2, 1, other))
    (made,) = desk.standing()
    assert made["labels"] == ["c2", "conflict", "download"] or made["labels"] == ["conflict", "download"]
    assert {r["external_id"] for r in made["external_references"] if "external_id" in r} == {
        make(1).alert_id,
        make(2).alert_id,
    }


def test_what_did_not_change_gets_no_new_version(desk: Desk) -> None:
    desk.take(carrying(1, 1, IOC))
    before = desk.standing()[0]
    desk.take(carrying(1, 2, IOC, what="In other words."))
    assert desk.standing() == [before] or desk.standing()[0]["pattern"] == before["pattern"]


def test_an_indicator_is_revoked_with_the_last_alert_that_tells_it(desk: Desk) -> None:
    desk.take(carrying(1, 1, IOC), carrying(2, 1, IOC))
    desk.take(carrying(1, 2, IOC, change="retracted"))
    assert len(desk.standing()) == 1
    desk.take(carrying(2, 2, IOC, change="retracted"))
    assert desk.standing() == []
    assert len(desk.revoked()) == 1
    assert desk.standing("report") == desk.standing("incident") == desk.standing("relationship") == []


def test_a_verdict_that_turned_revokes_with_the_next_revision(desk: Desk) -> None:
    desk.take(carrying(1, 1, IOC))
    desk.take(carrying(1, 2, msgspec.structs.replace(IOC, verdict="unknown")))
    assert desk.standing() == []
    assert len(desk.revoked()) == 1
    assert len(desk.standing("report")) == 1
    last = desk.take(carrying(1, 3))
    assert [o["revoked"] for o in last if o["type"] == "indicator"] == [
        True
    ]  # whoever reads the file later learns it as well


def test_a_value_that_is_told_again_after_it_was_revoked_gets_a_new_indicator(desk: Desk) -> None:
    desk.take(carrying(1, 1, IOC), carrying(1, 2, IOC, change="retracted"), carrying(2, 1, IOC))
    assert len(desk.standing()) == len(desk.revoked()) == 1
    assert desk.standing()[0]["id"] != desk.revoked()[0]["id"]
    assert {o["source_ref"] for o in desk.standing("relationship")} == {desk.standing()[0]["id"]}


def test_a_merged_alert_leaves_its_indicators_to_the_one_that_goes_on(desk: Desk) -> None:
    into = AlertId(make(2).alert_id)
    desk.take(carrying(1, 1, IOC), carrying(1, 2, IOC, change="merged", merged_into=into), carrying(2, 2, IOC))
    assert len(desk.standing()) == 1
    desk.take(carrying(2, 3))
    assert desk.standing() == []


def test_an_older_revision_that_comes_late_changes_nothing(desk: Desk) -> None:
    desk.take(carrying(1, 3))
    stands = desk.memory.notes.copy()
    desk.take(carrying(1, 2, IOC))
    assert desk.memory.notes == stands


def test_written_again_after_a_crash_it_is_the_same(desk: Desk) -> None:
    before = desk.memory.notes.copy()
    first = desk.take(rich(1))
    desk.memory.notes = before  # died before it remembered
    assert desk.take(rich(1)) == first
    assert desk.take(rich(1)) == first
