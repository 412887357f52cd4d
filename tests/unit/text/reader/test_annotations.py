"""The format of annotated reports: what is read, and what is refused with its line."""

import pytest

from training.reader.annotations import Annotated, digest, read_annotations
from training.reader.voa import is_reserved, join

TEXT = "Gunmen shot two guards in Port Lorm on Monday, police said. Police arrested one man."
ENDS = (59, 84)
GOOD = """
@ 4-5 yes inc=lorm rel=report
e1* attack | shot
by: Gunmen
victim: two guards
at: Port Lorm
on: Monday
n: two guards | killed 2 2 | police
e2 arrests | arrested
by: Police
n: one man | arrested 1 1
x: two | wounded 3 -
s: e1 e2
"""


def read(text: str) -> tuple[list[Annotated], list[str]]:
    return read_annotations(text.strip().splitlines(), lambda source: (TEXT, ENDS) if source == "4-5" else None)


def test_a_record() -> None:
    (record,), errors = read(GOOD)
    assert errors == []
    main = record.main
    assert main is not None
    assert (record.worthy, record.incident, record.relation, record.sentences) == (
        "yes",
        "lorm",
        "report",
        ["e1", "e2"],
    )
    assert (main.by[0][0].text, TEXT[main.at[0].start : main.at[0].end]) == ("Gunmen", "Port Lorm")
    assert (main.numbers[0].kind, main.numbers[0].low, main.numbers[0].by[0].text) == ("killed", 2, "police")
    assert record.events[1].numbers[0].kind == "captured"  # arrested people are counted as captured
    assert record.others[0].high is None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("@ 4-5 yes", "@ 4-5 maybe", "a record begins with"),
        ("@ 4-5", "@ 6-7", "no such sentences"),
        ("rel=report", "rel=rumour", "no such relation"),
        ("attack |", "assault |", "no such class"),
        ("e1* attack |", "e1* attack rumoured |", "no such realis"),
        ("by: Gunmen", "by: Gunwomen", "not in the text"),
        ("by: Gunmen", "who: Gunmen", "no such line"),
        ("killed 2 2", "killed 2", "a number is"),
        ("killed 2 2", "killed two 2", "no number"),
        ("e2 arrests", "e2* arrests", "two main events"),
        ("e1* attack", "e1 attack", "no main event"),
        ("s: e1 e2", "s: e1", "1 events for 2 sentences"),
        ("s: e1 e2", "s: e1 e3", "an event that is not there"),
        ("rel=report", "sha=0000000000000000", "another text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, why: str) -> None:
    _, errors = read(GOOD.replace(old, new))
    assert any(why in error and error.startswith("line ") for error in errors)


def test_a_brief_is_known_by_its_digest() -> None:
    records, errors = read(GOOD.replace("rel=report", f"sha={digest(TEXT)}"))
    assert len(records) == 1
    assert errors == []


def test_an_invented_report_brings_its_text() -> None:
    records, errors = read(
        "@ own:a yes\n| Rebels took Vastra\n| on Friday.\ne1* overtake | took\nby: Rebels\nat: Vastra"
    )
    assert errors == []
    assert records[0].text == "Rebels took Vastra\non Friday."


def test_sentences_of_every_tenth_block_are_reserved() -> None:
    assert [n for n in range(0, 800, 40) if is_reserved(n)] == [280, 680]


def test_words_are_joined_as_they_are_written() -> None:
    assert join('He said , " it \'s over , " and ( then ) left .'.split()) == 'He said, "it\'s over," and (then) left.'
