"""Claims as whole sentences give them: who says what, how surely, over which window (window rules, no model)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Claim
from pipeline.text.events.find import find_events_and_claims

DAY = datetime(2021, 11, 10, tzinfo=UTC)


def claims(text: str) -> tuple[Claim, ...]:
    return find_events_and_claims(text, published=DAY)[1]


def only(text: str) -> Claim:
    found = claims(text)
    assert len(found) == 1, [c.text for c in found]
    return found[0]


def test_a_window_is_resolved_from_the_day_of_publication() -> None:
    claim = only("The army said it had arrested nearly 600 fighters since mid-August.")
    assert (claim.kind, claim.low, claim.high, claim.hedge, claim.since) == ("captured", 600, 600, "nearly", "2021-08")
    assert claim.claimant is not None
    assert claim.claimant.text == "army"


def test_they_are_those_who_report() -> None:
    claim = only("The rebels said they killed 25 soldiers near Oltan.")
    assert claim.agent is not None
    assert claim.agent.text == "rebels"


def test_an_accusation_is_no_statement() -> None:
    claim = only("The general accused the former government of releasing some 1,200 prisoners.")
    assert (claim.kind, claim.stance) == ("released", "accuses")
    assert claim.claimant is not None
    assert claim.claimant.text == "general"


def test_a_part_is_marked_and_the_total_kept() -> None:
    total, part = claims("At least 40 people, including 12 children, were killed in the blast.")
    assert (total.low, total.high, total.part) == (40, None, False)
    assert (part.low, part.high, part.part) == (12, 12, True)


def test_a_disputed_number_is_kept_for_both_sides() -> None:
    found = claims("Rebels said they killed 25 soldiers. The army said only three troops had died.")
    assert {(c.claimant.text, c.low) for c in found if c.claimant} == {("Rebels", 25), ("army", 3)}


def test_a_list_goes_on_with_its_verb() -> None:
    assert [(c.kind, c.low) for c in claims("Police seized 200 rifles and 15 grenades.")] == [
        ("seized", 200),
        ("seized", 15),
    ]


def test_coordinated_verbs_take_their_own_numbers() -> None:
    found = claims("Gunmen killed three policemen and abducted dozens of villagers.")
    assert [(c.kind, c.low) for c in found] == [("killed", 3), ("abducted", 24)]


def test_coordinated_verbs_share_one_number() -> None:
    found = claims("The shelling killed and wounded hundreds of civilians.")
    assert {(c.kind, c.hedge) for c in found} == {("killed", "hundreds of"), ("wounded", "hundreds of")}


def test_elided_verbs_of_a_headline() -> None:
    assert [(c.kind, c.low) for c in claims("5 killed, 12 wounded in blast at market")] == [
        ("killed", 5),
        ("wounded", 12),
    ]


def test_the_headlines_number_is_not_told_twice() -> None:
    text = "Army Kills 30 Rebels in Hills\n\nThe army killed 30 rebels in the Shal hills on Tuesday, a spokesman said."
    assert [c.low for c in claims(text)] == [30]


@pytest.mark.parametrize(
    "text",
    [
        "No one was killed when a bomb exploded near the market.",
        "There were no casualties, police said.",
        "Militants captured three villages on Monday.",
        "The law killed 300 jobs.",
    ],
)
def test_nobody_is_counted(text: str) -> None:
    assert claims(text) == ()


def test_responsibility_claimed_denied_and_laid_on_others() -> None:
    claimed = only("The Desert Brigade claimed responsibility for dozens of attacks.")
    assert (claimed.kind, claimed.stance, claimed.low, claimed.hedge) == ("responsibility", "claims", None, "dozens of")
    assert only("The Desert Brigade denied responsibility for the blast.").stance == "denies"
    blamed = only("The ministry blamed the Desert Brigade for the attack on the pipeline.")
    assert blamed.stance == "accuses"
    assert blamed.agent is not None
    assert blamed.agent.text == "Desert Brigade"
    assert claims("No group has claimed responsibility for the attack.") == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            'The army killed 12 rebels and wounded dozens of people , including children said . \n " “ since 2019 accused of'.split(
                " "
            )
        ),
        max_size=60,
    )
)
def test_words_stand_where_the_offsets_say(words: list[str]) -> None:
    text = " ".join(words)
    events, found = find_events_and_claims(text)
    for claim in found:
        assert text[claim.start : claim.end] == claim.text
        assert claim.event is None or claim.event < len(events)


def test_the_day_that_a_count_is_of() -> None:
    assert only("As of 7 November, 23 soldiers had been killed near Malu.").as_of == "2021-11-07"
    assert only("The flood has killed 23 people so far.").as_of == "2021-11-10"
    assert only("The flood killed 23 people.").as_of is None


def test_a_number_told_again_is_a_dispute_about_the_same_kind() -> None:
    first, second = claims("Gunmen abducted 87 students, the governor said, but the army put the number at 60.")
    assert (second.kind, second.low) == (first.kind, 60)
    assert first.claimant is not None
    assert second.claimant is not None
    assert (first.claimant.text, second.claimant.text) == ("governor", "army")
    assert second.object == first.object


def test_a_number_of_nothing_told_before_is_no_claim() -> None:
    assert claims("The army put the number at 60.") == ()


def test_what_is_captured_may_be_things() -> None:
    assert [(c.kind, c.low) for c in claims("The army captured 3 tanks and 40 rifles.")] == [
        ("seized", 3),
        ("seized", 40),
    ]


def test_each_verb_counts_its_own() -> None:
    assert [(c.kind, c.low) for c in claims("Six people died and nine others were hurt.")] == [
        ("killed", 6),
        ("wounded", 9),
    ]


def test_nobody_does_a_dying() -> None:
    found = claims("The local health committee said 17 civilians died in the strike.")
    assert [(c.kind, c.low) for c in found] == [("killed", 17)]
    for claim in found:
        assert claim.agent is None


def test_of_killed_and_injured_the_people_are_no_agent() -> None:
    found = claims("At least 23 people were killed and more than 60 injured when two bombs exploded at a bus station.")
    assert [(c.kind, c.low, c.agent) for c in found] == [("killed", 23, None), ("wounded", 60, None)]


def test_he_behind_a_quotation_mark_is_the_speaker_before() -> None:
    *_, last = claims(
        'A police spokesman said 15 people were killed. "We fear it will rise," he said. Three suspects were arrested, he added.'
    )
    assert last.claimant is not None
    assert last.claimant.text == "police spokesman"
