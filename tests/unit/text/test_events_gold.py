"""Floors on our own gold: scores may not fall without a line in the CHANGELOG. Window rules alone, so that it is fast."""

import importlib.util
from pathlib import Path
from types import ModuleType

CLAIMS_F1_MIN = 0.95
REALIS_MIN = 0.92
SUBTYPES_MIN = 0.92


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "score_reports", Path(__file__).parents[2] / "gold" / "score_reports.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_floors() -> None:
    scorer = _scorer()
    figures = scorer.score(scorer.find_by_window)
    assert figures.claims >= CLAIMS_F1_MIN, figures.wrong
    assert figures.realis >= REALIS_MIN, figures.wrong
    assert figures.subtypes >= SUBTYPES_MIN, figures.wrong
    assert figures.figures_silent, figures.wrong
