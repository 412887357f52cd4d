"""The bill of materials names what the locks name, no more and no less, and is valid CycloneDX."""

import json
from pathlib import Path

import pytest

from deploy import sbom
from deploy.local import jars

TEXT = sbom.RUN_LOCK.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bill() -> dict[str, list[dict[str, object]]]:
    return json.loads(sbom.check(sbom.render(sbom.make(TEXT, jars.read_lock()))))  # type: ignore[no-any-return]


def test_every_locked_package_and_jar_is_in_it_with_its_hashes(bill: dict[str, list[dict[str, object]]]) -> None:
    found = {str(c.get("purl")): c for c in bill["components"]}
    packages = sbom.read_requirements(TEXT)
    assert len(packages) == sum(1 for line in TEXT.splitlines() if line and not line.startswith((" ", "#")))
    for package in packages:
        (files,) = found[f"pkg:pypi/{package.name}@{package.version}"]["externalReferences"]  # type: ignore[misc]
        assert {h["content"] for h in files["hashes"]} == set(package.hashes)  # type: ignore[index]
        assert package.hashes
    for jar in jars.read_lock():
        group, artifact, version = jar.coordinates.split(":")
        assert found[f"pkg:maven/{group}/{artifact}@{version}"]["hashes"] == [{"alg": "SHA-256", "content": jar.sha256}]
    assert len(bill["components"]) == len(packages) + len(jars.read_lock()) + 1, "and the model"


def test_the_servers_inside_of_packages_are_named(bill: dict[str, list[dict[str, object]]]) -> None:
    inside = {part["name"] for c in bill["components"] for part in c.get("components", ())}  # type: ignore[attr-defined]
    assert inside == {"postgresql", "openjdk"}


def test_the_same_locks_give_the_same_bytes() -> None:
    made = [sbom.render(sbom.make(TEXT, jars.read_lock())) for _ in range(2)]
    assert made[0] == made[1]


def test_a_line_without_a_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="left-pad"):
        sbom.read_requirements(TEXT + "left-pad==1.0\n")


def test_every_lock_pins_every_package_by_hash() -> None:
    locks = sorted((Path(sbom.ROOT) / "requirements").glob("*.lock"))
    assert locks
    for lock in locks:
        assert sbom.read_requirements(lock.read_text(encoding="utf-8"))
