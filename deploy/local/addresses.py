"""The ports that the embedded servers and the screen listen on: the same ones after a restart, others only when somebody else has them."""

import msgspec
from msgspec import Struct

from deploy.local import kafka as broker
from deploy.local import ports
from deploy.local import postgres as database
from deploy.local.files import write_private
from deploy.local.layout import Layout

SAMPLES_PORT = 18099
WEB_PORT = 8080


class Ports(Struct, frozen=True, kw_only=True):
    """One port for each server."""

    kafka: int = broker.PORT
    controller: int = broker.CONTROLLER_PORT
    postgres: int = database.PORT
    samples: int = SAMPLES_PORT
    web: int = WEB_PORT


USUAL = Ports()


def choose(layout: Layout) -> tuple[Ports, list[str]]:
    """The ports to use now, those of the last run if free; and a line for each usual port that somebody else has."""
    last = _read_last(layout)
    chosen: dict[str, int] = {}
    taken = []
    for name in Ports.__struct_fields__:
        before, default = getattr(last, name), getattr(USUAL, name)
        chosen[name] = ports.choose([p for p in (before, default) if p not in chosen.values()])
        if chosen[name] != before:
            taken.append(f"port {before} is taken by another program: {name} listens on {chosen[name]}")
    now = Ports(**chosen)
    remember(layout, now)
    return now, taken


def remember(layout: Layout, used: Ports) -> None:
    """Keep the ports for the next start."""
    write_private(layout.ports, msgspec.json.encode(used))


def _read_last(layout: Layout) -> Ports:
    try:
        return msgspec.json.decode(layout.ports.read_bytes(), type=Ports)
    except (OSError, msgspec.DecodeError):
        return USUAL
