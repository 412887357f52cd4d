"""No regular expression of ours takes more than about linear time, on texts made to keep it busy."""

import re

import pytest

from tests.security.patterns import MISFITS, is_anchored, patterns, pieces, seconds

SHORT, LONG = 2_000, 8_000
"""Characters."""
NOTICEABLE_S = 0.02
"""What takes less for the long text holds nobody up, and is too short to be compared."""
RATIO_MAX = 9.0
"""Linear is 4, quadratic 16."""
TRIES = 3

PATTERNS = patterns()


def grown(where: str, before: str, piece: str, misfit: str) -> float:
    """How many times longer the long text takes than the short one; 0 for one that takes no time."""
    pattern, anchored = PATTERNS[where], is_anchored(where)

    def took(size: int) -> float:
        return seconds(pattern, before + piece * (size // len(piece)) + misfit, anchored=anchored)

    best = float("inf")
    for _ in range(TRIES):
        long = took(LONG)
        if long < NOTICEABLE_S:
            return 0.0
        best = min(best, long / max(took(SHORT), 1e-6))
        if best <= RATIO_MAX:
            return best
    return best


def test_there_are_patterns_to_try() -> None:
    assert len(PATTERNS) > 300
    assert sum(len(pieces(pattern)) for pattern in PATTERNS.values()) > 2 * len(PATTERNS)


def test_a_careless_pattern_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PATTERNS, "tests.careless", re.compile(r"\s+x"))
    assert max(grown("tests.careless", *one, MISFITS[0]) for one in pieces(PATTERNS["tests.careless"])) > RATIO_MAX


@pytest.mark.parametrize("where", sorted(PATTERNS))
def test_time_is_about_linear(where: str) -> None:
    for before, piece in pieces(PATTERNS[where]):
        for misfit in MISFITS:
            ratio = grown(where, before, piece, misfit)
            assert ratio <= RATIO_MAX, (
                f"{before!r} and {piece!r} many times: {ratio:.0f} times longer for 4 times as much"
            )
