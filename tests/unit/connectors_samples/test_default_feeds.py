"""The default list of feeds: well-formed, each address once, each with where it comes from."""

import re
from urllib.parse import urlsplit

from defusedxml import ElementTree

from connectors.feeds import find_default_list
from connectors.sources.opml import read_opml
from connectors.sources.rss import Config, RssSource

FOLDERS = {"conflict", "regional", "government", "cert", "vendor", "cyber-news"}
FEEDS_MIN = 100


def outlines() -> list[tuple[str, dict[str, str]]]:
    body = ElementTree.parse(find_default_list()).getroot().find("body")
    assert body is not None
    return [(folder.attrib["text"], dict(feed.attrib)) for folder in body for feed in folder]


def test_there_are_enough_in_the_known_folders() -> None:
    assert {folder for folder, _ in outlines()} == FOLDERS
    assert len(outlines()) >= FEEDS_MIN


def test_each_feed_says_language_tags_and_where_its_address_was_found() -> None:
    for _, feed in outlines():
        assert set(feed) == {"type", "text", "title", "xmlUrl", "language", "category", "source", "checked"}, feed
        assert re.fullmatch(r"[a-z]{2}", feed["language"]), feed
        assert re.fullmatch(r"[a-z-]+(,[a-z-]+)*", feed["category"]), feed
        assert re.fullmatch(r"github\.com/[\w.-]+/[\w.-]+: \S.*", feed["source"]), feed
        assert re.fullmatch(r"never|\d{4}-\d{2}-\d{2}", feed["checked"]), feed
        assert urlsplit(feed["xmlUrl"]).scheme in ("http", "https"), feed


def test_no_address_and_no_name_twice() -> None:
    addresses = [feed["xmlUrl"].removeprefix("http://").removeprefix("https://").rstrip("/") for _, feed in outlines()]
    assert len(set(addresses)) == len(addresses)
    titles = [feed["title"] for _, feed in outlines()]
    assert len(set(titles)) == len(titles)


def test_the_connector_takes_the_list_with_folders_as_tags() -> None:
    read = read_opml(find_default_list())
    assert len(read) == len(outlines())
    assert all(outline.tags[0] in FOLDERS and len(outline.tags) > 1 for outline in read)
    source = RssSource("default", Config(opml=str(find_default_list())))
    assert len(source.feeds()) == len(read), "two feeds got one name"
