"""The sample files read and checked: `data/outlets.toml`, and one Markdown file with a TOML head for each article version.

A file is `OUTLET/SLUG.md`; `SLUG.2.md` is the same article edited later. The head stands between two lines of `+++`; the body knows
paragraphs, `## headings`, `- lists`, fenced code and `| tables |`. Anything that doesn't fit is a `ConfigError` that names file, line
and key, and so is a gold that contradicts itself (a story that begins after its reprint, an alert without an incident).
"""

import tomllib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import groupby
from typing import Any

from connectors.samples.placeholders import find_unknown
from connectors.samples.records import (
    Bullets,
    Code,
    Collection,
    Front,
    Grid,
    Heading,
    Outlet,
    Paragraph,
    Sample,
    TextBlock,
)
from pipeline.config import convert
from pipeline.errors import ConfigError

FENCE = "+++"
CODE_FENCE = "```"


@cache
def load_samples() -> Collection:
    """The samples that ship with tocsin. Raises `ConfigError`."""
    return read_collection(resources.files("connectors.samples") / "data")


def read_collection(folder: Traversable) -> Collection:
    """All outlets and articles in `folder`, checked singly and together. Raises `ConfigError`."""
    outlets = _read_outlets(folder / "outlets.toml")
    for child in folder.iterdir():
        if child.is_dir() and child.name not in outlets:
            raise ConfigError(f"{child.name}: no such outlet in outlets.toml, which has {', '.join(outlets)}")
    samples = [
        read_sample(outlet, file.name, file.read_text(encoding="utf-8"))
        for outlet in outlets
        if (folder / outlet).is_dir()
        for file in (folder / outlet).iterdir()
        if file.name.endswith(".md")
    ]
    samples.sort(key=lambda sample: (sample.front.offset_s, sample.name))
    _check_versions(samples)
    _check_gold(samples)
    return Collection(outlets=outlets, samples=tuple(samples))


def _read_outlets(file: Traversable) -> dict[str, Outlet]:
    text = file.read_text(encoding="utf-8")
    tables = _parse_toml(text, file.name, 0)
    return {name: convert(table, Outlet, name=file.name, text=text, at=(name,)) for name, table in tables.items()}


def _parse_toml(text: str, name: str, line: int) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML (in what begins on line {line + 1}): {error}") from error


def read_sample(outlet: str, file_name: str, text: str) -> Sample:
    """The article in the text of one file. Raises `ConfigError`."""
    where = f"{outlet}/{file_name}"
    slug, version = _split_name(file_name, where)
    lines = text.split("\n")
    if lines[0] != FENCE or FENCE not in lines[1:]:
        raise ConfigError(f"{where}:1: the head has to stand between two lines of {FENCE}")
    end = lines.index(FENCE, 1)
    # An empty line in place of the fence keeps the line numbers of errors those of the file.
    head = "\n".join(["", *lines[1:end]])
    front = convert(_parse_toml(head, where, 1), Front, name=where, text=head)
    for shown in (front.title, *lines[end + 1 :]):
        if (unknown := find_unknown(shown)) is not None:
            raise ConfigError(f"{where}: unknown placeholder {unknown!r} in {shown[:60]!r}")
    blocks = _read_blocks(lines[end + 1 :])
    if not blocks:
        raise ConfigError(f"{where}:{end + 2}: the article has no text")
    name = f"{outlet}/{slug}" + (f".{version}" if version > 1 else "")
    return Sample(name=name, outlet=outlet, slug=slug, version=version, front=front, blocks=blocks)


def _split_name(file_name: str, where: str) -> tuple[str, int]:
    slug, dot, number = file_name.removesuffix(".md").partition(".")
    if not dot:
        return slug, 1
    if not number.isdecimal() or int(number) < 2:
        raise ConfigError(f"{where}: a later version is called SLUG.2.md, SLUG.3.md and so on")
    return slug, int(number)


def _read_blocks(lines: list[str]) -> tuple[TextBlock, ...]:
    blocks: list[TextBlock] = []
    pending: list[str] = []
    code: list[str] | None = None
    for line in [*lines, ""]:
        if line.startswith(CODE_FENCE):
            if code is None:
                code = []
            else:
                blocks.append(Code("\n".join(code)))
                code = None
        elif code is not None:
            code.append(line)
        elif line.strip():
            pending.append(line.strip())
        elif pending:
            blocks.append(_make_block(pending))
            pending = []
    return tuple(blocks)


def _make_block(lines: list[str]) -> TextBlock:
    if lines[0].startswith("## "):
        return Heading(lines[0][3:])
    if all(line.startswith("- ") for line in lines):
        return Bullets(tuple(line[2:] for line in lines))
    if all(line.startswith("|") for line in lines):
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        return Grid(tuple(row for row in rows if set("".join(row)) - set("-: ")))
    return Paragraph(" ".join(lines))


def _check_versions(samples: list[Sample]) -> None:
    by_slug = sorted(samples, key=lambda s: (s.outlet, s.slug, s.version))
    for (outlet, slug), group in groupby(by_slug, key=lambda s: (s.outlet, s.slug)):
        versions = list(group)
        if [s.version for s in versions] != list(range(1, len(versions) + 1)):
            raise ConfigError(
                f"{outlet}/{slug}: versions have to count 1, 2, 3; there are {[s.version for s in versions]}"
            )
        offsets = [s.front.offset_s for s in versions]
        if offsets != sorted(set(offsets)):
            raise ConfigError(
                f"{outlet}/{slug}: each version has to be later than the one before; offset_s are {offsets}"
            )


def _check_gold(samples: list[Sample]) -> None:
    by_name = {sample.name: sample for sample in samples}
    for sample in samples:
        expected = sample.front.expected
        first = by_name.get(sample.story)
        problem = None
        if first is None:
            problem = f"expected.story {sample.story!r} is no article"
        elif first.story != first.name:
            problem = f"expected.story {sample.story!r} itself belongs to the story {first.story!r}"
        elif (first is sample) != (expected.verdict == "new"):
            problem = "expected.verdict is 'new' if and only if the article begins its story"
        elif first is not sample and first.front.offset_s >= sample.front.offset_s:
            problem = f"expected.story {sample.story!r} is published later"
        elif sample.version > 1 and expected.verdict not in ("revision", "exact"):
            problem = "expected.verdict of a later version is 'revision', or 'exact' if only its form changed"
        elif expected.alert and not (expected.category and expected.incident):
            problem = "an article that may alert needs expected.category and expected.incident"
        if problem:
            raise ConfigError(f"{sample.name}.md: {problem}")
