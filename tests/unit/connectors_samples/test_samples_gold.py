"""What the shipped samples have to hold, and that their gold agrees with their text."""

import ipaddress
import re
from collections import Counter
from pathlib import Path

import pytest

from connectors.feeds import find_default_list
from connectors.samples.blocks import plain_text
from connectors.samples.commands import samples
from connectors.samples.load import load_samples
from connectors.samples.records import Sample
from connectors.sources.opml import read_opml
from pipeline.text.events.ontology import load_classes
from pipeline.text.knowledge.load import load_subjects

SAMPLES = load_samples().samples
WORDS_MIN, WORDS_MAX = 30, 350
NAMES = [sample.name for sample in SAMPLES]


def text_of(sample: Sample) -> str:
    return plain_text(sample.blocks)


def refang(text: str) -> str:
    return text.replace("[.]", ".").replace("[@]", "@").replace("hxxp", "http")


def test_there_is_enough_of_everything() -> None:
    by_alert = Counter(str(sample.front.expected.alert) for sample in SAMPLES)
    assert len(SAMPLES) >= 80
    assert by_alert["True"] >= 40
    assert by_alert["False"] >= 20
    verdicts = Counter(sample.front.expected.verdict for sample in SAMPLES)
    assert verdicts["near"] >= 4
    assert verdicts["revision"] >= 5
    assert sum(sample.front.malformed for sample in SAMPLES) == 1


def test_every_outlet_says_that_it_is_invented() -> None:
    for outlet in load_samples().outlets.values():
        assert re.match(r"(Invented sample feed|Fil inventé|Canal inventado)", outlet.description)


def test_offsets_are_spread_over_the_stream() -> None:
    offsets = [sample.front.offset_s for sample in SAMPLES]
    assert len(set(offsets)) == len(offsets), "the order has to be plain"
    later = [offset for offset in offsets if offset > 0]
    gaps = [b - a for a, b in zip([0, *later], later, strict=False)]
    assert max(gaps) <= 15
    assert 540 <= max(later) <= 660


def test_what_is_visible_at_once_tells_each_story_once() -> None:
    """Feeds are polled in no order, so a reprint beside its original could be taken for it."""
    stories = Counter(sample.story for sample in SAMPLES if sample.front.offset_s <= 0)
    assert set(stories.values()) == {1}


def test_one_event_is_told_three_ways_with_different_numbers() -> None:
    told = [
        s for s in SAMPLES if s.front.expected.incident == "baidoa-checkpoint" and s.front.expected.verdict == "new"
    ]
    killed = {claim for s in told for claim in s.front.expected.claims if claim.startswith("killed")}
    assert {"killed 12", "killed 15", "killed 20"} <= killed
    assert len({s.outlet for s in told}) >= 3


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_text_is_as_long_as_such_texts_are(sample: Sample) -> None:
    assert WORDS_MIN <= len(text_of(sample).split()) <= WORDS_MAX


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.front.expected.indicators], ids=lambda s: s.name)
def test_indicators_stand_in_the_text(sample: Sample) -> None:
    text = refang(text_of(sample))
    for indicator in sample.front.expected.indicators:
        assert indicator.partition(" ")[2] in text


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_nobody_is_pointed_at(sample: Sample) -> None:
    """Addresses are documentation ranges (RFC 5737), names reserved (RFC 2606), CVE numbers beyond any assigned."""
    text = refang(text_of(sample))
    for address in re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text):
        assert any(
            ipaddress.ip_address(address) in ipaddress.ip_network(block)
            for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
        ), address
    for number in re.findall(r"CVE-\d{4}-(\d+)", text):
        assert 990_000 <= int(number) <= 999_999
    for indicator in sample.front.expected.indicators:
        kind, _, value = indicator.partition(" ")
        if kind in ("domain", "email"):
            assert value.endswith(".example")


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_numbers_of_the_gold_stand_in_the_text(sample: Sample) -> None:
    words = {
        1: "man|a soldier|one soldier", 2: "two|dos|a man and a woman", 3: "three", 4: "four|cuatro", 5: "five", 6: "six|seis", 7: "seven", 8: "eight|ocho", 9: "nine",
        11: "eleven|onze", 13: "treize", 14: "catorce", 17: "seventeen", 38: "thirty-eight", 26: "26", 12: "twelve",
    }  # fmt: skip
    text = text_of(sample).lower()
    for claim in sample.front.expected.claims:
        for number in re.findall(r"\d+", claim):
            assert re.search(rf"\b(?:{number}|{words.get(int(number), number)})\b", text), claim


def test_events_and_groups_are_known() -> None:
    classes = {(c.type, c.subtype) for c in load_classes().values()}
    types = {kind for kind, _ in classes}
    groups = {subject.id for subject in load_subjects()}
    for sample in SAMPLES:
        expected = sample.front.expected
        kind, _, subtype = (expected.event or "").partition(": ")
        assert not kind or kind in types, sample.name
        assert not subtype or (kind, subtype) in classes, sample.name
        assert set(expected.actors) <= groups, sample.name


def test_an_incident_has_one_category() -> None:
    kinds: dict[str, set[str | None]] = {}
    for sample in SAMPLES:
        if incident := sample.front.expected.incident:
            kinds.setdefault(incident, set()).add(sample.front.expected.category)
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_the_document_describes_what_there_is() -> None:
    text = (Path(__file__).parents[3] / "docs" / "samples.md").read_text(encoding="utf-8")
    assert f"{len(SAMPLES)} article versions" in text
    assert all(f"| `{name}` |" in text for name in load_samples().outlets)
    assert all(f"tocsin samples {command.name}" in text for command in samples.registered_commands)
    assert f"names {len(read_opml(find_default_list()))} real feeds" in text
