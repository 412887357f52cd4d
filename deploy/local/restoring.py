"""`tocsin restore`: into the servers that the configuration names, or the embedded ones, started for as long as it takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from deploy.local import addresses
from deploy.local.commands import ConfigOption, DataDirOption, find_layout
from deploy.local.layout import Layout
from deploy.local.lock import Lock
from pipeline.commands.backup import PgBin, Report, progress
from pipeline.config import Config, load
from pipeline.errors import UsageError

READY_SECONDS_MAX = 120
STOP_SECONDS = 10.0


def restore(
    backup: Annotated[Path | None, typer.Argument(help="A directory that `tocsin backup` made.")] = None,
    config: Path | None = ConfigOption,
    data_dir: Path | None = DataDirOption,
    empty: Annotated[bool, typer.Option("--replace", help="Delete what the store holds now.")] = False,
    keep_store: Annotated[
        bool, typer.Option("--keep-store", help="The store is well, Kafka was lost: fill the new one from the store.")
    ] = False,
    pg_bin: PgBin = None,
) -> None:
    """Restore a backup, with tocsin stopped; then start it as always."""
    from pipeline.backup.restore import refill_kafka
    from pipeline.backup.restore import restore as restore_all

    if backup is None and not keep_store:
        raise UsageError("name the backup to restore; only --keep-store can do without one")
    if keep_store and empty:
        raise UsageError("--keep-store and --replace are opposites")
    own = load(config)
    with progress() as report, _servers(own, find_layout(data_dir, own), report) as reached:
        if keep_store:
            done = refill_kafka(reached, backup, report=report)
        else:
            assert backup is not None  # noqa: S101 - checked above
            done = restore_all(reached, backup, replace=empty, binaries=pg_bin, report=report)
    for line in done.lines:
        typer.echo(line)
    typer.echo("Restored. Start tocsin as always; subscribers and sinks go on where they stood.")


@contextmanager
def _servers(own: Config, layout: Layout, report: Report) -> Iterator[Config]:
    """The configuration with the addresses of both servers; those that are ours run meanwhile."""
    if own.kafka.bootstrap_servers and own.store.url:
        yield own
        return
    from deploy.local.kafka import Kafka
    from deploy.local.postgres import Postgres
    from deploy.local.process import Server, wait_ready

    layout.make()
    with Lock(layout.lock):
        ports, _ = addresses.choose(layout)
        kafka = Kafka(layout.kafka, log=layout.log("kafka"), port=ports.kafka, controller_port=ports.controller)
        postgres = Postgres(layout.postgres, log=layout.log("postgres"), port=ports.postgres)
        started: list[Server] = []
        try:
            wanted: list[tuple[Server, bool]] = [
                (postgres, not own.store.url),
                (kafka, not own.kafka.bootstrap_servers),
            ]
            for server, ours in wanted:
                if ours:
                    report(f"starting {server.name}")
                    server.prepare()
                    started.append(server)
                    server.start()
                    wait_ready(server, READY_SECONDS_MAX)
            yield replace(
                own,
                kafka=own.kafka
                if kafka not in started
                else replace(own.kafka, bootstrap_servers=kafka.bootstrap_servers),
                store=own.store if postgres not in started else replace(own.store, url=postgres.url),
            )
        finally:
            for server in reversed(started):  # the broker first
                server.stop(STOP_SECONDS)
