"""Our peers' pipeline: a headful browser on a virtual screen, recorded by the ffmpeg program.

Imports nothing of `media`: its memory is compared to ours.
"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright

from platforms.chromium import FLAGS, candidates, end_processes_of, plain_user_agent
from tests.benchmarks.measuring import Count, Counts
from tests.benchmarks.pipelines.desktop import Desktop, desktop
from tests.benchmarks.pipelines.page import arrive, shrink
from tests.benchmarks.pipelines.scenes import FPS, SIZE, Order
from tests.benchmarks.simulator import ended

VIDEO: Final = "command_line.mp4"
AUDIO: Final = "command_line.mp3"
FIRST_PICTURE_DEADLINE_S: Final = 30.0
FINISH_DEADLINE_S: Final = 30.0
PROGRESS: Final = re.compile(rb"(frame|dup_frames|drop_frames|out_time_us)=\s*(\d+)")


@asynccontextmanager
async def command_line(order: Order) -> AsyncIterator[tuple[Page, Count]]:
    """The page, and what ffmpeg says of its pictures; the file is whole after the block."""
    folder = Path(order.folder)
    async with desktop(SIZE, folder) as place, kiosk(order, place, folder) as page:
        await arrive(page, order)
        if not order.pictures:
            await shrink(page)
        file = folder / (VIDEO if order.pictures else AUDIO)
        async with filmed(place, file, pictures=order.pictures) as count:
            yield page, count


@asynccontextmanager
async def kiosk(order: Order, place: Desktop, folder: Path) -> AsyncIterator[Page]:
    """A browser that fills the screen, with the flags that ours has."""
    profile = folder / "profile"
    async with async_playwright() as playwright:
        executable = next(iter(candidates(None, Path(playwright.chromium.executable_path))))
        try:
            context = await playwright.chromium.launch_persistent_context(
                str(profile),
                executable_path=str(executable),
                headless=False,
                args=[
                    *FLAGS,
                    *order.browser_args,
                    "--kiosk",
                    "--window-position=0,0",
                    f"--window-size={SIZE[0]},{SIZE[1]}",
                ],
                # the bar under the address bar would lie over the page
                ignore_default_args=["--mute-audio", "--enable-automation"],
                chromium_sandbox=os.geteuid() != 0,
                env=dict(place.environment),
                user_agent=await plain_user_agent(executable),
                no_viewport=True,
                locale="en-US",
                permissions=["microphone", "camera"],
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            yield context.pages[0]
            await context.close()
        finally:
            await asyncio.to_thread(end_processes_of, profile)


@asynccontextmanager
async def filmed(place: Desktop, file: Path, *, pictures: bool) -> AsyncIterator[Count]:
    """The program while the block runs, from its first picture on; it ends its file itself."""
    process = await asyncio.create_subprocess_exec(
        *command(place, file, pictures=pictures),
        stdout=asyncio.subprocess.PIPE,
        env=dict(place.environment),
    )
    if process.stdout is None:
        raise AssertionError("it is a pipe")
    seen: dict[str, int] = {}
    begun = asyncio.Event()
    reading = asyncio.create_task(follow(process.stdout, seen, begun))
    try:
        async with asyncio.timeout(FIRST_PICTURE_DEADLINE_S):
            await begun.wait()
        if not seen.get("out_time_us"):
            raise RuntimeError("ffmpeg does not record")
        yield lambda: counts_of(seen)
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(FINISH_DEADLINE_S):
            await process.wait()
            await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await ended(process)


def command(place: Desktop, file: Path, *, pictures: bool) -> Sequence[str]:
    """Our peers' line: the whole screen at 30 pictures a second, what is played, one file.

    The quality asked of picture and sound is ours (`media.encoder`).
    """
    head = ("ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error")
    told = ("-progress", "pipe:1", "-stats_period", "0.1")
    heard = ("-thread_queue_size", "64", "-f", "pulse", "-i", place.source)
    if not pictures:
        return (*head, *told, *heard, "-c:a", "libmp3lame", "-b:a", "128k", str(file))
    seen = ("-thread_queue_size", "64", "-f", "x11grab", "-draw_mouse", "0")
    size = ("-framerate", str(FPS), "-video_size", f"{SIZE[0]}x{SIZE[1]}", "-i", place.display)
    x264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p")
    rest = ("-g", str(2 * FPS), "-c:a", "aac", "-b:a", "128k", str(file))
    return (*head, *told, *seen, *size, *heard, *x264, *rest)


async def follow(lines: asyncio.StreamReader, seen: dict[str, int], begun: asyncio.Event) -> None:
    """Keep ffmpeg's newest figures; `begun` is set once something is in the file, or at the end."""
    while line := await lines.readline():
        found = PROGRESS.match(line)
        if found:
            seen[found[1].decode()] = int(found[2])
        if seen.get("out_time_us"):
            begun.set()
    begun.set()


def counts_of(seen: Mapping[str, int]) -> Counts:
    """Pictures it grabbed, wrote, and lost: a slot without one is filled by doubling."""
    written, doubled = seen.get("frame", 0), seen.get("dup_frames", 0)
    return Counts(written - doubled, written, seen.get("drop_frames", 0) + doubled)
