"""How fast an article is linked, and how much room it takes, with 10 thousand to a million articles in the index.

    python tests/bench/bench_dedupe.py --sizes 10000 100000
    python tests/bench/bench_dedupe.py --sizes 1000000 --parts postgres

Starts a PostgreSQL of its own, fills the index with made fingerprints of the usual size and overlap, then links invented
articles (half of them edited reprints of the others) and prints one JSON line a part: articles a second, milliseconds an article
at the median and the 95th percentile, bytes an article. rensa and datasketch do look-up and insertion of the same articles over
as many random token sets in the same run, so that ratios hold on any machine. datasketch is taken if it is installed.
"""

import argparse
import itertools
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import psycopg
import rensa

from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from pipeline.records import Article
from pipeline.records.identity import article_id, story_id, version_id
from pipeline.store import migrate
from pipeline.store.connection import connect
from pipeline.store.stories import HORIZON_DAYS, keep_partitions, link_batch
from pipeline.text.dedupe.fingerprint import Fingerprint
from pipeline.text.dedupe.identifiers import Identifiers
from pipeline.text.dedupe.index import STORIES_MAX, Known, MemoryIndex
from pipeline.text.dedupe.link import link
from pipeline.text.dedupe.sketch import KEY_LAST, KEYS_MAX, Sketch
from pipeline.text.dedupe.words import words_of

WORDS = 350
"""Words of an invented article: the median of news bodies."""
PROBES = 640
COMMON_SHARE = 0.05
"""Part of a filler's keys that other stories have too."""
PERMUTATIONS = 128
THRESHOLD = 0.5

INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid IN ('story_links'::regclass, 'story_keys'::regclass)
"""

own = random.Random(20260302)
fast = np.random.default_rng(20260302)
vocabulary = ["".join(own.choices("abcdefghijklmnoprstuvw", k=own.randint(2, 9))) for _ in range(60_000)]
heavy = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(vocabulary))))  # Zipf's law, as words follow it


def make_text() -> str:
    return " ".join(own.choices(vocabulary, cum_weights=heavy, k=WORDS))


def make(text: str) -> Article:
    article = article_id(feed="bench", guid=f"{own.random()}")
    return Article(
        article_id=article,
        version_id=version_id(article, None, text),
        feed="bench",
        text=text,
        fetched=datetime.now(UTC),
    )


def make_probes() -> list[Article]:
    """Half fresh articles, half cut or edited copies of them; arriving mixed."""
    fresh = [make_text() for _ in range(PROBES // 2)]
    copies = [
        text[: len(text) // 2] if place % 2 else text.replace(" ", "  ") + " printed with leave"
        for place, text in enumerate(fresh)
    ]
    probes = [make(text) for text in fresh + copies]
    own.shuffle(probes)
    return probes


def fillers(count: int) -> Iterator[Known]:
    """Articles that are nobody's reprint; each shares some keys with up to STORIES_MAX others."""
    common = [
        own.randrange(KEY_LAST // 3) for _ in range(max(1, int(count * KEYS_MAX * COMMON_SHARE / (STORIES_MAX - 1))))
    ]
    shared = itertools.cycle(common)
    for number in range(count):
        few = int(KEYS_MAX * COMMON_SHARE)
        keys = sorted(
            {*fast.integers(KEY_LAST // 3, size=KEYS_MAX - few).tolist(), *(next(shared) for _ in range(few))}
        )
        version = version_id(article_id(feed="bench", guid=str(number)), None, "")
        fingerprint = Fingerprint(
            article_id=article_id(feed="bench", guid=str(number)),
            version_id=version,
            title="Twelve words stand in for a title that would be about this",
            text_hash=own.randbytes(16),
            length=WORDS,
            sketch=Sketch(tuple(keys), tuple(fast.integers(WORDS, size=len(keys)).tolist()), keys[-1]),
            identifiers=Identifiers(),
            salient=dict.fromkeys(own.choices(vocabulary, k=48), 2),
            vocabulary=own.randbytes(220),
        )
        yield Known(
            number=number + 1, fingerprint=fingerprint, weight=0.95, story=story_id(version), founder=number + 1,
            verdict="new", of=None, similarity=None, reason="nothing like it within the horizon",
        )  # fmt: skip


def timed(step: Callable[[Sequence[Article]], object], articles: Sequence[Article], size: int) -> dict[str, float]:
    """Run the step over batches; times an article, in milliseconds. On a busy machine only the CPU time can be compared."""
    spent = []
    cpu = time.process_time()
    for start in range(0, len(articles), size):
        batch = articles[start : start + size]
        began = time.perf_counter()
        step(batch)
        spent += [(time.perf_counter() - began) * 1e3 / len(batch)] * len(batch)
    return {
        "articles_per_s": round(1e3 * len(spent) / sum(spent), 1),
        "ms_median": round(statistics.median(spent), 2),
        "ms_p95": round(sorted(spent)[int(0.95 * len(spent))], 2),
        "cpu_ms_mean": round(
            (time.process_time() - cpu) * 1e3 / len(articles), 2
        ),  # of this process, not of PostgreSQL
    }


FILL_LINKS = """
INSERT INTO story_links (day, number, founder, version_id, article_id, story_id, verdict, reason, weight, text_hash, fingerprint)
SELECT %(today)s::date - n %% %(days)s::int, n, n, 'ver:' || md5(n::text), 'art:' || md5(n::text), 'story:' || md5(n::text), 'new',
    'nothing like it within the horizon', 0.95, decode(md5(n::text), 'hex'), samples.fingerprint
FROM generate_series(%(first)s::int, %(last)s::int) AS n JOIN samples ON samples.number = n %% %(samples)s::int
"""
FILL_KEYS = """
INSERT INTO story_keys (key, number, founder, day)
SELECT CASE WHEN place <= %(few)s::bigint THEN hashint8extended(n * %(few)s::bigint + place, 1) & %(common)s::bigint
            ELSE hashint8extended(n * 128 + place, 2) & %(mask)s::bigint END %% %(span)s::bigint,
    n, n, %(today)s::date - (n %% %(days)s::bigint)::int
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n, generate_series(1::bigint, %(keys)s::bigint) AS place
"""
CHUNK = 50_000
SAMPLES = 500


def fill_store(connection: psycopg.Connection[tuple[object, ...]], count: int, today: date) -> None:
    """Spread made articles over the horizon's partitions, inside the server; the indexes are built at the end, which is faster.

    Keys are pseudo-random; `COMMON_SHARE` of them are drawn from a range so small that each stands in about `STORIES_MAX`
    stories. The fingerprints are `SAMPLES` made ones of the usual size, over and over.
    """
    days = [today - timedelta(days=back) for back in range(HORIZON_DAYS)]
    for day in reversed(days):
        keep_partitions(connection, day)
    connection.execute("CREATE TEMP TABLE samples (number int PRIMARY KEY, fingerprint bytea STORAGE EXTERNAL)")
    with connection.cursor() as cursor:
        rows = [(known.number - 1, msgspec.msgpack.encode(known.fingerprint)) for known in fillers(SAMPLES)]
        cursor.executemany("INSERT INTO samples VALUES (%s, %s)", rows)
    found = connection.execute(INDEXES).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]
    few = int(KEYS_MAX * COMMON_SHARE)
    bits = max(4, (count * few // STORIES_MAX).bit_length() - 1)
    values = {
        "today": today, "days": HORIZON_DAYS, "samples": SAMPLES, "keys": KEYS_MAX, "few": few,
        "common": (1 << bits) - 1, "mask": (1 << 62) - 1, "span": KEY_LAST // 3,
    }  # fmt: skip
    for first in range(1, count + 1, CHUNK):
        chunk = {**values, "first": first, "last": min(count, first + CHUNK - 1)}
        connection.execute(FILL_LINKS, chunk)
        connection.execute(FILL_KEYS, chunk)
        connection.commit()
        progress(f"filled {chunk['last']:,} of {count:,}")
    connection.execute("SET maintenance_work_mem = '512MB'")
    for name, definition in found:
        connection.execute(str(definition).replace(" ON ONLY ", " ON "))  # type: ignore[arg-type]  # its partitions too
        connection.commit()
        progress(f"indexed {name}")
    connection.execute("SELECT setval('story_numbers', %s)", (count + 1,))
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE story_links")
    connection.execute("VACUUM ANALYZE story_keys")
    connection.autocommit = False


def progress(line: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {line}\n")


def bench_postgres(size: int) -> Iterator[dict[str, object]]:
    today = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        server = Postgres(Path(folder) / "data", log=Path(folder) / "log", durable=False)
        server.prepare()
        server.start()
        try:
            wait_ready(server, 60)
            migrate.upgrade(server.url)
            with connect(server.url, application="bench", limits=False) as connection:
                fill_store(connection, size, today)
                total = "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits JOIN pg_class c ON c.oid = inhparent WHERE c.relname IN ('story_links', 'story_keys') AND c.relkind = 'p'"
                row = connection.execute(total).fetchone()
                assert row is not None
                stored = int(str(row[0]))
                connection.commit()

                def step(batch: Sequence[Article]) -> None:
                    with connection.transaction():
                        link_batch(connection, batch)

                for batch in (64, 1):
                    probes = make_probes()
                    step(probes[:64])  # the plan and the caches warm, as in a running worker
                    yield {
                        "part": "postgres",
                        "batch": batch,
                        **timed(step, probes[64:], batch),
                        "bytes_per_article": stored // size,
                    }
        finally:
            server.stop(5)


def bench_memory(size: int) -> Iterator[dict[str, object]]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    index = MemoryIndex()
    for known in fillers(size):
        index.add(known, known.fingerprint.lookup_keys)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = timed(lambda batch: [link(article, index) for article in batch], make_probes(), 1)
    yield {"part": "memory", **times, "bytes_per_article": max(0, after - before) * 1024 // size}


def bench_rensa(size: int) -> Iterator[dict[str, object]]:
    index = rensa.RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=32)
    numbers = itertools.count()

    def insert(tokens: Sequence[str]) -> None:
        sketch = rensa.RMinHash(num_perm=PERMUTATIONS, seed=42)
        sketch.update(tokens)
        index.query(sketch)
        index.insert(next(numbers), sketch)

    for _ in range(size):
        insert([str(own.randrange(10**9)) for _ in range(WORDS)])
    yield {"part": "rensa", **timed(lambda batch: [insert(pairs(article)) for article in batch], make_probes(), 1)}


def bench_datasketch(size: int) -> Iterator[dict[str, object]]:
    try:
        import datasketch
    except ImportError:
        return
    index = datasketch.MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    numbers = itertools.count()

    def insert(tokens: Sequence[str]) -> None:
        sketch = datasketch.MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([token.encode() for token in tokens])
        index.query(sketch)
        index.insert(next(numbers), sketch)

    for _ in range(size):
        insert([str(own.randrange(10**9)) for _ in range(WORDS)])
    yield {"part": "datasketch", **timed(lambda batch: [insert(pairs(article)) for article in batch], make_probes(), 1)}


def pairs(article: Article) -> list[str]:
    words = words_of(article.text)
    return list({f"{one} {two}" for one, two in itertools.pairwise(words)})


PARTS = {"postgres": bench_postgres, "memory": bench_memory, "rensa": bench_rensa, "datasketch": bench_datasketch}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    for size in options.sizes:
        for part in options.parts:
            for line in PARTS[part](size):
                sys.stdout.write(json.dumps({"indexed": size, **line}) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
