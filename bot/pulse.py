"""Renews the health file while the event loop turns; `bot.health` judges it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from bot.health import write

log = structlog.get_logger(__name__)

RENEWED_EVERY_S: Final = 5.0


@asynccontextmanager
async def pulse(path: Path | None, every_s: float = RENEWED_EVERY_S) -> AsyncIterator[None]:
    """Renew the file inside the block, remove it at its end; None: do nothing.

    A file that cannot be written is logged, and no reason to end anything.
    """
    if path is None:
        yield
        return
    over = asyncio.Event()
    task = asyncio.create_task(_renew(path, every_s, over))
    try:
        yield
    finally:
        over.set()  # not cancelled: a renewal under way in its thread would come after the removal
        await task
        with suppress(OSError):
            await asyncio.to_thread(path.unlink, missing_ok=True)


async def _renew(path: Path, every_s: float, over: asyncio.Event) -> None:
    well = True
    while not over.is_set():
        try:
            await asyncio.to_thread(write, path, time.monotonic())
            well = True
        except OSError as error:
            if well:
                log.warning("health_file_not_written", problem=str(error))
            well = False
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), every_s)
