"""How fast a backlog is worked off: `python -m tests.bench.bench_backlog --articles 100000`.

Puts invented articles (half of them reprints and edits) on the topic as if everything had been off for a weekend, starts two workers and
the relays on real servers, and measures until nothing is left. The rate depends on what else the machine does; the processor time that an
article costs does not, and tells what a core could do. Every alert must be marked late, and the checker's laws must hold.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
from kafka import KafkaProducer

from pipeline.publish.readback import read_committed
from pipeline.records import Article, codec, topics
from pipeline.records.identity import article_id, version_id
from tests.chaos import gather
from tests.chaos.check import check
from tests.chaos.newsroom import Wording, write
from tests.chaos.run import STUCK_S
from tests.chaos.schedule import RELAYS, WORKERS
from tests.chaos.system import System

OFF = timedelta(days=2)
LOOK_S = 5.0


def make_article(wording: Wording, fetched: datetime) -> Article:
    """The article as a connector would make it."""
    article = article_id(feed="", url=wording.url)
    return Article(
        article_id=article,
        version_id=version_id(article, wording.title, wording.text),
        feed=f"outlet-{wording.outlet}",
        title=wording.title,
        text=wording.text,
        url=wording.url,
        published=fetched,
        fetched=fetched,
    )


def publish(system: System, count: int) -> list[Wording]:
    """Put the backlog on the topic."""
    wordings = write(1, per_s=1.0, seconds=count)
    producer = KafkaProducer(**system.config.kafka.client_options(), acks="all", linger_ms=50)
    start = datetime.now(UTC) - OFF
    for wording in wordings:
        article = make_article(wording, start + timedelta(seconds=wording.at_s))
        producer.send(topics.ARTICLES, key=article.article_id.encode(), value=codec.encode(article))
    producer.flush()
    producer.close()
    return wordings


def cpu_s(system: System, name: str) -> float:
    """Processor seconds of a part with its children, so far."""
    total = 0.0
    for member in system.family(name):
        try:
            times = member.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    options = parser.parse_args()
    system = System(Path(tempfile.mkdtemp(prefix="tocsin-backlog-")), [])
    try:
        system.start_servers()
        count = len(publish(system, options.articles))
        for name in (*RELAYS, *WORKERS):
            system.start(name)
        began = since = time.monotonic()
        first, done = 0.0, 0
        before = {name: cpu_s(system, name) for name in (*WORKERS, *RELAYS, "kafka", "postgres")}
        while gather.lag(system.config) or any(gather.left(system.config).values()):
            system.tend()
            if (now_done := gather.progress(system.config)) > done:
                first = first or time.monotonic()  # the workers have loaded their model
                done, since = now_done, time.monotonic()
                print(f"{time.monotonic() - began:6.0f} s  {done} done", file=sys.stderr)
            assert time.monotonic() < since + STUCK_S, "nothing gets done any more"
            time.sleep(LOOK_S)
        seconds = time.monotonic() - (first or began)
        history = gather.read(system.config, None, {})
        spent = {name: cpu_s(system, name) - before[name] for name in before}
        with psycopg.connect(system.config.store.url) as connection:
            stored = int(connection.execute("SELECT pg_database_size(current_database())").fetchone()[0])  # type: ignore[index]
        logged = sum(
            path.stat().st_size for path in system.folder.rglob("*.log") if path.parent.name.startswith("tocsin.")
        )
        late = [
            m for m in read_committed(system.config.kafka.client_options(), topics.ALERTS) if b'"late_s"' in m.value
        ]
    finally:
        system.close()
    workers = sum(spent[name] for name in WORKERS)
    findings = [f for f in check(history) if f.law != "undelivered"]
    print(
        f"{count} articles in {seconds:.0f} s: {count / seconds:.1f} a second, {len(history.told)} alert revisions, {len(late)} of them late"
    )
    print(
        "processor ms an article: " + ", ".join(f"{name} {1000 * s / count:.1f}" for name, s in sorted(spent.items()))
    )
    print(f"bytes an article: {stored / count:.0f} in the store, {logged / count:.0f} in Kafka")
    print(f"a core spent on analysis alone works off {count / workers:.0f} articles a second")
    print(f"findings: {len(findings)}", *findings[:5], sep="\n  ")
    sys.exit(1 if findings or len(late) != len(history.told) else 0)


if __name__ == "__main__":
    main()
