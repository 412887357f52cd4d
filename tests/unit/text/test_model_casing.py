"""Sentence case is given back to text that lost it, and to no other text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.model.casing import Casing, is_all_capitals, is_title_case
from tests.support.growth import assert_growth

FORMS = {"bogota": "Bogota", "nato": "NATO", "red cross": "Red Cross", "colonel": "colonel", "u.s": "U.S"}
SMALL = (
    "the",
    "a",
    "in",
    "of",
    "by",
    "was",
    "were",
    "rebels",
    "attack",
    "attacked",
    "red",
    "cross",
    "town",
    "bridge",
    "soldiers",
    "on",
    "near",
    "two",
    "killed",
    "say",
    "troops",
    "police",
    "kill",
)


@pytest.fixture
def casing() -> Casing:
    return Casing(FORMS, SMALL)


@given(st.text(alphabet=st.characters(), max_size=300))
def test_length_is_kept(text: str) -> None:
    assert len(Casing(FORMS, SMALL).repair(text)) == len(text)


@given(st.text(alphabet="ABCDEİßŉ \n.'-", max_size=300))
def test_length_is_kept_where_case_changes_would_change_it(text: str) -> None:
    assert len(Casing(FORMS, SMALL).repair(text)) == len(text)


def test_capitals_become_sentence_case(casing: Casing) -> None:
    repaired = casing.repair("REBELS ATTACKED THE TOWN NEAR BOGOTA. TWO SOLDIERS WERE KILLED BY NATO TROOPS.")
    assert repaired == "Rebels attacked the town near Bogota. Two soldiers were killed by NATO troops."


def test_unknown_words_in_capitals_are_taken_for_names(casing: Casing) -> None:
    assert (
        casing.repair("THE ATTACK BY QUISPE WAS IN THE TOWN OF HUANTAR")
        == "The attack by Quispe was in the town of Huantar"
    )


def test_names_of_several_words_win_over_their_words(casing: Casing) -> None:
    assert casing.repair("REBELS ATTACKED THE RED CROSS IN THE TOWN") == "Rebels attacked the Red Cross in the town"


def test_an_abbreviation_ends_no_sentence(casing: Casing) -> None:
    assert casing.repair("THE ATTACK WAS BY U.S. TROOPS IN THE TOWN") == "The attack was by U.S. troops in the town"


def test_a_headline_is_lowered_but_names_stay(casing: Casing) -> None:
    assert casing.repair("Rebels Kill Two Soldiers Near Bogota") == "Rebels kill two soldiers near Bogota"
    assert casing.repair("Police Say Rebels Attacked Zorgho Bridge") == "Police say rebels attacked Zorgho bridge"


@pytest.mark.parametrize(
    "text",
    [
        "Two soldiers were killed near Bogota on Friday, the army said.",
        "NATO",
        "The UN and the EU asked NATO, the OSCE and the AU to meet.",
        "Juan Carlos Quispe met Maria Elena Torres in Puerto Maldonado. They talked.",
        "",
    ],
)
def test_text_with_its_case_is_left_alone(casing: Casing, text: str) -> None:
    assert casing.repair(text) == text


def test_only_the_lines_that_need_it_are_changed(casing: Casing) -> None:
    text = "TWO SOLDIERS KILLED NEAR BOGOTA\nThe army said Tuesday that rebels attacked.\n"
    assert casing.repair(text) == "Two soldiers killed near Bogota\nThe army said Tuesday that rebels attacked.\n"


def test_what_counts_as_capitals_and_as_a_title() -> None:
    assert is_all_capitals("EIGHT PEOPLE DIED IN SAN MIGUEL")
    assert not is_all_capitals("FMLN")
    assert is_title_case("Gunmen Storm Village Market in Northern District")
    assert not is_title_case("Gunmen storm a village market in Plateau State")


def test_time_is_linear() -> None:
    casing = Casing(FORMS, SMALL)
    line = "THE REBELS ATTACKED THE RED CROSS. " * 2000
    assert_growth(lambda: casing.repair(line), lambda: casing.repair(line * 4), most=12)
