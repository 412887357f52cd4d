"""What the recipe of incidents reads and measures."""

from pathlib import Path

import pytest

from training.incidents.measure import figures
from training.incidents.told import REPORTS, read_folder, read_text

TWO = """# market
== a | report | wire | 2026-03-01T08:00 | Bomb in Oskel
A bomb went off.
== none | - | wire | 2026-03-01T09:00 | Fair in Oskel
A fair opened.
"""


def test_reports_are_read_with_their_incident_and_group(tmp_path: Path) -> None:
    (tmp_path / "x.told").write_text(TWO)
    one, other = read_text(tmp_path / "x.told")
    assert (one.incident, one.group, one.relation, one.article.title) == ("x:a", "x:market", "report", "Bomb in Oskel")
    assert other.incident is None


def test_a_block_that_lacks_a_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.told").write_text("== a | report | wire\nText.\n")
    with pytest.raises(ValueError, match=r"x\.told: '== a \| report \| wire'"):
        list(read_text(tmp_path / "x.told"))


def test_the_projects_reports_can_be_read() -> None:
    reports = read_folder(REPORTS)
    assert len({r.article.article_id for r in reports}) == len(reports)
    assert len(reports) >= 300


def test_figures_of_a_right_and_of_a_wrong_grouping(tmp_path: Path) -> None:
    (tmp_path / "x.told").write_text(TWO + TWO.replace("# market\n", ""))
    reports = list(read_text(tmp_path / "x.told"))
    right = figures(reports, ["i", None, "i", None])
    assert right.pairs == right.bcubed == (1.0, 1.0, 1.0)
    assert right.apart == 1.0
    wrong = figures(reports, ["i", "i", "j", None])
    assert wrong.pairs[2] == 0.0
    assert wrong.apart == 0.5
