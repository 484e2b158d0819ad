"""Answers under way."""

import asyncio

import pytest
import structlog

from bot import answers
from bot.answers import MAX_ANSWERS, Answers


async def test_beyond_the_bound_a_message_is_dropped_and_named() -> None:
    """So many are carried out at once and no more; what ends makes room again."""
    began, go_on = [], asyncio.Event()

    async def answer(number: int) -> None:
        began.append(number)
        await go_on.wait()

    async with asyncio.TaskGroup() as tasks:
        under_way = Answers(tasks)
        with structlog.testing.capture_logs() as captured:
            for number in range(MAX_ANSWERS + 2):
                under_way.begin(answer(number))
        assert [line["event"] for line in captured] == ["message_dropped"] * 2
        go_on.set()
        async with asyncio.timeout(30):
            await under_way.close()
        assert began == list(range(MAX_ANSWERS))
        under_way.begin(answer(-1))
        await under_way.close()
    assert began[-1] == -1


async def test_what_does_not_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing waits for its time and no longer: a hung answer ends with it."""
    monkeypatch.setattr(answers, "CLOSE_TIMEOUT_S", 0.01)
    cancelled = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        under_way = Answers(tasks)
        under_way.begin(hang())
        await asyncio.sleep(0)
        await under_way.close()
    assert cancelled.is_set()
