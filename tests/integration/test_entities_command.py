"""`tocsin entities` on a real store and a worker that takes changes up while it runs. Bodies are invented."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pipeline.records import Findings
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

TEXT = "The Torchbearers of Zemmar claimed responsibility for a car bomb that killed {} people in Kabul on Monday."
LIST = "name,aliases\nLantern Front of Zemmar,Torchbearers of Zemmar;Zemmar Lamps\n"


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=1) as opened:
        yield opened


def entities(stack: Stack, *words: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "pipeline.cli", "entities", *words, "--config", str(stack.folder / "tocsin.toml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_a_list_is_imported_used_and_undone(stack: Stack) -> None:
    path = stack.folder / "zemmar.csv"
    path.write_text(LIST)
    assert "1 are new" in entities(stack, "import", "csv", str(path), "--dry-run")
    assert "as change 1" in entities(stack, "import", "csv", str(path))
    assert "Nothing to do" in entities(stack, "import", "csv", str(path))
    assert "Zemmar Lamps" in entities(stack, "show", "Torchbearers of Zemmar")
    assert "wherever it is written so" in entities(stack, "why", "Zemmar Lamps")

    assert "as change 2" in entities(
        stack, "alias", "remove", "Torchbearers of Zemmar", "Zemmar Lamps", "--because", "a shop"
    )
    assert "Zemmar Lamps" not in entities(stack, "show", "Torchbearers of Zemmar")
    assert "Undone" in entities(stack, "undo", "2")
    assert "Zemmar Lamps" in entities(stack, "show", "Torchbearers of Zemmar")
    assert "no change 2 in force" in entities(stack, "undo", "2", code=2)

    assert "SINCE..UNTIL" in entities(stack, "alias", "add", "group:taliban", "Zemmarites", "--window", "2021", code=2)
    assert "also a name of" in entities(stack, "alias", "add", "group:taliban", "Zemmar Lamps")
    listed = entities(stack, "changes")
    assert "a shop" in listed
    assert "undone" in listed


def test_a_running_worker_takes_changes_up(stack: Stack) -> None:
    def ids(number: int) -> set[str | None]:
        version = make_article(number, f"Bomb {number}", TEXT.format(10 + number)).version_id
        [[raw]] = stack.query(f"SELECT findings FROM findings WHERE version_id = '{version}'")
        found = msgspec.json.decode(bytes(raw), type=Findings)  # type: ignore[call-overload]
        return {e.id for e in found.entities if e.text.endswith("Torchbearers of Zemmar")}

    def publish(number: int) -> None:
        stack.publish([make_article(number, f"Bomb {number}", TEXT.format(10 + number))])
        done = number + 1
        wait_until("the article is written", lambda: stack.count("SELECT count(*) FROM written") == done)

    stack.start("worker", "pipeline", "run")
    publish(0)
    assert not {i for i in ids(0) if i and i.startswith("group:")}
    path = stack.folder / "zemmar.csv"
    path.write_text(LIST)
    entities(stack, "import", "csv", str(path))
    numbers = iter(range(1, 60))

    def is_known() -> bool:
        number = next(numbers)
        publish(number)
        return ids(number) == {"group:csv-lantern-front-of-zemmar"}

    wait_until("the worker knows the list", is_known)
