"""Cyber events in the common model, and what every event says of other schemes and of its victims."""

import pytest

from pipeline.records import Entity, Event
from pipeline.text.events.find import find_events_and_claims
from pipeline.text.events.ontology import load_classes


def first(text: str, entities: tuple[Entity, ...] = ()) -> Event:
    return find_events_and_claims(text, entities)[0][0]


@pytest.mark.parametrize(
    ("text", "subtype", "sector"),
    [
        ("Ransomware encrypted the systems of a hospital in Lanz on Friday.", "Ransomware", "health"),
        ("Hackers leaked the data of a bank on a forum.", "Data leak", "finance"),
        (
            "A denial-of-service attack knocked the website of the parliament offline.",
            "Denial of service",
            "government",
        ),
        ("Hackers breached the network of a university.", "Intrusion", "education"),
    ],
)
def test_sector_of_the_victim(text: str, subtype: str, sector: str) -> None:
    event = first(text)
    assert (event.type, event.subtype, event.sector) == ("Cyber", subtype, sector)


def test_malware_named_with_the_event() -> None:
    text = "Hackers breached the network of a university with the Mirelbot backdoor."
    start = text.index("Mirelbot")
    event = first(text, (Entity("Mirelbot", "MALWARE", start, start + 8, "malware:mirelbot"),))
    assert [(m.text, m.id) for m in event.malware] == [("Mirelbot", "malware:mirelbot")]


def test_other_events_have_neither() -> None:
    event = first("A bomb exploded outside a bank in Maran on Tuesday, killing two soldiers and a child.")
    assert (event.malware, event.sector) == ((), None)


def test_classes_of_other_schemes() -> None:
    event = first("A bomb exploded outside a bank on Sunday.")
    assert (event.muc4, event.plover, event.cameo, event.gtd) == (
        "BOMBING",
        "ASSAULT/explosives",
        "18",
        "Bombing/Explosion",
    )


def test_every_class_of_violence_has_its_counterparts() -> None:
    for found in load_classes().values():
        assert found.cameo is not None or found.subtype is None
        if found.type in {"Battles", "Explosions/Remote violence", "Violence against civilians"}:
            assert found.plover is not None


def test_victims_have_kinds() -> None:
    assert first("Gunmen killed two policemen on Monday.").victim_kinds == ("police",)
    assert first("Gunmen killed a journalist on Monday.").victim_kinds == ("journalist",)


@pytest.mark.parametrize(
    "text",
    [
        "The ransomware gang Vexel has claimed an attack on a clinic, saying that it stole patient data.",
        "Officials blamed a data breach at the bank for the attack on its customers.",
    ],
)
def test_an_attack_on_computers_hits_no_civilians(text: str) -> None:
    assert {e.type for e in find_events_and_claims(text)[0]} <= {"Cyber"}


def test_hacked_to_death_is_no_intrusion() -> None:
    assert {e.type for e in find_events_and_claims("Rebels hacked three farmers to death in the valley.")[0]} == {
        "Violence against civilians"
    }
    assert {e.type for e in find_events_and_claims("Hackers hacked the farm ministry.")[0]} == {"Cyber"}


def test_an_attack_that_also_kills_stays_one() -> None:
    found = find_events_and_claims(
        "The cyberattack cut the power, and gunmen attacked the plant and killed two guards."
    )[0]
    assert "Violence against civilians" in {e.type for e in found} or "Battles" in {e.type for e in found}
