"""`tocsin connectors run` and `tocsin sinks run`: the daemons that touch the outside world."""

import asyncio
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from pipeline.commands.options import ConfigFile, load_config, need_kafka, need_store
from pipeline.errors import TocsinError, UsageError
from pipeline.process import probes
from pipeline.process.logs import start_logging

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
    from connectors.sources.subscriptions import SubscriptionStore
    from connectors.sources.websub import read_listening

    def make() -> "list[Source]":
        return make_sources(load_config(path), name=_name(path), text=_text(path))

    config = load_config(path)
    probes.serve(config.metrics.listen)
    sources = make()
    if not sources:
        log.info("no_source_configured", hint="`tocsin feeds add URL` adds feeds while this runs")
    daemon = Daemon(
        sources,
        FeedStore(need_store(config)),
        Publisher(need_kafka(config)),
        subscriptions=SubscriptionStore(need_store(config)),
        listening=read_listening(config.websub.callback, config.websub.listen),
    )

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


SinkName = Annotated[str, typer.Argument(help="The sink, as in [sinks.NAME].")]


@sinks.command("run")
def run_sinks_command(config: ConfigFile = None) -> None:
    """Deliver alerts to the configured sinks until stopped."""
    from connectors.registry import make_sinks
    from connectors.sinks.daemon import SinkLoop, run_sinks
    from connectors.sinks.memory import StoreMemory

    start_logging("sinks")
    loaded = load_config(config)
    probes.serve(loaded.metrics.listen)
    made = make_sinks(loaded, name=_name(config), text=_text(config))
    if not made:
        raise UsageError('no sink is configured: add one, as in [sinks.file] type = "jsonl", path = "alerts.jsonl"')
    options, store = need_kafka(loaded), need_store(loaded)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    log.info("sinks", names=[sink.name for sink in made])
    run_sinks([SinkLoop(sink, options, StoreMemory(store, sink.name)) for sink in made], stopping)


@sinks.command("status")
def show_sinks(config: ConfigFile = None) -> None:
    """Say how each sink does: whether its receiver takes alerts, since when, how many were delivered and refused."""
    from connectors.sinks.memory import read_states
    from connectors.sinks.status import show_states

    loaded = load_config(config)
    show_states(read_states(need_store(loaded)), loaded.sinks)


@sinks.command("test")
def deliver_trial(sink: SinkName, config: ConfigFile = None) -> None:
    """Deliver one alert, marked as a test, to a sink: is the address right, does the key fit, how does it look?"""
    from connectors.registry import make_sinks
    from connectors.sinks.trial import try_sink

    loaded = load_config(config)
    made = {s.name: s for s in make_sinks(loaded, name=_name(config), text=_text(config))}
    if sink not in made:
        raise UsageError(f"no sink is called {sink!r}; there are: {', '.join(sorted(made)) or 'none'}")
    typer.echo(try_sink(made[sink]))


@sinks.command("dead-letters")
def list_letters(sink: SinkName, config: ConfigFile = None) -> None:
    """List the alerts that a sink's receiver refused for good, and why."""
    from connectors.sinks.letters import read_letters
    from connectors.sinks.status import show_letters

    show_letters(read_letters(need_kafka(load_config(config)), sink))


@sinks.command("replay")
def replay_letters(
    sink: SinkName,
    reject_id: Annotated[
        str | None, typer.Argument(help="One dead letter's id, or the first characters of it.")
    ] = None,
    config: ConfigFile = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every dead letter of the sink that is kept.")] = False,
) -> None:
    """Hand refused alerts to that one sink again, after what refused them was mended."""
    from connectors.sinks.letters import read_letters, send_again

    options = need_kafka(load_config(config))
    if all_of_them == bool(reject_id):
        raise UsageError("name a dead letter, or say --all; `tocsin sinks dead-letters SINK` lists them")
    start = (reject_id or "").removeprefix("rej:")
    found = [r for r in read_letters(options, sink) if r.reject_id.removeprefix("rej:").startswith(start)]
    if not all_of_them and len(found) != 1:
        raise UsageError(f"{len(found)} dead letters of {sink} begin with {reject_id!r}")
    typer.echo(f"{send_again(options, sink, found)} sent to {sink} again.")
