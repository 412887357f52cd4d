"""ReadArticles: from the topic to batches of articles.

An unbounded splittable source over one element per partition, so that a cluster's runner can spread the partitions over its
workers. An offset is committed when the runner finalizes the bundle; the flow is one fused stage, so by then the bundle's
articles have been written. A message that is no article becomes a reject and travels on with the batch.
"""

import json
import time
from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Any

import apache_beam as beam
import msgspec
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.pvalue import PCollection
from apache_beam.transforms.core import RestrictionProvider

from pipeline.errors import RejectedError
from pipeline.flow.partitions import Message, PartitionReader
from pipeline.process import probes
from pipeline.process.logs import ensure_logging
from pipeline.process.metrics import MESSAGES_READ
from pipeline.records import Article, Reject, codec
from pipeline.records.outcomes import Batch, reject
from pipeline.store.ownership import PartitionOwnership

BUNDLE_BATCHES_MAX = 4
BUNDLE_S_MAX = 2.0
"""A bundle ends after this many batches or seconds: what a crash repeats, and a stop waits for, stays small."""
OFFSET_END = 2**63 - 1


class ReadSettings:
    """What the source needs, as plain values that pickle."""

    def __init__(self, client_options: dict[str, object], store_url: str, topic: str, group: str, worker: str) -> None:
        self.client_options = json.dumps(client_options, sort_keys=True)
        self.store_url = store_url
        self.topic = topic
        self.group = group
        self.worker = worker

    def reader(self) -> PartitionReader:
        """The reader that all partitions in this process share."""
        return _reader(self.client_options, self.store_url, self.topic, self.group, self.worker)


@cache
def _reader(client_options: str, store_url: str, topic: str, group: str, worker: str) -> PartitionReader:
    owner = PartitionOwnership(store_url, topic, worker)
    return PartitionReader(json.loads(client_options), topic, group, owner)


def decode(message: Message) -> Article | Reject:
    """The article in a message, or why there is none."""
    try:
        article = codec.decode(message.value, Article, step="read")
        _refuse_nul(article, message.value)
    except RejectedError as error:
        position = (message.topic, message.partition, message.offset)
        return reject("read", error, payload=message.value, position=position)
    return article


def _refuse_nul(article: Article, raw: bytes) -> None:
    """PostgreSQL's texts hold no NUL. Connectors remove it; what another producer left in is refused here, by name."""
    if b"u0000" not in raw:  # the only way to write one in JSON
        return
    for name, value in msgspec.structs.asdict(article).items():
        if isinstance(value, str) and "\0" in value:
            raise RejectedError("read", f"{name} holds a NUL character")


class _Tracker(OffsetRestrictionTracker):
    """Splits only to checkpoint: a partition can be read by one reader only."""

    def try_split(self, fraction_of_remainder: float) -> tuple[OffsetRange, OffsetRange] | None:
        return super().try_split(0) if fraction_of_remainder == 0 else None

    def is_bounded(self) -> bool:
        return False


class _ReadPartition(beam.DoFn, RestrictionProvider):
    """Yields at most one batch of a partition a call, and then makes room for the next partition."""

    def __init__(self, settings: ReadSettings) -> None:
        self._settings = settings

    def initial_restriction(self, element: int) -> OffsetRange:
        return OffsetRange(self._settings.reader().start_offset(element), OFFSET_END)

    def create_tracker(self, restriction: OffsetRange) -> _Tracker:
        return _Tracker(restriction)

    def restriction_size(self, *_: object) -> int:
        return 1  # the backlog is not known without asking the broker, and no runner here uses it

    def truncate(self, *_: object) -> None:
        return None  # a drain stops reading at once

    def setup(self) -> None:
        ensure_logging("pipeline")
        probes.serve()  # on a cluster the steps run in a process that only the environment configures

    def start_bundle(self) -> None:
        self._batches = 0
        self._since = time.monotonic()

    @beam.DoFn.unbounded_per_element()
    def process(
        self,
        element: int,
        finalizer: Any = beam.DoFn.BundleFinalizerParam,  # must stand before the restriction parameter
        tracker: Any = beam.DoFn.RestrictionParam(),
    ) -> Iterator[Batch]:
        turns = BUNDLE_BATCHES_MAX - self._batches
        if turns > 0 and time.monotonic() - self._since < BUNDLE_S_MAX:
            reader = self._settings.reader()
            messages = reader.take(element, tracker.current_restriction().start, turns)
            if messages and tracker.try_claim(messages[-1].offset):
                self._batches += 1
                finalizer.register(partial(reader.commit, element, messages[-1].offset + 1))
                batch = tuple(decode(message) for message in messages)
                for outcome in batch:
                    MESSAGES_READ.labels("reject" if isinstance(outcome, Reject) else "article").inc()
                yield batch
        tracker.defer_remainder()


class ReadArticles(beam.PTransform):
    """The partitions' articles, as batches."""

    def __init__(self, settings: ReadSettings, partitions: Iterable[int]) -> None:
        super().__init__()
        self._settings = settings
        self._partitions = tuple(partitions)

    def expand(self, pbegin: beam.Pipeline) -> PCollection[Batch]:
        return (
            pbegin
            | "Partitions" >> beam.Create(self._partitions, reshuffle=False)
            | "ReadPartition" >> beam.ParDo(_ReadPartition(self._settings))
        )
