"""The one process behind `tocsin up`: starts everything in order, keeps it running, shows it, stops it in order.

    lock -> ports -> Kafka and PostgreSQL -> tables, topics -> samples, relay, pipeline, sinks, connectors

Guarantees: at most one per data directory; a process that dies is restarted with growing pauses and reported with the last lines of its
log; a stop takes at most 15 s, articles first, servers last; what it started ends with it, SIGKILL included. Everything that starts a
process happens in the main thread (see `deploy.local.launch`).

Failure: whatever can't start ends `run` with one clear error after the rest was stopped.
"""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from deploy.local import addresses, children, effective, logs, memory, plan, ports, services, status
from deploy.local.children import Child
from deploy.local.figures import Reader
from deploy.local.kafka import Kafka
from deploy.local.layout import Layout
from deploy.local.lock import Lock
from deploy.local.postgres import Postgres
from deploy.local.process import Process, Server, StartError
from deploy.local.process import start as start_process
from deploy.local.screen import Screen
from deploy.local.services import Stopped
from pipeline import __version__
from pipeline.config import Config, Table, load, masked
from pipeline.errors import ConfigError
from pipeline.records import topics

TICK_SECONDS = 0.25
STATUS_SECONDS = 1.0
MEMORY_SECONDS = 5.0
ROTATE_SECONDS = 10.0
MIGRATE_SECONDS_MAX = 120


class Options(Struct, frozen=True, kw_only=True):
    """What `tocsin up` was asked for."""

    layout: Layout
    config_path: Path | None = None
    workers: Callable[[Config], int]
    make_samples: Callable[[str], dict[str, Table]] | None = None  # address to sources; None: no sample feeds


class Supervisor:
    """One run of `tocsin up`."""

    def __init__(self, options: Options, screen: Screen) -> None:
        self._options = options
        self._layout = options.layout
        self._screen = screen
        self._own = load(options.config_path)
        self._config = self._own
        self._ports = addresses.USUAL
        self._samples: dict[str, Table] = {}
        self._kafka: Kafka | None = None
        self._postgres: Postgres | None = None
        self._migration: Process | None = None
        self._children: dict[str, tuple[str, Child]] = {}  # name to (stage, child)
        self._members: tuple[plan.Member, ...] = ()
        self._figures: Reader | None = None
        self._memory: dict[int, int] = {}
        self._since = datetime.now(UTC)
        self._phase: status.Phase = "starting"
        self._is_stopping = False
        self._must_reload = False
        self._due: dict[str, float] = {}

    def run(self) -> None:
        """Start, watch until SIGTERM or SIGINT, stop. Raises `AlreadyRunningError`, `StartError` and the like."""
        with Lock(self._layout.lock):
            self._catch_signals()
            try:
                self._start()
                self._watch()
            except Stopped:
                pass
            finally:
                self._stop()

    def _catch_signals(self) -> None:
        def stop(*_: object) -> None:
            self._is_stopping = True

        def reload(*_: object) -> None:
            self._must_reload = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        signal.signal(signal.SIGHUP, reload)

    # Starting

    def _start(self) -> None:
        self._ports, taken = addresses.choose(self._layout)
        for line in taken:
            self._screen.report("warning", line)
        if self._options.make_samples:  # before anything is started: what is wrong with them shows at once
            self._samples = self._options.make_samples(self._samples_address)
        self._write_status()
        self._start_services()
        self._settle_ports()
        self._make_topics()
        self._finish_migration()
        self._members = plan.make(self._config, samples_port=self._samples_port)
        for member in self._members:
            self._start_member(member)
        self._figures = Reader(self._config)
        self._figures.start()
        self._phase = "running"
        self._screen.report("info", "running", processes=len(self._children), data_dir=str(self._layout.root))

    def _start_services(self) -> None:
        wanted: list[Server] = []
        if not self._own.kafka.bootstrap_servers:
            self._kafka = Kafka(
                self._layout.kafka,
                log=self._layout.log("kafka"),
                port=self._ports.kafka,
                controller_port=self._ports.controller,
                progress=self._screen.show_download,
            )
            wanted.append(self._kafka)
        if not self._own.store.url:
            self._postgres = Postgres(
                self._layout.postgres, log=self._layout.log("postgres"), port=self._ports.postgres
            )
            wanted.append(self._postgres)
        else:
            self._begin_migration()
        for server in wanted:
            self._screen.show_step(server.name, "preparing")
        services.bring_up(
            wanted, show=self._screen.show_step, on_ready=self._take_over, is_stopping=lambda: self._is_stopping
        )

    def _settle_ports(self) -> None:
        """Others may have been quicker while the servers started: remember and hand on what is used now."""
        before = self._ports
        self._ports = addresses.Ports(
            kafka=self._kafka.port if self._kafka else before.kafka,
            controller=self._kafka.controller_port if self._kafka else before.controller,
            postgres=self._postgres.port if self._postgres else before.postgres,
            samples=ports.choose([before.samples]),
        )
        addresses.remember(self._layout, self._ports)
        if self._options.make_samples:
            self._samples = self._options.make_samples(self._samples_address)
        self._write_config()

    def _take_over(self, server: Server) -> None:
        """A server is ready: from now on it is a child like any other."""

        def start_again() -> Process:
            server.start()
            assert server.process is not None  # noqa: S101 - start sets it
            return server.process

        # Kafka closes its logs at SIGTERM; PostgreSQL cuts its clients off at SIGINT (SIGTERM would wait for them).
        first = signal.SIGINT if server is self._postgres else signal.SIGTERM
        child = Child(server.name, start_again, first_signal=first)
        assert server.process is not None  # noqa: S101 - it is ready
        child.adopt(server.process, time.monotonic())
        self._children[server.name] = (server.name, child)
        if server is self._postgres:
            self._begin_migration()

    def _begin_migration(self) -> None:
        """Write the configuration, and bring the tables up to date while the broker still starts."""
        self._write_config()
        self._screen.show_step("tables", "migrating")
        self._migration = start_process(
            "store",
            children.make_command("store", "migrate", "--config", str(self._layout.config)),
            log=self._layout.log("store"),
            environment=children.make_environment(),
        )

    def _finish_migration(self) -> None:
        assert self._migration is not None  # noqa: S101 - begun with the store, whoever's it is
        deadline = time.monotonic() + MIGRATE_SECONDS_MAX
        while not self._migration.wait(services.POLL_SECONDS):
            if self._is_stopping:
                raise Stopped
            if time.monotonic() > deadline:
                raise StartError(
                    f"`tocsin store migrate` took longer than {MIGRATE_SECONDS_MAX} s", self._migration.log
                )
        if self._migration.exit_code() != 0:
            raise StartError("`tocsin store migrate` failed", self._migration.log)
        self._screen.show_step("tables", "ready")

    def _make_topics(self) -> None:
        settings = self._config.kafka
        created = topics.ensure(
            settings.client_options(), partitions=settings.partitions, replication=settings.replication
        )
        self._screen.show_step("topics", f"{len(created)} created" if created else "ready")

    def _write_config(self) -> None:
        self._config = effective.make(
            self._own,
            self._layout,
            kafka=self._kafka.bootstrap_servers if self._kafka else self._own.kafka.bootstrap_servers,
            store=self._postgres.url if self._postgres else self._own.store.url,
            web=f"{ports.LOOPBACK}:{self._ports.web}",
            workers=self._options.workers(self._own),
            samples=self._samples,
        )
        effective.write(self._config, self._layout)

    @property
    def _samples_port(self) -> int | None:
        return self._ports.samples if self._options.make_samples else None

    @property
    def _samples_address(self) -> str:
        return f"http://{ports.LOOPBACK}:{self._ports.samples}"

    def _start_member(self, member: plan.Member) -> None:
        child = children.make_child(member, self._layout)
        child.start(time.monotonic())
        self._children[member.name] = (member.stage, child)
        self._screen.show_step(member.name, "started")

    # Watching

    def _watch(self) -> None:
        while not self._is_stopping:
            if self._must_reload:
                self._must_reload = False
                if self._screen.is_gone():  # SIGHUP in its first meaning: the terminal was closed
                    return
                self._reload()
            for _, child in self._children.values():
                self._tick(child)
            if self._is_due("status", STATUS_SECONDS):
                self._write_status()
            if self._is_due("rotate", ROTATE_SECONDS):
                for path in self._layout.log("").parent.glob("*.log"):
                    logs.rotate(path)
            time.sleep(TICK_SECONDS)

    def _tick(self, child: Child) -> None:
        restarts = child.restarts
        try:
            death = child.tick(time.monotonic())
        except OSError as error:  # no memory or no process left for it
            self._screen.report("error", f"{child.name} can't be started", reason=str(error))
            return
        if death:
            self._screen.show_death(death)
        elif child.restarts > restarts:
            self._screen.report("info", f"{child.name} started again", restarts=child.restarts)

    def _reload(self) -> None:
        """Read the configuration again: changed processes are replaced, the others told. A bad one changes nothing."""
        try:
            own = load(self._options.config_path)
        except ConfigError as error:
            self._screen.report("error", "configuration not read again", reason=str(error))
            return
        if (own.kafka, own.store) != (self._own.kafka, self._own.store):
            self._screen.report("warning", "[kafka] and [store] take effect at the next `tocsin up` only")
            own = _keep_servers(own, self._own)
        self._own = own
        self._write_config()
        wanted = plan.make(self._config, samples_port=self._samples_port)
        gone = [m for m in self._members if m not in wanted]
        new = [m for m in wanted if m not in self._members]
        self._end_members(gone)
        for name, (_, child) in self._children.items():
            if name in {m.name for m in wanted}:
                child.reload()
        for member in new:
            self._start_member(member)
        self._members = wanted
        self._screen.report("info", "configuration read again", stopped=len(gone), started=len(new))

    def _end_members(self, members: list[plan.Member]) -> None:
        for stage, seconds in plan.STOP_SECONDS.items():
            names = [m.name for m in members if m.stage == stage]
            children.stop_together([self._children[n][1] for n in names], seconds, time.monotonic)
            for name in names:
                del self._children[name]

    def _is_due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + seconds
        return True

    def _write_status(self) -> None:
        if self._is_due("memory", MEMORY_SECONDS):
            pids = [child.pid for _, child in self._children.values() if child.pid]
            self._memory = {pid: memory.measure(pid) for pid in (os.getpid(), *pids)}
        now = self._make_status()
        status.write(self._layout, now)
        self._screen.show(now)

    def _make_status(self) -> status.Status:
        own = status.ProcessStatus(
            name="supervisor", state="running", pid=os.getpid(), memory_bytes=self._memory.get(os.getpid())
        )
        others = [
            status.ProcessStatus(
                name=name,
                state=child.state.value,
                pid=child.pid,
                restarts=child.restarts,
                memory_bytes=self._memory.get(child.pid or 0),
                last_death=child.last_death.reason if child.last_death else None,
            )
            for name, (_, child) in self._children.items()
        ]
        return status.Status(
            version=__version__,
            phase=self._phase,
            pid=os.getpid(),
            since=self._since,
            updated=datetime.now(UTC),
            data_dir=str(self._layout.root),
            kafka=self._config.kafka.bootstrap_servers,
            store=str(masked(self._config.store.url)),
            samples=self._samples_address if self._samples_port else None,
            web=f"http://{self._config.web.listen}/" if self._config.web.listen else None,
            processes=(own, *others),
            figures=self._figures.latest if self._figures else status.Figures(),
        )

    # Stopping

    def _stop(self) -> None:
        self._phase = "stopping"
        self._screen.report("info", "stopping")
        self._write_status()
        if self._figures:
            self._figures.stop()
        if self._migration and self._migration.is_running():
            self._migration.kill()
        for stage, seconds in plan.STOP_SECONDS.items():
            members = [child for of, child in self._children.values() if of == stage]
            server = {"kafka": self._kafka, "postgres": self._postgres}.get(stage)
            if server and not members and server.process:  # not ready yet, so not a child yet
                server.stop(seconds)
            for name in children.stop_together(members, seconds, time.monotonic):
                self._screen.report("warning", f"{name} had to be killed", after_seconds=seconds)
        if self._figures:
            self._figures.join()
        # What is gone must not be found: other commands look here for the addresses in use.
        self._layout.state.unlink(missing_ok=True)
        self._layout.config.unlink(missing_ok=True)
        self._screen.report("info", "stopped")


def _keep_servers(own: Config, before: Config) -> Config:
    return replace(own, kafka=before.kafka, store=before.store)


def run(options: Options, screen: Screen) -> None:
    """Run the supervisor; the screen is closed however it ends."""
    try:
        Supervisor(options, screen).run()
    finally:
        screen.close()
