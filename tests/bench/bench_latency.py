"""From the append of an article on its topic to the alert on its own, with full extraction, as a subscriber sees it.

    python -m tests.bench.bench_latency --rate 10 --seconds 60 --workers 1

Starts a Kafka, a PostgreSQL, the workers and the relay of its own, feeds the sample articles at a steady rate (each told by
one more outlet in every round) and waits for the alert revision that first names each article as a source. The clock starts
when the producer is given the article and stops when a `read_committed` consumer has the revision. Articles that are worth no
alert have no such time and are left out; so are the first `WARM_S` seconds, in which the models are loaded.
"""

import argparse
import tempfile
import threading
import time
from itertools import count
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer
from msgspec.structs import replace

from connectors.samples.load import load_samples
from connectors.samples.stream import Stream
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from pipeline.records import Alert, Article, codec, topics
from pipeline.records.identity import article_id, version_id
from tests.support.rehearsal import START, make_article
from tests.support.stack import Stack, open_stack, wait_until

WARM_S = 15.0
READY_S = 120
TAIL_S = 20.0
"""After the last article, so long is waited for its alert."""


def told_again(article: Article, outlet: int) -> Article:
    """The article as another outlet prints it."""
    url = f"https://outlet-{outlet}.example/{article.article_id[4:20]}"
    name = article_id(feed="", url=url)
    text = f"{article.text}\n\nReported for outlet {outlet}."
    return replace(
        article,
        article_id=name,
        version_id=version_id(name, article.title, text),
        url=url,
        feed=f"outlet-{outlet}",
        text=text,
    )


class Watcher(threading.Thread):
    """Notes when each article is first named by a committed alert revision."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self._consumer = KafkaConsumer(
            topics.ALERTS,
            **stack.options,
            isolation_level="read_committed",
            group_id=None,
            auto_offset_reset="earliest",
        )
        self.seen: dict[str, float] = {}
        self.done = threading.Event()

    def run(self) -> None:
        """Until `done`."""
        while not self.done.is_set():
            for records in self._consumer.poll(timeout_ms=20).values():
                now = time.monotonic()
                for record in records:
                    for source in codec.decode(record.value, Alert).sources:
                        self.seen.setdefault(source.version_id, now)
        self._consumer.close()


def feed(stack: Stack, rate: float, seconds: float) -> dict[str, float]:
    """Publish at a steady rate; when each version was handed to the producer."""
    articles = [make_article(publication) for publication in Stream(load_samples(), START).publications]
    producer = KafkaProducer(**stack.options, acks="all", enable_idempotence=True, linger_ms=0)
    sent: dict[str, float] = {}
    begin = time.monotonic()
    for number in count():
        due = begin + number / rate
        if due - begin > seconds:
            break
        time.sleep(max(0.0, due - time.monotonic()))
        article = told_again(articles[number % len(articles)], number // len(articles))
        sent[article.version_id] = time.monotonic()
        producer.send(topics.ARTICLES, key=article.article_id.encode(), value=codec.encode(article))
    producer.flush()
    producer.close()
    return sent


def measure(stack: Stack, rate: float, seconds: float, workers: int) -> list[float]:
    """The latencies, in seconds, sorted."""
    for k in range(workers):
        stack.start(f"worker-{k}", "pipeline", "run", "--worker", f"{k}/{workers}")
    stack.start("relay", "relay", "run")
    watcher = Watcher(stack)
    watcher.start()
    first = make_article(Stream(load_samples(), START).publications[0])
    stack.publish([told_again(first, -1)])
    wait_until(
        "the workers have loaded their models", lambda: stack.count("SELECT count(*) FROM written") > 0, READY_S * 2
    )
    sent = feed(stack, rate, seconds + WARM_S)
    time.sleep(TAIL_S)
    watcher.done.set()
    watcher.join()
    begin = min(sent.values()) + WARM_S
    return sorted(watcher.seen[v] - at for v, at in sent.items() if at >= begin and v in watcher.seen)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=10.0, help="articles a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--model", default="tocsin_en")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tocsin-latency-") as folder:
        root = Path(folder)
        kafka, postgres = (
            Kafka(root / "kafka", log=root / "kafka.log"),
            Postgres(root / "postgres", log=root / "pg.log"),
        )
        try:
            for server in (kafka, postgres):
                server.prepare()
                server.start()
                wait_ready(server, READY_S)
            with open_stack(
                kafka.bootstrap_servers, postgres.url, root / "stack", partitions=4, model=asked.model
            ) as stack:
                found = measure(stack, asked.rate, asked.seconds, asked.workers)
        finally:
            kafka.stop(10)
            postgres.stop(10)
    if not found:
        raise SystemExit("no alert came; see the logs of the workers")
    p50, p95, worst = (found[min(len(found) - 1, int(len(found) * share))] for share in (0.5, 0.95, 1.0))
    print(
        f"{asked.rate:g} articles/s for {asked.seconds:g} s, {asked.workers} worker(s), {asked.model}: "
        f"{len(found)} articles with an alert, p50 {p50:.2f} s, p95 {p95:.2f} s, worst {worst:.2f} s"
    )


if __name__ == "__main__":
    main()
