"""The browser's driver ends with its block, also when it has stopped answering."""

import asyncio
import signal

import psutil
import pytest

from platforms import driver as module
from platforms.driver import driver, drivers
from tests.processes import all_gone

pytestmark = pytest.mark.timeout(120)

DEADLINE_S = 60.0


async def test_a_driver_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it for ever, and it does not stay behind."""
    monkeypatch.setattr(module, "STOP_DEADLINE_S", 0.2)
    before, tasks = drivers(), asyncio.all_tasks()
    async with driver() as playwright:
        assert playwright.chromium.name == "chromium"
        (own,) = [each for each in drivers() if each not in before]
        own.send_signal(signal.SIGSTOP)
    assert await all_gone([own], tasks)


async def test_a_driver_that_answers_ends_by_itself() -> None:
    """As ever."""
    before = drivers()
    async with driver():
        assert len(drivers()) == len(before) + 1
    assert [each for each in drivers() if each not in before] == []


async def test_a_driver_whose_end_is_cancelled_is_killed() -> None:
    """Whoever has waited long enough for it leaves nothing behind."""
    before, tasks, entered = drivers(), asyncio.all_tasks(), asyncio.Event()

    async def stopped_while_it_runs() -> None:
        async with driver():
            (own,) = [each for each in drivers() if each not in before]
            own.send_signal(signal.SIGSTOP)
            found.append(own)
            entered.set()

    found: list[psutil.Process] = []
    task = asyncio.create_task(stopped_while_it_runs())
    async with asyncio.timeout(DEADLINE_S):
        await entered.wait()
        await asyncio.sleep(0)  # it is being ended now
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    (own,) = found
    assert await all_gone([own], tasks)
