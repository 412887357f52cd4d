"""News of the trade decoded without a model: who, to whom, what class, how much, how sure; and what tells of nothing that happened."""

from datetime import UTC, datetime

import pytest

from pipeline.records import Claim, Entity, Event, Line
from pipeline.text.cyber import read_cyber

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


def told(
    text: str, title: str | None = None, *, entities: tuple[Entity, ...] = (), before: tuple[Event, ...] = ()
) -> tuple[tuple[Event, ...], tuple[Claim, ...], Line | None]:
    found = read_cyber(text, entities, (before, ()), title=title, published=DAY)
    return (found.events, found.claims, found.line) if found else ((), (), None)


def names(event: Event) -> tuple[list[str], list[str]]:
    return [p.text for p in event.perpetrators], [t.text for t in event.targets]


@pytest.mark.parametrize("gang", ["Play", "Akira", "Everest", "Hunters International", "Qilin", "Tin Magpie", "8Base"])
def test_any_gang_claims_an_attack_whatever_else_its_name_means(gang: str) -> None:
    text = f"The {gang} ransomware gang claimed an attack on Brightwater Foods, a food producer in Leeds, on Monday."
    event = told(text)[0][0]
    assert (event.subtype, event.realis, event.perpetrator_confidence) == ("Ransomware", "actual", "claimed")
    assert names(event) == ([gang], ["Brightwater Foods"])
    assert event.date == "2026-11-16"


@pytest.mark.parametrize(
    ("text", "actor", "victims"),
    [
        ("The Qilin ransomware group on Wednesday added Brightwater Foods to its dark web leak site.", "Qilin", ["Brightwater Foods"]),
        ("Play added two firms to its leak site: a-tarn.example and Irwell Print (irwell.example).", "Play", ["Irwell Print"]),
        ("New victim on the Everest leak site\nCompany: Norvik Shipping AS\nData: 1.2 TB", "Everest", ["Norvik Shipping AS"]),
        ("Norvik Shipping was hit by ransomware on Friday. The Black Heron gang claimed the attack.", "Black Heron", ["Norvik Shipping"]),
    ],
)  # fmt: skip
def test_posts_of_leak_sites_name_gang_and_victim(text: str, actor: str, victims: list[str]) -> None:
    events = told(text, "Ransomware: new victim")[0]
    assert events[0].subtype == "Ransomware"
    assert names(events[0]) == ([actor], victims)


@pytest.mark.parametrize(
    ("text", "subtype", "actors", "victims"),
    [
        ("NoName057(16) said it had attacked the websites of the Port of Antwerp and the Belgian parliament.", "Denial of service", ["NoName057(16)"], ["Port of Antwerp", "Belgian parliament"]),
        ("Hackers took control of the pumps of a water treatment plant in Ghent.", "Intrusion", [], ["water treatment plant"]),
        ("Police have taken down the infrastructure of a malware service, and 1,900 domains were taken over.", "Takedown", [], []),
        ("Hackers defaced the website of the city of Brill with a flag.", "Defacement", [], ["Brill"]),
        ("The group Tin Magpie stole 41 million dollars from the exchange Bitmora, the FBI said.", "Intrusion", ["Tin Magpie"], ["Bitmora"]),
        ("Attackers compromised the npm package date-kit and added a credential stealer.", "Intrusion", [], ["date-kit"]),
        ("A former employee deleted 300 virtual machines of the hospital in Lyon.", "Intrusion", [], ["hospital"]),
    ],
)  # fmt: skip
def test_verbs_of_war_done_to_computers_are_cyber_events(
    text: str, subtype: str, actors: list[str], victims: list[str]
) -> None:
    group = (Entity("NoName057(16)", "GROUP", 0, 13, "actor:noname057-16"),) if text.startswith("NoName") else ()
    war = Event(type="Battles", subtype="Non-state actor overtakes territory", start=0, end=10)
    events = told(text, entities=group, before=(war,))[0]
    assert [e.type for e in events] == ["Cyber"] * len(events)
    assert events[0].subtype == subtype
    assert names(events[0]) == (actors, victims)


def test_an_attack_that_also_kills_is_left_to_the_rules_of_violence() -> None:
    killed = Claim(kind="killed", low=2, high=2, text="killed two guards", start=0, end=5)
    text = "The cyberattack cut the power, and gunmen attacked the plant and killed two guards."
    assert read_cyber(text, (), ((), (killed,)), published=DAY) is None


def test_two_numbers_of_one_breach_stay_two_claims_with_their_sources() -> None:
    text = (
        "Hackers stole the data of 8.2 million customers of Lumora, the company said on Monday. "
        "A seller on a forum put the number at 5.6 million accounts and asks 25,000 dollars. He posted 640 GB of files."
    )
    claims = told(text)[1]
    assert [(c.kind, c.low) for c in claims] == [
        ("accounts", 8_200_000),
        ("accounts", 5_600_000),
        ("money", 25_000),
        ("data", 640_000_000_000),
    ]
    assert claims[0].claimant is not None
    assert claims[0].claimant.text == "company"
    assert all(text[c.start : c.end] == c.text for c in claims)


@pytest.mark.parametrize(
    "text",
    [
        "Ringwall 5.4 stops ransomware attacks, phishing and zero-day exploits before they reach you.",
        "Ringwall was named a leader in stopping ransomware gangs such as LockBit and Qilin. It protects 2 million accounts.",
        "The average data breach cost 4.9 million dollars in 2026, says the yearly report of Quay Labs.",
        "The new release detects web shells and stolen credentials.",
        "Successful exploitation of this vulnerability could allow a remote attacker to execute commands; low attack complexity.",
        "An attacker who knows the address of the camera might take it over (CVE-2026-41108).",
        "In an exercise the firm sent phishing mails to its own staff.",
        "If the domain were registered by criminals, it could be used to send malware.",
    ],
)
def test_advertisements_advisories_and_exercises_are_no_events(text: str) -> None:
    events, claims, line = told(text)
    assert [e for e in events if e.realis == "actual"] == []
    assert claims == ()
    assert line is None


def test_a_denied_breach_is_told_as_denied() -> None:
    events = told("Bank Orlo denied that its servers had been breached by hackers.")[0]
    assert [e.realis for e in events] == ["denied"]


def test_the_line_of_an_exploited_flaw_names_number_product_and_who() -> None:
    text = (
        "Attackers are exploiting a critical flaw in Corvid Networks' EdgeConnect VPN gateways to plant web shells. "
        "The vulnerability is CVE-2026-51877. Researchers link the activity to UNC6411."
    )
    start = text.index("UNC6411")
    line = told(text, entities=(Entity("UNC6411", "GROUP", start, start + 7),))[2]
    assert line is not None
    assert [e.value for e in line.against] == ["CVE-2026-51877 in Corvid Networks' EdgeConnect VPN gateways"]
    assert [e.value for e in line.by] == ["UNC6411"]


@pytest.mark.parametrize("text", ["", "The", "\n\n", "claimed an attack on " * 400, "A" * 5000, "ransomware, " * 3000])
def test_any_text_is_read_without_an_error(text: str) -> None:
    told(text, "ransomware")
