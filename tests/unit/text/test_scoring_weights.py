"""The table of weights: shipped, and laid over by an operator's file."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.records import ClaimKind, Realis
from pipeline.text.scoring import DEFAULT, load_weights


def test_every_realis_has_a_weight_and_the_past_has_none() -> None:
    assert set(DEFAULT.realis) == set(Realis.__args__)  # type: ignore[attr-defined]
    assert [DEFAULT.realis[name] for name in ("background", "hypothetical", "denied", "exercise", "fiction")] == [0] * 5


def test_every_kind_of_harm_is_a_kind_of_claim() -> None:
    assert set(DEFAULT.harm.kinds) <= set(ClaimKind.__args__)  # type: ignore[attr-defined]


def test_a_file_is_laid_over_the_shipped_table(tmp_path: Path) -> None:
    file = tmp_path / "weights.toml"
    file.write_text('[thresholds]\ninfo = 0.2\n[events.points.Cyber]\n"Intrusion" = 0.9\n', encoding="utf-8")
    weights = load_weights(file)
    assert weights.thresholds.info == 0.2
    assert weights.thresholds.low == DEFAULT.thresholds.low
    assert weights.events.points["Cyber"] == {**DEFAULT.events.points["Cyber"], "Intrusion": 0.9}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[signs]\nactr = 1.0", "actor"),
        ("[thresholds]\ninfo = 0.5", "thresholds"),
        ('[words]\nsevere = "("', r"weights\.toml"),
        ('[signs]\nactor = "much"', r"\$.signs.actor"),
        ('[events.categories]\n"Battles" = "war"', "war"),
        ("[signs", r"weights\.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "weights.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load_weights(file)
    assert str(file) in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.toml"):
        load_weights(tmp_path / "nothing.toml")
