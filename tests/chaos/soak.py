"""A long quiet run: `make soak MINUTES=30`. Nothing is broken; memory, descriptors, threads and tables are watched for growth.

Prints a table (process: memory, its slope over the second half, descriptors, threads) and the tables' sizes, and writes them as a plot
beside. Exit code 1 when something grows that should not.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import psutil
import psycopg
from msgspec import Struct, field

from tests.chaos import gather
from tests.chaos.check import check
from tests.chaos.feeds import FeedServer
from tests.chaos.newsroom import write
from tests.chaos.plot import draw
from tests.chaos.run import settle, wait_begun
from tests.chaos.schedule import SERVERS
from tests.chaos.system import System

SAMPLE_S = 10.0
GROWTH_SHARE_MAX = 0.05
"""Of a process's memory, from the third to the last quarter of the run: caches fill in the first half."""
GROWTH_MB_MIN = 10.0
"""Less than this is noise, however small the process."""
COUNT_GROWTH_MAX = 3
"""Of descriptors and threads, which come and go with connections."""
SERVER_GROWTH_SHARE_MAX = 0.25
"""Of Kafka and PostgreSQL, whose own bounds hold (the heap; files that each backend keeps open): what they use goes up and down below them."""
MB = 1024 * 1024
TABLES = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1
"""
BOUNDED = {"outbox": "SELECT count(*) FROM outbox", "attempts": "SELECT count(*) FROM attempts"}
"""Tables that hold only what is under way."""
BOUNDED_ROWS_MAX = 2_000


class Sample(Struct, frozen=True):
    """One process with its children, at one moment."""

    at_s: float
    memory_mb: float  # unique set size: what other processes share or cease to share does not move it
    descriptors: int
    threads: int


class Soak(Struct):
    """What was measured."""

    minutes: float
    per_s: float
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    rows: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    tables: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    written: int = 0
    findings: list[str] = field(default_factory=list)


def run(minutes: float, per_s: float, folder: Path, *, seed: int = 1) -> Soak:
    """Do it. Main thread only."""
    soak = Soak(minutes, per_s)
    seconds = minutes * 60
    wordings = write(seed, per_s=per_s, seconds=seconds)
    feeds = FeedServer(wordings)
    system = System(folder, feeds.urls)
    try:
        system.start_servers()
        system.start_all()
        wait_begun(system)
        feeds.open()
        began = time.monotonic()
        while (at_s := time.monotonic() - began) < seconds:
            system.tend()
            for name in (*system.parts, *SERVERS):
                if found := _measure(system, name, at_s):
                    soak.samples.setdefault(name, []).append(found)
            _look_at_tables(system, soak, at_s)
            (folder / "soak.json").write_bytes(msgspec.json.encode(soak))
            time.sleep(max(0.0, SAMPLE_S - (time.monotonic() - began - at_s)))
        feeds.freeze()
        standing = {outlet: feeds.standing(outlet) for outlet in range(len(feeds.urls))}
        settle(system, standing)
        history = gather.read(system.config, system.sink_file, {url: n for n, url in enumerate(feeds.urls)})
        history.wordings, history.served, history.standing = wordings, feeds.served, standing
        history.crashes = [*system.crashes, *(h.what for h in system.happened)]
        soak.written = len(history.outcomes)
        soak.findings = [f"{f.law}: {f.what}" for f in check(history)] + grown(soak)
    finally:
        system.close()
        feeds.close()
    (folder / "soak.json").write_bytes(msgspec.json.encode(soak))
    return soak


def slope(samples: list[Sample]) -> float:
    """MB an hour over the second half of the samples, by least squares."""
    half = samples[len(samples) // 2 :]
    return statistics.linear_regression([s.at_s / 3600 for s in half], [s.memory_mb for s in half]).slope


def grown(soak: Soak) -> list[str]:
    """What grew and should not have."""
    found = []
    for name, samples in soak.samples.items():
        third, last = _quarter(samples, 2), _quarter(samples, 3)
        before, after = (statistics.median(s.memory_mb for s in q) for q in (third, last))
        share = SERVER_GROWTH_SHARE_MAX if name in SERVERS else GROWTH_SHARE_MAX
        if after - before > max(GROWTH_MB_MIN, share * before):
            found.append(f"{name} grew from {before:.0f} to {after:.0f} MB")
        for what in ("descriptors", "threads"):
            low, high = (statistics.median(getattr(s, what) for s in q) for q in (third, last))
            if high - low > max(COUNT_GROWTH_MAX, share * low if name in SERVERS else 0):
                found.append(f"{name}: {what} grew from {low:g} to {high:g}")
    for at_s, rows in soak.rows:
        found += [f"{t}: {n} rows at {at_s:.0f} s" for t, n in rows.items() if n > BOUNDED_ROWS_MAX]
    return found


def report(soak: Soak) -> str:
    """The table."""
    lines = [f"{soak.minutes:g} min at {soak.per_s:g} wordings/s, {soak.written} outcomes written"]
    lines.append(f"{'process':12} {'MB at half':>10} {'MB at end':>10} {'MB/h':>8} {'descriptors':>12} {'threads':>8}")
    for name, samples in soak.samples.items():
        middle, last = samples[len(samples) // 2], samples[-1]
        lines.append(
            f"{name:12} {middle.memory_mb:10.1f} {last.memory_mb:10.1f} {slope(samples):8.1f}"
            f" {f'{middle.descriptors} > {last.descriptors}':>12} {f'{middle.threads} > {last.threads}':>8}"
        )
    most = {table: max(rows[table] for _, rows in soak.rows) for table in BOUNDED}
    lines.append("most rows: " + ", ".join(f"{table} {n}" for table, n in most.items()))
    sizes = sorted(soak.tables[-1][1].items(), key=lambda item: -item[1])[:8]
    lines.append("largest tables at the end: " + ", ".join(f"{table} {size / MB:.1f} MB" for table, size in sizes))
    lines += [f"finding: {finding}" for finding in soak.findings[:20]] or ["nothing grew that should not"]
    return "\n".join(lines)


def _quarter(samples: list[Sample], number: int) -> list[Sample]:
    size = len(samples) // 4
    return samples[number * size : (number + 1) * size]


def _measure(system: System, name: str, at_s: float) -> Sample | None:
    memory, descriptors, threads = 0.0, 0, 0
    for member in system.family(name):
        with contextlib.suppress(psutil.Error):
            memory += member.memory_full_info().uss / MB
            descriptors += member.num_fds()
            threads += member.num_threads()
    return Sample(at_s, memory, descriptors, threads) if memory else None


def _look_at_tables(system: System, soak: Soak, at_s: float) -> None:
    with psycopg.connect(system.config.store.url) as store:
        soak.rows.append((at_s, {t: int((store.execute(q).fetchone() or (0,))[0]) for t, q in BOUNDED.items()}))  # type: ignore[arg-type]
        soak.tables.append((at_s, {str(name): int(size) for name, size in store.execute(TABLES).fetchall()}))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--per-s", type=float, default=20.0)
    parser.add_argument("--keep", type=Path, help="keep measurements, plot and logs in this folder")
    options = parser.parse_args()
    folder = (options.keep or Path(tempfile.mkdtemp(prefix="tocsin-soak-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    soak = run(options.minutes, options.per_s, folder)
    memory = {name: [(s.at_s / 60, s.memory_mb) for s in samples] for name, samples in soak.samples.items()}
    (folder / "soak.svg").write_text(draw("Memory of each process, MB", "minutes", memory), encoding="utf-8")
    print(report(soak))
    print(f"recorded in {folder}")
    sys.exit(1 if soak.findings else 0)


if __name__ == "__main__":
    main()
