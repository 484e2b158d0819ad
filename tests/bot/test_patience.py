"""Waits that give way."""

import asyncio
from pathlib import Path

import pytest

from bot.patience import Patience, Step, running, unless


async def test_unhurried_steps_have_their_own_limit() -> None:
    """Without a hurry a step may take what it asks for, and no more."""
    patience = Patience()
    assert patience.left_s(Step.RECORDING, 7.0) == 7.0
    assert patience.left_s(Step.RECORDING) == float("inf")
    with pytest.raises(TimeoutError):
        async with patience.step(Step.RECORDING, 0.01):
            await asyncio.Event().wait()


async def test_hurry_cuts_the_step_under_way() -> None:
    """A wait that began with half an hour ends with its share of the grace period."""
    patience = Patience()
    asyncio.get_running_loop().call_later(0.01, patience.hurry, 0.1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(20), patience.step(Step.RECORDING, 1800):
            await asyncio.Event().wait()


async def test_shares_follow_each_other() -> None:
    """In a hurry every later step ends later, all within the grace period, the first call wins."""
    patience = Patience()
    patience.hurry(100.0)
    patience.hurry(1_000.0)
    left = [patience.left_s(step, 1_000.0) for step in Step]
    assert left == sorted(left)
    assert 0 < left[0] < left[-1] < 100.0
    assert patience.left_s(Step.DELIVERY, 3.0) == 3.0


async def test_a_step_whose_time_is_over_ends_at_once() -> None:
    """What comes too late in a hurry is not begun in earnest."""
    patience = Patience()
    patience.hurry(0.0)
    assert patience.left_s(Step.DELIVERY, 5.0) == 0.0
    with pytest.raises(TimeoutError):
        async with patience.step(Step.DELIVERY, 5.0):
            await asyncio.Event().wait()


async def test_what_has_to_be_done_is_begun_however_late(tmp_path: Path) -> None:
    """The last word of a bot whose time is over."""
    patience = Patience()
    patience.hurry(0.0)
    async with patience.step(Step.LAST_WORD, 60.0, least_s=30.0):
        await asyncio.to_thread((tmp_path / "word").touch)
    assert (tmp_path / "word").exists()


async def test_hurry_never_lengthens_a_step() -> None:
    """A step of a hundredth of a second stays one, whatever the grace period."""
    patience = Patience()
    asyncio.get_running_loop().call_soon(patience.hurry, 1_000.0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(20), patience.step(Step.MARK, 0.05):
            await asyncio.Event().wait()


async def test_unless_gives_the_result_or_gives_way() -> None:
    """The work's result, its exception, or None with the work cancelled and over."""
    ended = asyncio.Event()
    over: list[str] = []

    async def work() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            over.append("work")
        return "never"

    async def quick() -> int:
        return 7

    async def bad() -> int:
        raise ValueError("x")

    assert await unless(ended, quick()) == 7
    with pytest.raises(ValueError, match="x"):
        await unless(ended, bad())
    asyncio.get_running_loop().call_soon(ended.set)
    assert await unless(ended, work()) is None
    assert over == ["work"]


async def test_running_ends_with_its_block() -> None:
    """Works run beside the block, and are over when it is, one that failed included."""
    began = asyncio.Event()
    over: list[bool] = []

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            over.append(True)

    async def bad() -> None:
        raise ValueError

    async with running(work(), bad()):
        await began.wait()
        assert not over
    assert over == [True]
