"""Did it happen: each realis with the words that make it."""

from datetime import UTC, datetime

import pytest

from pipeline.text.events.find import find_events_and_claims

DAY = datetime(2024, 6, 12, tzinfo=UTC)


def realis(text: str) -> list[str]:
    return [e.realis for e in find_events_and_claims(text, published=DAY)[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A bomb exploded outside a bank on Sunday.", "actual"),
        ("Police foiled a plot to bomb a concert hall.", "attempted"),
        ("The group threatened to attack foreign embassies.", "threatened"),
        ("The militants were planning to attack the airport.", "planned"),
        ("The militants could attack the capital within a year.", "hypothetical"),
        ("The army denied that its soldiers had killed civilians in the village.", "denied"),
        ("The insurgency has killed more than 40,000 people since 2009.", "background"),
        ("Thousands marked the 20th anniversary of the bombing.", "background"),
        ("Crews took part in a drill that simulated a bomb attack on the metro.", "exercise"),
        ("The novel follows a detective after gunmen kill a judge.", "fiction"),
    ],
)
def test_realis(text: str, expected: str) -> None:
    assert expected in realis(text)
    assert expected == "actual" or "actual" not in [
        e.realis for e in find_events_and_claims(text, published=DAY)[0] if e.type not in {"Protests", "Other"}
    ]


def test_attacks_in_general_are_background() -> None:
    assert "actual" not in realis("The rise in rebel attacks, including suicide bombings, worries diplomats.")


def test_what_happened_stands_beside_nobody_hurt() -> None:
    assert realis("No one was killed when a grenade exploded in an empty bar.") == ["actual"]
