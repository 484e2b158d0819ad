"""Reads what the kernel counts about processors: how idle they are, how long our threads waited."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from bot.contention import Contention, Times

READ_EVERY_S: Final = 1.0
TASKS: Final = Path("/proc/self/task")


def read_times(tasks: Path = TASKS) -> Times:
    """A reading of now; no thread's times where the kernel does not tell them. Blocks for 1 ms."""
    idle = psutil.cpu_times()
    ran_s: dict[str, float] = {}
    waited_s: dict[str, float] = {}
    for task in tasks.glob("*/schedstat"):
        with suppress(OSError, ValueError):  # the thread has ended
            ran_ns, waited_ns, _ = map(int, task.read_text().split())
            ran_s[task.parent.name], waited_s[task.parent.name] = ran_ns / 1e9, waited_ns / 1e9
    return Times(
        at_s=time.monotonic(),
        processors=psutil.cpu_count() or os.cpu_count() or 1,
        idle_s=idle.idle + getattr(idle, "iowait", 0.0),
        ran_s=ran_s,
        waited_s=waited_s,
    )


async def watch_processors(contention: Contention, recorded_s: Callable[[], float | None]) -> None:
    """Note readings until cancelled, while something is being recorded (None: nothing yet)."""
    while True:
        await asyncio.sleep(READ_EVERY_S)
        if (at_s := recorded_s()) is not None:
            contention.note(at_s, await asyncio.to_thread(read_times))
