"""`tocsin pipeline run --flink` in the submitter's pod, kept running as a Deployment would."""

import sys

from deploy.local.process import Process
from tests.flink.cluster import CHECKPOINT_MS, JOB_PORT, POOL_PORT, REST_PORT, Cluster
from tests.support.stack import TRY_AGAIN, Stack


class Submitter:
    """One submitter, and how often it was started anew."""

    def __init__(self, cluster: Cluster, stack: Stack) -> None:
        self.cluster = cluster
        self.stack = stack
        self.ends: list[int | None] = []
        self.process: Process | None = None
        self.options: tuple[str, ...] = ()

    def start(self, *options: str, parallelism: int = 2) -> None:
        """Submit."""
        self.options = (f"--parallelism={parallelism}", *options)
        self._start()

    def tend(self) -> None:
        """Start it again when it ended with "try again"."""
        assert self.process is not None
        if (code := self.process.exit_code()) is not None:
            assert code == TRY_AGAIN, self.process.last_lines(30)
            self.ends.append(code)
            self._start()

    def stop(self) -> None:
        """Ask it to end, and its job with it."""
        if self.process is not None:
            self.process.stop(60)

    def _start(self) -> None:
        pod = self.cluster.submitter
        command = [
            sys.executable, "-m", "pipeline.cli", "pipeline", "run", "--config", str(self.stack.folder / "tocsin.toml"),
            "--flink", f"http://{self.cluster.manager.address}:{REST_PORT}", f"--job_endpoint={pod.address}:{JOB_PORT}",
            "--environment_type=EXTERNAL", f"--environment_config=localhost:{POOL_PORT}",
            f"--checkpointing_interval={CHECKPOINT_MS}", *self.options,
        ]  # fmt: skip
        self.process = pod.start("submitter", command, self.stack.folder / "submitter.log")
