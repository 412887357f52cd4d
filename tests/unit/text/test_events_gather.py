"""Several events kept apart, one event gathered from many sentences, the main one first."""

from datetime import UTC, datetime

from pipeline.text.events.find import find_events_and_claims
from pipeline.text.events.tokens import split_sentences


def subtypes(text: str) -> list[str | None]:
    return [e.subtype for e in find_events_and_claims(text)[0]]


def test_one_event_told_in_many_sentences_is_one() -> None:
    text = (
        "A car bomb exploded in the market on Monday. The blast killed nine people. The explosion was heard miles away."
    )
    assert subtypes(text) == ["Remote explosive/landmine/IED"]


def test_another_attack_is_another_event() -> None:
    text = "A car bomb exploded in the market. In a separate incident, another car bomb exploded near a bank."
    assert subtypes(text) == ["Remote explosive/landmine/IED"] * 2


def test_the_lead_stands_first_even_if_background_says_more() -> None:
    text = "Police arrested seven men on Tuesday. In 2009 a suicide bomber killed 60 people in the same city."
    events, _ = find_events_and_claims(text, published=datetime(2024, 6, 12, tzinfo=UTC))
    assert [(e.subtype, e.realis) for e in events] == [("Arrests", "actual"), ("Suicide bomb", "background")]


def test_two_classes_are_two_events() -> None:
    assert set(subtypes("Gunmen kidnapped a priest. Warplanes bombed a market, killing 15 people.")) == {
        "Abduction/forced disappearance",
        "Air/drone strike",
    }


def test_hard_wrapped_lines_are_one_sentence() -> None:
    text = "GUERRILLAS OF THE NORTHERN FRONT ATTACKED A POLICE STATION IN THE\nTOWN OF SARNOK ON TUESDAY.\n\n   NO MORE IS KNOWN."
    assert len(split_sentences(text)) == 2


def test_a_heading_stands_alone_and_is_the_title() -> None:
    head, body = split_sentences("Army Kills 30 Rebels\n\nThe army killed 30 rebels on Tuesday.")
    assert head.is_title
    assert not body.is_title


def test_abbreviations_end_no_sentence() -> None:
    assert len(split_sentences("Gen. Smith of the U.S. Army met Dr. Jones. They left.")) == 2
