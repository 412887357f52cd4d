"""Secrets stay where they were put: not in what is shown, logged, raised, listed by the system, or written for others to read."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local import effective
from deploy.local.layout import Layout
from pipeline import config
from pipeline.errors import ConfigError, TocsinError
from pipeline.store import migrate
from pipeline.store.connection import connect

SECRET = "correct-horse-battery"
TEXT = f"""
[kafka]
bootstrap_servers = "127.0.0.1:1"
security_protocol = "SASL_SSL"
sasl_mechanism = "PLAIN"
sasl_username = "u"
sasl_password = "{SECRET}"
[store]
url = "postgresql://user:{SECRET}@127.0.0.1:1/tocsin?sslmode=verify-full&sslpassword={SECRET}"
[sources.paper]
type = "rss"
url = "https://reader:{SECRET}@n.example/feed?token={SECRET}"
[sinks.hook]
type = "webhook"
url = "https://user:{SECRET}@soc.example/in"
secret = "{SECRET}"
"""


def tocsin(*words: str, **environment: str) -> str:
    """What a command prints, both streams."""
    command = [sys.executable, "-m", "pipeline.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ | environment)
    return done.stdout + done.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_configuration_is_shown_without_its_secrets(file: Path) -> None:
    assert SECRET not in tocsin("config", "show", "--config", str(file))
    loaded = config.load(file)
    for part in (loaded, loaded.kafka, loaded.store, (loaded,), {"config": loaded}):
        assert SECRET not in repr(part)


@pytest.mark.parametrize(
    "line", ["secert = 'x'", "[kafka", "[store]\nkeep_days = 'many'", "[kafka]\nsecurity_protocol = 'TLS'"]
)
def test_a_wrong_configuration_is_told_without_its_secrets(line: str) -> None:
    broken = TEXT.replace("[kafka]", line if line.startswith("[kafka") else "[kafka]").replace(
        "[store]", line if "[store]" in line else "[store]"
    )
    if "secert" in line:
        broken = line + TEXT
    with pytest.raises(ConfigError) as told:
        config.parse(broken, "tocsin.toml")
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{SECRET}@127.0.0.1:1/tocsin",
        f"postgresql//user:{SECRET}@127.0.0.1:1/tocsin",
        f"postgresql://user:{SECRET}@127.0.0.1:port/tocsin",
        f"host=127.0.0.1 port=1 user=u password={SECRET}",
        f"mysql://user:{SECRET}@127.0.0.1/x",
    ],
)
def test_a_store_that_can_t_be_reached_is_told_without_its_password(url: str) -> None:
    for ask in (lambda: connect(url, application="test"), lambda: migrate.upgrade(url)):
        with pytest.raises(TocsinError) as told:
            ask()
        assert SECRET not in str(told.value)


def test_what_is_written_for_the_processes_is_for_their_owner_only(file: Path, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.make()
    effective.write(config.load(file), layout)
    assert SECRET in layout.config.read_text()
    assert layout.config.stat().st_mode & 0o777 == 0o600
    assert layout.root.stat().st_mode & 0o777 == 0o700


def test_no_process_has_a_secret_in_its_command_line(file: Path) -> None:
    """The line that everybody on the machine can read (`ps`)."""
    command = [sys.executable, "-m", "pipeline.cli", "relay", "run", "--config", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 5
        while process.poll() is None and time.monotonic() < deadline:
            for one in (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)):
                assert SECRET not in " ".join(one.cmdline())
            time.sleep(0.1)
    except psutil.NoSuchProcess:
        pass
    finally:
        process.kill()
        process.wait()


def test_a_failing_command_says_nothing_of_them(file: Path) -> None:
    for words in (("store", "revision"), ("store", "migrate"), ("explain", "x"), ("config", "check", str(file))):
        said = tocsin(*words, *([] if words[0] == "config" else ["--config", str(file)]))
        assert said
        assert SECRET not in said
