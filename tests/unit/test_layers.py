"""Who may import whom: read from the source, so that a lazy import inside a function counts as well."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAVES = {
    "pipeline",
    "pipeline.alertwords",
    "pipeline.codec",
    "pipeline.committed",
    "pipeline.independence",
    "pipeline.lag",
    "pipeline.rejected",
    "pipeline.commands.options",
    "pipeline.config",
    "pipeline.errors",
    "pipeline.explain",
    "pipeline.identity",
    "pipeline.lines",
    "pipeline.logs",
    "pipeline.outcomes",
    "pipeline.metrics",
    "pipeline.probes",
    "pipeline.records",
    "pipeline.subscribe",
    "pipeline.topics",
    "pipeline.waiting",
}
WEB_MAY = {"pipeline.backtests", "pipeline.knowledge", "pipeline.text.knowledge", "pipeline.watch"}
"""What the screen shows or lets people change, beside the leaves."""
OUTSIDE = {"apache_beam", "kafka", "psycopg", "alembic", "sqlalchemy", "aiohttp"}
BEAM_MAY = {"flow", "read", "dedupe", "extract", "score", "write", "flink", "job"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def modules(*folders: str) -> list[Path]:
    return sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))


def tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", modules("pipeline/text"), ids=lambda p: str(p.relative_to(ROOT)))
def test_text_analysis_imports_nothing_from_outside(path: Path) -> None:
    found = imports(path)
    assert not tops(found) & (OUTSIDE | {"connectors", "deploy"})
    ours = {name for name in found if name.startswith("pipeline.") and not name.startswith("pipeline.text")}
    allowed = ("pipeline.records", "pipeline.errors", "pipeline.identity")
    assert all(name.startswith(allowed) for name in ours), ours


@pytest.mark.parametrize("path", modules("pipeline"), ids=lambda p: str(p.relative_to(ROOT)))
def test_pipeline_imports_no_connectors_and_no_deployment(path: Path) -> None:
    assert not tops(imports(path)) & {"connectors", "deploy"}


@pytest.mark.parametrize("path", modules("connectors"), ids=lambda p: str(p.relative_to(ROOT)))
def test_connectors_import_only_leaves_of_the_pipeline(path: Path) -> None:
    ours = {name for name in imports(path) if name.partition(".")[0] == "pipeline"}
    known = LEAVES | {"pipeline.store"} | (WEB_MAY if path.is_relative_to(ROOT / "connectors" / "web") else set())
    strays = {
        n
        for n in ours
        if not any(n == leaf or n.startswith(f"{leaf}.") for leaf in known - {"pipeline"}) and n != "pipeline"
    }
    assert not {n for n in strays if n != "pipeline.__version__"}
    assert not tops(imports(path)) & {"apache_beam", "spacy", "deploy"}


@pytest.mark.parametrize("path", modules("pipeline"), ids=lambda p: str(p.relative_to(ROOT)))
def test_beam_stands_in_the_steps_only(path: Path) -> None:
    if "apache_beam" in tops(imports(path)):
        assert path.parent == ROOT / "pipeline"
        assert path.stem in BEAM_MAY
