"""What stands beside the headline is what the line states. All reports are invented."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from pipeline.incidents.facts import Facts, facts_of, outcomes_of
from pipeline.incidents.wording import name_actors, tell_facts
from pipeline.records import Claim, Element, Event, Findings, Line, Mention, Party, Place
from tests.support.alerts import make

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "Gunmen killed 12 farmers near Kabul; the minister spoke in Paris."
EVENT = Event(
    type="Battles", subtype="Armed clash", start=0, end=20, date="2026-02-02", place=Place("Paris", 59, 64, "geo:2988507", name="Paris", country="FR"),
    perpetrators=(Party("the minister", 37, 49),), weapons=(Mention("rifles", 1, 2),),
)  # fmt: skip
LINE = Line(
    what=Element("Attack", 0.9, 7, 13), by=(Element("Gunmen", 0.8, 0, 6),), by_how="suspected", against=(Element("farmers", 0.8, 17, 24),),
    where=(Element("Kabul", 0.9, 30, 35, "geo:1138958"),), when=Element("2026-02-28", 0.9),
)  # fmt: skip
READ = Findings(reader="r1", events=(EVENT,), line=LINE)


def test_a_read_article_gives_the_elements_of_its_stated_line() -> None:
    facts = facts_of(READ, EVENT, "newsroom")
    assert (facts.event_type, facts.event_subtype, facts.date) == ("Violence against civilians", "Attack", "2026-02-28")
    assert [m.text for m in facts.actors] == ["Gunmen"]
    assert [m.text for m in facts.targets] == ["farmers"]
    assert facts.place is not None
    assert (facts.place.text, facts.place.country) == ("Kabul", "AF")
    assert facts.place.latitude == pytest.approx(34.5, abs=0.2)


def test_where_nothing_is_sure_nothing_is_a_fact() -> None:
    assert facts_of(replace(READ, line=None), EVENT, "newsroom") == Facts()


def test_a_sure_place_is_a_fact_where_the_class_is_not_sure() -> None:
    facts = facts_of(replace(READ, line=replace(LINE, what=Element("Attack", 0.1))), EVENT, "newsroom")
    assert facts.place is not None
    assert (facts.place.text, facts.event_type, facts.actors) == ("Kabul", None, ())


def test_where_nobody_has_read_the_rules_event_speaks_and_a_mere_speaker_did_nothing() -> None:
    army, rebels = Mention("the army", 0, 8), Mention("the rebels", 20, 30)
    claims = (
        Claim(kind="killed", low=8, agent=army, claimant=army, text="8", start=0, end=1),
        Claim(kind="killed", low=20, agent=rebels, claimant=army, text="20", start=0, end=1),
    )
    facts = facts_of(Findings(events=(EVENT,), claims=claims), EVENT, "newsroom")
    assert facts.place == EVENT.place
    assert [m.text for m in facts.actors] == ["the minister", "the rebels"]


def test_a_computer_event_keeps_its_class_and_known_names() -> None:
    group = Party("Sandworm", 0, 8, "attack:G0034")
    event = replace(EVENT, type="Cyber", subtype="Ransomware", perpetrators=(group, Party("hackers", 9, 12)))
    facts = facts_of(replace(READ, line=None), event, "newsroom")
    assert (facts.event_subtype, facts.place) == ("Ransomware", None)
    assert [m.id for m in facts.actors] == ["attack:G0034"]


def test_a_line_of_no_class_in_the_table_is_told_by_its_two_names() -> None:
    facts = facts_of(replace(READ, line=replace(LINE, what=Element("Other: Organized crime", 0.9))), EVENT, "newsroom")
    assert (facts.event_type, facts.event_subtype) == ("Other", "Organized crime")


def test_the_card_says_whom_and_how_the_actor_is_known() -> None:
    alert = make(actors=(Mention("Gunmen", 0, 6),), targets=(Mention("farmers", 17, 24),), line=LINE)
    assert name_actors(alert) == "Gunmen (suspected)"
    assert tell_facts(alert)["whom"] == "farmers"


def test_each_element_of_a_line_is_counted_as_stated_unsure_or_none() -> None:
    alert = make(line=LINE, event_subtype="Attack", targets=(Mention("farmers", 17, 24),))
    assert dict(outcomes_of(alert)) == {
        "what": "stated", "by": "unsure", "against": "stated", "where": "unsure", "when": "unsure", "counts": "none",
    }  # fmt: skip
    assert list(outcomes_of(make())) == []
