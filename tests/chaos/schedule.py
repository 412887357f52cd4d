"""What goes wrong in a run, and when. Pure: the same seed and length give the same faults at the same seconds."""

import math
import random
from collections import Counter
from typing import Literal

from msgspec import Struct

FULL_S = 300.0
"""The length for which the deck below is made; a shorter run draws its share of it, a longer one several decks."""
HEAD_S = 6.0
TAIL_S = 4.0
PAUSE_S = (5.0, 20.0)
LONG_PAUSE_S = (30.0, 60.0)
SERVER_PAUSE_S = (5.0, 12.0)
"""Broker and store stand still for everybody."""
SHORTEST_S = 5.0
"""A pause that a short run has room for is no shorter."""

Kind = Literal["kill", "pause", "stop", "fail-point", "cut", "stall", "slow", "disk-full", "skew"]

WORKERS = ("worker-0", "worker-1")
RELAYS = ("relay-0", "relay-1")
CONNECTORS = ("connector-0", "connector-1")
SERVERS = ("kafka", "postgres")
PARTS = (*CONNECTORS, *WORKERS, *RELAYS, "sink", *SERVERS)
"""Each is killed and paused at least twice in a full run."""
WORKER_POINTS = ("linked", "writing", "written")
RELAY_POINTS = ("numbered", "flushed", "sent", "done")
SKEWS_S = (-7200, 5400, -600, 86400)


class Fault(Struct, frozen=True):
    """One thing that goes wrong: at `at_s` after the start, for `seconds`."""

    at_s: float
    seconds: float
    kind: Kind
    target: str
    detail: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.kind} {self.target}{detail} for {self.seconds:.0f} s"


class _Draw(Struct, frozen=True):
    """A fault without its time. Those of one lane come one after the other."""

    lane: str
    kind: Kind
    target: str
    seconds: float
    recovery_s: float = 3.0
    detail: str = ""


def plan(seed: int, seconds: float) -> list[Fault]:
    """The faults of a run, in order of their beginning."""
    chance = random.Random(f"nemesis {seed}")
    decks = max(1, round(seconds / FULL_S))
    drawn = [draw for _ in range(decks) for draw in _deck(chance)]
    share = min(1.0, seconds / (FULL_S * decks))
    if share < 1.0:
        drawn = chance.sample(drawn, math.ceil(len(drawn) * share))
    lanes: dict[str, list[_Draw]] = {}
    for draw in drawn:
        lanes.setdefault(draw.lane, []).append(draw)
    faults = [fault for lane in sorted(lanes) for fault in _place(lanes[lane], seconds, chance)]
    return sorted(faults, key=lambda f: (f.at_s, f.target, f.kind))


def summary(faults: list[Fault]) -> dict[str, Counter[str]]:
    """How often what was done to whom: kinds by target."""
    found: dict[str, Counter[str]] = {}
    for fault in faults:
        found.setdefault(fault.target, Counter())[fault.kind] += 1
    return found


def _deck(chance: random.Random) -> list[_Draw]:
    """The faults of a full run, with their lengths."""
    deck: list[_Draw] = []
    longest = chance.choice([part for part in PARTS if part not in SERVERS])
    for part in PARTS:
        server = part in SERVERS
        lane = "servers" if server else part
        for number in range(2):
            pause = chance.uniform(*SERVER_PAUSE_S) if server else chance.uniform(*PAUSE_S)
            if part == longest and number == 0:
                pause = LONG_PAUSE_S[1]
            elif not server and chance.random() < 0.2:
                pause = chance.uniform(*LONG_PAUSE_S)
            deck.append(_Draw(lane, "pause", part, pause))
            deck.append(_Draw(lane, "kill", part, chance.uniform(0.5, 3.0), recovery_s=8.0 if server else 4.0))
    deck += [
        _Draw(worker, "fail-point", worker, 2.0, 6.0, point) for worker, point in _deal(chance, WORKERS, WORKER_POINTS)
    ]
    deck += [_Draw(relay, "fail-point", relay, 2.0, 6.0, point) for relay, point in _deal(chance, RELAYS, RELAY_POINTS)]
    deck += [_Draw(part, "stop", part, 1.0) for part in ("connector-0", "worker-1", "relay-0", "sink")]
    for server in SERVERS:
        deck.append(_Draw("servers", "cut", server, chance.uniform(2.0, 6.0)))
        deck.append(_Draw("servers", "stall", server, chance.uniform(5.0, 10.0)))
        deck.append(
            _Draw("servers", "slow", server, chance.uniform(6.0, 12.0), detail=f"{chance.choice((50, 150, 300))} ms")
        )
        deck.append(_Draw("servers", "disk-full", server, chance.uniform(4.0, 8.0), recovery_s=8.0))
    deck.append(_Draw("sink", "disk-full", "sink", chance.uniform(5.0, 15.0)))
    for connector in CONNECTORS:
        deck.append(
            _Draw(connector, "skew", connector, chance.uniform(8.0, 15.0), detail=f"{chance.choice(SKEWS_S)} s")
        )
    return deck


def _deal(chance: random.Random, targets: tuple[str, ...], points: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each point to one of the targets, in turn."""
    first = chance.randrange(len(targets))
    return [(targets[(first + n) % len(targets)], point) for n, point in enumerate(points)]


def _place(draws: list[_Draw], seconds: float, chance: random.Random) -> list[Fault]:
    """Spread the faults of one lane over the run: shuffled, shortened where they don't fit, and none upon another."""
    draws = draws.copy()
    chance.shuffle(draws)
    room = seconds - HEAD_S - TAIL_S
    while (taken := sum(d.seconds + d.recovery_s for d in draws)) > 0.9 * room and len(draws) > 1:
        longest = max(draws, key=lambda d: d.seconds)
        if longest.seconds <= SHORTEST_S:
            draws.remove(longest)
        else:
            draws[draws.index(longest)] = _shorten(longest, taken - 0.9 * room)
    cuts = sorted(chance.uniform(0.0, max(0.0, room - taken)) for _ in draws)
    at_s, before, faults = HEAD_S, 0.0, []
    for draw, cut in zip(draws, cuts, strict=True):
        at_s += cut - before
        before = cut
        faults.append(Fault(round(at_s, 2), round(draw.seconds, 2), draw.kind, draw.target, draw.detail))
        at_s += draw.seconds + draw.recovery_s
    return faults


def _shorten(draw: _Draw, by_s: float) -> _Draw:
    return _Draw(
        draw.lane, draw.kind, draw.target, max(SHORTEST_S, draw.seconds - max(by_s, 1.0)), draw.recovery_s, draw.detail
    )
