"""The measured process: a browser in a test meeting, one variant after the other, in rounds.

A process of its own, so that neither the simulator nor what measures is counted. Writes one JSON
line per measured round to standard output.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from time import monotonic
from typing import Annotated, Any, Final

import psutil
import typer
from playwright.async_api import Page

from bot.logs import configure_logs
from bot.usage import UsageMeter
from media.errors import MediaError
from media.tab.capture import ORIGIN, CaptureSettings
from platforms.browser import BrowserSettings, MeetingBrowser
from platforms.registry import adapter_of, parse_meeting_url
from platforms.simulator.client import fetch_info
from platforms.types import PageState
from tests.benchmarks.sent import files
from tests.benchmarks.variants import JOIN_DEADLINE_S, VARIANTS, Count, Counts, OpenedOnce, Scene

LOAD_DEADLINE_S: Final = 30.0
LOOK_EVERY_S: Final = 0.3
SETTLE_S: Final = 2.0
"""After a capture has begun: encoders are open, the first keyframe is out."""
SHOWN: Final = """() => [...document.querySelectorAll("video:not(.KeYwPe)")]
  .filter((video) => video.videoWidth > 0 && video.isConnected)
  .map((video) => video.getVideoPlaybackQuality().totalVideoFrames)"""
"""Pictures the page has decoded, by tile; its view of the bot itself left out."""


async def measure(
    meeting_url: str, http_url: str, seconds: float, rounds: int, names: Sequence[str]
) -> None:
    """Join the meeting, then measure each variant in each round."""
    info = await fetch_info(http_url)
    capture = CaptureSettings()
    async with AsyncExitStack() as stack:
        settings = BrowserSettings(name_card="Benchmark", extra_args=info.browser_args)
        browser = await stack.enter_async_context(
            MeetingBrowser(settings, recorder_origin=ORIGIN, recorder_files=files(capture))
        )
        url = parse_meeting_url(meeting_url)
        client = OpenedOnce(browser.page, url, adapter_of(url.platform))
        await client.open(LOAD_DEADLINE_S)
        async with asyncio.timeout(JOIN_DEADLINE_S):
            await join(client)
        scene = Scene(browser, url, client, capture)
        meter = UsageMeter()
        for number in range(1, rounds + 1):
            for name in names:
                line = await measure_once(scene, name, seconds, meter)
                sys.stdout.write(json.dumps({"round": number, "variant": name, **line}) + "\n")
                sys.stdout.flush()


async def join(client: Any) -> None:  # noqa: ANN401 - a client of any platform
    """Ask until the meeting is on screen, then put dialogs away."""
    while True:
        finding = (await client.look(monotonic())).finding
        if finding.state is PageState.IN_CALL:
            break
        if finding.state is PageState.PREJOIN:
            await client.tidy()
            await client.ask_to_join("Benchmark")
        await asyncio.sleep(LOOK_EVERY_S)
    await client.watch()
    await client.tidy()


async def measure_once(
    scene: Scene, name: str, seconds: float, meter: UsageMeter
) -> dict[str, Any]:
    """One round of one variant; `problem` is what a recording said when it was ended, or empty."""
    line: dict[str, Any] = {}
    try:
        async with VARIANTS[name](scene) as count:
            await asyncio.sleep(SETTLE_S)
            line = await measured(scene.browser.page, count, seconds, meter)
    except MediaError as error:
        if not line:
            raise
        return {**line, "problem": str(error)}
    return {**line, "problem": ""}


async def measured(page: Page, count: Count, seconds: float, meter: UsageMeter) -> dict[str, Any]:
    """What `seconds` of what is running now cost and brought."""
    shown = await page.evaluate(SHOWN)
    await asyncio.to_thread(meter.sample)
    before, busy_s, began_s = count(), machine_busy_s(), monotonic()
    await asyncio.sleep(seconds)
    after, elapsed_s = count(), monotonic() - began_s
    busy_s = machine_busy_s() - busy_s
    usage = await asyncio.to_thread(meter.sample)
    return {
        "seconds": round(elapsed_s, 3),
        "cores": usage.cores_by_process,
        "machine_cores": round(busy_s / elapsed_s, 3),
        "memory_bytes": usage.memory_by_process,
        **frames(before, after),
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


def main(
    meeting_url: str,
    http_url: str,
    seconds: float = 20.0,
    rounds: int = 3,
    variants: Annotated[str, typer.Option()] = ",".join(VARIANTS),
) -> None:
    """Measure `variants` in the meeting at `meeting_url` of the simulator at `http_url`."""
    configure_logs("json", "warning")
    asyncio.run(measure(meeting_url, http_url, seconds, rounds, variants.split(",")))


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
