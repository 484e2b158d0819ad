"""Answers under way: each a task of its own, so that a slow one holds up no other."""

import asyncio
from collections.abc import Coroutine
from typing import Final

import structlog

log = structlog.get_logger(__name__)

MAX_ANSWERS: Final = 64
"""Answers under way at once; a message beyond it is dropped, and may be sent again."""
CLOSE_TIMEOUT_S: Final = 2.0


class Answers:
    """At most `MAX_ANSWERS`, in a task group that another owns: what one raises is the group's."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, answer: Coroutine[None, None, None]) -> None:
        """Have it carried out, or drop it where too many are under way already (logged)."""
        if len(self._under_way) >= MAX_ANSWERS:
            answer.close()
            log.warning("message_dropped", answers=len(self._under_way))
            return
        task = self._tasks.create_task(answer)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Give those under way two seconds, then cancel what is left."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSE_TIMEOUT_S)
        for answer in self._under_way:
            answer.cancel()
