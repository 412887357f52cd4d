"""The asyncio client: the same promises as the plain one."""

import asyncio
from datetime import UTC, datetime

import pytest

from pipeline.subscribe_async import AsyncSubscriber
from tests.integration.test_subscriber import make, publish, stack  # noqa: F401 - a fixture
from tests.support.stack import Stack

pytestmark = pytest.mark.integration

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


async def read(opened: Stack, group: str, fail_at: int | None = None) -> list[str]:
    seen: list[str] = []
    async with AsyncSubscriber(opened.options, group=group, since=BEGIN, stop_when_quiet=True) as alerts:
        async for alert in alerts:
            if len(seen) == fail_at:
                raise RuntimeError("the receiver is away")
            seen.append(alert.alert_id)
    return seen


def test_alerts_come_and_one_that_failed_comes_again(stack: Stack) -> None:  # noqa: F811
    publish(stack, [make(i) for i in range(6)])
    wanted = sorted(f"alert:{i}" for i in range(6))
    assert sorted(asyncio.run(read(stack, "all"))) == wanted
    with pytest.raises(RuntimeError):
        asyncio.run(read(stack, "soc", fail_at=2))
    assert len(asyncio.run(read(stack, "soc"))) == 4


def test_other_tasks_run_while_it_waits_and_a_cancelled_one_leaves(stack: Stack) -> None:  # noqa: F811
    async def wait_for_ever() -> None:
        async with AsyncSubscriber(stack.options, group="idle") as alerts:
            async for _ in alerts:
                pass

    async def run() -> int:
        waiting = asyncio.create_task(wait_for_ever())
        ticks = 0
        while ticks < 20:
            await asyncio.sleep(0.05)
            ticks += 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return ticks

    assert asyncio.run(asyncio.wait_for(run(), 180)) == 20
