"""What an indicator belongs to, by row, sentence and section; when it was seen; and what attachments say of it by their form."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.records import Block, Entity, Indicator
from pipeline.text.indicators import find_attached, find_indicators, join_context

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = {
    "OpalStealer": ("MALWARE", "malware:opalstealer"),
    "KelpLoader": ("MALWARE", "malware:kelploader"),
    "Grey Heron": ("GROUP", "actor:grey-heron"),
}


def joined(text: str, blocks: tuple[Block, ...] = ()) -> dict[str, Indicator]:
    entities = []
    for name, (label, entity_id) in NAMES.items():
        at = text.find(name)
        while at >= 0:
            entities.append(Entity(name, label, at, at + len(name), entity_id, name))  # type: ignore[arg-type]
            at = text.find(name, at + 1)
    found = find_indicators(text, blocks=blocks)
    return {one.value: one for one in join_context(text, found, entities, blocks=blocks, published=DAY)}


def related(one: Indicator) -> set[tuple[str, str, str]]:
    return {(found.kind, found.name, found.scope) for found in one.related}


def test_the_sentence_joins() -> None:
    text = "OpalStealer of Grey Heron beacons to opal-gate[.]ru (T1071.001, CVE-2025-1234). KelpLoader uses kelp-cdn[.]net."
    found = joined(text)
    assert related(found["opal-gate.ru"]) >= {
        ("malware", "OpalStealer", "sentence"), ("actor", "Grey Heron", "sentence"), ("technique", "T1071.001", "sentence"), ("cve", "CVE-2025-1234", "sentence"),
    }  # fmt: skip
    assert ("malware", "KelpLoader", "sentence") in related(found["kelp-cdn.net"])
    assert ("malware", "OpalStealer", "sentence") not in related(found["kelp-cdn.net"])


def test_the_row_goes_before_the_section() -> None:
    text = "# Indicators of OpalStealer\n| kelp-cdn[.]net | KelpLoader | C2 |\n| opal-gate[.]ru | | C2 |\n"
    found = joined(text)
    assert related(found["kelp-cdn.net"]) == {("malware", "KelpLoader", "row")}
    assert related(found["opal-gate.ru"]) == {("malware", "OpalStealer", "section")}


def test_cells_of_a_page_make_rows_and_headers_name_dates() -> None:
    lines = [
        ["Domain", "First seen", "Family"],
        ["kelp-cdn[.]net", "3 February 2026", "KelpLoader"],
        ["opal-gate[.]ru", "May 2025", "OpalStealer"],
    ]
    text, blocks = "Network indicators\n", []
    for row, line in enumerate(lines):
        for column, cell in enumerate(line):
            blocks.append(Block(len(text), len(text) + len(cell), "table-cell", row=row, column=column))
            text += cell + "\n"
    found = joined(text, tuple(blocks))
    assert related(found["kelp-cdn.net"]) == {("malware", "KelpLoader", "row")}
    assert found["kelp-cdn.net"].first_seen == "2026-02-03"
    assert found["opal-gate.ru"].first_seen == "2025-05"


def test_dates_of_the_sentence() -> None:
    text = "The C2 kelp-cdn[.]net was first seen on 3 February 2026 and last active on 9 February 2026."
    (one,) = joined(text).values()
    assert (one.first_seen, one.last_seen) == ("2026-02-03", "2026-02-09")
    (plain,) = joined("On 3 February 2026 the malware used kelp-cdn[.]net.").values()
    assert (plain.first_seen, plain.last_seen) == (None, None)


def test_a_campaign_and_nothing_for_benign_ones() -> None:
    found = joined(
        "In Operation Night Ferry the payload came from kelp-cdn[.]net. See https://www.cisa.gov/x on OpalStealer."
    )
    assert related(found["kelp-cdn.net"]) == {
        ("campaign", "Operation Night Ferry", "sentence"),
        ("malware", "OpalStealer", "section"),
    }
    assert found["https://www.cisa.gov/x"].related == ()


def test_a_csv_attachment_is_a_list_with_roles_and_dates() -> None:
    text = 'indicator,type,comment,first_seen\nkelp-cdn.net,domain,"C2, primary",2026-02-03\n45.9.148.3,ip,download server,2026-02-04\n8.8.8.8,ip,connectivity check,\n'
    found = {one.value: one for one in find_attached(text)}
    assert (found["kelp-cdn.net"].verdict, found["kelp-cdn.net"].role) == ("malicious", "c2")
    assert (found["45.9.148.3"].verdict, found["45.9.148.3"].role) == ("malicious", "download")
    assert found["8.8.8.8"].verdict == "benign"
    assert all(text[one.start : one.end] == one.text for one in found.values())


def test_a_stix_bundle_says_what_it_knows() -> None:
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [
        {"type": "indicator", "id": "indicator--1", "pattern": "[domain-name:value = 'kelp-cdn.net']", "valid_from": "2026-02-03T00:00:00Z", "indicator_types": ["malicious-activity"],
         "external_references": [{"url": "https://notes.hexgarden.net/kelp"}]},
        {"type": "indicator", "id": "indicator--2", "pattern": "[ipv4-addr:value = '45.9.148.3']", "indicator_types": ["benign"]},
        {"type": "malware", "id": "malware--1", "name": "KelpLoader"},
        {"type": "relationship", "relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "malware--1"},
    ]}  # fmt: skip
    found = {one.value: one for one in find_attached(json.dumps(bundle))}
    kelp = found["kelp-cdn.net"]
    assert (kelp.verdict, kelp.first_seen, related(kelp)) == (
        "malicious",
        "2026-02-03",
        {("malware", "KelpLoader", "row")},
    )
    assert found["45.9.148.3"].verdict == "benign"
    assert found["https://notes.hexgarden.net/kelp"].verdict == "benign"


def test_a_misp_event_says_what_is_meant_for_detection() -> None:
    event = {"Event": {"info": "x", "Tag": [{"name": 'misp-galaxy:threat-actor="Grey Heron"'}], "Attribute": [
        {"type": "domain", "category": "Network activity", "value": "kelp-cdn.net", "to_ids": True, "first_seen": "2026-02-03T10:00:00Z"},
        {"type": "ip-dst", "category": "Network activity", "value": "45.9.148.3", "to_ids": False},
        {"type": "link", "category": "External analysis", "value": "https://notes.hexgarden.net/kelp", "to_ids": False},
    ]}}  # fmt: skip
    found = {one.value: one for one in find_attached(json.dumps(event))}
    assert (found["kelp-cdn.net"].verdict, found["kelp-cdn.net"].first_seen) == ("malicious", "2026-02-03")
    assert ("actor", "Grey Heron", "row") in related(found["kelp-cdn.net"])
    assert found["45.9.148.3"].verdict == "unknown"
    assert found["https://notes.hexgarden.net/kelp"].verdict == "benign"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"type": "bundle"}',
        "[1, 2]",
        '{"Event": 3}',
        "a,b\n\x00,\n",
        "[" * 5000,
        '{"objects": [{"type": null}], "type": "bundle"}',
        '{"Event": {"Attribute": [{"value": null, "Tag": "x"}]}}',
    ],
)
def test_a_broken_attachment_costs_nothing(text: str) -> None:
    assert find_attached(text) == ()
