"""Articles, and events of feeds' health, onto Kafka: idempotent producer, every replica's acknowledgement, key = article id.

`publish` returns only when all articles of a poll are acknowledged, and raises `RetryableError` when that can't be had; an article may
then be on the topic all the same, and will be again: the flow knows it by its version.
"""

import threading
from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from pipeline.errors import RetryableError
from pipeline.records import Article, Health
from pipeline.records.codec import MESSAGE_BYTES_MAX, encode
from pipeline.records.topics import ARTICLES, HEALTH

ACKNOWLEDGED_S_MAX = 60
"""From handing over to acknowledgement, retries included."""
LINGER_MS = 20
"""Waits so long for company: a poll's articles go in one batch a partition."""
REQUEST_OVERHEAD_BYTES = 64 * 1024


class Publisher:
    """One producer, made when first needed. May be used by several threads."""

    def __init__(self, client_options: dict[str, object]) -> None:
        self._options = client_options
        self._producer: Any = None
        self._making = threading.Lock()

    def publish(self, articles: Sequence[Article], health: Sequence[Health] = ()) -> None:
        """Put each onto its topic, in order per article and per feed. Raises `RetryableError`."""
        try:
            producer = self._running()
            sent = [producer.send(ARTICLES, key=a.article_id.encode(), value=encode(a)) for a in articles]
            sent += [producer.send(HEALTH, key=h.feed.encode(), value=encode(h)) for h in health]
            producer.flush(timeout=ACKNOWLEDGED_S_MAX)
            for future in sent:
                future.get(timeout=ACKNOWLEDGED_S_MAX)
        except KafkaError as error:
            raise RetryableError(f"Kafka did not take the articles: {type(error).__name__}: {error}") from error

    def _running(self) -> Any:
        with self._making:
            if self._producer is None:
                self._producer = KafkaProducer(
                    **self._options,
                    client_id="tocsin-connectors",
                    acks="all",
                    enable_idempotence=True,
                    compression_type="gzip",
                    linger_ms=LINGER_MS,
                    delivery_timeout_ms=ACKNOWLEDGED_S_MAX * 1000,
                    max_block_ms=ACKNOWLEDGED_S_MAX * 1000 // 2,
                    max_request_size=MESSAGE_BYTES_MAX + REQUEST_OVERHEAD_BYTES,
                )
            return self._producer

    def reset(self) -> None:
        """Let go of a producer that failed: an idempotent one that lost a batch does not go on."""
        with self._making:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=0)

    def close(self, seconds: float) -> None:
        """Send what is waiting, within the time."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=seconds)
