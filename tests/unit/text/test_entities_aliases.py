"""Two names of one actor or malware under one id, by what a report says; and names that only stand side by side apart."""

import pytest

from pipeline.records import Entity
from pipeline.text.entities.aliases import join_aliases


def same(text: str, first: str, second: str, entities: tuple[Entity, ...] = ()) -> bool:
    found = join_aliases(text, entities)
    ids = {name: {e.id for e in found if e.text == name and e.id} for name in (first, second)}
    return bool(ids[first] & ids[second])


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "The firm tracks the group as Mud Heron. It is also known as UNC9901 and Wet Crane.",
            "Mud Heron",
            "Wet Crane",
        ),
        ("Mud Heron, which Quay calls Wet Crane, spied on telecoms with malware.", "Mud Heron", "Wet Crane"),
        (
            "The cluster UNC9901, referred to as Mud Heron by Quay Labs and as Storm-9901 by others.",
            "UNC9901",
            "Storm-9901",
        ),
        ("Mud Heron (aka TAG-991, UNC9901) sent phishing mails.", "Mud Heron", "UNC9901"),
        ("The ransomware gang Nightowl rebranded as Day Lark in May.", "Nightowl", "Day Lark"),
        ("Its backdoor Eelgrass is also called KELPBED.", "Eelgrass", "KELPBED"),
        ("Aliases of Mud Heron: UNC9901, Wet Crane", "Mud Heron", "Wet Crane"),
        ("Quay merged UNC9901 into FIN99.", "UNC9901", "FIN99"),
        ("Mud Heron/UNC9901 returned with new malware.", "Mud Heron", "UNC9901"),
    ],
)
def test_two_names_of_one_thing(text: str, first: str, second: str) -> None:
    assert same(text, first, second)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("The activity of the hackers Mud Heron overlaps with Wet Crane.", "Mud Heron", "Wet Crane"),
        ("Mud Heron and Wet Crane are different threat actors.", "Mud Heron", "Wet Crane"),
        ("The malware Eelgrass shares code with KELPBED.", "Eelgrass", "KELPBED"),
    ],
)
def test_names_that_only_stand_together_stay_apart(text: str, first: str, second: str) -> None:
    assert not same(text, first, second)


def test_the_id_of_the_knowledge_base_wins() -> None:
    text = "Mud Heron, also tracked as APT99, spied with malware. Mud Heron is old."
    start = text.index("APT99")
    found = join_aliases(text, (Entity("APT99", "GROUP", start, start + 5, "attack:G9999", "APT99"),))
    assert [(e.text, e.id) for e in found] == [(n, "attack:G9999") for n in ("Mud Heron", "APT99", "Mud Heron")]


def test_other_articles_are_left_alone() -> None:
    text = "The boxer Ali, formerly known as Clay, met Frazier/Foreman."
    assert join_aliases(text, ()) == []
