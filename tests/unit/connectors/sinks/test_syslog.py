"""The sink `syslog`: RFC 5424 and CEF as a receiver reads them, and a real rsyslog where one is installed."""

import json
import os
import re
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.sinks.sink import AwayError
from connectors.sinks.syslog import Config, SyslogSink
from connectors.sinks.syslogforms import make_message
from tests.support import debian
from tests.support.alerts import hostile, make, on_wire, rich
from tests.support.memory import DictMemory
from tests.support.sinks import Collector, free_port

WAIT_S = 120
MESSAGE = re.compile(
    r'<(\d+)>1 (\S+) (\S+) tocsin - alert \[alert@32473((?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")+)\] \ufeff(.*)'
)


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def sink(port: int, **options: Any) -> SyslogSink:
    made = SyslogSink(
        "siem",
        msgspec.convert({"host": "127.0.0.1", "port": port, "transport": "tcp", "timeout_s": 5} | options, Config),
    )
    made.open(DictMemory())
    return made


def wait_until(is_true: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("alert", [rich(1, 2), make(2), *hostile()], ids=lambda a: ascii(a.what[:15]))
def test_every_message_is_one_line_of_the_grammar(alert: Any) -> None:
    raw = make_message(on_wire(alert), "rfc5424", "host", 8_192)
    text = raw.decode()
    assert len(raw) <= 8_192
    assert not re.search(r"[\x00-\x1f\x7f\u2028]", text)
    found = MESSAGE.fullmatch(text)
    assert found
    assert found[1] == str(13 * 8 + 3)
    assert f'id="{alert.alert_id}" revision="{alert.revision}"' in found[4]


@pytest.mark.parametrize("alert", [rich(1, 2), make(2), *hostile()], ids=lambda a: ascii(a.what[:15]))
def test_every_cef_has_its_seven_bars_and_escaped_values(alert: Any) -> None:
    text = make_message(on_wire(alert), "cef", "host", 8_192).decode()
    head = text.partition("CEF:0")[2]
    bars = re.findall(r"(?<!\\)(?:\\\\)*\|", head.split("|externalId=")[0] + "|")
    assert len(bars) == 7
    extension = text[text.index("externalId=") :]
    assert f"externalId={alert.alert_id} " in extension
    assert re.search(rf" cn1={alert.revision}(?: |$)", extension)
    assert len(re.findall(r"(?<!\\)(?:\\\\)*=", extension)) == len(re.findall(r"(?:^| )[A-Za-z0-9]+=", extension))


def test_a_connection_that_was_closed_gets_its_batch_again(collector: Collector) -> None:
    one = sink(collector.port)
    one.write([make(1)])
    wait_until(lambda: len(collector.messages) == 1)
    for connection in collector.connections:
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
    assert select.select([one._socket], [], [], WAIT_S)[0], "it hears of the end"
    with pytest.raises(AwayError):
        one.write([make(2)])
    one.write([make(2)])
    wait_until(lambda: len(collector.messages) == 2)
    one.close()


def test_nobody_listens() -> None:
    with pytest.raises(AwayError):
        sink(free_port()).write([make(1)])


def test_over_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(WAIT_S)
        sink(server.getsockname()[1], transport="udp").write([rich(1)])
        raw = server.recv(65_535)
    assert raw.startswith(b"<107>1 2026-03-01T12:01:00.000000Z ")
    assert len(raw) <= 2_048


@pytest.fixture
def rsyslogd() -> tuple[list[str], dict[str, str]]:
    """The installed one, or one out of Debian's packages: its command, and what its environment needs more."""
    if found := shutil.which("rsyslogd", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"):
        return [found], {}
    try:
        root = debian.unpack("rsyslog", "libestr0", "libfastjson4")
    except debian.NotHereError as error:
        pytest.skip(f"no rsyslogd here: {error}")
    (modules,) = root.glob("usr/lib/*/rsyslog")
    return [str(root / "usr" / "sbin" / "rsyslogd"), "-M", str(modules)], {"LD_LIBRARY_PATH": str(modules.parent)}


def test_a_real_rsyslog_reads_every_message_and_its_data(
    tmp_path: Path, rsyslogd: tuple[list[str], dict[str, str]]
) -> None:
    command, more = rsyslogd
    port, out = free_port(), tmp_path / "out.jsonl"
    config = tmp_path / "rsyslog.conf"
    config.write_text(
        f'global(workDirectory="{tmp_path}" maxMessageSize="16k")\n'
        'module(load="imtcp")\nmodule(load="mmpstrucdata")\n'
        'template(name="t" type="list") { property(name="jsonmesg") constant(value="\\n") }\n'
        f'ruleset(name="r") {{ action(type="mmpstrucdata") action(type="omfile" file="{out}" template="t") }}\n'
        f'input(type="imtcp" port="{port}" address="127.0.0.1" ruleset="r")\n'
    )
    server = subprocess.Popen(
        [*command, "-n", "-f", str(config), "-i", str(tmp_path / "pid")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | more,
    )
    try:
        alerts = [rich(100, 2), *hostile()]
        one = sink(port)

        def is_taken() -> bool:
            try:
                one.write([on_wire(a) for a in alerts])
            except AwayError:
                return False
            return True

        wait_until(is_taken)
        wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") >= len(alerts))
        one.close()
    finally:
        server.terminate()
        server.wait(WAIT_S)
    read = [json.loads(line) for line in out.read_bytes().splitlines()]
    told = [next(iter(m["$!"]["rfc5424-sd"].values())) for m in read]
    assert [(d["id"], d["revision"]) for d in told] == [(a.alert_id, str(a.revision)) for a in alerts]
    assert told[0]["event"] == "Strategic developments / Arrests"
    assert {m["programname"] for m in read} == {"tocsin"}
