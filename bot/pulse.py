"""Files renewed while the event loop turns: the health file, which `bot.health` judges."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from bot.health import write

log = structlog.get_logger(__name__)

RENEWED_EVERY_S: Final = 5.0
LAST_S: Final = 5.0
"""A disk that hangs keeps no run from its end: then the file stays."""
REST: Final = 100
"""So many times as long as a renewal takes of a processor passes before the next one."""


@asynccontextmanager
async def pulse(path: Path | None, every_s: float = RENEWED_EVERY_S) -> AsyncIterator[None]:
    """Renew the health file inside the block, remove it at its end; None: do nothing."""
    if path is None:
        yield
        return
    async with renewed(path, lambda: f"{time.monotonic():.3f}\n", every_s):
        yield


@asynccontextmanager
async def renewed(
    path: Path, text: Callable[[], str | None], every_s: float
) -> AsyncIterator[None]:
    """Write a file anew again and again inside the block, remove it at its end.

    `text` is called in a thread; None leaves the file as it is. A text that has grown so long that
    it costs something is written less often than `every_s`. A file that cannot be written is logged
    once, and no reason to end anything.
    """
    over = asyncio.Event()
    task = asyncio.create_task(_renew(path, text, every_s, over))
    try:
        yield
    finally:
        over.set()  # not cancelled: a renewal under way in its thread would come after the removal
        try:
            async with asyncio.timeout(LAST_S):
                await asyncio.shield(task)
                with suppress(OSError):
                    await asyncio.to_thread(path.unlink, missing_ok=True)
        except TimeoutError:
            log.warning("file_not_removed", name=path.name)


async def _renew(
    path: Path, text: Callable[[], str | None], every_s: float, over: asyncio.Event
) -> None:
    cost_s = 0.0

    def once() -> None:
        nonlocal cost_s
        began_s = time.thread_time()
        try:
            if (found := text()) is not None:
                write(path, found)
        finally:
            cost_s = time.thread_time() - began_s

    well = True
    while not over.is_set():
        try:
            await asyncio.to_thread(once)
            well = True
        except OSError as error:
            if well:
                log.warning("file_not_renewed", name=path.name, problem=str(error))
            well = False
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), max(every_s, REST * cost_s))
