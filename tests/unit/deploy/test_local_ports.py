"""Ports: the one asked for if it is free, else a free one; the same ones at the next start."""

import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import addresses, ports
from deploy.local.addresses import Ports
from deploy.local.layout import Layout


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """With usual ports of this test's own: the real ones may be in use on this machine, and the kernel gives those of its own range away."""
    free = [port for port in random.sample(range(20_000, 30_000), 50) if ports.is_free(port)]
    usual = Ports(**dict(zip(Ports.__struct_fields__, free, strict=False)))
    monkeypatch.setattr(addresses, "USUAL", usual)
    layout = Layout(tmp_path)
    layout.make()
    return layout


def test_a_port_that_is_taken_is_not_chosen(taken: int) -> None:
    free = ports.choose()
    assert ports.choose([taken, 0, free]) == free
    assert ports.choose([taken]) not in (taken, 0)
    assert not ports.is_free(taken)
    assert ports.is_listening(taken)


def test_nobody_listens_on_a_free_port() -> None:
    assert not ports.is_listening(ports.choose())


def test_the_usual_ports_are_taken_when_free(layout: Layout) -> None:
    assert addresses.choose(layout) == (addresses.USUAL, [])


def test_one_that_is_taken_is_replaced_and_named_and_remembered(layout: Layout) -> None:
    usual = addresses.USUAL.kafka
    with socket.create_server((ports.LOOPBACK, usual)):
        chosen, lines = addresses.choose(layout)
    assert chosen.kafka != usual
    assert lines == [f"port {usual} is taken by another program: kafka listens on {chosen.kafka}"]
    assert (chosen.controller, chosen.postgres) == (addresses.USUAL.controller, addresses.USUAL.postgres)
    again, lines = addresses.choose(layout)
    assert (again, lines) == (chosen, [])


def test_a_damaged_memory_is_no_memory(layout: Layout) -> None:
    layout.ports.write_text("{")
    assert addresses.choose(layout)[0] == addresses.USUAL
