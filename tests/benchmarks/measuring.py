"""What a process tree costs, and how many pictures came of it, over some seconds."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import psutil
from playwright.async_api import Page

from bot.usage import UsageMeter
from tests.benchmarks.threads import cores_between, thread_seconds

SHOWN: Final = """() => [...document.querySelectorAll("video:not(.KeYwPe)")]
  .filter((video) => video.videoWidth > 0 && video.isConnected)
  .map((video) => video.getVideoPlaybackQuality().totalVideoFrames)"""
"""Pictures the page has decoded, by tile; its view of the bot itself left out."""
DRAWN: Final = "() => window.numbers?.drawn ?? 0"
"""Numbers drawn by a page that carries a running one (`numbers.js`)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Pictures so far: delivered by the capture, written into the file, lost on the way."""

    got: int = 0
    encoded: int = 0
    dropped: int = 0


Count = Callable[[], Counts]


async def measured(page: Page, count: Count, seconds: float, meter: UsageMeter) -> dict[str, Any]:
    """What `seconds` of what is running now cost and brought."""
    shown, drawn = await page.evaluate(SHOWN), await page.evaluate(DRAWN)
    await asyncio.to_thread(meter.sample)
    threads = thread_seconds()
    before, busy_s, began_s = count(), machine_busy_s(), monotonic()
    await asyncio.sleep(seconds)
    after, elapsed_s = count(), monotonic() - began_s
    threads = cores_between(threads, thread_seconds(), elapsed_s)
    drawn = await page.evaluate(DRAWN) - drawn
    busy_s = machine_busy_s() - busy_s
    usage = await asyncio.to_thread(meter.sample)
    return {
        "seconds": round(elapsed_s, 3),
        "cores": usage.cores_by_process,
        "threads": threads,
        "machine_cores": round(busy_s / elapsed_s, 3),
        "memory_bytes": usage.memory_by_process,
        **frames(before, after),
        "frames_drawn": drawn,
        "tiles_fps": tile_rates(shown, await page.evaluate(SHOWN), elapsed_s),
    }


def machine_busy_s() -> float:
    """CPU seconds that anybody on this machine has used."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def frames(before: Counts, after: Counts) -> dict[str, int]:
    """Pictures between two counts."""
    return {
        "frames_got": after.got - before.got,
        "frames_encoded": after.encoded - before.encoded,
        "frames_dropped": after.dropped - before.dropped,
    }


def tile_rates(before: Sequence[int], after: Sequence[int], seconds: float) -> list[float]:
    """Pictures a second that each tile of the page showed; empty when tiles came or went."""
    if len(before) != len(after):
        return []
    return [round((last - first) / seconds, 1) for first, last in zip(before, after, strict=True)]
