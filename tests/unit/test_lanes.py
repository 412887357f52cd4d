"""How tests are shared out among processes: none is left out, what belongs together stays together, and the tables name what is there."""

from pathlib import Path

import pytest

from tests.support import lanes

ROOT = Path(__file__).parents[2]
TESTS = [
    "tests/unit/test_a.py::test_one",
    "tests/flink/test_flink.py::test_one[a::b]",
    "tests/integration/test_readme.py::test_one",
    "tests/chaos/test_kill.py::test_one[1]",
    "tests/unit/test_a.py::test_two",
    "tests/integration/test_doctor.py::test_one",
    "tests/flink/test_flink.py::test_two",
    "tests/chaos/test_kill.py::test_one[2]",
]


def test_every_test_is_there_once_and_a_unit_is_in_one_piece() -> None:
    ordered = lanes.in_order(TESTS)
    assert sorted(ordered) == sorted(TESTS)
    units = [lanes.unit_of(test) for test in ordered]
    assert len({unit for at, unit in enumerate(units) if at == 0 or units[at - 1] != unit}) == len(set(units)) == 5


def test_a_unit_keeps_its_own_order_and_the_longest_comes_first() -> None:
    ordered = lanes.in_order(TESTS)
    assert ordered[:2] == ["tests/flink/test_flink.py::test_one[a::b]", "tests/flink/test_flink.py::test_two"]


def test_what_shares_the_machine_is_one_unit_and_what_shares_nothing_is_many() -> None:
    assert lanes.unit_of(TESTS[2]) == lanes.unit_of(TESTS[5]) == lanes.MACHINE
    assert lanes.unit_of(TESTS[3]) != lanes.unit_of(TESTS[7])


def test_servers_have_their_lane() -> None:
    assert lanes.needs_servers(lanes.MACHINE)
    assert lanes.needs_servers(lanes.unit_of(TESTS[3]))
    assert not lanes.needs_servers(lanes.unit_of(TESTS[0]))


@pytest.mark.parametrize(
    "path", sorted({*lanes.TOGETHER, *lanes.APART, *lanes.SECONDS, *lanes.SERVERS} - {lanes.MACHINE})
)
def test_the_tables_name_what_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_what_runs_a_whole_machine_is_in_its_unit() -> None:
    """`tocsin up`, and `make run`, use the usual ports."""
    for path in (ROOT / "tests" / "integration").glob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        if '"up"' in text or '"make", "run"' in text:
            assert lanes.TOGETHER.get(f"tests/integration/{path.name}") == lanes.MACHINE, path.name
