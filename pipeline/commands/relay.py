"""`tocsin relay`: publish what the store committed."""

import signal

import typer

from pipeline.commands.options import ConfigFile, load_config, need_kafka, need_store
from pipeline.process import probes
from pipeline.process.logs import start_logging

relay = typer.Typer(no_args_is_help=True, help="Publish alerts from the store to Kafka.")


@relay.command()
def run(config: ConfigFile = None) -> None:
    """Publish until stopped; a second relay waits its turn."""
    from pipeline.publish.relay import Relay

    start_logging("relay")
    loaded = load_config(config)
    probes.serve(loaded.metrics.listen)
    running = Relay(
        need_kafka(loaded),
        need_store(loaded),
        keep_days=loaded.store.keep_days,
        replication=loaded.kafka.replication,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.stop())
    running.run()


@relay.command()
def reconcile(
    config: ConfigFile = None,
    yes: bool = typer.Option(False, "--yes", help="Do it; without it, only tell."),
) -> None:
    """Let the relay go on after the store, or Kafka, was restored or replaced.

    Alerts that were waiting are published again: rather twice than never.
    """
    from pipeline.publish.relay import last_position
    from pipeline.publish.relay import reconcile as do_reconcile

    loaded = load_config(config)
    options, url = need_kafka(loaded), need_store(loaded)
    if not yes:
        there = last_position(options)
        said = f"batch {there.batch} of store {there.store}" if there else "nothing"
        typer.echo(f"Kafka has {said}. Run again with --yes to continue after it with this store.")
        return
    before, after = do_reconcile(options, url)
    typer.echo(f"Was {before}; the relay goes on after batch {after.batch} of store {after.store}.")
