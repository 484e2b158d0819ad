"""A real Chromium with the real recorder page."""

from collections.abc import AsyncIterator

import pytest_asyncio

from media.tab.capture import ORIGIN, CaptureSettings, TabCapture, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings

SETTINGS = CaptureSettings()


def new_browser() -> MeetingBrowser:
    """Its recorder page can capture."""
    return MeetingBrowser(
        BrowserSettings(), recorder_origin=ORIGIN, recorder_files=recorder_files(SETTINGS)
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_browser() -> AsyncIterator[MeetingBrowser]:
    """One browser for all tests of a module."""
    async with new_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def unharmed(module_browser: MeetingBrowser) -> MeetingBrowser:
    """The module's browser on a blank page, for a test that leaves it as it was."""
    await module_browser.page.goto("about:blank")
    return module_browser


@pytest_asyncio.fixture(loop_scope="module")
async def browser(unharmed: MeetingBrowser) -> AsyncIterator[MeetingBrowser]:
    """The same, for a test that harms its pages: afterwards both are made anew."""
    yield unharmed
    await unharmed.renew_page()
    await unharmed.renew_recorder()


def new_capture(browser: MeetingBrowser, settings: CaptureSettings = SETTINGS) -> TabCapture:
    """A capture of the browser's meeting page."""
    return TabCapture(
        recorder=browser.recorder,
        titled=browser.titled,
        profile_dir=browser.profile_dir,
        settings=settings,
    )
