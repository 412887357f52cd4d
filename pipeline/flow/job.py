"""Submit the flow to a runner and stay until it ends."""

from collections.abc import Sequence

import apache_beam as beam
import grpc
import structlog
from apache_beam.options.pipeline_options import PipelineOptions
from kafka import KafkaConsumer
from kafka.errors import KafkaError

from pipeline.config import Config
from pipeline.errors import RetryableError, TocsinError
from pipeline.flow.build import build, steps
from pipeline.flow.flink import Flink, with_defaults
from pipeline.process.retry import while_away
from pipeline.records.topics import ARTICLES

IN_PROCESS = "FnApiRunner"
IN_PROCESS_OPTIONS = ("--streaming", "--direct_num_workers=1", "--direct_running_mode=in_memory")

log = structlog.get_logger()


def count_partitions(client_options: dict[str, object]) -> int:
    """How many partitions the articles' topic has. Raises `RetryableError` when Kafka is away or the topic missing."""
    try:
        consumer = KafkaConsumer(**client_options)
    except KafkaError as error:
        raise RetryableError(f"Kafka can't be reached: {error}") from error
    try:
        partitions = consumer.partitions_for_topic(ARTICLES)
    except KafkaError as error:  # lost again between the two questions
        raise RetryableError(f"Kafka can't be reached: {error}") from error
    finally:
        consumer.close()
    if not partitions:
        raise RetryableError(f"the topic {ARTICLES} does not exist yet")
    return len(partitions)


def run_job(
    config: Config, partitions: Sequence[int], worker: str, *, runner: str, beam_options: Sequence[str]
) -> None:
    """Run the flow over the partitions until it is stopped.

    In process on FnApiRunner, named explicitly because Beam's default would choose a runner that is for tests; or on any
    other runner by Beam's own options. Raises `RetryableError` when something outside stayed away.
    """
    if runner == IN_PROCESS:
        from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

        forget_beam_metrics()
        p = beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([*IN_PROCESS_OPTIONS, *beam_options]))
    else:
        p = beam.Pipeline(runner=runner, options=PipelineOptions(["--streaming", *beam_options]))
    build(p, steps(config, list(partitions), worker))
    log.info("pipeline_started", runner=runner, partitions=list(partitions), worker=worker)
    try:
        p.run().wait_until_finish()
    except Exception as error:
        raise _cause(error) from error


def run_on_flink(
    config: Config, partitions: Sequence[int], worker: str, *, flink: Flink, beam_options: Sequence[str]
) -> None:
    """Hand the flow in as a job on a Flink cluster, in place of one left there, and stay while it runs.

    `beam_options` say where Beam's job server and the Python workers are. Raises `RetryableError` when the job is over, or when
    something outside stayed away.
    """
    while_away("Flink", flink.cancel)
    options = PipelineOptions(["--streaming", *with_defaults(beam_options, flink.job_name)])
    p = beam.Pipeline(runner="PortableRunner", options=options)
    build(p, steps(config, list(partitions), worker))
    try:
        result = p.run()
    except (RuntimeError, grpc.RpcError) as error:  # the job server is away, or refuses
        raise RetryableError(f"the job was not taken: {str(error).strip()}") from error
    log.info("pipeline_started", runner="Flink", partitions=list(partitions), worker=worker)
    flink.watch(result)


def forget_beam_metrics() -> None:
    """Let the in-process runner keep no metrics of its own.

    Beam 2.77's `FnApiRunner.run_stages` adds each bundle's metrics to a chain of generators that only the end of the job would walk: an
    endless job grows by 20 kB a bundle for ever (measured: 400 MB an hour while idle). Nobody reads them: ours are `pipeline.process.metrics`.
    """
    from apache_beam.runners.portability.fn_api_runner import fn_runner

    vars(fn_runner)["consolidate_monitoring_infos"] = lambda _: ()  # a name it imported: not its to export


def _cause(error: Exception) -> Exception:
    """Our own error inside the runner's wrapping of it, which keeps only its text; the runner's otherwise."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TocsinError):
            return seen
        seen = seen.__cause__ or seen.__context__
    for kind in (RetryableError, TocsinError):
        if kind.__name__ in str(error):
            return kind(str(error).strip().splitlines()[-1])
    return error
