"""What is not documented fails here; what is documented must exist."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from prometheus_client.metrics import MetricWrapperBase

from connectors.registry import SINKS, SOURCES, make_sinks
from pipeline import config
from pipeline.cli import COMMANDS
from pipeline.process import metrics
from pipeline.records.topics import TOPICS

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
ALL = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
SECTIONS = {
    "kafka": config.Kafka,
    "store": config.Store,
    "pipeline": config.Pipeline,
    "extract": config.Extract,
    "score": config.Score,
    "websub": config.Websub,
    "metrics": config.Metrics,
    "web": config.Web,
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_configuration_key_is_documented_with_its_default(section: str) -> None:
    _, _, page = CONFIGURATION.partition(f"## `[{section}]`")
    page = page.partition("\n## ")[0]
    for field in msgspec.structs.fields(SECTIONS[section]):
        assert f"| `{field.name}` | `{field.default!r}` |" in page, f"docs/configuration.md: [{section}] {field.name}"


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_is_documented(kind: str) -> None:
    assert f'type = "{kind}"' in CONFIGURATION


@pytest.mark.parametrize("kind", SINKS)
def test_every_sink_is_documented_with_its_way_with_revisions(kind: str) -> None:
    page = (ROOT / "docs" / "sinks.md").read_text(encoding="utf-8")
    assert f'type = "{kind}"' in page
    assert re.search(rf"^\| .*`{kind}`.* \| .+ \| .+ \|$", page.partition("## Revisions")[2], re.MULTILINE)


def test_every_sink_shown_is_one_that_the_registry_makes() -> None:
    for page in PAGES:
        for text in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            if "[sinks." in text:
                make_sinks(config.parse(text, page.name), name=page.name, text=text)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_mentioned(command: str) -> None:
    assert re.search(rf"(?:tocsin {command}\b|`{command}\b)", ALL)


def test_every_metric_is_documented() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    for found in vars(metrics).values():
        if isinstance(found, MetricWrapperBase):
            name = found.describe()[0].name
            assert f"`{name}" in page, name


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
def test_every_topic_is_documented(topic: str) -> None:
    assert f"`{topic}`" in (ROOT / "docs" / "records.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_has_its_target(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_configuration_shown_is_valid(page: Path) -> None:
    for text in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        tables = tomllib.loads(text)
        if {"sources", "sinks", "kafka", "store"} & tables.keys():
            config.parse(text, page.name)


def test_the_listing_of_rooms_is_complete() -> None:
    """docs/architecture.md names every room, and every file of the pipeline's rooms but the commands."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    _, _, listing = page.partition("## Where is what")
    rows = {
        name: row
        for row in listing.splitlines()
        for name in re.findall(r"`([\w./]+)`", row.split("|")[1] if "|" in row else "")
    }
    for path in sorted((ROOT / "pipeline").iterdir()):
        if path.suffix == ".py" and path.stem != "__init__":
            assert path.name in rows, path
        elif path.is_dir() and (path / "__init__.py").exists() and path.name not in {"text", "commands"}:
            named = set(re.findall(r"`([\w/]+)`", rows[path.name]))
            assert {p.stem for p in path.glob("*.py")} - {"__init__"} <= named, path
    for folder in ("pipeline/text", "connectors", "deploy"):
        for path in sorted((ROOT / folder).iterdir()):
            if path.is_dir() and any(path.glob("*.*")) and path.name != "__pycache__":
                assert path.name in rows or f"{folder}/{path.name}" in rows, path
