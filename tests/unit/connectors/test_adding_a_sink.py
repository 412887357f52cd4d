"""The page on adding a sink: the code on it works as it stands there."""

import re
import socket
import sys
import threading
import types
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.registry import make_sinks
from connectors.sinks.sink import AwayError, Sink
from pipeline.config import parse
from pipeline.errors import ConfigError
from tests.support.alerts import hostile, make
from tests.support.memory import DictMemory

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-sink.md"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's module, importable under a name of its own."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    made = types.ModuleType("page_pager")
    monkeypatch.setitem(sys.modules, "page_pager", made)
    exec(compile(code, str(PAGE), "exec"), made.__dict__)
    return "page_pager"


class Gateway:
    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.answers: deque[bytes] = deque()
        self.pages: list[str] = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            raw, sender = self.socket.recvfrom(4096)
            if raw == b"end":
                return
            answer = self.answers.popleft() if self.answers else b"OK"
            if answer == b"OK":
                self.pages.append(raw.decode())
            if answer != b"silence":
                self.socket.sendto(answer, sender)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.socket.sendto(b"end", made.socket.getsockname())


def sink(module: str, gateway: Gateway, token: str = 'token = "t0ken"') -> Sink:
    port = gateway.socket.getsockname()[1]
    text = f'[sinks.duty]\ntype = "{module}:PagerSink"\nhost = "127.0.0.1"\nport = {port}\ntimeout_s = 0.5\n{token}\n'
    (made,) = make_sinks(parse(text, "page"))
    made.open(DictMemory())
    return made


def test_the_sink_on_the_page_works_by_its_dotted_name(module: str, gateway: Gateway) -> None:
    made = sink(module, gateway)
    gateway.answers.extend([b"OK", b"NO", b"OK", b"BUSY"])
    with pytest.raises(AwayError, match="busy") as raised:
        made.write([make(n) for n in range(1, 6)])
    assert (raised.value.safe, [r.alert for r in raised.value.refusals]) == (3, [make(2)])
    gateway.answers.append(b"silence")
    with pytest.raises(AwayError, match="does not answer"):
        made.write([make(4)])
    assert list(made.write([make(4), *hostile()])) == []
    made.close()
    assert gateway.pages[2].startswith(f"t0ken {make(4).alert_id}/1 HIGH ")
    assert not any("\n" in page or "\x1b" in page for page in gateway.pages)


def test_its_secret_is_asked_for_and_not_shown(module: str, gateway: Gateway) -> None:
    with pytest.raises(ConfigError, match="token"):
        sink(module, gateway, "")
    made = sink(module, gateway)
    assert "t0ken" not in repr(made.config)
    made.close()
