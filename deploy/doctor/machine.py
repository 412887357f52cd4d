"""This machine: Python, model, disk, and the processes of `tocsin up`."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from connectors.registry import make_sinks, make_sources
from deploy.doctor.verdict import Finding, failed, not_asked, ok, warning
from deploy.local import lock
from deploy.local import status as state
from deploy.local.layout import Layout
from pipeline.config import Config
from pipeline.errors import ConfigError

PYTHON_MIN, PYTHON_MAX = (3, 11), (3, 13)
DISK_BYTES_MIN = 500_000_000
"""Below, Kafka and PostgreSQL are about to stop."""
DISK_BYTES_ENOUGH = 5_000_000_000


def look(config: Config, path: Path | None, layout: Layout) -> Iterator[Finding]:
    """One finding after the other."""
    yield _python()
    yield _configuration(config, path)
    yield _model(config)
    yield _disk(layout)
    yield _processes(layout)


def _python() -> Finding:
    here = ".".join(map(str, sys.version_info[:3]))
    if not PYTHON_MIN <= sys.version_info[:2] <= PYTHON_MAX:
        return failed("Python", f"{here} is not 3.11 to 3.13", "make the environment anew with PYTHON=python3.11")
    return ok("Python", here)


def _configuration(config: Config, path: Path | None) -> Finding:
    name = str(path) if path else "the configuration in force"
    try:
        sources = make_sources(config, name=name)
        sinks = make_sinks(config, name=name)
    except ConfigError as error:
        return failed("configuration", str(error), "change that key; `tocsin config check FILE` checks again")
    return ok("configuration", f"{name}: {len(sources)} sources, {len(sinks)} sinks")


def _model(config: Config) -> Finding:
    from pipeline.text.model.load import load_model

    if config.extract.model == "rules":
        return ok("model", "none: rules only")
    try:
        model = load_model(config.extract.model)
    except (ConfigError, OSError, ValueError) as error:
        return failed("model", str(error), "install that spaCy pipeline, or take extract.model out")
    return ok("model", f"{config.extract.model} {model.meta.get('version', '')}")


def _disk(layout: Layout) -> Finding:
    place = next((p for p in (layout.root, *layout.root.parents) if p.exists()), Path("/"))
    free = shutil.disk_usage(place).free
    says = f"{free / 1e9:.1f} GB free on {place}"
    if free < DISK_BYTES_MIN:
        return failed("disk", says, "make room: Kafka and PostgreSQL stop when the disk is full")
    if free < DISK_BYTES_ENOUGH:
        return warning("disk", says, "make room, or keep less (store.keep_days)")
    return ok("disk", says)


def _processes(layout: Layout) -> Finding:
    owner, now = lock.find_owner(layout.lock), state.read(layout)
    if owner is None:
        return not_asked("processes", f"`tocsin up` does not run on {layout.root}")
    if now is None or now.pid != owner:
        return warning("processes", "`tocsin up` is starting", "wait a minute, and ask again")
    down = [f"{p.name} {p.state}: {p.last_death or 'never ran'}" for p in now.processes if p.state != "running"]
    if down:
        return failed("processes", "; ".join(down), f"the logs are in {layout.log('').parent}")
    again = [f"{p.name} {p.restarts} times" for p in now.processes if p.restarts]
    if again:
        return warning("processes", f"all run; started again: {', '.join(again)}", "their logs say why they ended")
    return ok("processes", f"{len(now.processes)} run")
