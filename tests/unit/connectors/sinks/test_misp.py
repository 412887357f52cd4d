"""MISP events: nothing is lost, nothing doubled, and what was taken back blocks nobody."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from pymisp import MISPEvent

from connectors.sinks.misp import Config, make_json
from connectors.sinks.mispattributes import RULES
from connectors.sinks.mispevents import Said, say
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Indicator, Mention, Related
from tests.support.alerts import make, on_wire, rich
from tests.support.generated import alerts
from tests.support.memory import DictMemory
from tests.support.sinks import MispArrangement

CONFIG = Config(url="https://misp.example.org", api_key="k" * 40)
IOC = Indicator("domain", "c2.evil.example", "c2[.]evil[.]example", 1, 13, True, "malicious", "a command server", "c2")


def event_of(alert: Alert) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(make_json(alert, CONFIG, say(alert, "clear", Said()), Said(), "x"))["Event"]
    return made


def attributes_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    return [*event.get("Attribute", []), *(a for o in event.get("Object", []) for a in o["Attribute"])]


def told(event: dict[str, Any]) -> set[tuple[str, str]]:
    return {(a["type"], a["value"]) for a in attributes_of(event)}


def one(kind: str, value: str, **fields: Any) -> Alert:
    return make(1, category="cyber", indicators=(replace(IOC, type=kind, value=value, text=value, **fields),))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(alerts())
def test_every_alert_that_can_exist_makes_an_event_that_misp_reads_with_every_value(alert: Alert) -> None:
    event = event_of(on_wire(alert))
    read = MISPEvent()
    read.from_dict(Event=json.loads(json.dumps(event)))  # raises on a type or a category that MISP does not know
    assert all(a["value"].strip() for a in attributes_of(event))
    assert max(Counter(a["uuid"] for a in attributes_of(event)).values()) == 1
    values = {a["value"] for a in attributes_of(event)}
    for indicator in alert.indicators:
        value = indicator.value if indicator.type in RULES else clean(indicator.value).strip()
        assert not value or {value, f"http://{value}"} & values
    if alert.change == "retracted":
        assert not any(a["to_ids"] for a in attributes_of(event))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("file-name", "kit_dk.zip", ("filename", "kit_dk.zip")), ("sha384", "a" * 96, ("sha384", "a" * 96)),
        ("sha3-256", "a" * 64, ("sha3-256", "a" * 64)), ("telegram", "redloader", ("text", "redloader")),
        ("url", "t.me/redloader", ("url", "http://t.me/redloader")), ("eth", "0xabc", ("text", "0xabc")),
        ("onion", "a" * 56 + ".onion", ("onion-address", "a" * 56 + ".onion")), ("purl", "pkg:npm/a@1", ("other", "pkg:npm/a@1")),
        ("certificate-thumbprint", "a" * 40, ("x509-fingerprint-sha1", "a" * 40)), ("port", "4443", ("port", "4443")),
        ("md5", "short", ("other", "short")),
    ],
)  # fmt: skip
def test_every_kind_has_its_attribute_or_object(kind: str, value: str, expected: tuple[str, str]) -> None:
    assert expected in told(event_of(one(kind, value)))


def test_an_address_with_its_port_and_a_name_with_its_digest_are_told_together() -> None:
    address = Indicator("ipv4", "91.92.109.140", "91.92.109[.]140", 10, 25, True, "malicious")
    digest = Indicator("sha256", "a" * 64, "a" * 64, 40, 104, False, "malicious")
    others = (
        Indicator("port", "4443", "4443", 26, 30),
        Indicator("file-name", "a.exe", "a.exe", 107, 112, False, "malicious"),
    )
    found = told(event_of(make(1, indicators=(address, digest, *others))))
    assert {("ip-dst|port", "91.92.109.140|4443"), ("filename|sha256", f"a.exe|{'a' * 64}")} <= found
    far = replace(others[1], start=300, end=305)
    assert "filename|sha256" not in {kind for kind, _ in told(event_of(make(1, indicators=(digest, far))))}


def test_a_phishing_mailbox_is_a_sender_and_dates_are_told() -> None:
    (found,) = [
        a
        for a in attributes_of(
            event_of(one("email", "a@evil.example", role="phishing", first_seen="2026-11", last_seen="2026-11-06"))
        )
        if a["value"] == "a@evil.example"
    ]
    assert (found["type"], found["category"], found["to_ids"]) == ("email-src", "Payload delivery", True)
    assert (found["first_seen"][:10], found["last_seen"][:10]) == ("2026-11-01", "2026-11-06")


def test_tags_join_the_galaxies() -> None:
    alert = rich(
        1, category="cyber", event_subtype="Ransomware", sector="health", actors=(Mention("Cozy Bear", 0, 9, "attack:G0016"), Mention("FBI", 0, 3, "org:fbi")),
        malware=(Mention("TIDEWASH", 0, 8),), indicators=(replace(IOC, related=(Related("technique", "T1505.003"),)),),
    )  # fmt: skip
    tags = {t["name"] for t in event_of(replace(alert, place=replace(alert.place, country="NL")))["Tag"]}  # type: ignore[type-var]
    assert {
        'misp-galaxy:threat-actor="APT29"', 'misp-galaxy:mitre-intrusion-set="APT29 - G0016"', 'misp-galaxy:malpedia="TIDEWASH"',
        'misp-galaxy:country="the netherlands"', 'misp-galaxy:sector="Health"',
    } <= tags  # fmt: skip
    assert not any("FBI" in tag for tag in tags)
    (attribute,) = [a for a in attributes_of(event_of(alert)) if a["type"] == "domain"]
    assert {t["name"] for t in attribute["Tag"]} == {
        "kill-chain:Command and Control",
        'misp-galaxy:mitre-attack-pattern="T1505.003"',
    }


def test_revisions_update_one_event_and_what_is_told_no_more_blocks_nobody(tmp_path: Path) -> None:
    server, memory = MispArrangement(tmp_path), DictMemory()
    try:
        sink = server.make(memory)
        second = replace(IOC, value="other.evil.example")
        for alert in (
            make(1, 1, indicators=(IOC, second), severity="low"),
            make(1, 2, indicators=(IOC,), what="In other words."),
            make(1, 3, indicators=(IOC,), severity="high"),
        ):
            assert list(sink.write([on_wire(alert)])) == []
        (event,) = server.events.values()
        found = attributes_of(event)
        assert max(Counter((a["type"], a["value"]) for a in found).values()) == 1
        assert len([a for a in found if a["comment"] == "what happened"]) == 1
        blocked = {a["value"]: (a["to_ids"], a["comment"]) for a in found if a["type"] == "domain"}
        assert blocked[IOC.value][0] is True
        assert blocked[second.value] == (False, "no longer told since revision 2; was malicious: a command server: c2")
        revisions = [t["name"] for t in event["Tag"] if t["name"].startswith("tocsin:revision")]
        assert (revisions, len([t for t in event["Tag"] if "severity" in t["name"]])) == (['tocsin:revision="3"'], 1)
        sink.write([make(1, 4, indicators=(IOC,), change="retracted")])
        (event,) = server.events.values()
        assert not any(a["to_ids"] for a in attributes_of(event))
        assert event["info"].startswith("[retracted] ")
        sink.close()
    finally:
        server.close()
