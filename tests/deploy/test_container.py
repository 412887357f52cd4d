"""The container files, as far as they can be checked without an engine: every path, command and key in them exists."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.config import load

ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "deploy" / "container"
COMPOSE: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
FLINK: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.flink.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "tocsin"}
ON_FLINK = {name: service for name, service in FLINK["services"].items() if service.get("image") == "tocsin"}
DOCKERFILE = (CONTAINER / "Dockerfile").read_text(encoding="utf-8")


def tocsin(*words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "pipeline.cli", *words]
    return subprocess.run(command, capture_output=True, cwd=ROOT)


@pytest.mark.parametrize("name", OURS)
def test_every_service_runs_a_command_there_is(name: str) -> None:
    words = OURS[name]["command"]
    assert tocsin(*words[:2], "--help").returncode == 0
    assert OURS[name]["read_only"]
    assert OURS[name]["cap_drop"] == ["ALL"]


def test_the_workers_beside_a_task_manager_are_its_own_and_nobody_elses() -> None:
    pool, submitter = ON_FLINK["python-workers"], ON_FLINK["pipeline"]
    (port,) = [word.partition("=")[2] for word in pool["command"]]
    assert pool["network_mode"] == "service:taskmanager"
    assert "ports" not in pool
    assert f"--environment_config=localhost:{port}" in submitter["command"]
    assert importlib.util.find_spec(pool["entrypoint"][-1])
    for service in (pool, submitter):
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_on_flink_the_plain_workers_stay_away_and_the_submitter_has_what_it_waits_for() -> None:
    plain = [name for name, service in OURS.items() if service["command"][:2] == ["pipeline", "run"]]
    assert {name for name, service in FLINK["services"].items() if service.get("profiles") == ["workers"]} == set(plain)
    services = COMPOSE["services"] | FLINK["services"]
    for service in FLINK["services"].values():
        assert set(service.get("depends_on", {})) <= set(services)
    endpoints = [
        word.partition("=")[2] for word in ON_FLINK["pipeline"]["command"] if "endpoint" in word or "flink=" in word
    ]
    assert {endpoint.removeprefix("http://").partition(":")[0] for endpoint in endpoints} <= set(services)


def test_flink_and_the_job_server_are_of_one_version() -> None:
    flink = FLINK["services"]["jobmanager"]["image"].partition(":")[2].partition("-")[0]
    server, _, beam = FLINK["services"]["job-server"]["image"].partition(":")
    locked = (ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")
    assert f"beam_flink{flink}_job_server" in server
    assert f"apache-beam=={beam}" in locked


def test_nothing_listens_beyond_the_host() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_service_waited_for_is_there_and_can_be_waited_for() -> None:
    for service in COMPOSE["services"].values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][name]
            else:
                assert COMPOSE["services"][name]["restart"] == "no"


def test_the_workers_share_all_partitions() -> None:
    shares = [s["command"][-1] for s in OURS.values() if s["command"][:2] == ["pipeline", "run"]]
    assert sorted(shares) == [f"{k}/{len(shares)}" for k in range(len(shares))]


def test_its_configuration_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_STORE_PASSWORD", "secret")
    config = load(CONTAINER / "tocsin.toml")
    assert "kafka" in config.kafka.bootstrap_servers
    assert tocsin("config", "check", str(CONTAINER / "tocsin.toml")).returncode == 0


def test_what_is_copied_exists_and_is_sent_to_the_builder() -> None:
    ignored = (CONTAINER / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), CONTAINER / "Dockerfile"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_what_is_installed_into_it_is_every_file_that_is_kept(tmp_path: Path) -> None:
    """The step of the Dockerfile that installs us, on what is sent to the builder, in a wheel that is opened again."""
    kept = (
        subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=True).stdout.decode().split("\0")
    )
    sent = {
        source for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for source in line.split()
    }
    for name in kept:
        if name and (name in sent or name.partition("/")[0] in sent):
            (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / "src" / name)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), "."]
    done = subprocess.run(build, capture_output=True, text=True, cwd=tmp_path / "src")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    missing = [
        name for name in kept if name.partition("/")[0] in {"pipeline", "connectors", "deploy"} and name not in packed
    ]
    assert not missing


def test_it_runs_as_nobody_special_and_is_watched() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001", last, re.MULTILINE)
    assert "HEALTHCHECK" in last


def test_what_is_left_out_is_what_only_one_machine_needs() -> None:
    """The packages that the image drops must not be imported by what runs in it."""
    dropped = re.search(r"pip uninstall --yes (.+)$", DOCKERFILE, re.MULTILINE)
    assert dropped
    modules = {name.replace("-", "_") for name in dropped[1].split()}
    locked = (ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")
    for name in dropped[1].split():
        assert re.search(rf"^{name}==", locked, re.MULTILINE), name
    for path in [*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")]:
        found = set(re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert not found & modules, path


def test_the_versions_of_python_agree() -> None:
    found = re.search(r"python:(\d+\.\d+)", DOCKERFILE)
    floor = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert found
    assert f">={found[1]}" == floor
