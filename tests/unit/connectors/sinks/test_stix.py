"""STIX objects, judged by the validator of OASIS; the TAXII server, read by the client of OASIS."""

import base64
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from stix2.pattern_visitor import create_pattern_object
from stix2validator import ValidationOptions, validate_string
from taxii2client.v21 import ApiRoot, Server

from connectors.sinks import sink as sink_module
from connectors.sinks import stix
from connectors.sinks.stix import make_bundle
from connectors.sinks.stixobjects import EXTENSION_ID, SCHEMA
from connectors.sinks.stixvalues import value_of
from connectors.sinks.taxii import Config, TaxiiSink
from connectors.sinks.taxiistore import Collection as Shelf
from connectors.sinks.taxiistore import Question, TaxiiStore
from pipeline.errors import ConfigError
from pipeline.records import Alert, Indicator, Place, Ring
from tests.support.alerts import hostile, make, on_wire, rich
from tests.support.memory import DictMemory
from tests.support.sinks import Taxii, read_collection

EXPECTED_WARNINGS = ("{103}", "{302}", "{201}", "{202}")
"""Ids are UUIDv5, pages have no hash, the invented country is none, and STIX suggests no links of an incident."""


def bundle(alert: Alert) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = json.loads(make_bundle(alert, "green", "x"))["objects"]
    return objects


def by_type(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [o for o in objects if o["type"] == kind]


ODD_VALUES = [
    ("url", "http://evil.example/\u00e9?q=<x>"), ("url", "not a url"), ("email", "no at sign"), ("mac", "AA-BB-CC-DD-EE-FF"),
    ("md5", "short"), ("sha256", "b" * 64), ("ipv4", "999.1.1.1"), ("ipv6", "2001:db8::1"), ("cidr", "192.0.2.0/24"),
    ("cidr", "2001:db8::/32"), ("registry-key", "HKLM\\Soft'ware\\\"x"), ("mutex", "Global\\m'x"), ("domain", "evil.example"),
    ("attack-technique", "T1059.001"), ("ssdeep", "3:a:b"), ("tlsh", "T1" + "A" * 70), ("btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    ("sha1", "c" * 40), ("sha512", "d" * 128), ("sha3-256", "e" * 64), ("onion", "a" * 56 + ".onion"),
]  # fmt: skip


@pytest.mark.parametrize(
    "alert",
    [
        rich(1), rich(1, 2, change="retracted", in_scope=False), make(2),
        rich(3, place=Place("there", 0, 5)), rich(4, place=Place("x", 0, 1, latitude=1.0, longitude=2.0)),
        rich(5, indicators=tuple(Indicator(k, v, v, 0, 1, False, "malicious", "seen") for k, v in ODD_VALUES)),
        *hostile(),
    ],
    ids=lambda a: ascii(a.what[:20]),
)  # fmt: skip
def test_every_bundle_is_valid(alert: Alert) -> None:
    result = validate_string(make_bundle(on_wire(alert), "green", "x"), ValidationOptions(version="2.1"))
    assert result.is_valid, [str(e) for e in result.errors]
    strange = [str(w) for w in result.warnings or () if not any(code in str(w) for code in EXPECTED_WARNINGS)]
    assert strange == []


def test_the_report_refers_to_everything_that_was_found() -> None:
    objects = bundle(rich(1))
    (report,) = by_type(objects, "report")
    kinds = {i.partition("--")[0] for i in report["object_refs"]}
    assert kinds >= {
        "incident",
        "location",
        "threat-actor",
        "relationship",
        "indicator",
        "vulnerability",
        "domain-name",
    }
    assert set(report["object_refs"]) <= {o["id"] for o in objects}
    assert [r["url"] for r in report["external_references"] if "url" in r] == ["https://news.example/1?a=b&c=d"]
    (incident,) = by_type(objects, "incident")
    told = incident["extensions"][EXTENSION_ID]
    assert (told["event_subtype"], told["disputed"], told["claims"][0]["low"]) == ("Arrests", ["captured"], 12)
    assert set(told) <= set(SCHEMA["properties"])  # type: ignore[call-overload]
    (definition,) = by_type(objects, "extension-definition")
    assert json.loads(definition["schema"]) == SCHEMA


def test_revisions_are_later_versions_of_the_same_objects_and_a_retraction_revokes_them() -> None:
    first, second = bundle(rich(1)), bundle(rich(1, 2, change="retracted"))
    versions = {(o["id"], o.get("modified", o.get("created"))): o for o in first}
    for o in second:
        same = versions.get((o["id"], o.get("modified", o.get("created"))))
        assert same is None or same == o  # one version has one content
    for kind in ("report", "incident"):
        (before,), (after,) = by_type(first, kind), by_type(second, kind)
        assert before["id"] == after["id"]
        assert before["modified"] < after["modified"]
        assert (before.get("revoked", False), after["revoked"]) == (False, True)


@pytest.mark.parametrize("value", ["it's", "a\\b", "'] OR [x:y = 'z", '"', "plain", "\\'"])
def test_no_value_gets_out_of_its_pattern(value: str) -> None:
    text = value_of(Indicator("domain", value, value, 0, 1)).pattern
    parsed = create_pattern_object(text, version="2.1")
    assert str(parsed) == text
    assert re.sub(r"\\(.)", r"\1", parsed.operand.rhs.value) == value  # the library's parser keeps the escapes


def test_the_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stix.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r'pip install "tocsin\[stix\]"'):
        stix.StixSink("a", stix.Config(path="x"))
    assert "stix" in sink_module.need_extra("stix2", "stix")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TaxiiSink]:
    made = TaxiiSink("exchange", msgspec.convert(Taxii(tmp_path).options(), Config))
    made.open(DictMemory())
    yield made
    made.close()


def get(
    server: TaxiiSink, path: str, *, login: str = "partner:pa55word", method: str = "GET", accept: str = "*/*"
) -> tuple[int, Any, Any]:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", method=method, headers={"Accept": accept})
    if login:
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


def test_a_client_finds_its_way_and_reads_by_category(server: TaxiiSink) -> None:
    server.write([rich(1), rich(2, category="cyber")])
    root: ApiRoot = Server(f"http://127.0.0.1:{server.port}/taxii2/", user="partner", password="pa55word").default
    assert {c.title for c in root.collections} >= {"All alerts", "Alerts of category cyber"}
    assert len([o for o in read_collection(server.port, "all") if o["type"] == "report"]) == 2
    (report,) = [o for o in read_collection(server.port, "cyber") if o["type"] == "report"]
    assert "cyber" in report["labels"]
    assert read_collection(server.port, "disaster") == []
    server.write([rich(3, watch=Ring(rule="oskel", version="1"))])
    assert len([o for o in read_collection(server.port, "watch-oskel") if o["type"] == "report"]) == 1


def test_what_came_since_and_all_versions_can_be_asked_for(server: TaxiiSink) -> None:
    server.write([rich(1)])
    everything = len(read_collection(server.port, "all"))
    _, manifest, headers = get(server, "/tocsin/collections/all/manifest/?limit=1000")
    assert len(manifest["objects"]) == everything
    last = headers["X-TAXII-Date-Added-Last"]
    server.write([rich(1, 2)])
    since = read_collection(server.port, "all", added_after=last)
    assert {o["type"] for o in since} == {"report", "incident"}  # nothing else is new
    report = next(o["id"] for o in since if o["type"] == "report")
    _, versions, _ = get(server, f"/tocsin/collections/all/objects/{report}/versions/")
    assert len(versions["versions"]) == 2
    for match, count in {"last": 1, "first": 1, "all": 2, versions["versions"][0]: 1}.items():
        _, found, _ = get(server, f"/tocsin/collections/all/objects/{report}/?match[version]={match}")
        assert len(found["objects"]) == count, match


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_a_client_that_pages_by_the_time_of_adding_alone_loses_nothing(server: TaxiiSink, limit: int) -> None:
    server.write([rich(1), rich(2), rich(1, 2)])
    wanted = {(o["id"], o.get("modified")) for o in read_collection(server.port, "all")}
    found: list[tuple[str, str | None]] = []
    after = ""
    while True:
        _, page, headers = get(server, f"/tocsin/collections/all/objects/?limit={limit}{after}")
        found += [(o["id"], o.get("modified")) for o in page.get("objects", [])]
        if not page.get("objects"):
            break
        after = f"&added_after={headers['X-TAXII-Date-Added-Last']}"
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_entries_that_an_older_version_added_at_one_time_are_told_apart(tmp_path: Path) -> None:
    store = TaxiiStore(tmp_path / "t.sqlite")
    store.add([Shelf("all", "")], [(f"x--{n}", "", "x", "{}") for n in range(5)])
    store._db.execute("UPDATE entries SET added = '2026-01-01T00:00:00.000000Z'")
    store.close()
    again = TaxiiStore(tmp_path / "t.sqlite")
    times = [e.added for e in again.find(Shelf("all", ""), Question(limit=9, versions=("all",)))]
    again.close()
    assert len(set(times)) == 5
    assert times == sorted(times)


def test_a_collection_has_one_kind_of_objects_and_who_made_them(server: TaxiiSink) -> None:
    server.write([rich(1)])
    found = read_collection(server.port, "indicators")
    assert {o["type"] for o in found} == {"indicator", "marking-definition", "identity"}
    assert {o["type"] for o in read_collection(server.port, "vulnerabilities")} > {"vulnerability"}
    assert read_collection(server.port, "malware") == []


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/taxii2/", {"login": ""}, 401),
        ("/taxii2/", {"login": "partner:wrong"}, 401),
        ("/taxii2/", {"accept": "text/html"}, 406),
        ("/taxii2/", {"accept": "application/taxii+json;version=2.1"}, 200),
        ("/tocsin/collections/nowhere/objects/", {}, 404),
        ("/tocsin/collections/all/objects/report--x/", {}, 404),
        ("/tocsin/status/x/", {}, 404),
        ("/etc/passwd", {}, 404),
        ("/tocsin/collections/all/objects/", {"method": "POST"}, 403),
        ("/tocsin/collections/all/objects/x/", {"method": "DELETE"}, 403),
        ("/tocsin/collections/all/objects/?limit=no", {}, 400),
        ("/tocsin/collections/all/objects/?limit=99999999999999999999", {}, 200),
        ("/tocsin/collections/all/objects/?next=1%27%20OR%201", {}, 400),
        ("/tocsin/collections/all/objects/?added_after=yesterday", {}, 400),
        ("/tocsin/collections/all/objects/?match[id]=%27%20OR%20%271", {}, 200),
        ("/tocsin/collections/all/objects/?match[spec_version]=2.0", {}, 200),
    ],
)  # fmt: skip
def test_what_can_not_be_answered_is_said_so(
    server: TaxiiSink, path: str, options: dict[str, str], status: int
) -> None:
    server.write([make(1)])
    got, body, headers = get(server, path, **options)
    assert got == status
    assert headers["Content-Type"] == "application/taxii+json;version=2.1"
    if "match" in path:
        assert body == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"listen": "here"}, "listen"),
        ({"listen": "0.0.0.0:6100", "username": "", "password": ""}, "loopback"),
        ({"password": ""}, "password"),
        ({"cert_file": "a.pem"}, "both"),
        ({"cert_file": "a.pem", "key_file": "b.pem"}, "can't be used"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_so_is_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TaxiiSink("a", msgspec.convert(Taxii(tmp_path).options() | options, Config))


def test_a_port_that_is_taken_is_an_error_with_its_name(server: TaxiiSink, tmp_path: Path) -> None:
    config = replace(server.config, listen=f"127.0.0.1:{server.port}")
    with pytest.raises(ConfigError, match="can't listen"):
        TaxiiSink("b", config).open(DictMemory())
