"""The flow, from the topic to the outbox, top to bottom.

    fetch -> topic -> READ -> DEDUPE -> EXTRACT -> SCORE -> WRITE

The first two words are the connectors' loop. The element is a batch of outcomes; a reject travels along in its batch, so
the chain is linear and the runner fuses it into one stage. That shape is the guarantee: an offset is committed only after
the same bundle's writes.
"""

import apache_beam as beam
from msgspec import Struct

from pipeline.config import Config
from pipeline.flow.dedupe import LinkDuplicates
from pipeline.flow.extract import ExtractFindings
from pipeline.flow.read import ReadArticles, ReadSettings
from pipeline.flow.score import ScoreThreats
from pipeline.flow.write import WriteAlerts
from pipeline.records.topics import ARTICLES


class Steps(Struct, frozen=True):
    """The five transforms, each replaceable: a test reads from memory, another model is another `extract`."""

    read: beam.PTransform
    dedupe: beam.PTransform
    extract: beam.PTransform
    score: beam.PTransform
    write: beam.PTransform


def steps(config: Config, partitions: list[int], worker: str) -> Steps:
    """The transforms as the configuration has them, reading these partitions."""
    settings = ReadSettings(config.kafka.client_options(), config.store.url, ARTICLES, config.pipeline.group, worker)
    return Steps(
        read=ReadArticles(settings, partitions),
        dedupe=LinkDuplicates(config.store.url),
        extract=ExtractFindings(config.extract.model, config.store.url, config.extract.check),
        score=ScoreThreats(config.score.weights),
        write=WriteAlerts(config.store.url),
    )


def build(p: beam.Pipeline, steps: Steps) -> None:
    """Lay the flow into the pipeline `p`."""
    (
        p
        | "ReadArticles" >> steps.read  # -> Batch of Article | Reject
        | "LinkDuplicates" >> steps.dedupe  # -> Batch of Linked | Reject
        | "ExtractFindings" >> steps.extract  # -> Batch of Analysed | Reject
        | "ScoreThreats" >> steps.score  # -> Batch of Scored | Reject
        | "WriteAlerts" >> steps.write
    )
