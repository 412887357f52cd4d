"""How many articles the pipeline has before it, by what Kafka says of its consumer group."""

from typing import Any

from kafka.errors import CoordinatorNotAvailableError, KafkaError

from pipeline.config import Config
from pipeline.records import topics

ANSWER_MS_MAX = 3_000


class Lag:
    """How many articles the pipeline has before it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._admin: Any = None

    def read(self) -> int | None:
        """Articles published and not yet committed; None when the broker does not say."""
        try:
            return self._read()
        except (
            KafkaError,
            OSError,
            ValueError,
        ):  # ValueError: the client has not heard of a new topic's partitions yet
            self.close()
            return None

    def close(self) -> None:
        """Give the connection back."""
        admin, self._admin = self._admin, None
        if admin is not None:
            try:
                admin.close()
            except (KafkaError, OSError):
                return

    def _read(self) -> int | None:
        from kafka import TopicPartition
        from kafka.admin import KafkaAdminClient, OffsetSpec

        if self._admin is None:
            self._admin = KafkaAdminClient(**self._config.kafka.client_options(), request_timeout_ms=ANSWER_MS_MAX)
        found = self._admin.describe_topics([topics.ARTICLES])
        partitions = [TopicPartition(topics.ARTICLES, p["partition_index"]) for p in found[0]["partitions"]]
        ends = self._admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
        starts = self._admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
        group = self._config.pipeline.group
        try:
            committed = self._admin.list_group_offsets({group: partitions}).get(group, {})
        except CoordinatorNotAvailableError:  # the topic of offsets is made when first asked for
            committed = {}
        lag = 0
        for partition in partitions:
            done = committed.get(partition)
            at = done.offset if done is not None and done.offset >= 0 else starts[partition].offset
            lag += max(0, ends[partition].offset - at)
        return lag


def read_lag(config: Config) -> int | None:
    """A single look, as `Lag.read`."""
    lag = Lag(config)
    try:
        return lag.read()
    finally:
        lag.close()
