"""How long it takes to choose what is due, with 180,000 feeds in PostgreSQL.

    python tests/bench/bench_schedule.py --feeds 180000

Starts a PostgreSQL of its own, fills the table with invented feeds at as many hosts as such a list has (a third of them at a few crowded
ones), then claims and plans anew for some minutes of schedule: with everything overdue at once (after an outage), with a usual share due,
and with crowded hosts kept busy. Prints one JSON line a part: claims, milliseconds at the median, the 95th percentile and the most.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from connectors.sources.feedstore import FeedStore
from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from pipeline.store import migrate

CROWDED_HOSTS = 20
CROWDED_SHARE = 3
ROOM = 100
"""Feeds asked for in one claim: the daemon's polls at once."""
CLAIMS = 300
GOAL_MS = 50.0


def fill(url: str, feeds: int, overdue: float) -> None:
    """Insert the feeds; this share of them is due, the others within six hours."""
    with psycopg.connect(url, autocommit=True) as store:
        store.execute("TRUNCATE feeds CASCADE")
        store.execute(
            """
            INSERT INTO feeds (feed, source, url, host, options, polls, interval_s, next_poll_at, etag, last_modified, body_hash, rhythm)
            SELECT 'feed-' || n, 'feed-' || n, 'https://' || h || '/feed/' || n, h || ':', '{"type": "rss"}', 40, 3600,
                   now() + CASE WHEN random() < %s THEN -random() * interval '1 h' ELSE random() * interval '6 h' END,
                   md5(n::text), 'Mon, 06 May 2024 10:00:00 GMT', md5(n::text),
                   '{"arrivals": 30, "gap_mean_s": 4000.0, "gap_longest_s": 90000.0, "per_day": 12.0}'
            FROM (SELECT n, CASE WHEN n %% %s = 0 THEN 'crowd' || n %% %s || '.example' ELSE 'h' || n || '.example' END AS h
                  FROM generate_series(1, %s) n) AS made
            """,
            (overdue, CROWDED_SHARE, CROWDED_HOSTS * CROWDED_SHARE, feeds),
        )
        store.execute("VACUUM ANALYZE feeds")


def claim_all(url: str, busy: list[str]) -> list[float]:
    """Milliseconds of each claim; what was claimed is planned an hour ahead, as a poll would."""
    store = FeedStore(url)
    times = []
    for _ in range(CLAIMS):
        begun = time.perf_counter()
        claimed = store.claim([], busy, ROOM, "bench")
        times.append((time.perf_counter() - begun) * 1000)
        if claimed:
            store.postpone([(one.feed, one.state.epoch) for one in claimed], random.uniform(3_000, 4_000))
    store.close()
    return times


def report(part: str, times: list[float]) -> bool:
    """Print the part's line; whether it keeps to the goal."""
    p95 = statistics.quantiles(times, n=20)[-1]
    line = {
        "part": part,
        "claims": len(times),
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(p95, 2),
        "max_ms": round(max(times), 1),
    }
    print(json.dumps(line), flush=True)
    return p95 <= GOAL_MS


def main() -> int:
    """Run the parts; 1 when one is slower than the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=180_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        postgres = Postgres(Path(folder) / "data", log=Path(folder) / "log", durable=False)
        postgres.prepare()
        postgres.start()
        try:
            wait_ready(postgres, 60)
            migrate.upgrade(postgres.url)
            crowd = [f"crowd{CROWDED_SHARE * n}.example:" for n in range(CROWDED_HOSTS)]
            fill(postgres.url, options.feeds, 0.02)
            good = report("usual", claim_all(postgres.url, []))
            good &= report("usual, crowded hosts busy", claim_all(postgres.url, crowd))
            fill(postgres.url, options.feeds, 1.0)
            good &= report("all overdue", claim_all(postgres.url, []))
            good &= report("all overdue, crowded hosts busy", claim_all(postgres.url, crowd))
        finally:
            postgres.stop(10)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
