"""What a test has started and given up is gone before the test is."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import psutil

GONE_WITHIN_S: Final = 60.0


async def all_gone(processes: Iterable[psutil.Process], tasks: set["asyncio.Task[Any]"]) -> bool:
    """Whether they end, after all tasks of this event loop but those from before.

    A blocking wait would hold up these tasks, and take the exit codes that they wait for.
    """
    async with asyncio.timeout(GONE_WITHIN_S):
        await asyncio.gather(*asyncio.all_tasks() - tasks, return_exceptions=True)
    _, alive = await asyncio.to_thread(psutil.wait_procs, list(processes), timeout=GONE_WITHIN_S)
    return not alive
