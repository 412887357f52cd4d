"""The checked-in schemas are what the code says."""

from pathlib import Path

import pytest

from pipeline.publish import schemas

FOLDER = Path(__file__).parents[4] / "docs" / "schemas"


@pytest.mark.parametrize("name", sorted(schemas.files()))
def test_checked_in_file_is_current(name: str) -> None:
    assert (FOLDER / name).read_bytes() == schemas.files()[name], "run: python -m pipeline.publish.schemas docs/schemas"


def test_nothing_else_is_checked_in() -> None:
    assert {p.name for p in FOLDER.iterdir()} == set(schemas.files())


def test_every_reference_in_a_schema_has_its_target() -> None:
    for name in schemas.RECORDS:
        schema = schemas.schema_of(name)

        def references(node: object) -> list[str]:
            if isinstance(node, dict):
                return [v for k, v in node.items() if k == "$ref"] + [r for v in node.values() for r in references(v)]
            return [r for v in node for r in references(v)] if isinstance(node, list) else []

        targets = {f"#/$defs/{d}" for d in schema["$defs"]}
        assert set(references(schema)) <= targets
