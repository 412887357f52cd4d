"""Lists of feeds in OPML 1.0 and 2.0, read with defused XML; folders become tags."""

from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from pipeline.errors import ConfigError

OPML_BYTES_MAX = 32 * 1024 * 1024
DEPTH_MAX = 20
"""Folders in folders."""


class Outline(NamedTuple):
    """One feed of a list."""

    url: str
    title: str | None
    tags: tuple[str, ...]


def read_opml(path: Path) -> list[Outline]:
    """The feeds of an OPML file, each once, in its order. Raises `ConfigError`."""
    try:
        if path.stat().st_size > OPML_BYTES_MAX:
            raise ConfigError(f"{path}: larger than {OPML_BYTES_MAX} bytes")
        root = ElementTree.fromstring(path.read_bytes())
    except (OSError, ElementTree.ParseError, DefusedXmlException) as error:
        raise ConfigError(f"{path}: not readable as OPML: {error}") from error
    body = root.find("body")
    if root.tag != "opml" or body is None:
        raise ConfigError(f"{path}: not OPML")
    found: dict[str, Outline] = {}
    _walk(body, (), found, 0)
    return list(found.values())


def _walk(element: Element, folders: tuple[str, ...], found: dict[str, Outline], depth: int) -> None:
    if depth > DEPTH_MAX:
        return
    for outline in element.findall("outline"):
        title = (outline.get("title") or outline.get("text") or "").strip()
        url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        if url:
            categories = [c.strip().strip("/") for c in (outline.get("category") or "").split(",")]
            tags = tuple(dict.fromkeys(filter(None, (*folders, *categories))))
            found.setdefault(url, Outline(url, title or None, tags))
        else:
            _walk(outline, (*folders, title) if title else folders, found, depth + 1)
