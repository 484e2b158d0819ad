"""A measured run in a process of its own, from order to figures; nothing of it is left over."""

import asyncio
import dataclasses
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import psutil

from platforms.simulator.client import fetch_info
from tests.benchmarks.pipelines.scenes import Order, Scene, meeting
from tests.benchmarks.simulator import ended, simulator

START_DEADLINE_S: Final = 120.0
MEASURE_SPARE_S: Final = 60.0
END_DEADLINE_S: Final = 40.0
NOT_MEASURED: Final = "not measured"

Say = Callable[[str], None]


class Run:
    """A pipeline that is being measured."""

    def __init__(self, order: Order, process: asyncio.subprocess.Process) -> None:
        self._order = order
        self._process = process

    async def recording(self) -> None:
        """Return once it records. Raises RuntimeError where it does not."""
        await self._line(START_DEADLINE_S)

    async def figures(self) -> dict[str, Any]:
        """What is measured from now on, once the recording is whole. Raises RuntimeError."""
        if self._process.stdin is None:
            raise AssertionError("it is a pipe")
        self._process.stdin.write(b"go\n")
        line = await self._line(self._order.seconds + MEASURE_SPARE_S)
        async with asyncio.timeout(END_DEADLINE_S):
            await self._process.wait()
        return line

    async def _line(self, deadline_s: float) -> dict[str, Any]:
        if self._process.stdout is None:
            raise AssertionError("it is a pipe")
        try:
            async with asyncio.timeout(deadline_s):
                text = await self._process.stdout.readline()
        except TimeoutError as error:
            raise RuntimeError(f"{self._order.pipeline} hangs") from error
        if not text:
            raise RuntimeError(f"{self._order.pipeline} ended early")
        line: dict[str, Any] = json.loads(text)
        return line


@asynccontextmanager
async def started(order: Order) -> AsyncIterator[Run]:
    """A process with this order; on leaving it is told to end, and what stays is killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.pipelines.run"),
        json.dumps(dataclasses.asdict(order)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C reaches it as the end of its input, and nothing it started
    )
    try:
        yield Run(order, process)
    finally:
        left = descendants(process.pid)
        if process.stdin is not None:
            process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_DEADLINE_S):
                await process.wait()
        await ended(process)
        await asyncio.to_thread(kill, left)


async def tried(order: Order, say: Say) -> dict[str, Any] | None:
    """The figures of one run, or None where it did not come to them: that is said."""
    try:
        async with started(order) as run:
            await run.recording()
            return await run.figures()
    except (RuntimeError, TimeoutError) as error:
        say(f"{NOT_MEASURED}: {error}")
        return None


@asynccontextmanager
async def meeting_of(scene: Scene) -> AsyncIterator[tuple[str, tuple[str, ...]]]:
    """The scene's meeting while the block runs: its address, and what a browser must be told."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(meeting(scene), file)
        file.flush()
        async with simulator(file.name) as (meeting_url, http_url):
            yield meeting_url, tuple((await fetch_info(http_url)).browser_args)


def descendants(pid: int) -> list[psutil.Process]:
    """What a process has started, and what that has."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def kill(processes: list[psutil.Process]) -> None:
    """Those that still run."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
