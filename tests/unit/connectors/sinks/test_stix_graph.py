"""What the objects of an alert say of each other, and who is an actor and who is not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.sinks.stix import make_bundle
from connectors.sinks.stixmaker import TLP_IDS, Maker
from connectors.sinks.stixobjects import EXTENSION_ID, make_objects
from pipeline.records import Alert, Indicator, Line, Mention, Related, Source
from tests.support.alerts import make, rich

Objects = list[dict[str, Any]]


def bundle(alert: Alert, tlp: str = "green") -> Objects:
    objects: Objects = json.loads(make_bundle(alert, tlp, "x"))["objects"]  # type: ignore[arg-type]
    return objects


def named(objects: Objects, kind: str) -> list[str]:
    return [o["name"] for o in objects if o["type"] == kind]


def links(objects: Objects) -> set[tuple[str, str, str]]:
    by_id = {o["id"]: o for o in objects}

    def name(ref: str) -> str:
        o = by_id[ref]
        return "incident" if o["type"] == "incident" else str(o.get("name") or o.get("value") or o["type"])

    return {
        (name(o["source_ref"]), o["relationship_type"], name(o["target_ref"]))
        for o in objects
        if o["type"] == "relationship"
    }


def one(kind: str, value: str, **fields: Any) -> Alert:
    seen = Indicator(kind, value, value, 10, 10 + len(value), True, "malicious", "named a command server", "c2")
    return make(1, category="cyber", indicators=(replace(seen, **fields),))


def intrusion(**fields: Any) -> Alert:
    given = {
        "category": "cyber", "event_type": "Cyber", "event_subtype": "Ransomware",
        "actors": (Mention("Cozy Bear", 0, 9, "attack:G0016"),), "targets": (Mention("Northgate Hospital", 0, 9), Mention("patients", 0, 9)),
        "malware": (Mention("LockBit", 0, 9),), "sector": "health",
    }  # fmt: skip
    return rich(1, **(given | fields))


@pytest.mark.parametrize("subtype", ["Takedown", "Arrest", "Arrests"])
def test_police_and_vendors_that_take_a_botnet_down_are_identities(subtype: str) -> None:
    doers = (Mention("The FBI", 0, 7, "org:fbi"), Mention("Microsoft", 9, 18, "org:microsoft"))
    objects = bundle(intrusion(event_subtype=subtype, actors=doers, targets=()))
    assert named(objects, "threat-actor") + named(objects, "intrusion-set") == []
    assert {"Microsoft"} < set(named(objects, "identity"))
    assert not {kind for _, kind, _ in links(objects)} & {"attributed-to"}


def test_armies_and_companies_are_never_threat_actors() -> None:
    objects = bundle(
        intrusion(actors=(Mention("Microsoft", 0, 9, "org:microsoft"), Mention("China", 0, 5, "geo:1814991")))
    )
    assert named(objects, "threat-actor") + named(objects, "intrusion-set") == []


def test_an_actor_is_one_intrusion_set_whatever_it_is_called_and_has_its_aliases() -> None:
    found = [
        next(
            o for o in bundle(intrusion(actors=(Mention(name, 0, 9, "attack:G0016"),))) if o["type"] == "intrusion-set"
        )
        for name in ("Cozy Bear", "Midnight Blizzard")
    ]
    assert found[0] == found[1]
    assert found[0]["name"] == "APT29"
    assert {"Cozy Bear", "Midnight Blizzard"} <= set(found[0]["aliases"])
    assert found[0]["external_references"] == [{"source_name": "mitre-attack", "external_id": "G0016"}]


def test_who_did_what_to_whom_with_what() -> None:
    assert links(bundle(intrusion())) >= {
        ("incident", "attributed-to", "APT29"), ("incident", "targets", "Northgate Hospital"), ("incident", "uses", "LockBit"),
        ("incident", "located-at", "Oskel"), ("APT29", "uses", "LockBit"), ("APT29", "targets", "Northgate Hospital"),
        ("incident", "related-to", "CVE-2026-0001"),
    }  # fmt: skip
    (victim,) = [o for o in bundle(intrusion()) if o.get("name") == "Northgate Hospital"]
    assert victim["sectors"] == ["healthcare"]
    assert "sector: healthcare" in named(bundle(intrusion(targets=(Mention("hospitals", 0, 9),))), "identity")


@pytest.mark.parametrize("fields", [{"realis": "denied"}, {"line": Line(by_how="denied")}])
def test_an_attribution_that_is_denied_attributes_nothing(fields: dict[str, Any]) -> None:
    kinds = {(s, k) for s, k, _ in links(bundle(intrusion(**fields)))}
    assert ("incident", "attributed-to") not in kinds
    assert ("APT29", "uses") not in kinds


def test_an_indicator_tells_of_what_it_stands_with_and_is_based_on_its_observable() -> None:
    related = (
        Related("malware", "TIDEWASH", None, "sentence"), Related("actor", "UNC6411", None, "section"),
        Related("technique", "T1505.003"), Related("cve", "CVE-2026-51877"),
    )  # fmt: skip
    found = links(bundle(one("ipv4", "179.43.182.58", related=related)))
    name = "ipv4 179.43.182.58"
    assert found == {
        (name, "indicates", "TIDEWASH"), (name, "indicates", "UNC6411"), (name, "indicates", "T1505.003"),
        (name, "related-to", "CVE-2026-51877"), (name, "based-on", "179.43.182.58"),
    }  # fmt: skip


def test_an_indicator_says_how_sure_since_when_until_when_and_from_whom() -> None:
    source = Source(
        article_id="art:1", version_id="ver:1", story="story:1", feed="harbour-wire", verdict="new", title="x",  # type: ignore[arg-type]
        url="https://news.example/1", published=datetime(2026, 2, 20, 8, tzinfo=UTC),
    )  # fmt: skip
    alert = replace(one("ipv4", "179.43.182.58", first_seen="2026-02-03", last_seen="2026-02"), sources=(source,))
    (made,) = [o for o in bundle(alert) if o["type"] == "indicator"]
    assert (made["confidence"], made["labels"]) == (60, ["c2", "cyber"])
    assert made["valid_from"] == "2026-02-03T00:00:00.000Z"
    assert made["valid_until"].startswith("2026-04-29")  # 60 days after the end of February
    assert [r.get("url") for r in made["external_references"]] == [None, "https://news.example/1"]
    assert made["kill_chain_phases"][0]["phase_name"] == "command-and-control"
    (sighting,) = [o for o in bundle(alert) if o["type"] == "sighting"]
    assert (sighting["sighting_of_ref"], sighting["first_seen"]) == (made["id"], "2026-02-03T00:00:00.000Z")
    (report,) = [o for o in bundle(alert) if o["type"] == "report"]
    assert report["published"] == "2026-02-20T08:00:00.000Z"
    (no_end,) = [o for o in bundle(one("sha256", "a" * 64)) if o["type"] == "indicator"]
    assert "valid_until" not in no_end


@pytest.mark.parametrize(
    ("kind", "value", "pattern"),
    [
        ("file-name", "kit_dk.zip", "[file:name = 'kit_dk.zip']"),
        ("file-path", "C:\\Temp\\a.exe", "[file:name = 'a.exe' AND file:parent_directory_ref.path = 'C:\\\\Temp']"),
        ("file-path", "/tmp/x", "[file:name = 'x' AND file:parent_directory_ref.path = '/tmp']"),
        ("user-agent", "Evil/1", "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Evil/1']"),
        ("ja3", "a" * 32, f"[network-traffic:x_ja3 = '{'a' * 32}']"),
        ("imphash", "a" * 32, f"[file:extensions.'windows-pebinary-ext'.imphash = '{'a' * 32}']"),
        ("sha384", "a" * 96, f"[file:hashes.'SHA-384' = '{'a' * 96}']"),
        ("btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "[cryptocurrency-wallet:value = '1BoatSLRHtKNngkdXEeobR76b53LETtpyT']"),
        ("asn", "AS64500", "[autonomous-system:number = 64500]"),
        ("telegram", "x", "[user-account:account_type = 'telegram' AND user-account:account_login = 'x']"),
        ("registry-key", "HKCU\\Software\\Run", "[windows-registry-key:key = 'HKEY_CURRENT_USER\\\\Software\\\\Run']"),
        ("cidr", "192.0.2.0/24", "[ipv4-addr:value ISSUBSET '192.0.2.0/24']"),
        ("url", "t.me/x", "[url:value = 'http://t.me/x' OR url:value = 'https://t.me/x']"),
        ("purl", "pkg:npm/%40korvid/date-kit@4.2.1", "[software:name = '@korvid/date-kit' AND software:version = '4.2.1']"),
    ],
)  # fmt: skip
def test_every_kind_of_value_has_its_pattern(kind: str, value: str, pattern: str) -> None:
    (made,) = [o for o in bundle(one(kind, value)) if o["type"] == "indicator"]
    assert (made["pattern"], made["pattern_type"]) == (pattern, "stix")


@pytest.mark.parametrize(("kind", "pattern_type"), [("yara-rule", "yara"), ("sigma-rule", "sigma")])
def test_rules_are_patterns_of_their_own_type(kind: str, pattern_type: str) -> None:
    (made,) = [
        o for o in bundle(one(kind, "rule x {\n condition: true }", verdict="benign")) if o["type"] == "indicator"
    ]
    assert (made["pattern"], made["pattern_type"]) == ("rule x {\n condition: true }", pattern_type)


def test_an_address_with_a_port_is_traffic_to_that_port() -> None:
    seen = Indicator("ipv4", "91.92.109.140", "91.92.109[.]140", 10, 25, True, "malicious", "c2", "c2")
    port = Indicator("port", "4443", "4443", 26, 30)
    objects = bundle(make(1, indicators=(seen, port, Indicator("port", "80", "80", 90, 92))))
    patterns = [o["pattern"] for o in objects if o["type"] == "indicator"]
    assert patterns == [
        "[ipv4-addr:value = '91.92.109.140']",
        (
            "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '91.92.109.140'"
            " AND network-traffic:dst_port = 4443]"
        ),
    ]
    assert [o["dst_port"] for o in objects if o["type"] == "network-traffic"] == [4443]


def test_what_stix_has_no_object_for_stands_in_the_incident() -> None:
    (incident,) = [o for o in bundle(one("google-analytics", "UA-1-1")) if o["type"] == "incident"]
    assert incident["extensions"][EXTENSION_ID]["other_indicators"] == [
        {"type": "google-analytics", "value": "UA-1-1", "verdict": "malicious"}
    ]


@pytest.mark.parametrize(
    ("tlp", "level"), [("white", "clear"), ("clear", "clear"), ("amber+strict", "amber+strict"), ("red", "red")]
)
def test_every_object_is_marked_by_the_names_of_tlp_2(tlp: str, level: str) -> None:
    objects = bundle(intrusion(), tlp)
    assert [o["name"] for o in objects if o["type"] == "marking-definition"] == [f"TLP:{level.upper()}"]
    assert all(o["object_marking_refs"] == [TLP_IDS[level]] for o in objects if o["type"] != "marking-definition")


def test_ids_are_those_of_the_installation_and_observables_those_of_stix() -> None:
    here, there, again = (make_objects(intrusion(), Maker(installation=name)) for name in ("a", "b", "a"))
    assert here == again
    shared = {o["id"].partition("--")[0] for o in here} - {
        o["id"].partition("--")[0] for o in here if o["id"] not in {t["id"] for t in there}
    }
    assert shared == {
        "marking-definition",
        "extension-definition",
        "domain-name",
        "ipv4-addr",
        "file",
        "url",
        "email-addr",
    }
