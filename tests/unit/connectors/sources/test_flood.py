"""A budget holds back what floods, for as long as it takes, and nobody else."""

from connectors.sources.flood import Budget


def test_within_the_budget_nobody_waits() -> None:
    budget = Budget(3600, clock=lambda: 0.0)
    assert budget.take("a", 3600) == 0.0


def test_a_flood_waits_until_it_is_within_its_budget_again() -> None:
    now = 0.0
    budget = Budget(3600, clock=lambda: now)
    assert budget.take("a", 5400) == 1800.0
    assert budget.take("b", 100) == 0.0
    now = 1800.0
    assert budget.take("a", 0) == 0.0
    assert budget.take("a", 60) == 60.0
    now = 10_000.0
    assert budget.take("a", 3600) == 0.0
