"""Our own backends, the page alone, and the WebSocket in the ring's place."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

from bot.artifacts import AUDIO, VIDEO
from bot.backends import backend_of
from bot.settings import Settings, browser_environment
from bot.shape import JOINING_UNSEEN, Shape
from media.tab.capture import ORIGIN, CaptureSettings, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from tests.benchmarks.measuring import Count, Counts
from tests.benchmarks.pipelines.page import arrive, shrink
from tests.benchmarks.pipelines.scenes import SIZE, UNSEEN, Order
from tests.benchmarks.sent import files
from tests.benchmarks.variants import recorded, sent_recorded


def shape_of(order: Order) -> Shape:
    """As a job's recording is shaped."""
    if order.pictures:
        return Shape(CaptureSettings(*SIZE), SIZE, VIDEO, AUDIO)
    return Shape(CaptureSettings(*UNSEEN, video=False), JOINING_UNSEEN, None, AUDIO)


@asynccontextmanager
async def page_alone(order: Order) -> AsyncIterator[tuple[Page, Count]]:
    """In front, decoded and drawn, captured by nobody."""
    async with MeetingBrowser(
        BrowserSettings(extra_args=order.browser_args),
        recorder_origin=ORIGIN,
        recorder_files=recorder_files(shape_of(order).capture),
    ) as browser:
        await arrive(browser.page, order)
        if not order.pictures:
            await shrink(browser.page)
        yield browser.page, Counts


def tab(order: Order) -> AbstractAsyncContextManager[tuple[Page, Count]]:
    """Tab capture, ring, recorder, upload into a folder."""
    return bot_recording(order, "tab")


def display(order: Order) -> AbstractAsyncContextManager[tuple[Page, Count]]:
    """Display capture, all else the same."""
    return bot_recording(order, "display")


@asynccontextmanager
async def bot_recording(
    order: Order, capture: Literal["tab", "display"]
) -> AsyncIterator[tuple[Page, Count]]:
    """A browser and a recording as a bot of this setting has them."""
    folder, shape = Path(order.folder), shape_of(order)
    settings = Settings(capture=capture, storage=str(folder / "unused"), spool_dir=folder)
    width, height = shape.joining_size
    async with (
        backend_of(settings, shape) as backend,
        MeetingBrowser(
            BrowserSettings(
                headless=not settings.is_headful,
                width=width,
                height=height,
                extra_args=order.browser_args,
                environment=partial(browser_environment, backend.environment),
                bare=backend.bare,
            ),
            recorder_origin=ORIGIN,
            recorder_files=recorder_files(shape.capture) if backend.by_page else None,
        ) as browser,
    ):
        await arrive(browser.page, order)
        async with recorded(browser, shape, folder, backend) as count:
            yield browser.page, count


@asynccontextmanager
async def socket(order: Order) -> AsyncIterator[tuple[Page, Count]]:
    """Raw pictures and sound over a WebSocket, all else as ours."""
    capture = shape_of(order).capture
    async with MeetingBrowser(
        BrowserSettings(extra_args=order.browser_args),
        recorder_origin=ORIGIN,
        recorder_files=files(capture),
    ) as browser:
        await arrive(browser.page, order)
        if not order.pictures:
            await shrink(browser.page)
        async with sent_recorded(browser, capture, Path(order.folder)) as count:
            yield browser.page, count
