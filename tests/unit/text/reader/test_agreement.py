"""Two readings of the same briefs compared."""

import pytest

from training.reader.agreement import compare
from training.reader.annotations import Annotated, read_annotations

TEXT = "Gunmen shot two guards in Port Lorm on Monday, police said. Police arrested one man."
FIRST = """
@ 4-5 yes
e1* attack | shot
by: Gunmen
victim: two guards
at: Port Lorm
on: Monday
n: two guards | killed 2 2 | police
e2 arrests | arrested
by: Police
n: one man | arrested 1 1
"""


def read(text: str) -> list[Annotated]:
    records, errors = read_annotations(text.strip().splitlines(), lambda _: (TEXT, (59, 84)))
    assert errors == []
    return records


def test_a_reading_agrees_with_itself() -> None:
    assert {share for share, _ in compare(read(FIRST), read(FIRST)).values()} <= {1.0, 0.0}
    assert compare(read(FIRST), read(FIRST))["weapons"][1] == "0 of 0"


def test_each_field_is_compared_alone() -> None:
    other = FIRST.replace("by: Gunmen\n", "").replace(
        "e2 arrests | arrested\nby: Police\nn: one man | arrested 1 1\n", ""
    )
    figures = {name: share for name, (share, _) in compare(read(FIRST), read(other)).items()}
    assert (figures["worth"], figures["main event"], figures["agents"]) == (1.0, 1.0, 0.0)
    assert (figures["events"], figures["numbers bound"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))


def test_a_number_of_another_event_is_not_bound_alike() -> None:
    other = FIRST.replace("n: two guards | killed 2 2 | police\n", "") + "n: two guards | killed 2 2\n"
    assert compare(read(FIRST), read(other))["numbers bound"] == (0.5, "2 of 4")


def test_yes_against_no_is_told_from_yes_against_either() -> None:
    figures = compare(read(FIRST), read(FIRST.replace("@ 4-5 yes", "@ 4-5 either")))
    assert (figures["worth"][0], figures["worth, no yes against no"][0]) == (0.0, 1.0)


def test_a_brief_that_only_the_second_has_read_is_refused() -> None:
    with pytest.raises(KeyError):
        compare([], read(FIRST))
