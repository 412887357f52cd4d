"""Names that their form, or the words beside them, give away; all people and events are invented."""

import pytest

from tests.unit.text.test_entities_find import ids, labels


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        ("Vice President A.B. Marlow left early.", "A.B. Marlow", "PERSON"),
        ("British Prime Minister Tom Arden has condemned it.", "Tom Arden", "PERSON"),
        ("Ferrotel CEO Peter Okello said so.", "Peter Okello", "PERSON"),
        ("The USS John Q. Marsh sailed south.", "USS John Q. Marsh", "PRODUCT"),
        ("It grounded near Salter Shoal on Monday.", "Salter Shoal", "LOC"),
        (
            "The Economic and Financial Crimes Commission charged him.",
            "Economic and Financial Crimes Commission",
            "ORG",
        ),
        ("The Malu Water and Power Authority met.", "Malu Water and Power Authority", "ORG"),
        ("They shelled the town of Tel Maren on Friday.", "Tel Maren", "GPE"),
        ("Two died in the remote Ras Kadum district.", "Ras Kadum", "GPE"),
        ("Floods hit Kogi State, Gauteng and Odisha.", "Kogi State", "GPE"),
        ("Floods hit Kogi State, Gauteng and Odisha.", "Odisha", "GPE"),
        ("Tesla and Bloomberg denied it.", "Tesla", "ORG"),
    ],
)
def test_names_by_form(text: str, name: str, label: str) -> None:
    assert labels(text).get(name) == label


def test_an_office_is_no_organisation() -> None:
    assert "State" not in labels("The Secretary of State is in Slovakia.", ("State", "ORG"))


def test_the_title_inside_parts_employer_and_name() -> None:
    assert "Ferrotel CEO Peter Okello" not in labels(
        "Ferrotel CEO Peter Okello said so.", ("Ferrotel CEO Peter Okello", "PERSON")
    )


@pytest.mark.parametrize(
    "text",
    [
        'Jaish al-Murad (Arabic: جيش المراد, "Army of the Purpose") is a group. The Army of the Purpose said so.',
        "Jaish al-Murad (“Army of the Purpose”) is a group.",
        'Jaish al-Murad (literally "Army of the Purpose", founded in 2011) is a group.',
    ],
)
def test_a_translated_name_is_the_same_group(text: str) -> None:
    found = ids(text, ("Army of the Purpose", "ORG"))
    assert found["Jaish al-Murad"] is not None
    assert found["Jaish al-Murad"] == found["Army of the Purpose"]


def test_a_building_may_have_an_official_name() -> None:
    found = ids(
        "The Malu Mosque, officially the Islamic Association in Malu, is closed.", ("Islamic Association", "ORG")
    )
    assert found["Malu Mosque"] == found["Islamic Association"] is not None
