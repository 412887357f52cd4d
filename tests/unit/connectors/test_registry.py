"""The tables of sources and sinks, and what is said about a wrong configuration."""

from pathlib import Path

import pytest

from connectors.registry import SINKS, SOURCES, check, make_sinks, make_sources
from connectors.sources.rss import RssSource
from pipeline.config import load
from pipeline.errors import ConfigError


def config_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text(text)
    return path


def test_the_names_are_pinned() -> None:
    assert sorted(SOURCES) == ["folder", "rss", "sitemap"]
    assert (
        sorted(SINKS)
        == (
            "csv discord elastic feed gotify jsonl mail matrix mattermost misp misp-feed ntfy opsgenie pagerduty parquet postgres"
            " slack sqlite stix syslog taxii teams telegram webhook"
        ).split()
    )


def test_instances_are_made_by_name(tmp_path: Path) -> None:
    path = config_file(
        tmp_path,
        '[sources.wire]\ntype = "rss"\nurl = "https://n.example/f"\n'
        '[sources.own]\ntype = "connectors.sources.rss:RssSource"\nurl = "https://o.example/f"\n'
        '[sinks.file]\ntype = "jsonl"\npath = "a.jsonl"\n',
    )
    config = load(path)
    wire, own = make_sources(config, name=str(path), text=path.read_text())
    assert isinstance(wire, RssSource)
    assert [feed.name for source in (wire, own) for feed in source.feeds()] == ["wire", "own"]
    assert [sink.name for sink in make_sinks(config)] == ["file"]
    check(config)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[sources.a]\ntype = "rss"\nurl = "https://n.example/"\npol_s_min = 5\n',
            r"tocsin.toml:4.*pol_s_min.*poll_s_min",
        ),
        ('\n[sources.a]\ntype = "rs"\n', r"tocsin.toml:2.*'rs'.*did you mean 'rss'"),
        ("[sources.a]\nurl = 'x'\n", r"tocsin.toml:1.*has no type; there are: folder, rss"),
        ('[sources.a]\ntype = "rss"\n', r"tocsin.toml:1.*url, urls or opml"),
        ('[sources.a]\ntype = "rss"\nurl = "https://n.example/"\ngrade = "G"\n', r"tocsin.toml:4.*grade"),
        ('[sources.a]\ntype = "no.such.module:Thing"\n', r"can't be loaded.*no"),
        ('[sources.a]\ntype = "rss"\nurl = "gopher://n.example/"\n', r"no http or https address"),
        ('[sinks.a]\ntype = "jsonl"\n', r"tocsin.toml.*path"),
    ],
)
def test_a_wrong_one_names_file_line_key_and_the_nearest_valid_one(tmp_path: Path, text: str, says: str) -> None:
    path = config_file(tmp_path, text)
    with pytest.raises(ConfigError, match=says):
        check(load(path), name=str(path), text=path.read_text())
