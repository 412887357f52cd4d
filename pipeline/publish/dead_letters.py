"""What was refused, read from its topic, and put back where it came from after what refused it was mended."""

from collections.abc import Iterable, Iterator

from pipeline.errors import RejectedError, RetryableError
from pipeline.process.retry import AWAY_S_MAX
from pipeline.publish.readback import read_committed
from pipeline.records import Article, Reject
from pipeline.records.codec import MESSAGE_BYTES_MAX, decode
from pipeline.records.topics import ARTICLES, REJECTS

SINK_STEP = "sink "
"""A reject's step begins so when a sink's receiver refused an alert."""
REQUEST_BYTES_MAX = 2 * MESSAGE_BYTES_MAX
"""A reject carries its payload in base64."""


def read_rejects(client_options: dict[str, object]) -> Iterator[Reject]:
    """Every reject that is kept, oldest first in each partition. Raises `RetryableError`."""
    for message in read_committed(client_options, REJECTS):
        if message.value:
            yield decode(message.value, Reject, step="rejects")


def publish_again(client_options: dict[str, object], rejects: Iterable[Reject]) -> int:
    """Put the original bytes of each reject on the articles' topic, once; how many. Raises `RetryableError`.

    What a sink refused is an alert and no article: it is left out, for it has a way back of its own (`tocsin sinks replay`).
    """
    from kafka import KafkaProducer
    from kafka.errors import KafkaError

    latest = {r.reject_id: r for r in rejects if not r.step.startswith(SINK_STEP)}
    try:
        producer = KafkaProducer(
            **client_options, acks="all", enable_idempotence=True, max_request_size=REQUEST_BYTES_MAX
        )
        try:
            sent = [producer.send(ARTICLES, key=_key(r), value=r.payload) for r in latest.values()]
            producer.flush()
            for future in sent:
                future.get(timeout=AWAY_S_MAX)
        finally:
            producer.close()
    except KafkaError as error:
        raise RetryableError(f"Kafka did not take the articles: {error}") from error
    return len(latest)


def _key(reject: Reject) -> bytes:
    try:
        return decode(reject.payload, Article, step="rejects").article_id.encode()
    except RejectedError:
        return reject.reject_id.encode()
