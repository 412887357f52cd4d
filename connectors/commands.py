"""`tocsin connectors run` and `tocsin sinks run`: the daemons that touch the outside world."""

import asyncio
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import typer

from pipeline import probes
from pipeline.commands.options import ConfigFile, load_config, need_kafka, need_store
from pipeline.errors import TocsinError, UsageError
from pipeline.logs import start_logging

if TYPE_CHECKING:  # `--help` needs no client
    from connectors.sources.source import Source

connectors = typer.Typer(no_args_is_help=True, help="Run the sources: feeds in, articles to Kafka.")
sinks = typer.Typer(no_args_is_help=True, help="Run the sinks: alerts out.")

log = structlog.get_logger()


@connectors.callback()
def _connectors() -> None:
    """Run the sources: feeds in, articles to Kafka."""


@sinks.callback()
def _sinks() -> None:
    """Run the sinks: alerts out."""


def _name(path: Path | None) -> str:
    return str(path) if path is not None else "the configuration"


def _text(path: Path | None) -> str:
    """The file's text, for the line numbers of errors."""
    return path.read_text(encoding="utf-8") if path is not None else ""


@connectors.command("run")
def run_connectors(config: ConfigFile = None) -> None:
    """Poll the configured feeds until stopped; SIGHUP reads the configuration again."""
    start_logging("connectors")
    asyncio.run(_run_connectors(config))


async def _run_connectors(path: Path | None) -> None:
    from connectors.publish import Publisher
    from connectors.registry import make_sources
    from connectors.sources.daemon import Daemon
    from connectors.sources.feedstore import FeedStore

    def make() -> "list[Source]":
        return make_sources(load_config(path), name=_name(path), text=_text(path))

    config = load_config(path)
    probes.serve(config.metrics.listen)
    sources = make()
    if not sources:
        log.info("no_source_configured", hint="`tocsin feeds add URL` adds feeds while this runs")
    daemon = Daemon(sources, FeedStore(need_store(config)), Publisher(need_kafka(config)))

    def reload() -> None:
        try:
            daemon.reload(make())
        except TocsinError as error:
            log.error("config_refused", error=str(error), kept="the configuration before")

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, daemon.stop)
    loop.add_signal_handler(signal.SIGHUP, reload)
    await daemon.run()


@sinks.command("run")
def run_sinks_command(config: ConfigFile = None) -> None:
    """Deliver alerts to the configured sinks until stopped."""
    from connectors.registry import make_sinks
    from connectors.sinks.daemon import SinkLoop, run_sinks

    start_logging("sinks")
    loaded = load_config(config)
    probes.serve(loaded.metrics.listen)
    made = make_sinks(loaded, name=_name(config), text=_text(config))
    if not made:
        raise UsageError('no sink is configured: add one, as in [sinks.file] type = "jsonl", path = "alerts.jsonl"')
    options = need_kafka(loaded)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    log.info("sinks", names=[sink.name for sink in made])
    run_sinks([SinkLoop(sink, options) for sink in made], stopping)
