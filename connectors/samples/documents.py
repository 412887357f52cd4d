"""What an outlet's feed looks like at a moment, as the bytes of an RSS 2.0, RSS 1.0, Atom or JSON Feed document."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

import msgspec

from connectors.samples.blocks import first_paragraph, html_text, plain_text
from connectors.samples.records import Outlet
from connectors.samples.stream import Publication

NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}
RSS1_NAMESPACES = {
    "xmlns": "http://purl.org/rss/1.0/",
    "xmlns:rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    **NAMESPACES,
}
ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"

BAD_DATE = "sometime last week, after lunch"
BROKEN = b'<?xml version="1.0" encoding="UTF-8"?>\n<error><message>Template "feed" not found & nothing to fall back on</mess\n'
"""What a `broken` outlet answers: neither well-formed nor a feed."""

CONTENT_TYPES = {
    "rss2": "application/rss+xml",
    "rss1": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "broken": "text/xml",
}


class Site(msgspec.Struct, frozen=True):
    """An outlet at its address."""

    name: str
    outlet: Outlet
    address: str  # of the server, without a slash at the end

    @property
    def home(self) -> str:
        """The address of the front page."""
        return f"{self.address}/{self.name}/"

    @property
    def feed(self) -> str:
        """The address of the feed."""
        return self.home + ("feed.json" if self.outlet.format == "json" else "feed.xml")

    def link(self, publication: Publication) -> str:
        """The address of an article's page."""
        return f"{self.home}{publication.slug}.html"

    def guid(self, publication: Publication) -> str:
        """The article's id in the feed, the same wherever the samples are served; all versions share it."""
        return f"urn:tocsin-sample:{self.name}:{publication.slug}"


def render_feed(site: Site, shown: Sequence[Publication], updated: datetime) -> bytes:
    """The feed document with these articles, newest first."""
    return _RENDERERS[site.outlet.format](site, shown, updated)


def _rss2(site: Site, shown: Sequence[Publication], updated: datetime) -> bytes:
    root = ET.Element("rss", {"version": "2.0", **NAMESPACES})
    channel = ET.SubElement(root, "channel")
    _add(channel, title=site.outlet.title, link=site.home, description=site.outlet.description)
    _add(channel, language=site.outlet.language, lastBuildDate=_rfc822(updated))
    for publication in shown:
        entry = ET.SubElement(channel, "item")
        _add(entry, title=publication.title)
        if publication.malformed:
            _add(entry, description=plain_text(publication.blocks), pubDate=BAD_DATE)
            continue
        _add(entry, link=site.link(publication), description=first_paragraph(publication.blocks))
        ET.SubElement(entry, "guid", isPermaLink="false").text = site.guid(publication)
        _add(entry, pubDate=_rfc822(publication.published))
        for category in publication.categories:
            _add(entry, category=category)
        _add_modules(entry, site, publication)
    return _serialise(root, site)


def _rss1(site: Site, shown: Sequence[Publication], updated: datetime) -> bytes:
    root = ET.Element("rdf:RDF", RSS1_NAMESPACES)
    channel = ET.SubElement(root, "channel", {"rdf:about": site.feed})
    _add(channel, title=site.outlet.title, link=site.home, description=site.outlet.description)
    _add(channel, **{"dc:language": site.outlet.language, "dc:date": _rfc3339(updated)})
    sequence = ET.SubElement(ET.SubElement(channel, "items"), "rdf:Seq")
    for publication in shown:
        link = site.link(publication)
        ET.SubElement(sequence, "rdf:li", {"rdf:resource": link})
        entry = ET.SubElement(root, "item", {"rdf:about": link})
        _add(entry, title=publication.title, link=link, description=first_paragraph(publication.blocks))
        _add(entry, **{"dc:date": _rfc3339(publication.updated)})
        for category in publication.categories:
            _add(entry, **{"dc:subject": category})
        _add_modules(entry, site, publication)
    return _serialise(root, site)


def _atom(site: Site, shown: Sequence[Publication], updated: datetime) -> bytes:
    root = ET.Element("feed", {"xmlns": ATOM_NAMESPACE, "xml:lang": site.outlet.language})
    _add(root, title=site.outlet.title, subtitle=site.outlet.description, id=site.feed, updated=_rfc3339(updated))
    ET.SubElement(root, "link", href=site.home)
    ET.SubElement(root, "link", href=site.feed, rel="self")
    for publication in shown:
        entry = ET.SubElement(root, "entry")
        _add(entry, title=publication.title, id=site.guid(publication))
        ET.SubElement(entry, "link", href=site.link(publication))
        _add(entry, published=_rfc3339(publication.published), updated=_rfc3339(publication.updated))
        for author in publication.authors or (site.outlet.title,):
            _add(ET.SubElement(entry, "author"), name=author)
        for category in publication.categories:
            ET.SubElement(entry, "category", term=category)
        _add(entry, summary=first_paragraph(publication.blocks))
        if site.outlet.carries == "text":
            ET.SubElement(entry, "content", type="html").text = html_text(publication.blocks)
    return _serialise(root, site)


def _json(site: Site, shown: Sequence[Publication], updated: datetime) -> bytes:  # noqa: ARG001 - JSON Feed has no date of its own
    entries = []
    for publication in shown:
        entry: dict[str, object] = {
            "id": site.guid(publication),
            "url": site.link(publication),
            "title": publication.title,
            "summary": first_paragraph(publication.blocks),
            "date_published": _rfc3339(publication.published),
            "date_modified": _rfc3339(publication.updated),
            "authors": [{"name": author} for author in publication.authors],
            "tags": publication.categories,
        }
        whole = site.outlet.carries == "text"
        entry["content_html"] = html_text(publication.blocks if whole else publication.blocks[:1])
        entries.append(entry)
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.outlet.title,
        "description": site.outlet.description,
        "home_page_url": site.home,
        "feed_url": site.feed,
        "language": site.outlet.language,
        "items": entries,
    }
    return msgspec.json.encode(document)


def _broken(site: Site, shown: Sequence[Publication], updated: datetime) -> bytes:  # noqa: ARG001 - nothing of them gets out
    return BROKEN


_RENDERERS: dict[str, Callable[[Site, Sequence[Publication], datetime], bytes]] = {
    "rss2": _rss2,
    "rss1": _rss1,
    "atom": _atom,
    "json": _json,
    "broken": _broken,
}


def _add(parent: ET.Element, **texts: str) -> None:
    for tag, text in texts.items():
        ET.SubElement(parent, tag).text = text


def _add_modules(entry: ET.Element, site: Site, publication: Publication) -> None:
    """What both kinds of RSS take from modules: authors and the whole text."""
    for author in publication.authors:
        _add(entry, **{"dc:creator": author})
    if site.outlet.carries == "text":
        _add(entry, **{"content:encoded": html_text(publication.blocks)})


def _serialise(root: ET.Element, site: Site) -> bytes:
    ET.indent(root)
    out: bytes = ET.tostring(root, encoding=site.outlet.encoding, xml_declaration=True)
    return out


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
