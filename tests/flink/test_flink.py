"""The same job on a real Flink cluster: the same alerts as in one process, and nothing lost or repeated when its parts are killed.

A JobManager, two TaskManagers with a pool of Python workers beside each, Beam's job server and `tocsin pipeline run --flink`, all separate
processes in pods of their own. `make test-flink` runs these alone.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.postgres import Postgres
from pipeline.records import Article
from tests.chaos.history import check
from tests.chaos.test_kill import invent
from tests.flink.cluster import Cluster
from tests.flink.submitter import Submitter
from tests.integration.test_main_job import told
from tests.support import pods
from tests.support.databases import make_database
from tests.support.rehearsal import publish
from tests.support.stack import Stack, open_stack, wait_until

pytestmark = [
    pytest.mark.flink,
    pytest.mark.integration,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(pods.why_not()), reason=f"no pods here: {pods.why_not()}"),
]

PARTITIONS = 4
SETTLED_S = 500.0
PER_S = 20
BEGUN = 40
"""Articles written before anything is killed."""


@pytest.fixture(scope="module")
def cluster(
    kafka_bootstrap: str, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    shared = [int(kafka_bootstrap.rpartition(":")[2]), postgres_server.port]
    with pods.make_pods("submit", "manager", "worker-1", "worker-2") as made:
        started = Cluster(tmp_path_factory.mktemp("flink"), made, shared)
        try:
            started.start()
            yield started
        finally:
            started.stop()


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=PARTITIONS) as opened:
        yield opened


@pytest.fixture
def submitter(cluster: Cluster, stack: Stack) -> Iterator[Submitter]:
    made = Submitter(cluster, stack)
    stack.start("relay", "relay", "run")
    try:
        yield made
    finally:
        made.stop()


def settle(stack: Stack, articles: int, submitter: Submitter | None = None) -> None:
    def is_settled() -> bool:
        stack.tend()
        if submitter and submitter.process:
            submitter.tend()
        written = stack.count("SELECT count(*) FROM written")
        return written >= articles and stack.count("SELECT count(*) FROM outbox") == 0 and stack.lag() == 0

    wait_until("all articles written, all alerts published, all offsets committed", is_settled, SETTLED_S)


@contextmanager
def under_way(stack: Stack, submitter: Submitter, articles: list[Article]) -> Iterator[None]:
    """A job that writes while the articles come at `PER_S` a second; at the end all are written, told and committed."""

    def publish_slowly() -> None:
        for first in range(0, len(articles), PER_S):
            stack.publish(articles[first : first + PER_S])
            time.sleep(1)

    publishing = threading.Thread(target=publish_slowly)
    publishing.start()
    submitter.start()
    some_written(stack, BEGUN)
    yield
    publishing.join()
    settle(stack, len(articles), submitter)


def some_written(stack: Stack, count: int) -> None:
    wait_until("the job writes", lambda: stack.count("SELECT count(*) FROM written") >= count, SETTLED_S)


def test_exactly_the_alerts_of_one_process(
    cluster: Cluster, kafka_bootstrap: str, postgres_server: Postgres, tmp_path: Path
) -> None:
    """One partition, so that even the revisions are the same; with several, what comes first is not."""
    articles = publish()
    count = len({article.version_id for article in articles})
    came = []
    for place in ("flink", "process"):
        folder, url = tmp_path / place, make_database(postgres_server, f"same_{place}")
        with open_stack(kafka_bootstrap, url, folder, partitions=1) as stack:
            stack.publish(articles)
            stack.start("relay", "relay", "run")
            submitter = Submitter(cluster, stack)
            if place == "flink":
                submitter.start(parallelism=1)
            else:
                stack.start("worker", "pipeline", "run")
            try:
                settle(stack, count, submitter)
            finally:
                submitter.stop()
            check(stack, articles)
            came.append(told(stack.alerts()))
    assert not cluster.running(), "the job goes with its submitter"
    assert came[0] == came[1]
    assert sum(map(len, came[0].values())) > len(came[0]) > 10, "the samples were meant to alert, and to revise"


def test_two_workers_share_the_partitions(cluster: Cluster, stack: Stack, submitter: Submitter) -> None:
    articles = invent(200)
    stack.publish(articles)
    submitter.start()
    settle(stack, len(articles), submitter)
    check(stack, articles)
    subtasks = cluster.subtasks("WriteAlerts")
    assert len({task["endpoint"] for task in subtasks}) == 2, f"the partitions are not spread: {subtasks}"


def test_a_task_manager_killed(cluster: Cluster, stack: Stack, submitter: Submitter) -> None:
    articles = invent(400)
    with under_way(stack, submitter, articles):
        cluster.members["task-1"].kill()
        some_written(stack, 120)  # on the other one, as far as its slots reach
        cluster.start("task-1")
    seen = check(stack, articles)
    assert max(len(numbers) for numbers in seen.values()) > 1, "the alerts were meant to be revised"


def test_the_job_manager_killed(cluster: Cluster, stack: Stack, submitter: Submitter) -> None:
    articles = invent(300)
    with under_way(stack, submitter, articles):
        cluster.members["manager"].kill()
        time.sleep(3)
        cluster.start("manager")
    check(stack, articles)
    assert submitter.ends, "without high availability the job is gone with its manager, and is handed in anew"


def test_a_pool_of_workers_killed(cluster: Cluster, stack: Stack, submitter: Submitter) -> None:
    articles = invent(300)
    with under_way(stack, submitter, articles):
        cluster.members["pool-2"].kill_all()
        time.sleep(2)
        cluster.start("pool-2")
    check(stack, articles)


def test_the_submitter_killed(cluster: Cluster, stack: Stack, submitter: Submitter) -> None:
    articles = invent(200)
    with under_way(stack, submitter, articles):
        (left,) = cluster.running()
        assert submitter.process
        submitter.process.kill()
        submitter.start()
    wait_until("the new job runs", lambda: left not in cluster.running() and len(cluster.running()) == 1)
    settle(stack, len(articles), submitter)
    check(stack, articles)


def test_from_one_worker_to_two_and_back(cluster: Cluster, stack: Stack, submitter: Submitter) -> None:
    articles = invent(240)
    for number, parallelism in enumerate((1, 2, 1), 1):
        stack.publish(articles[(number - 1) * 80 : number * 80])
        submitter.start(parallelism=parallelism)
        settle(stack, number * 80, submitter)
        assert len(cluster.subtasks("WriteAlerts")) == parallelism
        submitter.stop()
    check(stack, articles)


def test_stopped_with_a_savepoint_and_resumed_from_it(cluster: Cluster, stack: Stack, submitter: Submitter) -> None:
    articles = invent(160)
    stack.publish(articles[:80])
    submitter.start()
    settle(stack, 80, submitter)
    savepoint = cluster.stop_with_savepoint()
    stack.publish(articles[80:])
    submitter.stop()
    submitter.start(f"--savepoint_path={savepoint}")
    settle(stack, len(articles), submitter)
    check(stack, articles)
    assert cluster.restored_from() == savepoint
