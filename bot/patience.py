"""Waits that give way: to an outcome, and to the grace period after SIGTERM."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")


class Step(Enum):
    """The steps of an ending; the value is the share of the grace period by which one is over.

    What nobody would miss before the last word has the least: the farewell, the pictures drawn.
    """

    FAREWELL = 0.3
    RECORDING = 0.6
    BROWSER = 0.66
    PICTURES = 0.7
    ARTIFACTS = 0.75
    MARK = 0.82
    OWING = 0.84
    LAST_WORD = 0.88
    CALLBACK = 0.92
    LEFTOVERS = 0.94
    DELIVERY = 0.97


class Patience:
    """As long as each step likes, until `hurry`; then each has its share of the grace period.

    Belongs to one event loop.
    """

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._grace_s = 0.0
        self._running: dict[asyncio.Timeout, Step] = {}

    def hurry(self, grace_s: float) -> None:
        """All must be over in `grace_s` seconds; steps under way are cut too. Idempotent."""
        if self._since_s is not None:
            return
        self._since_s = _now_s()
        self._grace_s = grace_s
        for timeout, step in self._running.items():
            until_s = _now_s() + self.left_s(step)
            if not timeout.expired():
                timeout.reschedule(min(until_s, timeout.when() or until_s))

    def left_s(self, step: Step, limit_s: float = float("inf")) -> float:
        """How long a step may still take: `limit_s`, or less in a hurry; never negative."""
        if self._since_s is None:
            return limit_s
        until_s = self._since_s + self._grace_s * step.value
        return min(limit_s, max(0.0, until_s - _now_s()))

    @asynccontextmanager
    async def step(
        self, step: Step, limit_s: float, *, least_s: float = 0.0
    ) -> AsyncIterator[None]:
        """Cancels the block, and raises TimeoutError, when its time is over.

        One that begins in a hurry has `least_s` even where its share is used up.
        """
        async with asyncio.timeout(max(least_s, self.left_s(step, limit_s))) as timeout:
            self._running[timeout] = step
            try:
                yield
            finally:
                del self._running[timeout]


async def unless(ended: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The work's result, or None, the work cancelled and over, when `ended` was set first."""
    return await before(ended.wait(), work)


async def before(ending: Awaitable[object], work: Awaitable[T]) -> T | None:
    """The work's result, or None, the work cancelled and over, when `ending` was over first."""
    task, end = asyncio.ensure_future(work), asyncio.ensure_future(ending)
    try:
        await asyncio.wait({task, end}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for waiting in (task, end):
            waiting.cancel()
        await asyncio.gather(task, end, return_exceptions=True)


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
    """Runs the works beside the block and ends them with it."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
