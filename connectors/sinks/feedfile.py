"""The sink `feed`: the latest alerts as an RSS, Atom or JSON Feed document, for feed readers and for other tocsins.

    [sinks.page]
    type = "feed"
    path = "/srv/www/alerts.xml"
    format = "atom"                      # rss (2.0), atom (RFC 4287) or json (JSON Feed 1.1)
    title = "Alerts of our desk"
    link = "https://example.org/alerts"  # where people read about it
    entries_max = 100

An entry is an alert with its latest revision; a later revision replaces the entry, under the same id, with a later `updated`. A retracted alert stays,
marked so. The file is replaced whole.
"""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from lxml import etree

from connectors.sinks import mailtext
from connectors.sinks.card import Card, make_card
from connectors.sinks.files import replace_file
from connectors.sinks.http import check_url
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig
from pipeline.errors import ConfigError, RetryableError
from pipeline.records import Alert

ENTRIES_MAX = 100
ATOM = "{http://www.w3.org/2005/Atom}"


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "feed"
    path: str
    format: Literal["rss", "atom", "json"] = "atom"
    title: str = "tocsin"
    link: str = "https://localhost/"
    entries_max: int = ENTRIES_MAX


class FeedSink:
    """One document."""

    revisions: Revisions = "update"
    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        check_url(config.link, "link")
        if config.entries_max < 1:
            raise ConfigError("entries_max: must be at least 1")
        self.name = name
        self.config = config
        self._path = Path(config.path)
        self._memory: Memory | None = None

    def open(self, memory: Memory) -> None:
        """Make the directory."""
        self._memory = memory
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"sinks.{self.name}: {self._path.parent} can't be made: {error}") from error

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Write the document with these among the latest."""
        if self._memory is None:
            raise RetryableError(f"sinks.{self.name}: not open")
        if not alerts:
            return ()
        held = {a.alert_id: a.revision for a in self._memory.held(self.config.entries_max)}
        self._memory.hold([a for a in alerts if a.revision > held.get(a.alert_id, 0)])
        # What fell off the end is kept no longer.
        kept = self._memory.held(2 * self.config.entries_max + len(alerts))
        self._memory.let_go(kept[: -self.config.entries_max])
        latest = list(reversed(kept[-self.config.entries_max :]))
        replace_file(self._path, make_document(latest, self.config))
        return ()

    def close(self) -> None:
        """Nothing is open."""


def make_document(alerts: Sequence[Alert], config: Config) -> bytes:
    """The document of these alerts, the latest first."""
    entries = [(a, make_card(a)) for a in alerts]
    return {"rss": _rss, "atom": _atom, "json": _json}[config.format](entries, config)


def _title(alert: Alert, card: Card) -> str:
    mark = f"{alert.change}: " if alert.change in {"retracted", "disputed"} else ""
    return f"[{card.mark}] {mark}{card.title}"


def _link(card: Card, config: Config) -> str:
    return next((line.url for line in card.sources if line.url), config.link)


def _updated(alerts: Sequence[tuple[Alert, Card]]) -> datetime:
    return max(a.last_seen for a, _ in alerts)


def _id(alert: Alert) -> str:
    return f"urn:tocsin:{alert.alert_id}"


def _rss(entries: Sequence[tuple[Alert, Card]], config: Config) -> bytes:
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", config.title)
    _add(channel, "link", config.link)
    _add(channel, "description", f"Alerts: {config.title}")
    _add(channel, "lastBuildDate", format_datetime(_updated(entries)))
    for alert, card in entries:
        item = etree.SubElement(channel, "item")
        _add(item, "title", _title(alert, card))
        _add(item, "link", _link(card, config))
        _add(item, "guid", _id(alert), isPermaLink="false")
        _add(item, "pubDate", format_datetime(alert.last_seen))
        _add(item, "category", alert.category)
        _add(item, "category", f"severity:{alert.severity}")
        _add(item, "category", f"revision:{alert.revision}")
        _add(item, "description", mailtext.html(card))
    return _xml(root)


def _atom(entries: Sequence[tuple[Alert, Card]], config: Config) -> bytes:
    root = etree.Element(f"{ATOM}feed", nsmap={None: ATOM.strip("{}")})
    _add(root, f"{ATOM}title", config.title)
    _add(root, f"{ATOM}id", config.link)
    etree.SubElement(root, f"{ATOM}link", href=config.link)
    _add(root, f"{ATOM}updated", _updated(entries).isoformat())
    _add(etree.SubElement(root, f"{ATOM}author"), f"{ATOM}name", "tocsin")
    for alert, card in entries:
        entry = etree.SubElement(root, f"{ATOM}entry")
        _add(entry, f"{ATOM}title", _title(alert, card))
        _add(entry, f"{ATOM}id", _id(alert))
        etree.SubElement(entry, f"{ATOM}link", href=_link(card, config))
        _add(entry, f"{ATOM}published", alert.first_seen.isoformat())
        _add(entry, f"{ATOM}updated", alert.last_seen.isoformat())
        for term in (alert.category, f"severity:{alert.severity}", f"revision:{alert.revision}"):
            etree.SubElement(entry, f"{ATOM}category", term=term)
        _add(entry, f"{ATOM}content", mailtext.html(card), type="html")
    return _xml(root)


def _json(entries: Sequence[tuple[Alert, Card]], config: Config) -> bytes:
    items = [
        {
            "id": _id(alert), "url": _link(card, config), "title": _title(alert, card), "content_html": mailtext.html(card),
            "content_text": mailtext.plain(card), "date_published": alert.first_seen, "date_modified": alert.last_seen,
            "tags": [alert.category, f"severity:{alert.severity}", f"revision:{alert.revision}"],
        }
        for alert, card in entries
    ]  # fmt: skip
    head = {"version": "https://jsonfeed.org/version/1.1", "title": config.title, "home_page_url": config.link}
    return msgspec.json.encode(head | {"items": items})


def _add(parent: Any, name: str, text: str, **attributes: str) -> None:
    # Control characters, which XML can't have, have left the card already.
    etree.SubElement(parent, name, attributes).text = text


def _xml(root: Any) -> bytes:
    raw: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return raw
