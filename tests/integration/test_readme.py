"""The README's commands, taken from it and run as they stand, in an empty home, by somebody who has nothing else."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.support.stack import wait_until

ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv" / "bin"
STARTED_S_MAX = 300  # first alert on a busy machine; 30 s as a rule
STOP_S_MAX = 45  # it promises 15; a busy machine

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not (ROOT / ".venv" / ".run-installed").exists(), reason="`make` has not made .venv here"),
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.strip().splitlines()]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    ours = ("TOCSIN_", "XDG_", "PYTHONPATH", "ARGS", "MAKE")  # what this run was started with is not the newcomer's
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    caches = {"TOCSIN_CACHE_DIR": os.environ.get("TOCSIN_CACHE_DIR", str(Path.home() / ".cache" / "tocsin"))}
    return kept | caches | {"HOME": str(home), "PATH": f"{BIN}:{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def running(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`make run`, until its first alert; then stopped by Ctrl-C."""
    log = tmp_path_factory.mktemp("run") / "make-run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_until(
            f"the first alert; {log}",
            lambda: '"event": "alert"' in log.read_text("utf-8", "replace") or process.poll() is not None,
            STARTED_S_MAX,
        )
        assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]
        yield log
    finally:
        os.killpg(process.pid, signal.SIGINT)
        began = time.monotonic()
        process.wait(STOP_S_MAX)
        assert time.monotonic() - began < STOP_S_MAX


def run(command: str, environment: dict[str, str], cwd: Path, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, shell=True, cwd=cwd, env=environment, capture_output=True, text=True, timeout=seconds
    )


def test_every_command_shown_is_tried_here() -> None:
    tried = {"make run", "make test", "tocsin config check tocsin.toml", "tocsin up --config tocsin.toml"}
    tried |= {
        line
        for line in COMMANDS
        if line.startswith((".venv/bin/tocsin alerts", ".venv/bin/tocsin explain", "tocsin samples"))
    }
    assert set(COMMANDS) == tried


def test_alerts_can_be_followed_and_explained(running: Path, environment: dict[str, str], tmp_path: Path) -> None:
    follow = next(line for line in COMMANDS if "alerts follow" in line)
    shown = run(f"{follow} --exit-at-end", environment, ROOT)
    assert shown.returncode == 0, shown.stderr
    assert "revision 1" in shown.stdout
    told = run(f"{follow} --exit-at-end --json", environment, ROOT)
    alert = msgspec.json.decode(told.stdout.splitlines()[0])
    explain = next(line for line in COMMANDS if " explain " in line).rpartition(" ")[0]
    explained = run(f"{explain} {alert['sources'][0]['url']}", environment, ROOT)
    assert explained.returncode == 0, explained.stderr
    for step in ("fetch", "dedupe", "extract", "score", "write", "done"):
        assert f"\n{step} " in explained.stdout
    status = run("tocsin status", environment, tmp_path)
    assert "kafka" in status.stdout


def test_the_configuration_shown_is_good_and_a_typing_error_is_named(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "tocsin.toml").write_text(blocks("toml")[0], encoding="utf-8")
    good = run("tocsin config check tocsin.toml", environment, tmp_path)
    assert good.returncode == 0, good.stderr
    (tmp_path / "tocsin.toml").write_text(blocks("toml")[0].replace("grade", "grad"), encoding="utf-8")
    bad = run("tocsin config check tocsin.toml", environment, tmp_path)
    assert bad.returncode == 2
    assert "did you mean 'grade'?" in bad.stderr


def test_the_offline_pipe_works(environment: dict[str, str], tmp_path: Path) -> None:
    pipe = next(line for line in COMMANDS if line.startswith("tocsin samples"))
    done = run(pipe, environment, tmp_path, 300)
    assert done.returncode == 0, done.stderr
    lines = [msgspec.json.decode(line) for line in done.stdout.splitlines()]
    assert any(line["alert"] for line in lines)
    assert any(line["why_not"] for line in lines)


def test_the_python_shown_names_what_exists() -> None:
    for block in blocks("python"):
        compile(block, "README.md", "exec")
        for module, name in re.findall(r"from ([\w.]+) import (\w+)", block):
            assert hasattr(__import__(module, fromlist=[name]), name)
