"""Playwright with the process that drives the browser for it: one that does not end is killed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import psutil
import structlog
from playwright.async_api import Playwright, async_playwright

log = structlog.get_logger(__name__)

STOP_DEADLINE_S: Final = 5.0
MARK: Final = "run-driver"
"""An argument of every driver."""


@asynccontextmanager
async def driver() -> AsyncIterator[Playwright]:
    """Playwright inside the block; at its end its process is gone, whether it answers or not."""
    before = await asyncio.to_thread(drivers)
    manager = async_playwright()
    playwright = await manager.__aenter__()
    own: list[psutil.Process] = []
    try:
        own = [each for each in await asyncio.to_thread(drivers) if each not in before]
        yield playwright
    finally:
        try:
            async with asyncio.timeout(STOP_DEADLINE_S):
                await manager.__aexit__()
        except TimeoutError:
            log.warning("driver_not_ended", processes=len(own))
        finally:  # a cancellation leaves nothing behind either
            for process in own:
                with suppress(psutil.Error):
                    process.kill()


def drivers() -> list[psutil.Process]:
    """The drivers this process has started. Blocks for some milliseconds: reads /proc."""
    found = []
    for process in psutil.Process().children():
        with suppress(psutil.Error):
            if MARK in process.cmdline():
                found.append(process)
    return found
