"""A topic read from its beginning to where it ends now, as a `read_committed` subscriber sees it."""

from collections.abc import Iterator
from typing import Any

from pipeline.errors import RetryableError

READ_MS = 1000


def read_committed(client_options: dict[str, object], topic: str) -> Iterator[Any]:
    """All committed messages that are kept on the topic, in order per partition. Raises `RetryableError`."""
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import KafkaError

    try:
        consumer = KafkaConsumer(
            **client_options, isolation_level="read_committed", enable_auto_commit=False, group_id=None
        )
    except KafkaError as error:
        raise RetryableError(f"Kafka can't be reached to read {topic}: {error}") from error
    try:
        partitions = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(at) < ends[at] for at in partitions):
            for records in consumer.poll(timeout_ms=READ_MS).values():
                yield from records
    except KafkaError as error:
        raise RetryableError(f"Kafka went away while {topic} was read: {error}") from error
    finally:
        consumer.close()
