"""A real Chromium with the real recorder page."""

from collections.abc import AsyncIterator

import pytest

from media.tab.capture import ORIGIN, CaptureSettings, TabCapture, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings

SETTINGS = CaptureSettings()


@pytest.fixture
async def browser() -> AsyncIterator[MeetingBrowser]:
    """A browser whose recorder page can capture."""
    async with MeetingBrowser(
        BrowserSettings(), recorder_origin=ORIGIN, recorder_files=recorder_files(SETTINGS)
    ) as browser:
        yield browser


def new_capture(browser: MeetingBrowser, settings: CaptureSettings = SETTINGS) -> TabCapture:
    """A capture of the browser's meeting page."""
    return TabCapture(
        recorder=browser.recorder,
        titled=browser.titled,
        profile_dir=browser.profile_dir,
        settings=settings,
    )
