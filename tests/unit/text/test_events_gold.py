"""Floors on our own gold (tests/gold/floors.toml): scores may not fall without a line in the CHANGELOG. Window rules alone, so that it is fast."""

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

GOLD = Path(__file__).parents[2] / "gold"
FLOORS = tomllib.loads((GOLD / "floors.toml").read_text(encoding="utf-8"))["reports"]


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_reports", GOLD / "score_reports.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("half", FLOORS)
def test_floors(half: str) -> None:
    scorer = _scorer()
    figures = scorer.score(scorer.find_by_window, getattr(scorer, half))
    floors = FLOORS[half]
    assert figures.claims >= floors["claims"]
    assert figures.realis >= floors["realis"]
    assert figures.subtypes >= floors["subtypes"]
    assert figures.figures_silent


def test_the_gold_is_as_large_as_it_says() -> None:
    scorer = _scorer()
    articles = [
        article
        for path in (scorer.DEVELOPED, scorer.UNSEEN)
        for article in tomllib.loads(path.read_text(encoding="utf-8"))["article"]
    ]
    assert len(articles) >= 200
    assert sum(len(article["claims"]) for article in articles) >= 400
    assert len({article["id"] for article in articles}) == len(articles)
