"""Contexts left for as long as there is time, and after that beside the rest of an ending."""

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final

import structlog

from bot.patience import Patience, Step

log = structlog.get_logger(__name__)

LIMIT_S: Final = 240.0
"""Longer than all that is left, each with a limit of its own, takes when none of it answers."""
LAST_LIMIT_S: Final = 30.0
CANCELLED_LIMIT_S: Final = 5.0


class Closing:
    """An `AsyncExitStack` whose leaving keeps no last word waiting.

    `late` tells that it was not waited for any longer. `end` waits for it once more, after the last
    word, and cancels what is left of it then.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._stack = AsyncExitStack()
        self._leaving: asyncio.Task[None] | None = None
        self.late = False

    async def __aenter__(self) -> AsyncExitStack:
        return self._stack

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaving = asyncio.create_task(self._stack.aclose())
        await self._wait(Step.BROWSER, LIMIT_S)
        self.late = not self._leaving.done()
        if self.late:
            log.warning("not_closed_in_time")
        else:
            self._leaving.result()

    async def end(self) -> None:
        """Be done with it, within the time there is; what it raises late is logged."""
        if self._leaving is None or not self.late:
            return
        await self._wait(Step.LEFTOVERS, LAST_LIMIT_S)
        if not self._leaving.done():
            log.warning("closing_given_up")
            self._leaving.cancel()
            await asyncio.wait({self._leaving}, timeout=CANCELLED_LIMIT_S)
        if self._leaving.done() and not self._leaving.cancelled():
            problem = self._leaving.exception()
            log.info("closed_late", problem=None if problem is None else type(problem).__name__)

    async def _wait(self, step: Step, limit_s: float) -> None:
        """Wait for it; a hurry that begins meanwhile counts."""
        if self._leaving is None:
            return
        try:
            async with self._patience.step(step, limit_s):
                await asyncio.wait({self._leaving})
        except TimeoutError:
            return
