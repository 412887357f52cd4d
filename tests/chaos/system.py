"""The whole system of a run on this machine: broker, store, two connectors, two workers, two relays, a sink.

Every process is started by the command that an operator would type, in a session of its own, and reaches broker and store
through proxies of ours. Call from the main thread: the kernel ends a process with the thread that started it.
"""

import contextlib
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from deploy.local import kafka, process
from deploy.local.children import make_environment
from deploy.local.postgres import Postgres
from deploy.local.process import Process
from pipeline.config import Config, Extract, Kafka, Store, dump_toml
from pipeline.process.failpoints import VARIABLE
from pipeline.records import topics
from pipeline.store import migrate
from tests.chaos.disk import Disk, lift_file_size, limit_file_size
from tests.chaos.proxy import Proxy
from tests.chaos.records import Happening
from tests.chaos.schedule import CONNECTORS, RELAYS, SERVERS, WORKERS
from tests.chaos.skewed import SKEW

PARTITIONS = 4
READY_S = 300.0
STOP_S = 10.0
POLL_S = (3.0, 6.0)
"""Each feed is polled so often: what is measured is what happens after the poll."""
SERVER_DISK_MB = 2048
SINK_DISK_MB = 64
AGAIN_S = 1.0
"""After so long a process that ended by itself is started anew."""
TRY_AGAIN = 75
MAIN = "pipeline.cli"


class ProxiedKafka(kafka.Kafka):
    """A broker that tells its clients the proxy's address."""

    advertised = 0

    def _write_settings(self) -> None:
        super()._write_settings()
        text = self._properties.read_text(encoding="ascii")
        own = f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}"
        assert own in text
        self._properties.write_text(
            text.replace(own, own.replace(str(self.port), str(self.advertised))), encoding="ascii"
        )


class System:
    """Everything that runs, and what happened to it."""

    def __init__(self, folder: Path, feeds: list[str], *, model: str = "tocsin_en") -> None:
        self.folder = folder
        self.happened: list[Happening] = []
        self.crashes: list[str] = []
        self.disks = {
            "sink": Disk(folder / "sink", SINK_DISK_MB),
            "kafka": Disk(folder / "kafka", SERVER_DISK_MB),
            "postgres": Disk(folder / "postgres", SERVER_DISK_MB),
        }
        self.kafka = ProxiedKafka(folder / "kafka", log=folder / "kafka.log")
        self.postgres = Postgres(folder / "postgres", log=folder / "postgres.log")
        self.proxies = {"kafka": Proxy(self.kafka.port), "postgres": Proxy(self.postgres.port)}
        self.kafka.advertised = self.proxies["kafka"].port
        self.feeds = feeds
        self.model = model
        self.sink_file = folder / "sink" / "alerts.jsonl"
        self._down: set[str] = set()
        self._again: dict[str, float] = {}
        self._processes: dict[str, Process] = {}
        self._words: dict[str, tuple[str, ...]] = {
            **dict.fromkeys(CONNECTORS, ("connectors", "run")),
            **{name: ("pipeline", "run", "--worker", f"{k}/{len(WORKERS)}") for k, name in enumerate(WORKERS)},
            **dict.fromkeys(RELAYS, ("relay", "run")),
            "sink": ("sinks", "run"),
        }

    @property
    def parts(self) -> tuple[str, ...]:
        """The processes of ours."""
        return tuple(self._words)

    @property
    def config(self) -> Config:
        """What the processes are given."""
        source = {
            "type": "rss",
            "urls": self.feeds,
            "allow": ["127.0.0.1"],
            "poll_s_min": POLL_S[0],
            "poll_s_max": POLL_S[1],
        }
        own, proxied = f":{self.postgres.port}/", f":{self.proxies['postgres'].port}/"
        return Config(
            kafka=Kafka(bootstrap_servers=f"127.0.0.1:{self.proxies['kafka'].port}", partitions=PARTITIONS),
            store=Store(url=self.postgres.url.replace(own, proxied)),
            extract=Extract(model=self.model),
            sources={"outlets": source},
            sinks={"file": {"type": "jsonl", "path": str(self.sink_file)}},
        )

    def start_servers(self) -> None:
        """Broker and store, with empty topics and tables."""
        for server in (self.kafka, self.postgres):
            server.prepare()
            server.start()
        for server in (self.kafka, self.postgres):
            process.wait_ready(server, READY_S)
        migrate.upgrade(self.config.store.url)
        topics.ensure(self.config.kafka.client_options(), partitions=PARTITIONS)
        path = self.folder / "tocsin.toml"
        path.touch(mode=0o600)
        path.write_text(dump_toml(self.config), encoding="utf-8")

    def start(self, name: str, *, module: str = MAIN, environment: Mapping[str, str] = {}) -> None:
        """Start a part, or start it anew; one that runs is left alone: the ends of two faults may fall together."""
        self._down.discard(name)
        self._again.pop(name, None)
        if self.process_of(name) is not None:
            return
        if name in SERVERS:
            with contextlib.suppress(OSError):  # the store can't remove its own leavings from a full disk
                getattr(self, name).start()
            return
        command = [sys.executable, "-m", module, *self._words[name], "--config", str(self.folder / "tocsin.toml")]
        self._processes[name] = process.start(
            name, command, log=self.folder / f"{name}.log", environment={**make_environment(), **environment}
        )

    def start_all(self) -> None:
        """Every part of ours."""
        for name in self._words:
            self.start(name)

    def process_of(self, name: str) -> Process | None:
        """The running process of a part."""
        running = getattr(self, name).process if name in SERVERS else self._processes.get(name)
        return running if running is not None and running.is_running() else None

    def family(self, name: str) -> list[psutil.Process]:
        """The process and all that it started."""
        running = self.process_of(name)
        try:
            parent = psutil.Process(running.pid) if running else None
            return [parent, *parent.children(recursive=True)] if parent else []
        except psutil.Error:
            return []

    def tell(self, what: str) -> None:
        """Note what happened, for the story."""
        self.happened.append(Happening(time.time(), what))

    def signal_all(self, name: str, number: signal.Signals) -> None:
        """Signal a part with all its processes, the parent first."""
        for member in self.family(name):
            with contextlib.suppress(psutil.Error):
                member.send_signal(number)

    def kill(self, name: str) -> None:
        """SIGKILL, and leave it down until it is started."""
        self._down.add(name)
        self.signal_all(name, signal.SIGKILL)
        running = getattr(self, name).process if name in SERVERS else self._processes.get(name)
        if running is not None:
            running.wait(STOP_S)

    def stop(self, name: str) -> None:
        """Ask it to end, as a supervisor would, and leave it down."""
        self._down.add(name)
        if (running := self.process_of(name)) is not None and not running.stop(STOP_S):
            self.crashes.append(f"{name} did not stop within {STOP_S:.0f} s of SIGTERM")

    def start_to_fail(self, name: str, point: str) -> None:
        """Start a part that kills itself at a fail point."""
        self.start(name, environment={VARIABLE: f"{point}:1"})

    def start_skewed(self, name: str, skew: str) -> None:
        """Start a part whose wall clock is wrong."""
        self.start(name, module="tests.chaos.skewed", environment={SKEW: skew})

    def fill_disk(self, name: str) -> None:
        """No room on the part's disk."""
        if self.disks[name].is_mounted:
            self.disks[name].fill()
        elif name == "sink" and (running := self.process_of(name)) is not None:
            limit_file_size(running.pid, self.sink_file)

    def clear_disk(self, name: str) -> None:
        """Room again."""
        if self.disks[name].is_mounted:
            self.disks[name].clear()
        elif (running := self.process_of(name)) is not None:
            lift_file_size(running.pid)

    def tend(self) -> None:
        """Start anew what ended by itself, as a supervisor would; note an end that no design foresees."""
        for name in (*self._words, *SERVERS):
            if name in self._down:
                continue
            running = getattr(self, name).process if name in SERVERS else self._processes.get(name)
            code = running.exit_code() if running is not None else None
            if code is None:
                continue
            if name not in self._again:
                self._again[name] = time.monotonic() + AGAIN_S
                self.tell(f"{name} ended with {code}")
                if name not in SERVERS and code not in (TRY_AGAIN, -signal.SIGKILL):
                    self.crashes.append(f"{name} ended with {code}: " + " / ".join(running.last_lines(12)))
            elif time.monotonic() >= self._again[name]:
                self.start(name)

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        for proxy in self.proxies.values():
            proxy.heal()
        for name, disk in self.disks.items():
            self.clear_disk(name) if disk.is_mounted else None
        for name in (*self._words, *SERVERS):
            self.signal_all(name, signal.SIGCONT)
            if name in self._down:
                self.start(name)

    def close(self) -> None:
        """End everything that was started."""
        for name in self._words:
            self.kill(name)
        self.kafka.stop(STOP_S)
        self.postgres.stop(STOP_S)
        for proxy in self.proxies.values():
            proxy.close()
        for disk in self.disks.values():
            disk.close()
