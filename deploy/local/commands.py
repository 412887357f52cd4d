"""`tocsin up`, `tocsin down` and `tocsin status`."""

import contextlib
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import structlog
import typer
from rich.console import Console

from deploy.local import lock, prerequisites, screen
from deploy.local import status as state
from deploy.local.children import make_command, make_environment
from deploy.local.layout import Layout
from deploy.local.process import LOG_MODE, StartError
from pipeline.config import Config, Table, default_data_dir, load
from pipeline.errors import UsageError
from pipeline.process.logs import start_logging

EXIT_NOT_WELL = 1
EXIT_NOT_RUNNING = 3
"""As the Linux Standard Base has it for `status` of a service."""
STOP_SECONDS_MAX = 20.0
"""The supervisor promises 15."""
DETACH_SECONDS_MAX = 300.0
"""The first start downloads Kafka."""
POLL_SECONDS = 0.1
SAMPLE_SOURCES = "connectors.samples:make_sources"

ConfigOption = typer.Option(None, "--config", "-c", help="Configuration file (TOML).", envvar="TOCSIN_CONFIG")
DataDirOption = typer.Option(None, "--data-dir", help="Where data, logs and settings are kept.")


def up(
    config: Path | None = ConfigOption,
    data_dir: Path | None = DataDirOption,
    workers: int | None = typer.Option(None, min=1, help="Pipeline processes; default: one less than there are cores."),
    samples: bool | None = typer.Option(
        None,
        "--samples/--no-samples",
        help="Serve and read the invented sample feeds; default: if no source is configured.",
    ),
    detach: bool = typer.Option(False, "--detach", "-d", help="Go on in the background once everything is up."),
) -> None:
    """Start everything on this machine and show what it finds. Ctrl-C stops it."""
    own = load(config)
    layout = find_layout(data_dir, own)
    warnings = prerequisites.check(layout)
    if (owner := lock.find_owner(layout.lock)) is not None:
        raise lock.AlreadyRunningError(layout.root, owner)
    if detach:
        _detach(layout)
        return
    with_samples = samples if samples is not None else not own.sources
    from deploy.local import supervisor  # the Kafka client and psycopg: not for `down` and `status`

    shown = _open_screen(layout)
    for line in warnings:
        shown.report("warning", line)
    options = supervisor.Options(
        layout=layout,
        config_path=config,
        workers=lambda effective: prerequisites.count_workers(effective.pipeline.workers, workers),
        make_samples=_find_samples() if with_samples else None,
    )
    supervisor.run(options, shown)


def down(config: Path | None = ConfigOption, data_dir: Path | None = DataDirOption) -> None:
    """Stop what runs on this data directory, and wait until it has."""
    layout = find_layout(data_dir, load(config))
    owner = lock.find_owner(layout.lock)
    if owner is None:
        typer.echo(f"tocsin does not run on {layout.root}")
        return
    try:
        supervisor = psutil.Process(owner)
        supervisor.terminate()
        supervisor.wait(STOP_SECONDS_MAX)
    except psutil.TimeoutExpired:
        message = f"process {owner} has not stopped within {STOP_SECONDS_MAX:.0f} s; see {layout.log('up')}"
        raise UsageError(message) from None
    except psutil.NoSuchProcess:  # just now
        pass
    typer.echo(f"tocsin on {layout.root} has stopped")


def status(
    config: Path | None = ConfigOption,
    data_dir: Path | None = DataDirOption,
    as_json: bool = typer.Option(False, "--json", help="As JSON."),
) -> None:
    """Tell how tocsin does: exit code 0 when all is well, 1 when something is not, 3 when it does not run."""
    layout = find_layout(data_dir, load(config))
    owner = lock.find_owner(layout.lock)
    runs = owner is not None
    now = state.read(layout)
    if now and now.pid != owner:  # left by one that was killed
        now = None
    if as_json:
        typer.echo(msgspec.json.encode({"running": runs, "status": now}).decode())
    elif now:
        Console().print(screen.render_status(now))
    else:
        typer.echo(f"tocsin {'starts' if runs else 'does not run'} on {layout.root}")
    if not runs:
        raise typer.Exit(EXIT_NOT_RUNNING)
    if now is None or not now.is_well:
        raise typer.Exit(EXIT_NOT_WELL)


def find_layout(data_dir: Path | None, config: Config) -> Layout:
    chosen = data_dir or (Path(config.data_dir) if config.data_dir else default_data_dir())
    return Layout(chosen.expanduser().absolute())


def _find_samples() -> Callable[[str], dict[str, Table]]:
    module, _, name = SAMPLE_SOURCES.partition(":")
    make: Callable[[str], dict[str, Table]] = getattr(importlib.import_module(module), name)
    return make


def _open_screen(layout: Layout) -> screen.Screen:
    if not sys.stdout.isatty():
        start_logging("up")
        return screen.LogScreen()
    # The live view has the terminal: what is logged beside it goes where the processes' logs are.
    file = os.fdopen(os.open(layout.log("up"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE), "a", buffering=1)
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    lines = structlog.processors.JSONRenderer(ensure_ascii=True)
    structlog.configure(
        processors=[structlog.processors.add_log_level, stamp, lines], logger_factory=structlog.WriteLoggerFactory(file)
    )
    return screen.TerminalScreen()


def _detach(layout: Layout) -> None:
    """Run this very command once more without a terminal, in a session of its own, and wait until it is up."""
    words = [word for word in sys.argv[1:] if word not in ("--detach", "-d")]
    log = layout.log("up")
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE)
    with contextlib.closing(os.fdopen(descriptor, "ab")) as output:
        child = subprocess.Popen(
            make_command(*words),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=make_environment(),
            start_new_session=True,
        )
    deadline = time.monotonic() + DETACH_SECONDS_MAX
    with Console(stderr=True).status(f"tocsin starts; its log is {log}"):
        while (now := state.read(layout)) is None or now.pid != child.pid or now.phase == "starting":
            if child.poll() is not None:
                raise StartError("tocsin did not start", log)
            if time.monotonic() > deadline:
                raise StartError(f"tocsin was not up within {DETACH_SECONDS_MAX:.0f} s and goes on trying", log)
            time.sleep(POLL_SECONDS)
    typer.echo(
        f"tocsin runs on {layout.root} (process {child.pid}); `tocsin status` shows how it does, `tocsin down` stops it"
    )
