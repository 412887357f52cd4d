"""The threat model names tests, and every one of them exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_every_test_named_exists() -> None:
    assert len(NAMED) > 40
    missing = []
    for path, name in NAMED:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8")) if (ROOT / path).exists() else ast.parse("")
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        if name not in functions:
            missing.append(f"{path}::{name}")
    assert not missing


def test_every_threat_has_a_control_and_something_that_shows_it() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 25
    for row in rows:
        threat, control, shown = (cell.strip() for cell in row.strip("|").split(" | "))
        assert threat
        assert control
        assert "tests/" in shown or "](" in shown, threat


def test_every_security_test_is_named() -> None:
    """A test that nobody finds is a control that nobody knows."""
    known = {path for path, _ in NAMED}
    mine = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "security").glob("test_*.py")}
    assert mine - known <= {"tests/security/test_threat_model.py"}
