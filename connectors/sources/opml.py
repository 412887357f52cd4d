"""Lists of feeds in OPML 1.0 and 2.0, read with defused XML; folders become tags."""

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as Xml
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from pipeline.errors import ConfigError

OPML_BYTES_MAX = 32 * 1024 * 1024
DEPTH_MAX = 20
"""Folders in folders."""
GRADES = frozenset("ABCDEF")


class Outline(NamedTuple):
    """One feed of a list."""

    url: str
    title: str | None
    tags: tuple[str, ...]
    grade: str | None = None  # Admiralty code, in an attribute of our own


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
            grade = (outline.get("grade") or "").strip().upper()
            found.setdefault(url, Outline(url, title or None, tags, grade if grade in GRADES else None))
        else:
            _walk(outline, (*folders, title) if title else folders, found, depth + 1)


def write_opml(outlines: list[Outline], *, title: str = "tocsin: feeds") -> bytes:
    """The feeds as OPML 2.0: in a folder for each first tag, the other tags as categories. `read_opml` reads the same back."""
    root = Xml.Element("opml", version="2.0")
    Xml.SubElement(Xml.SubElement(root, "head"), "title").text = _clean(title)
    body = Xml.SubElement(root, "body")
    folders: dict[str, Element] = {}
    for outline in outlines:
        place = body
        if outline.tags:
            name = _clean(outline.tags[0])
            if name not in folders:
                folders[name] = Xml.SubElement(body, "outline", text=name, title=name)
            place = folders[name]
        shown = _clean(outline.title or outline.url)
        entry = Xml.SubElement(place, "outline", type="rss", text=shown, title=shown, xmlUrl=outline.url)
        if len(outline.tags) > 1:
            entry.set("category", ",".join(_clean(tag).replace(",", " ") for tag in outline.tags[1:]))
        if outline.grade:
            entry.set("grade", outline.grade)
    Xml.indent(root)
    raw: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return raw + b"\n"


def _clean(text: str) -> str:
    """Without what XML can't carry."""
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
