"""`tocsin sinks test`."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.commands import sinks as commands
from pipeline.errors import UsageError
from tests.support.receiver import Receiver
from tests.support.sinks import SECRET


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def run(tmp_path: Path, receiver: Receiver, name: str) -> str:
    config = tmp_path / "tocsin.toml"
    config.write_text(f'[sinks.soc]\ntype = "webhook"\nurl = "{receiver.url}"\nsecrets = ["{SECRET}"]\n')
    result = CliRunner().invoke(commands, ["test", name, "--config", str(config)], catch_exceptions=False)
    return result.output


def test_one_alert_is_delivered_and_says_what_it_is(tmp_path: Path, receiver: Receiver) -> None:
    assert "Delivered to soc" in run(tmp_path, receiver, "soc")
    (request,) = receiver.taken
    assert b"This is a test of the sink soc" in request.body


def test_what_is_wrong_is_said(tmp_path: Path, receiver: Receiver) -> None:
    for fault, words in {
        401: "takes nothing from us: .*401",
        503: "is away: HTTP 503",
        422: "refuses it: HTTP 422",
    }.items():
        receiver.faults.append(fault)
        with pytest.raises(UsageError, match=words):
            run(tmp_path, receiver, "soc")
    with pytest.raises(UsageError, match="there are: soc"):
        run(tmp_path, receiver, "sco")


def test_what_waits_for_the_end_of_quiet_hours_is_not_called_delivered(tmp_path: Path, receiver: Receiver) -> None:
    config = tmp_path / "tocsin.toml"
    now = datetime.now(UTC)
    hours = f"{now - timedelta(hours=2):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    config.write_text(f'[sinks.phone]\ntype = "ntfy"\nurl = "{receiver.url}"\ntopic = "x"\nquiet = "{hours}"\n')
    result = CliRunner().invoke(commands, ["test", "phone", "--config", str(config)], catch_exceptions=False)
    assert "nothing was sent" in result.output
    assert receiver.taken == []
