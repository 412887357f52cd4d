"""Which sources and sinks there are: two tables, read when one is asked for.

A new one is a module (a frozen `Config` with `forbid_unknown_fields`, and a class built as `Class(name, config)`) and a line here. A dotted
string in the configuration (`type = "my.module:MySource"`) works as well, so that others need no change of ours.
"""

import difflib
import importlib
from typing import Any, cast

from msgspec import Struct

from connectors.sinks.sink import Sink
from connectors.sources.source import Source
from pipeline.config import Config, Table, convert, fill_variables, find_line
from pipeline.errors import ConfigError

UNNAMED = "the configuration"

SOURCES: dict[str, str] = {
    "rss": "connectors.sources.rss:RssSource",
    "sitemap": "connectors.sources.sitemap_source:SitemapSource",
    "folder": "connectors.sources.folder:FolderSource",
}
SINKS: dict[str, str] = {
    "csv": "connectors.sinks.csvfile:CsvSink",
    "discord": "connectors.sinks.discord:DiscordSink",
    "elastic": "connectors.sinks.elastic:ElasticSink",
    "feed": "connectors.sinks.feedfile:FeedSink",
    "gotify": "connectors.sinks.gotify:GotifySink",
    "jsonl": "connectors.sinks.jsonl:JsonlSink",
    "mail": "connectors.sinks.mail:MailSink",
    "matrix": "connectors.sinks.matrix:MatrixSink",
    "mattermost": "connectors.sinks.mattermost:MattermostSink",
    "misp": "connectors.sinks.misp:MispSink",
    "misp-feed": "connectors.sinks.mispfeed:MispFeedSink",
    "ntfy": "connectors.sinks.ntfy:NtfySink",
    "opsgenie": "connectors.sinks.opsgenie:OpsgenieSink",
    "pagerduty": "connectors.sinks.pagerduty:PagerDutySink",
    "parquet": "connectors.sinks.parquet:ParquetSink",
    "postgres": "connectors.sinks.postgres:PostgresSink",
    "slack": "connectors.sinks.slack:SlackSink",
    "sqlite": "connectors.sinks.sqlite:SqliteSink",
    "stix": "connectors.sinks.stix:StixSink",
    "syslog": "connectors.sinks.syslog:SyslogSink",
    "taxii": "connectors.sinks.taxii:TaxiiSink",
    "teams": "connectors.sinks.teams:TeamsSink",
    "telegram": "connectors.sinks.telegram:TelegramSink",
    "webhook": "connectors.sinks.webhook:WebhookSink",
}


def make_sources(config: Config, *, name: str = UNNAMED, text: str = "") -> list[Source]:
    """Every source of the configuration; `name` and `text` are the file it was read from, for errors.

    Raises `ConfigError` naming file, line, key and the nearest valid one.
    """
    return [cast("Source", _make(("sources", n), SOURCES, t, name, text)) for n, t in config.sources.items()]


def make_source(name: str, options: Table) -> Source:
    """One source from its table alone, as the store keeps those that people add. Raises `ConfigError`."""
    return cast(
        "Source", _make(("sources", name), SOURCES, fill_variables(options, f"feed {name}"), f"feed {name}", "")
    )


def make_sinks(config: Config, *, name: str = UNNAMED, text: str = "") -> list[Sink]:
    """Every sink of the configuration. Raises `ConfigError` as above."""
    return [cast("Sink", _make(("sinks", n), SINKS, t, name, text)) for n, t in config.sinks.items()]


def check(config: Config, *, name: str = UNNAMED, text: str = "") -> None:
    """Check every source and sink without connecting to anything. Raises `ConfigError`."""
    for source in make_sources(config, name=name, text=text):
        source.feeds()
    make_sinks(config, name=name, text=text)


def load(kinds: dict[str, str], kind: str, where: str) -> tuple[type[Struct], type[Any]]:
    """The `Config` and the class behind a type's name. Raises `ConfigError`, which begins with `where`."""
    dotted = kinds.get(kind, kind if ":" in kind else "")
    if not dotted:
        near = difflib.get_close_matches(kind, kinds, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(kinds))}"
        raise ConfigError(f"{where}: unknown type {kind!r}; {hint}")
    module_name, _, class_name = dotted.partition(":")
    try:
        module = importlib.import_module(module_name)
        return module.Config, getattr(module, class_name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{where}: type {kind!r} can't be loaded: {error}") from error


def _make(at: tuple[str, str], kinds: dict[str, str], table: Table, file: str, text: str) -> object:
    line = find_line(text, at)
    where = f"{file}:{line}" if line else file
    kind = table.get("type")
    if not isinstance(kind, str):
        raise ConfigError(f"{where}: {'.'.join(at)} has no type; there are: {', '.join(sorted(kinds))}")
    shape, built = load(kinds, kind, f"{where}: {'.'.join(at)}")
    options = convert(table, shape, name=file, text=text, at=at)
    try:
        return built(at[1], options)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
