"""A long run on Flink, watched for growth: `python -m tests.flink.soak --minutes 20 --per-s 10`.

Prints, for each process of the cluster and its children, the memory at a third, two thirds and the end of the run, and the size of the
checkpoints; and checks at the end that nothing was lost or repeated. Exit code 1 when memory still grows in the last third.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from tests.chaos.history import check
from tests.chaos.test_kill import invent
from tests.flink.cluster import Cluster
from tests.flink.submitter import Submitter
from tests.support import pods
from tests.support.databases import make_database
from tests.support.stack import open_stack, wait_until

SAMPLE_S = 10.0
GROWTH_SHARE_MAX = 0.10
GROWTH_MB_MIN = 30.0
MB = 1024 * 1024
READY_S = 90


def main() -> int:
    """Do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--per-s", type=int, default=10)
    wanted = parser.parse_args()
    if reason := pods.why_not():
        sys.exit(f"no pods here: {reason}")
    with tempfile.TemporaryDirectory(prefix="tocsin-flink-") as name:
        return run(Path(name), wanted.minutes, wanted.per_s)


def run(folder: Path, minutes: float, per_s: int) -> int:
    """The servers, the cluster, the articles; 1 when something grew."""
    folder.chmod(0o755)
    kafka = Kafka(folder / "kafka", log=folder / "kafka.log")
    postgres = Postgres(folder / "postgres", log=folder / "postgres.log", durable=False)
    for server in (kafka, postgres):
        server.prepare()
        server.start()
        wait_ready(server, READY_S)
    url = make_database(postgres, "soak")
    try:
        with (
            pods.make_pods("submit", "manager", "worker-1", "worker-2") as made,
            open_stack(kafka.bootstrap_servers, url, folder / "stack", partitions=4) as stack,
        ):
            cluster = Cluster(folder / "flink", made, [kafka.port, postgres.port])
            submitter = Submitter(cluster, stack)
            try:
                cluster.start()
                stack.start("relay", "relay", "run")
                submitter.start()
                return _watch(cluster, submitter, minutes * 60, per_s)
            finally:
                submitter.stop()
                cluster.stop()
    finally:
        kafka.stop(5)
        postgres.stop(5)


def _watch(cluster: Cluster, submitter: Submitter, seconds: float, per_s: int) -> int:
    stack = submitter.stack
    articles = invent(int(seconds * per_s))
    samples: dict[str, list[float]] = {}
    sizes: list[int] = []
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        due = int(passed * per_s)
        stack.publish(articles[sent:due])
        sent = due
        submitter.tend()
        for member in cluster.members.values():
            assert member.process is not None
            samples.setdefault(member.name, []).append(memory_mb(member.process.pid))
        if jobs := cluster.running():
            latest = cluster.rest(f"/jobs/{jobs[0]}/checkpoints")["latest"]["completed"]
            sizes.append(latest["state_size"] if latest else 0)
        time.sleep(SAMPLE_S)
    stack.publish(articles[sent:])
    written = "SELECT count(*) FROM written"
    wait_until("all written", lambda: stack.count(written) >= len(articles) and stack.lag() == 0, 600)
    wait_until("all published", lambda: stack.count("SELECT count(*) FROM outbox") == 0)
    check(stack, articles)
    return _tell(samples, sizes, len(articles), submitter)


def memory_mb(pid: int) -> float:
    """What a process and its children have resident."""
    process = psutil.Process(pid)
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / MB


def _tell(samples: dict[str, list[float]], sizes: list[int], count: int, submitter: Submitter) -> int:
    grown = 0
    print(f"{count} articles, none lost or repeated; the submitter was started anew {len(submitter.ends)} times")
    for name, values in samples.items():
        third = max(1, len(values) // 3)
        first, second, last = (statistics.median(values[i * third : (i + 1) * third]) for i in range(3))
        grows = last - second > max(GROWTH_MB_MIN, GROWTH_SHARE_MAX * second)
        grown += grows
        print(f"{name:10} {first:6.0f} {second:6.0f} {last:6.0f} MB{'  grows' if grows else ''}")
    if sizes:
        print(f"checkpoints {sizes[len(sizes) // 3]} {sizes[2 * len(sizes) // 3]} {sizes[-1]} bytes")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
