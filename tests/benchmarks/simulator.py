"""The test meeting in a process of its own, so that nobody counts its cost as the bot's."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

START_DEADLINE_S: Final = 90.0
END_DEADLINE_S: Final = 5.0


@asynccontextmanager
async def simulator(scenario: str) -> AsyncIterator[tuple[str, str]]:
    """`meetbot simulate` while the block runs: the meeting's address, and where it answers us."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "simulate", "--json", "--port", "0"),
        *("--scenario", scenario),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if process.stdout is None:
        raise AssertionError("it is a pipe")
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"meetbot simulate --scenario {scenario} does not start")
        words = json.loads(line)
        yield words["meeting_url"], words["http_url"]
    finally:
        await ended(process)


async def ended(process: asyncio.subprocess.Process) -> None:
    """End a process that we started."""
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(END_DEADLINE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
