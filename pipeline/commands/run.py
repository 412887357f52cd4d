"""`tocsin pipeline`: run the Beam job."""

import os
import signal
import socket
from collections.abc import Callable
from typing import Annotated

import structlog
import typer

from pipeline.commands.options import ConfigFile, load_config, need_kafka, need_store
from pipeline.errors import RetryableError, UsageError
from pipeline.flow.watchdog import EXIT_TRY_AGAIN
from pipeline.process import probes
from pipeline.process.logs import start_logging

IN_PROCESS = "FnApiRunner"

log = structlog.get_logger()
pipeline = typer.Typer(no_args_is_help=True, help="Run the Beam pipeline.")


def share(worker: str, partitions: int) -> list[int]:
    """The partitions of worker `k/N`: those p with p mod N = k. Raises `UsageError`."""
    k, slash, n = worker.partition("/")
    if not (slash and k.isdigit() and n.isdigit() and int(k) < int(n)):
        raise UsageError(f"--worker {worker!r} is not of the form k/N with 0 <= k < N, as in 0/2")
    return [p for p in range(partitions) if p % int(n) == int(k)]


@pipeline.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(
    context: typer.Context,
    config: ConfigFile = None,
    worker: Annotated[str, typer.Option(help="This worker's share of the partitions, k/N.")] = "0/1",
    runner: Annotated[str, typer.Option(help="Beam runner; other options of Beam's own may follow.")] = IN_PROCESS,
    flink: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Run as a job on this Flink cluster (its REST address), cancelled at the end."
        ),
    ] = "",
) -> None:
    """Read articles, link, analyse, score, write alerts; until stopped.

    On Flink: --flink http://flink-rest:8081 --job_endpoint=HOST:8099 --environment_type=EXTERNAL
    --environment_config=localhost:50000 --parallelism=2
    """
    from pipeline.flow.flink import Flink
    from pipeline.flow.job import count_partitions, run_job, run_on_flink

    start_logging("pipeline")
    loaded = load_config(config)
    options = need_kafka(loaded)
    need_store(loaded)
    probes.serve(loaded.metrics.listen)
    partitions = share(worker, count_partitions(options))
    name = f"{socket.gethostname()}:{os.getpid()}:{worker}"
    if flink:
        cluster = Flink(flink, loaded.pipeline.group)
        _at_stop(cluster.cancel)
        run_on_flink(loaded, partitions, name, flink=cluster, beam_options=context.args)
    else:
        _at_stop(lambda: None)
        run_job(loaded, partitions, name, runner=runner, beam_options=context.args)


@pipeline.command()
def jobs(
    config: ConfigFile = None,
    once: Annotated[bool, typer.Option("--once", help="One round, then stop.")] = False,
) -> None:
    """Do what the clock asks for: digests, held-back alerts, closing quiet alerts; and back-tests and replays asked for."""
    from pipeline.upkeep.jobs import handlers
    from pipeline.upkeep.lifecycle import Tending

    start_logging("jobs")
    loaded = load_config(config)
    probes.serve(loaded.metrics.listen)
    tending = Tending(need_store(loaded), close_days=loaded.pipeline.close_days, handlers=handlers(loaded))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: tending.stop())
    if once:
        tending.round()
    else:
        tending.run()


def _at_stop(first: Callable[[], object]) -> None:
    """At SIGTERM or Ctrl-C do this and end at once: what the bundle in hand has not written is read again, what it has written is skipped then."""

    def end(*_: object) -> None:
        try:
            first()
        except RetryableError as error:
            log.error("not_stopped", error=str(error))
            os._exit(EXIT_TRY_AGAIN)
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
