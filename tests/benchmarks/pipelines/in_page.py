"""The browser's own MediaRecorder on the captured tab, pushed through a page binding."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from media.tab.capture import ORIGIN, CaptureSettings, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from tests.benchmarks.measuring import Count, Counts
from tests.benchmarks.pipelines.page import arrive, shrink
from tests.benchmarks.pipelines.scenes import Order

SCRIPT: Final = (Path(__file__).parent / "in_page.js").read_text()
RECORDED: Final = "in_page.webm"
VIDEO_BITS_PER_S: Final = 2_500_000
"""MediaRecorder's own default at this size."""
AUDIO_BITS_PER_S: Final = 128_000
FIRST_CHUNK_DEADLINE_S: Final = 30.0
FINISH_DEADLINE_S: Final = 30.0


@asynccontextmanager
async def in_page(order: Order) -> AsyncIterator[tuple[Page, Count]]:
    """The page; the browser does not say how many pictures it encodes."""
    settings = BrowserSettings(extra_args=order.browser_args)
    capture = CaptureSettings()
    async with MeetingBrowser(
        settings, recorder_origin=ORIGIN, recorder_files=recorder_files(capture)
    ) as browser:
        await arrive(browser.page, order)
        if not order.pictures:
            await shrink(browser.page)
        async with pushed(browser, capture, order):
            yield browser.page, Counts


@asynccontextmanager
async def pushed(
    browser: MeetingBrowser, capture: CaptureSettings, order: Order
) -> AsyncIterator[None]:
    """MediaRecorder, from its first chunk to the last, into one file."""
    begun = asyncio.Event()
    with (Path(order.folder) / RECORDED).open("wb") as file:

        async def take(_source: object, chunk: str) -> None:
            await asyncio.to_thread(lambda: file.write(base64.b64decode(chunk)))
            begun.set()

        await browser.recorder.expose_binding("takeChunk", take)
        wanted = {
            "width": capture.width,
            "height": capture.height,
            "frameRate": capture.frame_rate,
            "wantVideo": order.pictures,
            "videoBitsPerSecond": VIDEO_BITS_PER_S,
            "audioBitsPerSecond": AUDIO_BITS_PER_S,
        }
        async with browser.titled():
            await browser.recorder.evaluate(SCRIPT, wanted)
        async with asyncio.timeout(FIRST_CHUNK_DEADLINE_S):
            await begun.wait()
        yield
        async with asyncio.timeout(FINISH_DEADLINE_S):
            await browser.recorder.evaluate("() => recorder.endInPage()")
