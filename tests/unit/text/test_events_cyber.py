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
