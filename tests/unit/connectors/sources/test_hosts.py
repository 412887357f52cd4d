"""The pace of hosts."""

import asyncio
import time

from connectors.sources.hosts import REQUESTS_PER_HOST_MAX, Hosts


def test_at_most_so_many_at_once_per_host_and_others_do_not_wait() -> None:
    async def run() -> tuple[int, float]:
        hosts = Hosts(start_gap_s=0.0)
        inside = most = 0

        async def visit(host: str) -> None:
            nonlocal inside, most
            async with hosts.turn(host):
                inside += host == "a"
                most = max(most, inside)
                await asyncio.sleep(0.02)
                inside -= host == "a"

        crowd = [asyncio.create_task(visit("a")) for _ in range(10)]
        started = time.monotonic()
        await visit("b")
        waited = time.monotonic() - started
        await asyncio.gather(*crowd)
        return most, waited

    most, waited = asyncio.run(run())
    assert most == REQUESTS_PER_HOST_MAX
    assert waited < 0.1


def test_starts_are_spaced_unless_the_host_is_the_operators_own() -> None:
    async def run(is_spaced: bool) -> float:
        hosts = Hosts(start_gap_s=0.1)
        started = time.monotonic()
        for _ in range(3):
            async with hosts.turn("a", is_spaced=is_spaced):
                pass
        return time.monotonic() - started

    assert asyncio.run(run(True)) >= 0.19
    assert asyncio.run(run(False)) < 0.1


def test_rest() -> None:
    now = 0.0
    hosts = Hosts(clock=lambda: now)
    hosts.rest("a", 60)
    hosts.rest("a", 10)  # a shorter one does not end a longer one
    assert (hosts.rest_s("a"), hosts.rest_s("b")) == (60, 0)
    now = 61.0
    assert hosts.rest_s("a") == 0
