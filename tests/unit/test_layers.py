"""Who may import whom: read from the source, so that a lazy import inside a function counts as well."""

import importlib
from pathlib import Path

import pytest

from tests.layers import (
    CIRCLE_FREE,
    KNOWN_CIRCLES,
    ROOMS,
    ROOT,
    arrows,
    arrows_within,
    circles,
    imports,
    modules,
    upwards,
)

CONNECTORS_MAY = {
    "pipeline.commands.options",
    "pipeline.config",
    "pipeline.errors",
    "pipeline.incidents.corroboration",
    "pipeline.incidents.wording",
    "pipeline.process",
    "pipeline.publish.dead_letters",
    "pipeline.publish.lag",
    "pipeline.publish.readback",
    "pipeline.records",
    "pipeline.store",
    "pipeline.subscribe",
    "pipeline.text.knowledge",
}
WEB_MAY = {"pipeline.upkeep.backtests", "pipeline.text.knowledge", "pipeline.watch"}
"""What the screen shows or lets people change, beside what every connector may import."""
OUTSIDE = {"apache_beam", "kafka", "psycopg", "alembic", "sqlalchemy", "aiohttp"}
TEXT_MAY = ("pipeline.records", "pipeline.errors")
BEAM_MAY = {"build", "read", "dedupe", "extract", "score", "write", "flink", "job"}
PURE = ("records", "text", "incidents", "watch")
"""Rooms that decide and touch nothing outside: no broker, no database, no Beam."""
SHOWN = {
    "pipeline.subscribe": "Subscriber",
    "pipeline.subscribe_async": "AsyncSubscriber",
    "pipeline.records": "Alert",
    "pipeline.errors": "ConfigError",
    "pipeline.incidents.wording": "clean",
}
"""What README and docs tell people to import: it stays where it is, or CHANGELOG says how to go on."""


def tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_every_file_of_the_pipeline_is_in_a_room() -> None:
    root = ROOT / "pipeline"
    rooms = {p.stem for p in root.glob("*.py")} | {
        p.name for p in root.iterdir() if p.is_dir() and list(p.rglob("*.py"))
    }
    assert rooms == set(ROOMS)


def test_imports_between_rooms_point_down_only() -> None:
    assert upwards(arrows()) == []


@pytest.mark.parametrize("folder", [*CIRCLE_FREE, *KNOWN_CIRCLES])
def test_no_circle_is_added_inside_a_room(folder: str) -> None:
    assert circles(arrows_within(folder)) == KNOWN_CIRCLES.get(folder, [])


def test_a_circle_is_found_and_what_hangs_on_it_is_not_in_it() -> None:
    found = {("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "a"), ("x", "y"), ("y", "x")}
    assert circles(found) == [{"a", "b", "c"}, {"x", "y"}]
    assert circles(found - {("b", "c"), ("y", "x")}) == []


@pytest.mark.parametrize("path", modules("pipeline/text"), ids=lambda p: str(p.relative_to(ROOT)))
def test_text_analysis_imports_nothing_from_outside(path: Path) -> None:
    found = imports(path)
    assert not tops(found) & (OUTSIDE | {"connectors", "deploy"})
    ours = {name for name in found if name.startswith("pipeline.") and not name.startswith("pipeline.text")}
    assert all(name.startswith(TEXT_MAY) for name in ours), ours


@pytest.mark.parametrize(
    "path", modules(*(f"pipeline/{room}" for room in PURE)), ids=lambda p: str(p.relative_to(ROOT))
)
def test_what_decides_touches_nothing_outside(path: Path) -> None:
    allowed = {"kafka"} if path.name == "topics.py" else set()  # topics are made where their shapes are told
    assert not tops(imports(path)) & (OUTSIDE - allowed)


@pytest.mark.parametrize("path", modules("pipeline"), ids=lambda p: str(p.relative_to(ROOT)))
def test_pipeline_imports_no_connectors_and_no_deployment(path: Path) -> None:
    assert not tops(imports(path)) & {"connectors", "deploy"}


@pytest.mark.parametrize("path", modules("connectors"), ids=lambda p: str(p.relative_to(ROOT)))
def test_connectors_import_only_leaves_of_the_pipeline(path: Path) -> None:
    ours = {name for name in imports(path) if name.startswith("pipeline.")}
    known = CONNECTORS_MAY | (WEB_MAY if path.is_relative_to(ROOT / "connectors" / "web") else set())
    strays = {n for n in ours if not any(n == leaf or n.startswith(f"{leaf}.") for leaf in known)}
    assert strays <= {"pipeline.__version__", *(leaf.rpartition(".")[0] for leaf in known)}
    assert not tops(imports(path)) & {"apache_beam", "spacy", "deploy"}


@pytest.mark.parametrize("path", modules("pipeline"), ids=lambda p: str(p.relative_to(ROOT)))
def test_beam_stands_in_the_steps_only(path: Path) -> None:
    if "apache_beam" in tops(imports(path)):
        assert path.parent == ROOT / "pipeline" / "flow"
        assert path.stem in BEAM_MAY


@pytest.mark.parametrize(("module", "name"), SHOWN.items())
def test_what_the_docs_show_can_be_imported(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)
