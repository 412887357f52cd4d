"""Whether entries may have come and gone between two polls."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sources.gaps import has_gap, missed_max

NOW = datetime(2024, 5, 6, 12, tzinfo=UTC)


def at(*hours: float | None) -> list[datetime | None]:
    return [None if h is None else NOW - timedelta(hours=h) for h in hours]


@pytest.mark.parametrize(
    ("ids", "dates", "known", "expected"),
    [
        ("fed", at(0, 1, 2), "cba", True),  # nothing of before is left
        ("fed", at(None, None, None), "cba", True),
        ("edc", at(0, 1, 2), "cba", False),  # something known stands below the new
        ("cba", at(0, 1, 2), "cba", False),
        ("cb", at(0, 1), "", False),  # the first document of a feed
        ("Pfed", at(90, 0, 1, 2), "Pcba", True),  # only the pinned one is left
        ("Pfed", at(None, 0, 1, 2), "Pcba", False),  # not told to be old: no alarm on a guess
        ("Pedc", at(90, 0, 1, 2), "Pcba", False),
        ("abcdef", at(5, 4, 3, 2, 1, 0), "abc", False),  # newest last: the new stand below by nature
        ("cbaxy", at(0, 1, 2, 30, 31), "cba", False),  # a longer window: old entries that were not seen before
        ("ab", at(3, 0), "a", False),
    ],
)
def test_gap(ids: str, dates: list[datetime | None], known: str, expected: bool) -> None:
    assert has_gap(list(ids), dates, set(known)) is expected


def test_up_to_so_many_by_the_documents_own_pace() -> None:
    ten_in_nine_hours = at(*range(10))
    assert missed_max(ten_in_nine_hours, timedelta(hours=27), None) == 20
    assert missed_max(ten_in_nine_hours, timedelta(minutes=5), None) == 1
    assert missed_max(at(None, None), timedelta(days=2), 24.0) == 46
    assert missed_max(at(None), None, None) == 1
